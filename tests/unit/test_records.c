/* test_records.c - records read: those of the reference software, spoilt ones, locked ones,
 * what a filter lets through, and what a hostile pair of files may cost. */
#include <mef3/records.h>

#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "help/memory_session.h"
#include "help/records.h"
#include "help/test.h"
#include "layout.h"

static const char DATA[] = "annotations.rdat", INDEX[] = "annotations.ridx";

/* Where the three records of the golden session are: EDFA, Note, Note, and their end. */
enum { FIRST = 1024, SECOND = 1080, THIRD = 1120, END = 1160 };

static void seal_record(struct memory_session *m, size_t at)
{
    uint8_t *record = memory_bytes(m, DATA) + at;
    uint32_t n = le_u32(record + REC_BODY_BYTES);

    le_put_u32(record, mef3_crc32(MEF3_CRC_START, record + REC_TYPE, REC_BODY - REC_TYPE + n));
}

/* What is read of the session, after a change. */
static void expect(struct memory_session *m, const char *words, const char *why)
{
    struct records_seen seen;
    struct mef3_session *session = memory_open(m, NULL);

    records_read(session, MEF3_SESSION_RECORDS, NULL, &seen);
    if (strcmp(seen.words, words) != 0)
        fail_msg("row \"%s\": expected %s, got %s", why, words, seen.words);
    mef3_session_close(session);
}

static void records_of_session_and_channel_are_read(void **state)
{
    struct memory_session m;
    struct records_seen seen;
    struct mef3_edfa edfa;

    (void)state;
    memory_load(&m, "annotations");
    struct mef3_session *session = memory_open(&m, NULL);
    for (size_t i = 0; i < 2; i++) {
        size_t channel = i == 0 ? MEF3_SESSION_RECORDS : 0;
        records_read(session, channel, NULL, &seen);
        assert_string_equal(seen.words, "EDFA Note Note");
        assert_string_equal(seen.last_text, "ěšč arte");
        assert_true(seen.last.time_uutc == 1600000016000001);
        assert_true(seen.last.version_major == 1 && seen.last.version_minor == 0);
        assert_true(seen.last.level == 0 && seen.last.segment == -1);
        assert_int_equal(seen.last.file_offset, THIRD);
    }
    assert_int_equal(mef3_records_read(session, 1, NULL, records_see, &seen, NULL), MEF3_EINVAL);
    assert_int_equal(mef3_record_edfa(&seen.last, &edfa, NULL), MEF3_EINVAL);
    mef3_session_close(session);
    memory_free(&m);
}

enum how { NOTHING, BYTE, U32, I64, CUT, GROW, REMOVE };

static const struct {
    const char *why;
    const char *file;
    enum how how;
    size_t at;
    int64_t value;
    bool sealed; /* the header of the file is made true again, and the record's CRC */
    const char *words;
    const char *words_without_index; /* NULL: the same */
} rows[] = {
    {"nothing", DATA, NOTHING, 0, 0, false, "EDFA Note Note", NULL},
    {"a flipped byte in the first body", DATA, BYTE, FIRST + 30, 1, false, "!ECRC Note Note", NULL},
    {"a flipped byte in the last body", DATA, BYTE, THIRD + 30, 1, false, "EDFA Note !ECRC", NULL},
    {"a wrong CRC", DATA, BYTE, SECOND, 1, false, "EDFA !ECRC Note", NULL},
    {"a body longer than it is", DATA, U32, FIRST + REC_BODY_BYTES, 48, false, "!ECRC Note Note",
     NULL},
    {"a body shorter than it is", DATA, U32, FIRST + REC_BODY_BYTES, 16, false, "!ECRC Note Note",
     NULL},
    {"a body that ends with the file", DATA, U32, FIRST + REC_BODY_BYTES, END - FIRST - 24, false,
     "!ECRC Note Note", NULL},
    {"a body beyond the file's end", DATA, U32, FIRST + REC_BODY_BYTES, 0x7FFFFFFF, false,
     "!ETRUNCATED Note Note", NULL},
    {"a body of 4 GiB", DATA, U32, SECOND + REC_BODY_BYTES, UINT32_MAX, false,
     "EDFA !ETRUNCATED Note", NULL},
    {"a type that is none", DATA, BYTE, SECOND + REC_TYPE, 7, true, "EDFA !EFORMAT Note", NULL},
    {"a type of five", DATA, BYTE, SECOND + REC_TYPE + 4, 'x', true, "EDFA !EFORMAT Note", NULL},
    {"a type that nobody knows", DATA, BYTE, SECOND + REC_TYPE, 'V', true, "EDFA Vote Note", NULL},
    {"level 3", DATA, BYTE, SECOND + REC_LEVEL, 3, true, "EDFA !EUNSUPPORTED Note", NULL},
    {"level -2", DATA, BYTE, SECOND + REC_LEVEL, 0xFE, true, "EDFA Note Note", NULL},
    {"level 1, no password", DATA, BYTE, SECOND + REC_LEVEL, 1, true, "EDFA ?Note Note", NULL},
    {"a time that makes none", DATA, I64, SECOND + REC_TIME, INT64_MIN, true, "EDFA Note Note",
     NULL},
    {"cut in the last body", DATA, CUT, THIRD + 30, 0, false, "EDFA Note !ETRUNCATED", NULL},
    {"cut in the last header", DATA, CUT, THIRD + 10, 0, false, "EDFA Note !ETRUNCATED", NULL},
    {"cut before the last", DATA, CUT, THIRD, 0, false, "!ETRUNCATED EDFA Note", "EDFA Note"},
    {"cut behind the header", DATA, CUT, 1024, 0, false, "!ETRUNCATED !ETRUNCATED !ETRUNCATED", ""},
    {"cut in the header", DATA, CUT, 1000, 0, false, "!ETRUNCATED", NULL},
    {"empty", DATA, CUT, 0, 0, false, "!ETRUNCATED", NULL},
    {"gone", DATA, REMOVE, 0, 0, false, "!ENOENT", ""},
    {"the header's CRC", DATA, BYTE, 900, 1, false, "!ECRC EDFA Note Note", NULL},
    {"big-endian", DATA, BYTE, UH_BYTE_ORDER, 0, false, "!EUNSUPPORTED", NULL},
    {"another type of file", DATA, BYTE, UH_TYPE, 't', true, "!EFORMAT", NULL},
    {"ten bytes of the next one", DATA, GROW, END + 10, 0, false, "EDFA Note Note", NULL},
    {"a header's worth of zeros", DATA, GROW, END + 24, 0, false, "EDFA Note Note", NULL},
    {"an index cut behind the first entry", INDEX, CUT, 1024 + 24, 0, false,
     "!ETRUNCATED EDFA Note Note", NULL},
    {"an index cut in its header", INDEX, CUT, 999, 0, false, "!ETRUNCATED EDFA Note Note", NULL},
    {"an index with a part of an entry more", INDEX, GROW, 1024 + 72 + 9, 0, false,
     "EDFA Note Note", NULL},
    {"an index with entries of zeros", INDEX, GROW, 1024 + 72 + 48, 0, false,
     "!ETRUNCATED !ETRUNCATED EDFA Note Note", NULL},
    {"another type of index", INDEX, BYTE, UH_TYPE, 'x', true, "!EFORMAT EDFA Note Note", NULL},
    {"the index header's CRC", INDEX, BYTE, 900, 1, false, "!ECRC EDFA Note Note", NULL},
    {"an entry before the file's beginning", INDEX, I64, 1024 + 24 + RIDX_FILE_OFFSET, -1, false,
     "!ETRUNCATED EDFA Note Note", NULL},
    {"an entry in the header", INDEX, I64, 1024 + 24 + RIDX_FILE_OFFSET, 1023, false,
     "!ETRUNCATED EDFA Note Note", NULL},
    {"an entry beyond the file's end", INDEX, I64, 1024 + 24 + RIDX_FILE_OFFSET, END, false,
     "!ETRUNCATED EDFA Note Note", NULL},
    {"an entry inside of another record", INDEX, I64, 1024 + 24 + RIDX_FILE_OFFSET, SECOND + 8,
     false, "EDFA Note !EDAMAGED Note", NULL},
    {"an entry twice", INDEX, I64, 1024 + 24 + RIDX_FILE_OFFSET, FIRST, false,
     "EDFA !EDAMAGED Note Note", NULL},
    {"an entry at the last bytes", INDEX, I64, 1024 + 24 + RIDX_FILE_OFFSET, END - 1, false,
     "EDFA Note Note !EDAMAGED", NULL},
};

static void change(struct memory_session *m, size_t i)
{
    uint8_t *at = memory_bytes(m, rows[i].file) + rows[i].at;

    switch (rows[i].how) {
    case NOTHING:
        break;
    case BYTE:
        *at = rows[i].sealed || rows[i].at < UH_BYTES ? (uint8_t)rows[i].value : *at ^ 1;
        break;
    case U32:
        le_put_u32(at, (uint32_t)rows[i].value);
        break;
    case I64:
        le_put_i64(at, rows[i].value);
        break;
    case CUT:
    case GROW:
        memory_resize(m, rows[i].file, rows[i].at);
        break;
    case REMOVE:
        memory_remove(m, rows[i].file);
        break;
    }
    if (rows[i].sealed && rows[i].at >= UH_BYTES)
        seal_record(m, rows[i].at >= THIRD ? THIRD : rows[i].at >= SECOND ? SECOND : FIRST);
    else if (rows[i].sealed)
        memory_seal(m, rows[i].file);
}

static void what_is_damaged_is_told_and_the_rest_is_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct memory_session m;
        memory_load(&m, "annotations");
        change(&m, i);
        expect(&m, rows[i].words, rows[i].why);
        memory_free(&m);
    }
}

static void without_an_index_the_records_are_found_all_the_same(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct memory_session m;
        if (strcmp(rows[i].file, INDEX) == 0)
            continue;
        memory_load(&m, "annotations");
        change(&m, i);
        memory_remove(&m, INDEX);
        expect(&m, rows[i].words_without_index ? rows[i].words_without_index : rows[i].words,
               rows[i].why);
        memory_free(&m);
    }
}

static void a_record_that_no_entry_names_is_read(void **state)
{
    struct memory_session m;

    (void)state;
    memory_load(&m, "annotations");
    memory_resize(&m, DATA, END + 40);
    uint8_t *bytes = memory_bytes(&m, DATA);
    memcpy(bytes + END, bytes + SECOND, 40);
    expect(&m, "EDFA Note Note Note", "at the end");
    memcpy(bytes + SECOND, bytes + FIRST, 40); /* which ends in the third */
    expect(&m, "EDFA !ECRC Note Note", "after another that is damaged");
    memory_free(&m);
}

/* The last one is damaged, and the headers do not count it: so it was never said to be there. */
static void a_record_that_is_being_written_is_passed_over(void **state)
{
    struct memory_session m;

    (void)state;
    memory_load(&m, "annotations");
    memory_bytes(&m, DATA)[THIRD + 30] ^= 1;
    memory_resize(&m, INDEX, 1024 + 48);
    le_put_i64(memory_bytes(&m, INDEX) + UH_N_ENTRIES, 2);
    le_put_i64(memory_bytes(&m, DATA) + UH_N_ENTRIES, 2);
    memory_seal(&m, INDEX);
    memory_seal(&m, DATA);
    expect(&m, "EDFA Note", "two are counted");
    le_put_i64(memory_bytes(&m, DATA) + UH_N_ENTRIES, 3);
    memory_seal(&m, DATA);
    expect(&m, "EDFA Note !ECRC", "three are counted");
    memory_free(&m);
}

static void a_filter_lets_types_and_times_through(void **state)
{
    static const int64_t T = 1600000000000000, NONE = MEF3_NO_TIME;
    static const char *const note[] = {"Note"}, *const both[] = {"SyLg", "EDFA", "Note"};
    const struct {
        const char *why;
        struct mef3_record_filter filter;
        const char *words;
    } row[] = {
        {"all", {NULL, 0, NONE, NONE}, "EDFA Note Note"},
        {"notes", {note, 1, NONE, NONE}, "Note Note"},
        {"three types", {both, 3, NONE, NONE}, "EDFA Note Note"},
        {"no type", {note, 0, NONE, NONE}, ""},
        {"from the EDFA on", {NULL, 0, T + 9500000, NONE}, "EDFA Note"},
        {"from after it", {NULL, 0, T + 9500001, NONE}, "Note"},
        {"up to it", {NULL, 0, NONE, T + 9500000}, "Note"},
        {"notes in between", {note, 1, T + 8000000, T + 16000001}, "Note"},
    };
    struct memory_session m;
    struct records_seen seen;

    (void)state;
    memory_load(&m, "annotations");
    for (int damaged = 0; damaged < 2; damaged++) {
        struct mef3_session *session = memory_open(&m, NULL);
        for (size_t i = 0; i < sizeof row / sizeof *row && !damaged; i++) {
            records_read(session, MEF3_SESSION_RECORDS, &row[i].filter, &seen);
            assert_row(strcmp(seen.words, row[i].words) == 0, row[i].why);
        }
        if (damaged) { /* what it was is not known */
            records_read(session, MEF3_SESSION_RECORDS, &row[1].filter, &seen);
            assert_string_equal(seen.words, "!ECRC Note Note");
        }
        mef3_session_close(session);
        memory_bytes(&m, DATA)[FIRST + 30] ^= 1;
    }
    memory_free(&m);
}

static int end_at_once(void *arg, const struct mef3_record *record)
{
    (void)record;
    return ++*(int *)arg == 2 ? 77 : 0;
}

static void an_answer_ends_the_reading(void **state)
{
    struct memory_session m;
    int n = 0;

    (void)state;
    memory_load(&m, "annotations");
    struct mef3_session *session = memory_open(&m, NULL);
    assert_int_equal(mef3_records_read(session, MEF3_SESSION_RECORDS, NULL, end_at_once, &n, NULL),
                     77);
    assert_int_equal(n, 2);
    mef3_session_close(session);
    memory_free(&m);
}

static void records_of_a_segment_are_the_channels_too(void **state)
{
    struct memory_session m;
    struct records_seen seen;

    (void)state;
    memory_load(&m, "annotations");
    memory_add(&m, "Cz.timd/Cz-000000.segd/Cz-000000.rdat", memory_bytes(&m, DATA), END);
    struct mef3_session *session = memory_open(&m, NULL);
    records_read(session, 0, NULL, &seen);
    assert_string_equal(seen.words, "EDFA Note Note EDFA Note Note");
    assert_int_equal(seen.last.segment, 0);
    mef3_session_close(session);
    memory_free(&m);
}

/* Files keep their names when a folder is renamed; what other systems leave is no record. */
static void files_of_another_name_are_read_and_leavings_are_not(void **state)
{
    struct memory_session m;

    (void)state;
    memory_load(&m, "annotations");
    uint8_t *bytes = memory_bytes(&m, DATA);
    memory_add(&m, "._annotations.rdat", bytes, 20);
    memory_add(&m, ".annotations.rdat.0123456789abcdef", bytes, 1024);
    memory_add(&m, "older.rdat", bytes, SECOND);
    memory_add(&m, "rdat", bytes, 20);
    le_put_i64(memory_bytes(&m, "older.rdat") + UH_N_ENTRIES, 1);
    memory_seal(&m, "older.rdat");
    expect(&m, "EDFA Note Note EDFA", "two pairs");
    memory_free(&m);
}

static void times_take_the_recording_time_offset(void **state)
{
    struct memory_session m;
    struct records_seen seen;

    (void)state;
    memory_load(&m, "annotations");
    le_put_i64(memory_bytes(&m, ".tmet") + META_SECTION_3 + S3_TIME_OFFSET, 5000000);
    memory_seal(&m, ".tmet");
    for (size_t i = 0; i < 2; i++) {
        struct mef3_session *session = memory_open(&m, NULL);
        records_read(session, i == 0 ? MEF3_SESSION_RECORDS : 0, NULL, &seen);
        assert_true(seen.last.time_uutc == 1600000016000001 + 5000000);
        assert_true(seen.last.time_offset == 5000000);
        mef3_session_close(session);
    }
    memory_free(&m);
}

/* A source that counts what is read of another. */
struct counting {
    struct mef3_source inner;
    uint64_t n_bytes;
};

static int count_list(void *self, const char *folder, mef3_name_fn *each, void *arg)
{
    struct counting *c = self;

    return c->inner.ops->list(c->inner.self, folder, each, arg);
}

static int count_open(void *self, const char *path, void **file_out, uint64_t *bytes_out)
{
    struct counting *c = self;

    return c->inner.ops->open(c->inner.self, path, file_out, bytes_out);
}

static int count_read(void *self, void *file, uint64_t offset, void *bytes_out, size_t n,
                      size_t *n_out)
{
    struct counting *c = self;

    c->n_bytes += n;
    return c->inner.ops->read(c->inner.self, file, offset, bytes_out, n, n_out);
}

static int count_length(void *self, void *file, uint64_t *bytes_out)
{
    struct counting *c = self;

    return c->inner.ops->length(c->inner.self, file, bytes_out);
}

static void count_close(void *self, void *file)
{
    struct counting *c = self;

    c->inner.ops->close(c->inner.self, file);
}

static void count_free(void *self)
{
    struct counting *c = self;

    mef3_source_fini(&c->inner);
}

static const struct mef3_source_ops counting_ops = {count_list,   count_open,  count_read,
                                                    count_length, count_close, count_free};

/* Headers, one behind the other, each of which claims to reach to the end of the file, without
 * an index and with one that names them all. */
static void claims_that_overlap_cost_little(void **state)
{
    enum { N = 20000, BYTES = UH_BYTES + 24 * N };
    struct counting counting = {0};
    struct memory_session m;
    struct mef3_source source = {.ops = &counting_ops, .self = &counting, .name = "annotations"};
    struct mef3_session *session;

    (void)state;
    memory_load(&m, "annotations");
    memory_resize(&m, DATA, BYTES);
    uint8_t *bytes = memory_bytes(&m, DATA);
    for (size_t i = 0; i < N; i++) {
        uint8_t *header = bytes + UH_BYTES + 24 * i;
        memcpy(header + REC_TYPE, "Note", 5);
        header[REC_LEVEL] = 0;
        le_put_u32(header + REC_BODY_BYTES, (uint32_t)(24 * (N - i - 1)) / 16 * 16);
    }
    for (int has_index = 0; has_index < 2; has_index++) {
        struct records_seen seen = {0};
        memory_resize(&m, INDEX, UH_BYTES + (has_index ? 24 * N : 0));
        for (size_t i = 0; has_index && i < N; i++)
            le_put_u64(memory_bytes(&m, INDEX) + UH_BYTES + 24 * i + RIDX_FILE_OFFSET,
                       UH_BYTES + 24 * i);
        assert_int_equal(mef3_source_memory("annotations", m.files, m.n, &counting.inner), MEF3_OK);
        assert_int_equal(mef3_session_open(&source, NULL, &session, NULL), MEF3_OK);
        source =
            (struct mef3_source){.ops = &counting_ops, .self = &counting, .name = "annotations"};
        counting.n_bytes = 0;
        assert_int_equal(
            mef3_records_read(session, MEF3_SESSION_RECORDS, NULL, records_see, &seen, NULL),
            MEF3_OK);
        assert_true(seen.n >= 1);
        assert_true(counting.n_bytes < 16 * BYTES);
        mef3_session_close(session);
    }
    memory_free(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_of_session_and_channel_are_read),
        cmocka_unit_test(what_is_damaged_is_told_and_the_rest_is_read),
        cmocka_unit_test(without_an_index_the_records_are_found_all_the_same),
        cmocka_unit_test(a_record_that_no_entry_names_is_read),
        cmocka_unit_test(a_record_that_is_being_written_is_passed_over),
        cmocka_unit_test(a_filter_lets_types_and_times_through),
        cmocka_unit_test(an_answer_ends_the_reading),
        cmocka_unit_test(records_of_a_segment_are_the_channels_too),
        cmocka_unit_test(files_of_another_name_are_read_and_leavings_are_not),
        cmocka_unit_test(times_take_the_recording_time_offset),
        cmocka_unit_test(claims_that_overlap_cost_little),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* test_verify.c - a check of recordings: what is found where a byte is wrong, and how bad it is. */
#include <mef3/mef3.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "help/memory_session.h"
#include "help/test.h"
#include "layout.h"

/* What a check found. */
struct found {
    size_t n_of_kind[MEF3_N_FINDING_KINDS];
    struct mef3_finding first[MEF3_N_FINDING_KINDS]; /* of each kind */
    struct mef3_verify_totals totals;
};

static void note(void *arg, const struct mef3_finding *finding)
{
    struct found *found = arg;
    char text[1024];

    assert_true(finding->kind < MEF3_N_FINDING_KINDS);
    assert_true(finding->error.status < 0);
    assert_true(strlen(mef3_error_text(&finding->error, text, sizeof text)) > 0);
    if (found->n_of_kind[finding->kind]++ == 0)
        found->first[finding->kind] = *finding;
}

static void add(struct mef3_verify_totals *sum, const struct mef3_verify_totals *totals)
{
    sum->n_errors += totals->n_errors;
    sum->n_warnings += totals->n_warnings;
    sum->n_notes += totals->n_notes;
    sum->n_samples += totals->n_samples;
    sum->n_readable += totals->n_readable;
    sum->n_blocks += totals->n_blocks;
    sum->n_readable_blocks += totals->n_readable_blocks;
    sum->n_records += totals->n_records;
    sum->n_readable_records += totals->n_readable_records;
}

/* Check all of a session in memory, whose name is what its headers say. */
static void check(struct memory_session *m, const char *name, const char *password,
                  const struct mef3_verify_options *options, struct found *found)
{
    struct mef3_source source;
    struct mef3_session *session;
    struct mef3_verify_totals totals;
    struct mef3_error error;

    memset(found, 0, sizeof *found);
    assert_int_equal(mef3_source_memory(name, m->files, m->n, &source), MEF3_OK);
    assert_int_equal(mef3_session_open_lazy(&source, password, &session, &error), MEF3_OK);
    assert_int_equal(mef3_verify_session(session, options, note, found, &totals, &error), MEF3_OK);
    add(&found->totals, &totals);
    for (size_t c = 0; c < mef3_session_info(session)->n_channels; c++) {
        assert_int_equal(mef3_verify_channel(session, c, options, note, found, &totals, &error),
                         MEF3_OK);
        add(&found->totals, &totals);
    }
    mef3_session_close(session);
}

static size_t count_errors(const struct found *found)
{
    size_t n = 0;

    for (int kind = 0; kind < MEF3_N_FINDING_KINDS; kind++)
        if (mef3_finding_severity((enum mef3_finding_kind)kind) == MEF3_ERROR)
            n += found->n_of_kind[kind];
    return n;
}

static void every_kind_has_a_word_of_its_own_and_a_text(void **state)
{
    (void)state;
    for (int a = 0; a < MEF3_N_FINDING_KINDS; a++) {
        assert_true(strlen(mef3_finding_word((enum mef3_finding_kind)a)) > 2);
        assert_true(strlen(mef3_finding_text((enum mef3_finding_kind)a)) > 10);
        for (int b = 0; b < a; b++)
            assert_string_not_equal(mef3_finding_word((enum mef3_finding_kind)a),
                                    mef3_finding_word((enum mef3_finding_kind)b));
    }
    assert_string_equal(mef3_finding_word(MEF3_N_FINDING_KINDS), "?");
    assert_string_equal(mef3_finding_text(MEF3_N_FINDING_KINDS), "unknown");
    assert_int_equal(mef3_finding_severity(MEF3_N_FINDING_KINDS), MEF3_ERROR);
}

/* What the reference software leaves wrong, and nothing else. */
static const enum mef3_finding_kind known[] = {
    MEF3_FINDING_STALE_CRC,           MEF3_FINDING_RECORD_LEVEL,   MEF3_FINDING_BLOCK_INTERVAL,
    MEF3_FINDING_DISCONTINUITY_COUNT, MEF3_FINDING_CONTIGUOUS,     MEF3_FINDING_DURATION,
    MEF3_FINDING_NATIVE_EXTREMES,     MEF3_FINDING_HEADER_LARGEST, MEF3_FINDING_HEADER_TIMES,
};

static void recordings_of_the_reference_software_have_no_errors(void **state)
{
    static const struct {
        const char *name;
        const char *password;
        int64_t n_samples;
    } row[] = {
        {"one_channel", NULL, 5120},
        {"many_channels", NULL, 36864},
        {"fractional_rate", NULL, 4000},
        {"names_utf8", NULL, 2000},
        {"one_block", NULL, 900},
        {"one_sample_blocks", NULL, 40},
        {"odd_blocks", NULL, 3331},
        {"long_block", NULL, 60000},
        {"constant", NULL, 2500},
        {"zero", NULL, 2500},
        {"jumps", NULL, 5000},
        {"white_wide", NULL, 5000},
        {"extremes", NULL, 1000},
        {"steps_128", NULL, 1000},
        {"noisy_eeg", NULL, 20000},
        {"gaps", NULL, 14547},
        {"gap_offgrid", NULL, 2000},
        {"segments", NULL, 6400},
        {"appended", NULL, 2250},
        {"mixed_rates", NULL, 5000},
        {"encrypted", "readall", 2560},
        {"encrypted", "readsignal", 2560},
        {"encrypted_utf8", "klíč-ř", 512},
        {"annotations", NULL, 5120},
    };
    static struct found found;
    struct memory_session m;

    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        memory_load(&m, row[i].name);
        check(&m, row[i].name, row[i].password, NULL, &found);
        for (size_t k = 0; k < sizeof known / sizeof *known; k++)
            found.n_of_kind[known[k]] = 0;
        found.n_of_kind[MEF3_FINDING_LOCKED_SUBJECT] = 0;
        for (int kind = 0; kind < MEF3_N_FINDING_KINDS; kind++)
            if (found.n_of_kind[kind] > 0)
                fail_msg("%s: %s", row[i].name, mef3_finding_word((enum mef3_finding_kind)kind));
        assert_row_int(found.totals.n_errors, 0, row[i].name);
        assert_row_int(found.totals.n_samples, row[i].n_samples, row[i].name);
        assert_row_int(found.totals.n_readable, row[i].n_samples, row[i].name);
        assert_row_int(found.totals.n_readable_blocks, found.totals.n_blocks, row[i].name);
        memory_free(&m);
    }
}

/* What is made true again after the byte was changed. */
enum seal { NOTHING, FILE_TOO, BLOCK_TOO };

enum { BLOCK_1 = 4440, ENTRY_1 = UH_BYTES + INDEX_BYTES };
#define S2(field) (META_SECTION_2 + (field))

/* One bit of one_channel flipped: six blocks, the second of 1,000 samples. */
static const struct {
    const char *why;
    const char *file;
    int at;
    uint8_t flip;
    enum seal seal;
    enum mef3_finding_kind kind;
    const char *field;
    int64_t n_lost; /* samples */
} flips[] = {
    /* clang-format off */
    {"a name in a header", ".tmet", UH_CHANNEL_NAME + 8, 1, NOTHING, MEF3_FINDING_HEADER_CRC, "header CRC", 5120},
    {"the same of the index", ".tidx", UH_ANONYMIZED_NAME, 1, NOTHING, MEF3_FINDING_HEADER_CRC, "header CRC", 5120},
    {"the same of the data: blocks stand for themselves", ".tdat", UH_START_TIME, 1, NOTHING, MEF3_FINDING_HEADER_CRC, "header CRC", 0},
    {"a header's checksum", ".tmet", UH_HEADER_CRC, 1, NOTHING, MEF3_FINDING_HEADER_CRC, "header CRC", 5120},
    {"a header's other region", ".tmet", 970, 1, NOTHING, MEF3_FINDING_HEADER_CRC, "header CRC", 5120},
    {"a file's type", ".tmet", UH_TYPE, 1, FILE_TOO, MEF3_FINDING_NOT_MEF, "file type", 5120},
    {"a version", ".tidx", UH_VERSION_MAJOR, 1, FILE_TOO, MEF3_FINDING_NOT_MEF, "version", 5120},
    {"a byte order", ".tmet", UH_BYTE_ORDER, 1, FILE_TOO, MEF3_FINDING_NOT_MEF, "byte order", 5120},
    {"a start time in the metadata's header", ".tmet", UH_START_TIME + 2, 8, FILE_TOO, MEF3_FINDING_HEADER_TIMES, "start time", 0},
    {"an end time in the metadata's header", ".tmet", UH_END_TIME + 2, 8, FILE_TOO, MEF3_FINDING_HEADER_TIMES, "end time", 0},
    {"an end time in the index' header", ".tidx", UH_END_TIME + 2, 8, FILE_TOO, MEF3_FINDING_HEADER_TIMES, "end time", 0},
    {"a start time in the data's header", ".tdat", UH_START_TIME + 2, 8, FILE_TOO, MEF3_FINDING_HEADER_TIMES, "start time", 0},
    {"more metadata than one", ".tmet", UH_N_ENTRIES, 2, FILE_TOO, MEF3_FINDING_HEADER_LARGEST, "number of entries", 0},
    {"entries that are not there", ".tidx", UH_N_ENTRIES, 8, FILE_TOO, MEF3_FINDING_HEADER_COUNT, "number of entries", 0},
    {"entries that are not counted", ".tidx", UH_N_ENTRIES, 2, FILE_TOO, MEF3_FINDING_GROWING, "number of entries", 0},
    {"blocks that are not there", ".tdat", UH_N_ENTRIES, 8, FILE_TOO, MEF3_FINDING_HEADER_COUNT, "number of entries", 0},
    {"entries of another size", ".tidx", UH_MAX_ENTRY_BYTES, 1, FILE_TOO, MEF3_FINDING_HEADER_LARGEST, "largest entry", 0},
    {"blocks of another size", ".tdat", UH_MAX_ENTRY_BYTES, 1, FILE_TOO, MEF3_FINDING_HEADER_LARGEST, "largest entry", 0},
    {"another segment's number", ".tidx", UH_SEGMENT_NUMBER, 1, FILE_TOO, MEF3_FINDING_SEGMENT_NUMBER, "segment number", 0},
    {"another channel's name", ".tdat", UH_CHANNEL_NAME, 1, FILE_TOO, MEF3_FINDING_NAME, "channel name", 0},
    {"another session's name", ".tmet", UH_SESSION_NAME, 1, FILE_TOO, MEF3_FINDING_NAME, "session name", 0},
    {"another segment's UUID in the index", ".tidx", UH_LEVEL_UUID, 1, FILE_TOO, MEF3_FINDING_UUID, "level UUID", 0},
    {"another password", ".tdat", UH_LEVEL_1_FIELD, 1, FILE_TOO, MEF3_FINDING_PASSWORD_FIELDS, "password validation", 0},

    {"a byte of a text", ".tmet", S2(S2_CHANNEL_DESCRIPTION), 1, NOTHING, MEF3_FINDING_BODY_CRC, "body CRC", 5120},
    {"a byte that nobody reads", ".tmet", META_SECTION_1 + 700, 1, NOTHING, MEF3_FINDING_BODY_CRC, "body CRC", 5120},
    {"a byte of section 3", ".tmet", META_SECTION_3 + S3_SUBJECT_ID, 1, NOTHING, MEF3_FINDING_BODY_CRC, "body CRC", 5120},
    {"a level of encryption that does not exist", ".tmet", META_SECTION_2_LEVEL, 0xF8, FILE_TOO, MEF3_FINDING_UNREADABLE_SEGMENT, "section encryption level", 5120},
    {"no rate", ".tmet", S2(S2_RATE) + 7, 0x40, FILE_TOO, MEF3_FINDING_UNREADABLE_SEGMENT, "sampling frequency", 5120},
    {"a duration", ".tmet", S2(S2_DURATION), 8, FILE_TOO, MEF3_FINDING_DURATION, "recording duration", 0},
    {"a sample too many", ".tmet", S2(S2_N_SAMPLES), 1, FILE_TOO, MEF3_FINDING_SAMPLE_COUNT, "number of samples", 1},
    {"a block too many", ".tmet", S2(S2_N_BLOCKS), 1, FILE_TOO, MEF3_FINDING_BLOCK_COUNT, "number of blocks", 0},
    {"another start sample", ".tmet", S2(S2_START_SAMPLE), 1, FILE_TOO, MEF3_FINDING_START_SAMPLE, "start sample", 0},
    {"a bound of bytes that is too small", ".tmet", S2(S2_MAX_BLOCK_BYTES) + 1, 1, FILE_TOO, MEF3_FINDING_LARGEST_BLOCK, "maximum block bytes", 0},
    {"one that is too large", ".tmet", S2(S2_MAX_BLOCK_BYTES) + 2, 1, FILE_TOO, MEF3_FINDING_LOOSE_BOUND, "maximum block bytes", 0},
    {"a bound of samples that is too small", ".tmet", S2(S2_MAX_BLOCK_SAMPLES), 8, FILE_TOO, MEF3_FINDING_LARGEST_BLOCK, "maximum block samples", 0},
    {"a bound of differences that is too small", ".tmet", S2(S2_MAX_DIFFERENCE_BYTES), 4, FILE_TOO, MEF3_FINDING_LARGEST_BLOCK, "maximum difference bytes", 0},
    {"a greatest value", ".tmet", S2(S2_MAX_VALUE) + 6, 1, FILE_TOO, MEF3_FINDING_NATIVE_EXTREMES, "maximum native sample value", 0},
    {"a least value", ".tmet", S2(S2_MIN_VALUE) + 6, 1, FILE_TOO, MEF3_FINDING_NATIVE_EXTREMES, "minimum native sample value", 0},
    {"longest stretches", ".tmet", S2(S2_MAX_CONTIGUOUS_BLOCKS), 1, FILE_TOO, MEF3_FINDING_CONTIGUOUS, "maximum contiguous blocks", 0},

    {"an entry's reserved byte", ".tidx", ENTRY_1 + 50, 1, NOTHING, MEF3_FINDING_BODY_CRC, "body CRC", 0},
    {"an offset that is none", ".tidx", ENTRY_1 + INDEX_FILE_OFFSET + 7, 0x80, FILE_TOO, MEF3_FINDING_INDEX_ENTRY, "index entry's file offset", 1000},
    {"an offset into the block before", ".tidx", ENTRY_1 + INDEX_FILE_OFFSET, 8, FILE_TOO, MEF3_FINDING_INDEX_PLACE, "index entry's file offset", 1000},
    {"an offset beyond the data", ".tidx", ENTRY_1 + INDEX_FILE_OFFSET + 3, 1, FILE_TOO, MEF3_FINDING_BLOCK_MISSING, "end of the file", 1000},
    {"an entry's time", ".tidx", ENTRY_1 + INDEX_START_TIME, 8, FILE_TOO, MEF3_FINDING_INDEX_BLOCK, "index entry's start time", 1000},
    {"an entry's start sample", ".tidx", ENTRY_1 + INDEX_START_SAMPLE, 1, FILE_TOO, MEF3_FINDING_INDEX_START_SAMPLE, "index entry's start sample", 0},
    {"an entry's samples", ".tidx", ENTRY_1 + INDEX_N_SAMPLES, 1, FILE_TOO, MEF3_FINDING_INDEX_BLOCK, "index entry's number of samples", 1001},
    {"an entry's bytes", ".tidx", ENTRY_1 + INDEX_BLOCK_BYTES, 0x10, FILE_TOO, MEF3_FINDING_INDEX_BLOCK, "index entry's block bytes", 1000},
    {"an entry's maximum", ".tidx", ENTRY_1 + INDEX_MAX, 1, FILE_TOO, MEF3_FINDING_INDEX_EXTREMES, "index entry's extremes", 0},
    {"an entry's minimum", ".tidx", ENTRY_1 + INDEX_MIN, 1, FILE_TOO, MEF3_FINDING_INDEX_EXTREMES, "index entry's extremes", 0},
    {"an entry's flag", ".tidx", ENTRY_1 + INDEX_FLAGS, 1, FILE_TOO, MEF3_FINDING_INDEX_BLOCK, "index entry's discontinuity", 0},
    {"the first block's flag", ".tidx", UH_BYTES + INDEX_FLAGS, 1, FILE_TOO, MEF3_FINDING_INDEX_BLOCK, "index entry's discontinuity", 0},

    {"a block's checksum", ".tdat", BLOCK_1 + RED_CRC, 1, FILE_TOO, MEF3_FINDING_BLOCK_CRC, "block CRC", 1000},
    {"a block's flags", ".tdat", BLOCK_1 + RED_FLAGS, 1, FILE_TOO, MEF3_FINDING_BLOCK_CRC, "block CRC", 1000},
    {"a block's reserved byte", ".tdat", BLOCK_1 + 10, 1, FILE_TOO, MEF3_FINDING_BLOCK_CRC, "block CRC", 1000},
    {"a block's statistics", ".tdat", BLOCK_1 + RED_STATISTICS + 3, 1, FILE_TOO, MEF3_FINDING_BLOCK_CRC, "block CRC", 1000},
    {"a block's payload", ".tdat", BLOCK_1 + RED_PAYLOAD + 77, 1, FILE_TOO, MEF3_FINDING_BLOCK_CRC, "block CRC", 1000},
    {"a block's payload, and no other checksum", ".tdat", BLOCK_1 + RED_PAYLOAD + 77, 1, NOTHING, MEF3_FINDING_STALE_CRC, "body CRC", 1000},
    {"a block's difference bytes", ".tdat", BLOCK_1 + RED_DIFFERENCE_BYTES, 1, BLOCK_TOO, MEF3_FINDING_BLOCK_DATA, "difference bytes", 1000},
    {"too few of them", ".tdat", BLOCK_1 + RED_DIFFERENCE_BYTES + 1, 0x13, BLOCK_TOO, MEF3_FINDING_BLOCK_HEADER, "difference bytes", 1000},
    {"a block's own samples", ".tdat", BLOCK_1 + RED_N_SAMPLES, 1, BLOCK_TOO, MEF3_FINDING_BLOCK_DATA, NULL, 1000},
    {"a block's own time", ".tdat", BLOCK_1 + RED_START_TIME, 8, BLOCK_TOO, MEF3_FINDING_INDEX_BLOCK, "index entry's start time", 1000},
    {"a block's own flag", ".tdat", BLOCK_1 + RED_FLAGS, 1, BLOCK_TOO, MEF3_FINDING_INDEX_BLOCK, "index entry's discontinuity", 0},
    {"a scale that is no number", ".tdat", BLOCK_1 + RED_SCALE + 3, 0x40, BLOCK_TOO, MEF3_FINDING_INDEX_EXTREMES, NULL, 0},
    /* clang-format on */
};

static void seal(struct memory_session *m, const char *file, enum seal what)
{
    if (what == BLOCK_TOO)
        memory_seal_block(m, 1);
    if (what != NOTHING)
        memory_seal(m, file);
}

static void a_flipped_bit_is_found_and_named(void **state)
{
    static struct found found, before;
    struct memory_session m;

    (void)state;
    memory_load(&m, "one_channel");
    check(&m, "one_channel", NULL, NULL, &before);
    assert_int_equal(le_u64(memory_entry(&m, 1)), BLOCK_1);
    memory_free(&m);
    for (size_t i = 0; i < sizeof flips / sizeof *flips; i++) {
        memory_load(&m, "one_channel");
        memory_bytes(&m, flips[i].file)[flips[i].at] ^= flips[i].flip;
        seal(&m, flips[i].file, flips[i].seal);
        check(&m, "one_channel", NULL, NULL, &found);
        const struct mef3_finding *first = &found.first[flips[i].kind];
        bool is_error = mef3_finding_severity(flips[i].kind) == MEF3_ERROR;
        assert_row(found.n_of_kind[flips[i].kind] > before.n_of_kind[flips[i].kind], flips[i].why);
        if (flips[i].field && before.n_of_kind[flips[i].kind] == 0 &&
            strcmp(first->error.field, flips[i].field) != 0)
            fail_msg("row \"%s\": the field is \"%s\"", flips[i].why, first->error.field);
        assert_row(strlen(first->error.file) > 0, flips[i].why);
        if (is_error)
            assert_row(found.totals.n_errors > 0, flips[i].why);
        assert_row_int(count_errors(&found), found.totals.n_errors, flips[i].why);
        if (!is_error && flips[i].n_lost == 0)
            assert_row_int(found.totals.n_errors, 0, flips[i].why);
        assert_row_int(found.totals.n_samples - found.totals.n_readable, flips[i].n_lost,
                       flips[i].why);
        memory_free(&m);
    }
}

/* What a check says can be read is what a reader reads. */
static int64_t count_readable(struct memory_session *m, const char *name)
{
    struct mef3_source source;
    struct mef3_session *session;
    struct mef3_error error;
    int64_t n_readable = 0, n;

    assert_int_equal(mef3_source_memory(name, m->files, m->n, &source), MEF3_OK);
    assert_int_equal(mef3_session_open(&source, NULL, &session, &error), MEF3_OK);
    const struct mef3_channel_info *info = mef3_channel_info(session, 0);
    if (info->start_uutc != MEF3_NO_TIME &&
        mef3_window_samples(info->start_uutc - 60000000, info->end_uutc + 60000000, info->rate_hz,
                            &n) == MEF3_OK) {
        int32_t *counts = calloc((size_t)n, sizeof *counts);
        uint8_t *truth = calloc((size_t)n, 1);
        assert_true(counts && truth);
        assert_int_equal(mef3_read_window(session, 0, info->start_uutc - 60000000,
                                          info->end_uutc + 60000000, counts, truth, (size_t)n, NULL,
                                          NULL, &error),
                         MEF3_OK);
        for (int64_t i = 0; i < n; i++)
            n_readable += truth[i] == MEF3_DATA;
        free(counts);
        free(truth);
    }
    mef3_session_close(session);
    return n_readable;
}

static void a_check_and_a_reader_agree_on_what_can_be_read(void **state)
{
    static struct found found;
    struct memory_session m;

    (void)state;
    for (size_t i = 0; i < sizeof flips / sizeof *flips; i++) {
        memory_load(&m, "one_channel");
        memory_bytes(&m, flips[i].file)[flips[i].at] ^= flips[i].flip;
        seal(&m, flips[i].file, flips[i].seal);
        check(&m, "one_channel", NULL, NULL, &found);
        assert_row_int(found.totals.n_readable, count_readable(&m, "one_channel"), flips[i].why);
        memory_free(&m);
    }
}

static void records_are_held_against_their_index(void **state)
{
    enum { RECORD_1 = 1080, RENTRY_1 = UH_BYTES + RIDX_BYTES };
    static const struct {
        const char *why;
        const char *file;
        int at;
        uint8_t flip;
        bool seals;
        enum mef3_finding_kind kind;
        int n_lost;
    } row[] = {
        {"a record's text", "Cz.rdat", RECORD_1 + 28, 1, true, MEF3_FINDING_RECORD_CRC, 1},
        {"a record's time", "Cz.rdat", RECORD_1 + REC_TIME, 1, true, MEF3_FINDING_RECORD_CRC, 1},
        {"a record's checksum", "s.rdat", RECORD_1, 1, true, MEF3_FINDING_RECORD_CRC, 1},
        {"a record's length", "Cz.rdat", RECORD_1 + REC_BODY_BYTES + 2, 1, true,
         MEF3_FINDING_TRUNCATED, 1},
        {"an entry's type", "Cz.ridx", RENTRY_1, 1, true, MEF3_FINDING_RECORD_ENTRY, 0},
        {"an entry's version", "Cz.ridx", RENTRY_1 + 5, 2, true, MEF3_FINDING_RECORD_ENTRY, 0},
        {"an entry's level", "Cz.ridx", RENTRY_1 + 7, 0xFF, true, MEF3_FINDING_RECORD_ENTRY, 0},
        {"an entry's time", "Cz.ridx", RENTRY_1 + RIDX_TIME, 1, true, MEF3_FINDING_RECORD_ENTRY, 0},
        {"an entry's offset", "Cz.ridx", RENTRY_1 + RIDX_FILE_OFFSET, 8, true,
         MEF3_FINDING_RECORD_ENTRY, 1},
        {"an offset beyond", "Cz.ridx", RENTRY_1 + RIDX_FILE_OFFSET + 5, 8, true,
         MEF3_FINDING_RECORD_ENTRY, 1},
        {"an index' body", "s.ridx", RENTRY_1 + 4, 1, false, MEF3_FINDING_BODY_CRC, 0},
        {"an index' header", "s.ridx", UH_N_ENTRIES, 1, false, MEF3_FINDING_HEADER_CRC, 0},
        {"a count", "s.ridx", UH_N_ENTRIES, 4, true, MEF3_FINDING_HEADER_COUNT, 0},
        {"a largest record", "s.rdat", UH_MAX_ENTRY_BYTES, 1, true, MEF3_FINDING_HEADER_LARGEST, 0},
        {"a span", "s.rdat", UH_END_TIME, 1, true, MEF3_FINDING_HEADER_TIMES, 0},
        {"a UUID", "s.rdat", UH_LEVEL_UUID, 1, true, MEF3_FINDING_UUID, 0},
    };
    static struct found found;
    struct memory_session m;

    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        memory_load(&m, "annotations");
        memory_bytes(&m, row[i].file)[row[i].at] ^= row[i].flip;
        if (row[i].seals)
            memory_seal(&m, row[i].file);
        check(&m, "annotations", NULL, NULL, &found);
        assert_row(found.n_of_kind[row[i].kind] > 0, row[i].why);
        assert_row_int(found.totals.n_records, 6, row[i].why);
        assert_row_int(found.totals.n_readable_records, 6 - row[i].n_lost, row[i].why);
        assert_row_int(found.totals.n_readable, 5120, row[i].why);
        memory_free(&m);
    }
    memory_load(&m, "annotations");
    memory_remove(&m, "Cz.ridx");
    check(&m, "annotations", NULL, NULL, &found);
    assert_int_equal(found.n_of_kind[MEF3_FINDING_MISSING_FILE], 1);
    memory_free(&m);
}

/* Headers that count n blocks of 1,000 samples, with the checksums of so many. */
static void count_blocks(struct memory_session *m, int64_t n)
{
    uint8_t *section = memory_bytes(m, ".tmet") + META_SECTION_2;
    size_t n_data = memory_file(m, ".tdat")->n, n_index = memory_file(m, ".tidx")->n;
    uint8_t *data = malloc(n_data), *index = malloc(n_index);

    assert_true(data && index);
    memcpy(data, memory_bytes(m, ".tdat"), n_data);
    memcpy(index, memory_bytes(m, ".tidx"), n_index);
    le_put_i64(section + S2_N_BLOCKS, n);
    le_put_i64(section + S2_N_SAMPLES, 1000 * n);
    memory_seal(m, ".tmet");
    le_put_i64(memory_bytes(m, ".tdat") + UH_N_ENTRIES, n);
    memory_resize(m, ".tdat", le_u64(memory_entry(m, (size_t)n)));
    memory_seal(m, ".tdat");
    le_put_i64(memory_bytes(m, ".tidx") + UH_N_ENTRIES, n);
    memory_resize(m, ".tidx", UH_BYTES + INDEX_BYTES * (size_t)n);
    memory_seal(m, ".tidx");
    memory_resize(m, ".tdat", n_data);
    memory_resize(m, ".tidx", n_index);
    memcpy(memory_bytes(m, ".tdat") + UH_BYTES, data + UH_BYTES, n_data - UH_BYTES);
    memcpy(memory_bytes(m, ".tidx") + UH_BYTES, index + UH_BYTES, n_index - UH_BYTES);
    free(data);
    free(index);
}

static void a_recording_that_is_written_is_no_damage(void **state)
{
    static struct found found;
    struct memory_session m;

    (void)state;
    memory_load(&m, "one_channel");
    count_blocks(&m, 4);
    check(&m, "one_channel", NULL, NULL, &found);
    assert_int_equal(found.totals.n_errors, 0);
    assert_int_equal(found.totals.n_readable, 5120);
    assert_int_equal(found.n_of_kind[MEF3_FINDING_STALE_CRC], 0);
    assert_int_equal(found.n_of_kind[MEF3_FINDING_GROWING], 3);

    /* The last block is torn, and so is an entry after the last. */
    memory_resize(&m, ".tdat", 18080 + 100);
    memory_resize(&m, ".tidx", memory_file(&m, ".tidx")->n + 20);
    check(&m, "one_channel", NULL, NULL, &found);
    assert_int_equal(found.totals.n_errors, 0);
    assert_int_equal(found.totals.n_readable, 5000);
    assert_int_equal(found.totals.n_samples, 5000);
    assert_int_equal(found.n_of_kind[MEF3_FINDING_GROWING], 5);
    assert_int_equal(found.n_of_kind[MEF3_FINDING_UNCOVERED], 1);
    assert_int_equal(found.totals.n_readable, count_readable(&m, "one_channel"));
    memory_free(&m);

    /* Blocks that the metadata promise are missing, not growing. */
    memory_load(&m, "one_channel");
    memory_resize(&m, ".tdat", 18080 + 100);
    memory_seal(&m, ".tdat");
    check(&m, "one_channel", NULL, NULL, &found);
    assert_int_equal(found.n_of_kind[MEF3_FINDING_BLOCK_MISSING], 1);
    assert_int_equal(found.totals.n_readable, 5000);
    memory_free(&m);
}

static void files_that_are_gone_or_short_are_named(void **state)
{
    static const struct {
        const char *file;
        long n; /* -1: gone */
        enum mef3_finding_kind kind;
    } row[] = {
        {".tmet", -1, MEF3_FINDING_MISSING_FILE},    {".tidx", -1, MEF3_FINDING_MISSING_FILE},
        {".tdat", -1, MEF3_FINDING_MISSING_FILE},    {".tmet", 0, MEF3_FINDING_TRUNCATED},
        {".tidx", 1000, MEF3_FINDING_TRUNCATED},     {".tdat", 1023, MEF3_FINDING_TRUNCATED},
        {".tmet", 16383, MEF3_FINDING_TRUNCATED},    {".tidx", 1024, MEF3_FINDING_BLOCK_COUNT},
        {".tdat", 1024, MEF3_FINDING_BLOCK_MISSING}, {".tmet", 16385, MEF3_FINDING_TOO_LONG},
    };
    static struct found found;
    struct memory_session m;

    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        memory_load(&m, "one_channel");
        if (row[i].n < 0)
            memory_remove(&m, row[i].file);
        else
            memory_resize(&m, row[i].file, (size_t)row[i].n);
        check(&m, "one_channel", NULL, NULL, &found);
        assert_row(found.n_of_kind[row[i].kind] > 0, row[i].file);
        assert_row_int(found.totals.n_readable, row[i].n == 16385 ? 5120 : 0, row[i].file);
        memory_free(&m);
    }
}

static void segments_are_held_against_one_another(void **state)
{
    static struct found found;
    struct memory_session m;

    (void)state;
    memory_load(&m, "segments");
    le_put_i64(memory_bytes(&m, "seg-000002.tmet") + META_SECTION_2 + S2_START_SAMPLE, 3199);
    memory_seal(&m, "seg-000002.tmet");
    check(&m, "segments", NULL, NULL, &found);
    /* The third begins too early, and so the fourth too late. */
    assert_int_equal(found.n_of_kind[MEF3_FINDING_START_SAMPLE], 2);
    assert_int_equal(found.first[MEF3_FINDING_START_SAMPLE].segment, 2);
    memory_free(&m);

    memory_load(&m, "segments");
    for (size_t i = 0; i < 3; i++)
        memory_remove(&m,
                      (const char *[]){"seg-000001.tmet", "seg-000001.tidx", "seg-000001.tdat"}[i]);
    check(&m, "segments", NULL, NULL, &found);
    assert_int_equal(found.n_of_kind[MEF3_FINDING_SEGMENT_MISSING], 1);
    assert_int_equal(found.totals.n_errors, 0);
    memory_free(&m);

    memory_load(&m, "segments");
    const struct mef3_memory_file *file = memory_file(&m, "seg-000001.tmet");
    memory_add(&m, "seg.timd/other-000001.segd/other-000001.tmet", file->bytes, file->n);
    check(&m, "segments", NULL, NULL, &found);
    assert_int_equal(found.n_of_kind[MEF3_FINDING_SEGMENT_TWICE], 1);
    memory_free(&m);
}

static void what_is_locked_is_said_to_be(void **state)
{
    static struct found found;
    struct memory_session m;

    (void)state;
    memory_load(&m, "encrypted");
    check(&m, "encrypted", NULL, NULL, &found);
    assert_int_equal(found.n_of_kind[MEF3_FINDING_LOCKED], 2);
    assert_int_equal(found.totals.n_errors, 0);
    assert_int_equal(found.totals.n_readable, 0);
    check(&m, "encrypted", "readsignal", NULL, &found);
    assert_int_equal(found.n_of_kind[MEF3_FINDING_LOCKED_SUBJECT], 2);
    assert_int_equal(found.totals.n_readable, 2560);
    check(&m, "encrypted", "wrong", NULL, &found);
    assert_int_equal(found.n_of_kind[MEF3_FINDING_LOCKED], 2);
    /* One channel with another password than the others. */
    memory_bytes(&m, "secret2-000000.tmet")[UH_LEVEL_1_FIELD] ^= 1;
    memory_seal(&m, "secret2-000000.tmet");
    check(&m, "encrypted", "readall", NULL, &found);
    assert_true(found.n_of_kind[MEF3_FINDING_PASSWORD_FIELDS] >= 2);
    memory_free(&m);
}

static int stop(void *arg, int64_t n_samples)
{
    int64_t *sum = arg;

    *sum += n_samples;
    return *sum > 3000 ? 77 : 0;
}

static int go_on(void *arg, int64_t n_samples)
{
    *(int64_t *)arg += n_samples;
    return 0;
}

static void a_quick_check_reads_no_block(void **state)
{
    int64_t sum = 0;
    const struct mef3_verify_options quick = {
        .quick = true, .progress = go_on, .progress_arg = &sum};
    static struct found found;
    struct memory_session m;

    (void)state;
    memory_load(&m, "one_channel");
    memory_block(&m, 2)[400] ^= 1;
    check(&m, "one_channel", NULL, &quick, &found);
    assert_int_equal(found.totals.n_errors, 0);
    assert_int_equal(found.totals.n_readable, 5120);
    assert_int_equal(sum, 5120);
    memory_bytes(&m, ".tidx")[UH_BYTES + 50] ^= 1;
    check(&m, "one_channel", NULL, &quick, &found);
    assert_int_equal(found.n_of_kind[MEF3_FINDING_BODY_CRC], 1);
    memory_free(&m);
}

static void a_caller_may_end_it(void **state)
{
    int64_t sum = 0;
    const struct mef3_verify_options options = {.progress = stop, .progress_arg = &sum};
    struct mef3_verify_totals totals = {.n_samples = -5};
    struct mef3_source source;
    struct mef3_session *session;
    struct mef3_error error;
    struct memory_session m;

    (void)state;
    memory_load(&m, "many_channels");
    assert_int_equal(mef3_source_memory("many_channels", m.files, m.n, &source), MEF3_OK);
    assert_int_equal(mef3_session_open_lazy(&source, NULL, &session, &error), MEF3_OK);
    assert_int_equal(mef3_verify_channel(session, 0, &options, NULL, NULL, &totals, &error), 77);
    assert_int_equal(totals.n_samples, -5);
    assert_int_equal(mef3_verify_channel(session, 12, NULL, NULL, NULL, &totals, &error),
                     MEF3_EINVAL);
    mef3_session_close(session);
    memory_free(&m);
}

static void gaps_and_overlaps_that_no_flag_tells_are_warnings(void **state)
{
    static const struct {
        const char *why;
        int64_t by_us;
        enum mef3_finding_kind kind;
    } row[] = {
        {"ten seconds later", 10000000, MEF3_FINDING_UNFLAGGED_GAP},
        {"two samples later", 7813, MEF3_FINDING_UNFLAGGED_GAP},
        {"two samples earlier", -7813, MEF3_FINDING_TIME_ORDER},
    };
    static struct found found;
    struct memory_session m;

    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        memory_load(&m, "one_channel");
        memory_move_block(&m, 5, 1600000026531250 + row[i].by_us);
        memory_seal(&m, ".tidx");
        check(&m, "one_channel", NULL, NULL, &found);
        assert_row_int(found.n_of_kind[row[i].kind], 1, row[i].why);
        assert_row_int(found.n_of_kind[MEF3_FINDING_HEADER_TIMES], 3, row[i].why);
        assert_row_int(found.totals.n_errors, 0, row[i].why);
        assert_row_int(found.totals.n_readable, 5120, row[i].why);
        memory_free(&m);
    }
    memory_load(&m, "one_channel");
    memory_move_block(&m, 5, 1600000026531250 + 2); /* a clock's rounding */
    memory_seal(&m, ".tidx");
    check(&m, "one_channel", NULL, NULL, &found);
    assert_int_equal(found.n_of_kind[MEF3_FINDING_UNFLAGGED_GAP], 0);
    memory_entry(&m, 0)[INDEX_FLAGS] = 0;
    memory_block(&m, 0)[RED_FLAGS] = 0;
    memory_seal_block(&m, 0);
    memory_seal(&m, ".tidx");
    check(&m, "one_channel", NULL, NULL, &found);
    assert_int_equal(found.n_of_kind[MEF3_FINDING_UNFLAGGED_GAP], 1);
    assert_int_equal(found.totals.n_errors, 0);
    memory_free(&m);
}

static void an_entry_twice_is_an_error(void **state)
{
    static struct found found;
    struct memory_session m;

    (void)state;
    memory_load(&m, "one_channel");
    memcpy(memory_entry(&m, 2), memory_entry(&m, 1), INDEX_BYTES);
    memory_seal(&m, ".tidx");
    check(&m, "one_channel", NULL, NULL, &found);
    assert_int_equal(found.n_of_kind[MEF3_FINDING_INDEX_PLACE], 1);
    assert_int_equal(found.n_of_kind[MEF3_FINDING_INDEX_START_SAMPLE], 2);
    assert_int_equal(found.n_of_kind[MEF3_FINDING_UNCOVERED], 1);
    assert_int_equal(found.n_of_kind[MEF3_FINDING_TIME_ORDER], 1);
    memory_free(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_has_a_word_of_its_own_and_a_text),
        cmocka_unit_test(recordings_of_the_reference_software_have_no_errors),
        cmocka_unit_test(a_flipped_bit_is_found_and_named),
        cmocka_unit_test(a_check_and_a_reader_agree_on_what_can_be_read),
        cmocka_unit_test(records_are_held_against_their_index),
        cmocka_unit_test(a_recording_that_is_written_is_no_damage),
        cmocka_unit_test(files_that_are_gone_or_short_are_named),
        cmocka_unit_test(segments_are_held_against_one_another),
        cmocka_unit_test(what_is_locked_is_said_to_be),
        cmocka_unit_test(a_quick_check_reads_no_block),
        cmocka_unit_test(a_caller_may_end_it),
        cmocka_unit_test(gaps_and_overlaps_that_no_flag_tells_are_warnings),
        cmocka_unit_test(an_entry_twice_is_an_error),
    };

    return cmocka_run_group_tests_name("verify", tests, NULL, NULL);
}

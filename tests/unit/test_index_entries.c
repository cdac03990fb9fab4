/* test_index_entries.c - an index with one thing wrong: what becomes of blocks and runs. */
#include <mef3/read.h>

#include <string.h>

#include "bytes.h"
#include "help/memory_session.h"
#include "help/test.h"
#include "layout.h"

/* The golden session one_channel: 256 Hz, five blocks of 1000 samples and one of
 * 120, from here on. */
static const int64_t START = 1600000007000000;
enum { N_BLOCKS = 6, N_SAMPLES = 5120 };

struct tally {
    size_t n;
    struct mef3_damage first;
};

static void note(void *arg, const struct mef3_damage *damage)
{
    struct tally *tally = arg;

    if (tally->n++ == 0)
        tally->first = *damage;
}

static int read_all(struct mef3_session *session, struct tally *tally, int64_t *n_out)
{
    static int32_t counts[8 * N_SAMPLES];
    const struct mef3_run *runs;
    struct mef3_error error;
    size_t n_runs;
    int64_t n = 0;

    memset(tally, 0, sizeof *tally);
    int status = mef3_segment_runs(session, 0, 0, &runs, &n_runs, &error);
    if (status != MEF3_OK)
        return status;
    for (size_t i = 0; i < n_runs; i++)
        if (runs[i].first_sample + runs[i].n_samples > n)
            n = runs[i].first_sample + runs[i].n_samples;
    assert_true(n <= 8 * N_SAMPLES);
    *n_out = n;
    return mef3_read_samples(session, 0, 0, 0, (size_t)n, counts, note, tally, &error);
}

enum width { W8, W32, W64 };

static const struct {
    const char *why;
    size_t entry;
    size_t at;
    enum width width;
    int64_t value;
    int64_t n_samples; /* of the segment after that */
    size_t n_bad;      /* blocks reported */
    int status;
    const char *field;
} rows[] = {
    {"as it was", 2, INDEX_FLAGS, W8, 0, N_SAMPLES, 0, 0, ""},
    {"the stored start sample is not used", 2, INDEX_START_SAMPLE, W64, -5, N_SAMPLES, 0, 0, ""},
    {"a block within the header", 2, INDEX_FILE_OFFSET, W64, 1023, N_SAMPLES, 1, MEF3_EDAMAGED,
     "index entry's file offset"},
    {"a negative offset", 2, INDEX_FILE_OFFSET, W64, -8, N_SAMPLES, 1, MEF3_EDAMAGED,
     "index entry's file offset"},
    {"an offset that overflows", 2, INDEX_FILE_OFFSET, W64, INT64_MAX, N_SAMPLES, 1, MEF3_EDAMAGED,
     "index entry's file offset"},
    {"beyond the data, in the middle", 2, INDEX_FILE_OFFSET, W64, 1 << 30, N_SAMPLES, 1,
     MEF3_ETRUNCATED, "block"},
    {"beyond the data, the last, which the metadata count", 5, INDEX_FILE_OFFSET, W64, 1 << 30,
     N_SAMPLES, 1, MEF3_ETRUNCATED, "block"},
    {"no time", 2, INDEX_START_TIME, W64, INT64_MIN, N_SAMPLES, 1, MEF3_EDAMAGED,
     "index entry's start time"},
    {"a time beyond all", 0, INDEX_START_TIME, W64, INT64_MAX, N_SAMPLES, 1, MEF3_EDAMAGED,
     "index entry's start time"},
    {"another time than the block's", 2, INDEX_START_TIME, W64, 1600000014812501, N_SAMPLES, 1,
     MEF3_EDAMAGED, "block's start time"},
    {"no samples", 2, INDEX_N_SAMPLES, W32, 0, N_SAMPLES, 1, MEF3_EDAMAGED,
     "index entry's number of samples"},
    {"too many samples", 2, INDEX_N_SAMPLES, W32, -1, N_SAMPLES, 1, MEF3_EDAMAGED,
     "index entry's number of samples"},
    {"the last has too many samples", 5, INDEX_N_SAMPLES, W32, -1, N_SAMPLES, 1, MEF3_EDAMAGED,
     "index entry's number of samples"},
    {"more samples than the block has", 2, INDEX_N_SAMPLES, W32, 1001, N_SAMPLES + 1, 1,
     MEF3_EDAMAGED, "block's number of samples"},
    {"fewer samples than the block has", 2, INDEX_N_SAMPLES, W32, 1, N_SAMPLES - 999, 1,
     MEF3_EDAMAGED, "block's number of samples"},
    {"fewer bytes than a header", 2, INDEX_BLOCK_BYTES, W32, 303, N_SAMPLES, 1, MEF3_EDAMAGED,
     "index entry's block bytes"},
    {"too many bytes", 2, INDEX_BLOCK_BYTES, W32, -1, N_SAMPLES, 1, MEF3_EDAMAGED,
     "index entry's block bytes"},
    {"fewer bytes than the block has", 2, INDEX_BLOCK_BYTES, W32, 304, N_SAMPLES, 1, 0, NULL},
    {"more bytes than the block has", 2, INDEX_BLOCK_BYTES, W32, 4000, N_SAMPLES, 1, MEF3_EDAMAGED,
     "block bytes"},
    {"where another block is", 2, INDEX_FILE_OFFSET, W64, 1024, N_SAMPLES, 1, 0, NULL},
    {"between two blocks", 2, INDEX_FILE_OFFSET, W64, 1025, N_SAMPLES, 1, 0, NULL},
};

static void put(uint8_t *at, enum width width, int64_t value)
{
    if (width == W8)
        *at = (uint8_t)value;
    else if (width == W32)
        le_put_u32(at, (uint32_t)value);
    else
        le_put_i64(at, value);
}

static void one_bad_entry_costs_one_block(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct memory_session m;
        struct tally tally;
        int64_t n = -1;
        memory_load(&m, "one_channel");
        put(memory_entry(&m, rows[i].entry) + rows[i].at, rows[i].width, rows[i].value);
        memory_seal(&m, ".tidx");
        struct mef3_session *session = memory_open(&m, NULL);
        assert_row_int(read_all(session, &tally, &n), MEF3_OK, rows[i].why);
        assert_row_int(n, rows[i].n_samples, rows[i].why);
        assert_row_int(tally.n, rows[i].n_bad, rows[i].why);
        if (tally.n > 0) {
            assert_row_int(tally.first.block, rows[i].entry, rows[i].why);
            assert_row(tally.first.error.status < 0, rows[i].why);
        }
        if (tally.n > 0 && rows[i].field) {
            assert_row_int(tally.first.error.status, rows[i].status, rows[i].why);
            assert_string_equal(tally.first.error.field, rows[i].field);
        }
        mef3_session_close(session);
        memory_free(&m);
    }
}

static void an_entry_that_its_checksum_denies_gives_way_to_its_block(void **state)
{
    static const struct {
        const char *why;
        size_t entry, at;
        enum width width;
        int64_t value;
    } row[] = {
        {"another time", 2, INDEX_START_TIME, W64, 1600000099000000},
        {"another time, the first", 0, INDEX_START_TIME, W64, 1500000000000000},
        {"more samples", 2, INDEX_N_SAMPLES, W32, 1001},
        {"fewer samples", 2, INDEX_N_SAMPLES, W32, 1},
        {"fewer samples, the last", 5, INDEX_N_SAMPLES, W32, 1},
    };

    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct memory_session m;
        struct tally tally;
        int64_t n = -1;
        memory_load(&m, "one_channel");
        put(memory_entry(&m, row[i].entry) + row[i].at, row[i].width, row[i].value);
        struct mef3_session *session = memory_open(&m, NULL);
        assert_row_int(read_all(session, &tally, &n), MEF3_OK, row[i].why);
        assert_row_int(n, N_SAMPLES, row[i].why);
        assert_row_int(tally.n, 0, row[i].why);
        mef3_session_close(session);
        memory_free(&m);
    }
}

static void an_offset_that_leads_to_another_block_moves_nothing(void **state)
{
    static const size_t entry[] = {0, 2, 5};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct memory_session m;
        struct tally tally;
        int64_t n = -1;
        memory_load(&m, "one_channel");
        /* Bytes and all are another's, but for the time. */
        uint8_t *to = memory_entry(&m, entry[i]), *from = memory_entry(&m, 3);
        put(to + INDEX_FILE_OFFSET, W64, le_i64(from + INDEX_FILE_OFFSET));
        put(to + INDEX_BLOCK_BYTES, W32, le_i32(from + INDEX_BLOCK_BYTES));
        struct mef3_session *session = memory_open(&m, NULL);
        assert_int_equal(read_all(session, &tally, &n), MEF3_OK);
        assert_int_equal(n, N_SAMPLES);
        assert_int_equal(tally.n, 1);
        assert_int_equal(tally.first.block, entry[i]);
        mef3_session_close(session);
        memory_free(&m);
    }
}

static void promise(struct memory_session *m, int64_t n_blocks)
{
    le_put_i64(memory_bytes(m, ".tmet") + META_SECTION_2 + S2_N_BLOCKS, n_blocks);
    memory_seal(m, ".tmet");
}

static void a_recording_being_written_ends_where_the_data_end(void **state)
{
    static const struct {
        const char *why;
        int64_t promised;
        size_t data;  /* bytes taken off the .tdat */
        size_t index; /* bytes taken off the .tidx */
        int64_t n_samples;
        size_t n_bad;
    } row[] = {
        {"all is there", 6, 0, 0, 5120, 0},
        {"nothing is promised", 0, 0, 0, 5120, 0},
        {"a promise of more than there is", 1000, 0, 0, 5120, 0},
        {"a torn entry", 5, 0, 1, 5000, 0},
        {"an entry less a byte", 5, 0, 55, 5000, 0},
        {"a torn entry, promised", 6, 0, 1, 5120, 1},
        {"three entries torn, promised", 6, 0, 113, 5120, 1},
        {"no entry left, all promised", 6, 0, 336, 5120, 1},
        {"two entries torn", 0, 0, 57, 4000, 0},
        {"the last block torn", 0, 1, 0, 5000, 0},
        {"the last block torn, promised", 6, 1, 0, 5120, 1},
        {"two blocks torn, one promised", 5, 2000, 0, 5000, 1},
    };

    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct memory_session m;
        struct tally tally;
        int64_t n = -1;
        memory_load(&m, "one_channel");
        promise(&m, row[i].promised);
        memory_resize(&m, ".tdat", memory_file(&m, ".tdat")->n - row[i].data);
        memory_resize(&m, ".tidx", memory_file(&m, ".tidx")->n - row[i].index);
        struct mef3_session *session = memory_open(&m, NULL);
        assert_row_int(read_all(session, &tally, &n), MEF3_OK, row[i].why);
        assert_row_int(n, row[i].n_samples, row[i].why);
        assert_row_int(tally.n, row[i].n_bad, row[i].why);
        mef3_session_close(session);
        memory_free(&m);
    }
}

static void entries_not_yet_filled_in_are_not_there(void **state)
{
    struct memory_session m;
    struct tally tally;
    int64_t n = -1;

    (void)state;
    memory_load(&m, "one_channel");
    memory_resize(&m, ".tidx", memory_file(&m, ".tidx")->n + 40 * INDEX_BYTES);
    struct mef3_session *session = memory_open(&m, NULL);
    assert_int_equal(read_all(session, &tally, &n), MEF3_OK);
    assert_int_equal(n, N_SAMPLES);
    assert_int_equal(tally.n, 0);
    mef3_session_close(session);
    memory_free(&m);
}

static void a_lost_data_file_is_no_gap(void **state)
{
    struct memory_session m;
    struct tally tally;
    int64_t n = -1;

    (void)state;
    memory_load(&m, "one_channel");
    promise(&m, 0);
    memory_remove(&m, ".tdat");
    struct mef3_session *session = memory_open(&m, NULL);
    assert_int_equal(read_all(session, &tally, &n), MEF3_OK);
    assert_int_equal(n, N_SAMPLES);
    assert_int_equal(tally.n, N_BLOCKS);
    assert_int_equal(tally.first.error.status, MEF3_ENOENT);
    mef3_session_close(session);
    memory_free(&m);
}

static void an_index_that_is_none_says_why(void **state)
{
    static const struct {
        const char *why;
        size_t n; /* new length */
        size_t at;
        uint8_t byte;
        bool sealed;
        int status;
    } row[] = {
        {"empty", 0, 0, 0, false, MEF3_ETRUNCATED},
        {"cut in its header", 1023, 0, 0, false, MEF3_ETRUNCATED},
        {"a damaged header", 1080, 100, 0xFF, false, MEF3_ECRC},
        {"another type", 1080, UH_TYPE + 3, 'y', true, MEF3_EFORMAT},
        {"big-endian", 1080, UH_BYTE_ORDER, 0, true, MEF3_EUNSUPPORTED},
    };

    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct memory_session m;
        struct tally tally;
        int64_t n = -1;
        memory_load(&m, "one_channel");
        memory_resize(&m, ".tidx", row[i].n);
        if (row[i].at > 0)
            memory_bytes(&m, ".tidx")[row[i].at] = row[i].byte;
        if (row[i].sealed)
            memory_seal(&m, ".tidx");
        struct mef3_session *session = memory_open(&m, NULL);
        assert_row_int(mef3_segment_info(session, 0, 0)->status, MEF3_OK, row[i].why);
        assert_row_int(read_all(session, &tally, &n), row[i].status, row[i].why);
        mef3_session_close(session);
        memory_free(&m);
    }
}

static void the_span_of_a_segment_whose_header_lags_is_its_index(void **state)
{
    /* What the header says in rows where it is heard. */
    static const int64_t header = START + 1000000;
    static const struct {
        const char *why;
        int64_t promised;
        size_t data;       /* bytes taken off the .tdat */
        size_t index;      /* bytes taken off the .tidx */
        int64_t n_samples; /* where the span ends; -1: where the header says */
    } row[] = {
        {"the header counts all blocks", 6, 0, 0, -1},
        {"it counts more", 7, 0, 0, -1},
        {"it counts one fewer", 5, 0, 0, 5120},
        {"it counts none", 0, 0, 0, 5120},
        {"a torn entry", 3, 0, 1, 5000},
        {"only a torn entry is new", 5, 0, 1, -1},
        {"a torn block", 3, 8, 0, 5000},
        {"only a torn block is new", 5, 8, 0, -1},
        {"no index", 0, 0, 6 * INDEX_BYTES, -1},
    };

    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct memory_session m;
        struct mef3_error error;
        int64_t start = 0, end = 0;
        memory_load(&m, "one_channel");
        le_put_i64(memory_bytes(&m, ".tmet") + UH_END_TIME, header);
        promise(&m, row[i].promised);
        memory_resize(&m, ".tdat", memory_file(&m, ".tdat")->n - row[i].data);
        memory_resize(&m, ".tidx", memory_file(&m, ".tidx")->n - row[i].index);
        struct mef3_session *session = memory_open(&m, NULL);
        assert_row_int(mef3_segment_span(session, 0, 0, &start, &end, &error), MEF3_OK, row[i].why);
        assert_row_int(start, START, row[i].why);
        assert_row_int(end,
                       row[i].n_samples < 0 ? header : START + row[i].n_samples * 1000000 / 256,
                       row[i].why);
        assert_int_equal(mef3_segment_span(session, 0, 1, &start, &end, &error), MEF3_EINVAL);
        mef3_session_close(session);
        memory_free(&m);
    }
}

static void a_segment_begun_has_the_span_of_its_index(void **state)
{
    struct memory_session m;
    struct mef3_error error;
    int64_t start = 0, end = 0;

    (void)state;
    memory_load(&m, "one_channel");
    uint8_t *tmet = memory_bytes(&m, ".tmet");
    le_put_i64(tmet + UH_START_TIME, INT64_MIN);
    le_put_i64(tmet + UH_END_TIME, INT64_MIN);
    le_put_i64(tmet + META_SECTION_2 + S2_N_SAMPLES, 0);
    promise(&m, 0);
    struct mef3_session *session = memory_open(&m, NULL);
    assert_true(mef3_segment_info(session, 0, 0)->start_uutc == MEF3_NO_TIME);
    assert_int_equal(mef3_segment_span(session, 0, 0, &start, &end, &error), MEF3_OK);
    assert_true(start == START && end == START + INT64_C(5120) * 1000000 / 256);
    mef3_session_close(session);
    memory_free(&m);
}

static void blocks_are_found_by_their_samples(void **state)
{
    static const struct {
        int64_t first;
        int64_t n;
        size_t block;
        size_t n_blocks;
    } row[] = {
        {0, 1, 0, 1},         {999, 1, 0, 1},  {999, 2, 0, 2},  {1000, 1000, 1, 1},
        {0, 5120, 0, 6},      {5119, 1, 5, 1}, {5120, 1, 0, 0}, {0, 5121, 0, 0},
        {-1, 5, 0, 0},        {0, 0, 0, 0},    {5, -1, 0, 0},   {1, INT64_MAX, 0, 0},
        {INT64_MAX, 1, 0, 0},
    };
    struct memory_session m;
    struct mef3_block block;
    struct mef3_error error;

    (void)state;
    memory_load(&m, "one_channel");
    struct mef3_session *session = memory_open(&m, NULL);
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        size_t first = 99;
        size_t n = 99;
        assert_int_equal(
            mef3_segment_find_blocks(session, 0, 0, row[i].first, row[i].n, &first, &n, &error),
            MEF3_OK);
        assert_int_equal(n, row[i].n_blocks);
        assert_int_equal(first, row[i].block);
    }
    assert_int_equal(mef3_segment_block(session, 0, 0, 5, &block, &error), MEF3_OK);
    assert_int_equal(block.first_sample, 5000);
    assert_int_equal(block.n_samples, 120);
    assert_true(block.start_uutc == START + INT64_C(5000) * 1000000 / 256);
    assert_false(block.discontinuity);
    assert_int_equal(mef3_segment_block(session, 0, 0, 0, &block, &error), MEF3_OK);
    assert_true(block.discontinuity);
    assert_int_equal(mef3_segment_block(session, 0, 0, 6, &block, &error), MEF3_EINVAL);
    assert_int_equal(mef3_segment_block(session, 0, 1, 0, &block, &error), MEF3_EINVAL);
    assert_int_equal(mef3_segment_block(session, 1, 0, 0, &block, &error), MEF3_EINVAL);
    mef3_session_close(session);
    memory_free(&m);
}

/* What was opened, and what is read now, are parts of two recordings. */
static void what_was_replaced_since_it_was_opened_is_not_read(void **state)
{
    static const struct {
        const char *why;
        const char *file;
        bool is_index_known;
        int status;
    } row[] = {
        {"the data before the index is read", ".tdat", false, MEF3_OK},
        {"the data, after", ".tdat", true, MEF3_ECHANGED},
        {"the metadata before the index is read", ".tmet", false, MEF3_ECHANGED},
        {"the metadata, after", ".tmet", true, MEF3_OK},
    };
    const struct mef3_run *runs;
    size_t n_runs;

    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct memory_session m;
        struct tally tally;
        int64_t n = -1;
        memory_load(&m, "one_channel");
        struct mef3_session *session = memory_open(&m, NULL);
        if (row[i].is_index_known)
            assert_int_equal(mef3_segment_runs(session, 0, 0, &runs, &n_runs, NULL), MEF3_OK);
        memory_bytes(&m, row[i].file)[UH_LEVEL_UUID]++;
        memory_seal(&m, row[i].file);
        assert_row_int(read_all(session, &tally, &n), row[i].status, row[i].why);
        mef3_session_close(session);
        memory_free(&m);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_bad_entry_costs_one_block),
        cmocka_unit_test(what_was_replaced_since_it_was_opened_is_not_read),
        cmocka_unit_test(an_offset_that_leads_to_another_block_moves_nothing),
        cmocka_unit_test(an_entry_that_its_checksum_denies_gives_way_to_its_block),
        cmocka_unit_test(a_recording_being_written_ends_where_the_data_end),
        cmocka_unit_test(entries_not_yet_filled_in_are_not_there),
        cmocka_unit_test(a_lost_data_file_is_no_gap),
        cmocka_unit_test(an_index_that_is_none_says_why),
        cmocka_unit_test(the_span_of_a_segment_whose_header_lags_is_its_index),
        cmocka_unit_test(a_segment_begun_has_the_span_of_its_index),
        cmocka_unit_test(blocks_are_found_by_their_samples),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

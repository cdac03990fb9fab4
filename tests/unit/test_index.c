/* test_index.c - indices that lie, overlap, or end too early: where each sample ends up. */
#include <stdlib.h>
#include <string.h>

#include "help/recording.h"
#include "help/test.h"

#include "bytes.h"
#include "layout.h"

static const char INDEX[] = "c.timd/c-000000.segd/c-000000.tidx";
static const char DATA[] = "c.timd/c-000000.segd/c-000000.tdat";

enum { SECOND = 1000000, MOST = 4096, MOST_DAMAGES = 64 };
static const int64_t T0 = 1600000000000000;

/* A window, as it was read. */
struct view {
    size_t n;
    int32_t counts[MOST];
    uint8_t truth[MOST];
    size_t n_damages;
    struct mef3_damage damages[MOST_DAMAGES];
};

static void note_damage(void *arg, const struct mef3_damage *damage)
{
    struct view *view = arg;

    assert_true(view->n_damages < MOST_DAMAGES);
    view->damages[view->n_damages++] = *damage;
}

static void look(const struct recording *recording, int64_t start, int64_t end, struct view *view)
{
    struct mef3_session *session;
    struct mef3_error error;
    int64_t n;

    memset(view, 0, sizeof *view);
    assert_int_equal(recording_open(recording, NULL, &session, &error), MEF3_OK);
    double rate = mef3_channel_info(session, 0)->rate_hz;
    assert_int_equal(mef3_window_samples(start, end, rate, &n), MEF3_OK);
    assert_true(n <= MOST);
    view->n = (size_t)n;
    assert_int_equal(mef3_read_window(session, 0, start, end, view->counts, view->truth, view->n,
                                      note_damage, view, &error),
                     MEF3_OK);
    mef3_session_close(session);
}

/* What the window's samples are, a letter each: data, gap, unreadable. */
static void assert_stretch(const struct view *view, size_t first, size_t end, enum mef3_truth truth,
                           const char *why)
{
    for (size_t i = first; i < end; i++)
        assert_row_int(view->truth[i], truth, why);
}

/* Ten blocks of ten samples, a second each. */
static void ten_blocks(struct recording *recording)
{
    struct recording_block blocks[10];

    for (int i = 0; i < 10; i++)
        blocks[i] = (struct recording_block){T0 + i * (int64_t)SECOND, 10, 1000 * i};
    recording_add_segment(recording, 0, 10, blocks, 10);
}

/* Whatever is done to entries 3, 4 and 5, the rest is data, and they are not a gap. */
static void entries_that_make_no_sense_are_unreadable_where_they_were(void **state)
{
    static const struct {
        const char *why;
        size_t first, n, at, bytes;
        uint8_t fill;
    } row[] = {
        {"one entry of zeros", 3, 1, 0, INDEX_BYTES, 0},
        {"three entries of zeros", 3, 3, 0, INDEX_BYTES, 0},
        {"three entries of ones", 3, 3, 0, INDEX_BYTES, 0xFF},
        {"no samples", 3, 3, INDEX_N_SAMPLES, 4, 0},
        {"four billion samples", 3, 3, INDEX_N_SAMPLES, 4, 0xFF},
        {"no offset", 3, 3, INDEX_FILE_OFFSET, 8, 0},
        {"an offset before the file", 3, 3, INDEX_FILE_OFFSET, 8, 0x80},
        {"no bytes", 3, 3, INDEX_BLOCK_BYTES, 4, 0},
        {"an absurd time", 3, 3, INDEX_START_TIME, 8, 0x7F},
        {"the first entry", 0, 1, 0, INDEX_BYTES, 0},
        {"the last three entries", 7, 3, 0, INDEX_BYTES, 0},
        {"the last three entries have no samples", 7, 3, INDEX_N_SAMPLES, 4, 0},
        {"all entries", 0, 10, 0, INDEX_BYTES, 0xFF},
    };
    struct view view;

    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct recording recording = {0};
        ten_blocks(&recording);
        struct recording_file *index = recording_file(&recording, INDEX);
        for (size_t k = row[i].first; k < row[i].first + row[i].n; k++)
            memset(index->bytes + UH_BYTES + k * INDEX_BYTES + row[i].at, row[i].fill,
                   row[i].bytes);
        recording_mend(index);
        look(&recording, T0, T0 + 10 * SECOND, &view);
        size_t first = 10 * row[i].first, end = first + 10 * row[i].n;
        assert_stretch(&view, 0, first, MEF3_DATA, row[i].why);
        assert_stretch(&view, first, end, MEF3_UNREADABLE, row[i].why);
        assert_stretch(&view, end, 100, MEF3_DATA, row[i].why);
        assert_row_int(view.n_damages, row[i].n, row[i].why);
        assert_row(strcmp(view.damages[0].error.file, INDEX) == 0, row[i].why);
        assert_row(view.damages[0].error.found[0] != '\0', row[i].why);
        recording_fini(&recording);
    }
}

static void blocks_that_the_metadata_count_but_the_index_lacks_are_unreadable(void **state)
{
    struct recording recording = {0};
    struct view view;

    (void)state;
    ten_blocks(&recording);
    recording_resize(recording_file(&recording, INDEX), UH_BYTES + 6 * INDEX_BYTES + 20);
    look(&recording, T0, T0 + 10 * SECOND, &view);
    assert_stretch(&view, 0, 60, MEF3_DATA, "what the index has");
    assert_stretch(&view, 60, 100, MEF3_UNREADABLE, "what it lost");
    assert_int_equal(view.n_damages, 1);
    assert_int_equal(view.damages[0].error.status, MEF3_ETRUNCATED);
    assert_string_equal(view.damages[0].error.file, INDEX);
    recording_fini(&recording);
}

static void data_that_end_early_are_unreadable_from_there(void **state)
{
    struct recording recording = {0};
    struct view view;

    (void)state;
    ten_blocks(&recording);
    struct recording_file *data = recording_file(&recording, DATA);
    struct recording_file *index = recording_file(&recording, INDEX);
    uint64_t last = le_u64(index->bytes + UH_BYTES + 9 * INDEX_BYTES);
    recording_resize(data, (size_t)last + 8);
    look(&recording, T0, T0 + 10 * SECOND, &view);
    assert_stretch(&view, 0, 90, MEF3_DATA, "what is there");
    assert_stretch(&view, 90, 100, MEF3_UNREADABLE, "what is not");
    assert_int_equal(view.n_damages, 1);
    assert_int_equal(view.damages[0].error.status, MEF3_ETRUNCATED);
    assert_int_equal(view.damages[0].error.offset, last);
    assert_string_not_equal(view.damages[0].error.expected, "");
    assert_string_not_equal(view.damages[0].error.found, "");
    recording_fini(&recording);
}

static void a_flipped_bit_in_a_block_is_told_once_with_both_checksums(void **state)
{
    struct recording recording = {0};
    struct view view;
    struct recording_file *data;

    (void)state;
    ten_blocks(&recording);
    data = recording_file(&recording, DATA);
    uint64_t at = le_u64(recording_file(&recording, INDEX)->bytes + UH_BYTES + 4 * INDEX_BYTES);
    static const size_t place[] = {RED_CRC, RED_START_TIME, RED_N_SAMPLES + 3, RED_PAYLOAD};
    for (size_t i = 0; i < sizeof place / sizeof *place; i++) {
        data->bytes[at + place[i]] ^= 1;
        look(&recording, T0, T0 + 10 * SECOND, &view);
        assert_int_equal(view.n_damages, 1);
        assert_stretch(&view, 40, 50, MEF3_UNREADABLE, "the block");
        assert_int_equal(view.damages[0].at, 40);
        assert_int_equal(view.damages[0].n, 10);
        assert_int_equal(view.damages[0].block, 4);
        assert_int_equal(view.damages[0].error.offset, at);
        assert_string_not_equal(view.damages[0].error.field, "");
        assert_string_not_equal(view.damages[0].error.expected, "");
        assert_string_not_equal(view.damages[0].error.found, "");
        data->bytes[at + place[i]] ^= 1;
    }
    recording_fini(&recording);
}

static uint32_t next_random(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

/* Both reference readers write block after block, in the order of the files. */
static void paint(const struct recording_block *blocks, size_t n, double rate, int64_t start,
                  int32_t *counts, size_t n_window)
{
    for (size_t i = 0; i < n; i++) {
        int64_t at = mef3_time_to_index(blocks[i].start_uutc, start, rate);
        for (int64_t k = 0; k < blocks[i].n_samples; k++)
            if (at + k >= 0 && at + k < (int64_t)n_window)
                counts[at + k] = blocks[i].value + (int32_t)k;
    }
}

static void where_blocks_and_segments_overlap_the_later_in_the_files_wins(void **state)
{
    enum { N_BLOCKS = 12, N_SEGMENTS = 3 };
    static const double rates[] = {10, 250, 1000, 0.5, 333.3, 249.7};
    uint32_t seed = 1;
    static int32_t expected[MOST];
    static struct view view;

    (void)state;
    for (int round = 0; round < 600; round++) {
        struct recording recording = {0};
        double rate = rates[round % 6];
        /* On the grid of the samples the answer is exact. */
        for (size_t i = 0; i < MOST; i++)
            expected[i] = MEF3_COUNT_NAN;
        int64_t start = T0 + mef3_index_to_time((int64_t)(next_random(&seed) % 50), 0, rate);
        int64_t end = start + mef3_index_to_time(150, 0, rate);
        for (int s = 0; s < N_SEGMENTS; s++) {
            struct recording_block blocks[N_BLOCKS];
            size_t n = 1 + next_random(&seed) % N_BLOCKS;
            int64_t at = 60 * s;
            for (size_t i = 0; i < n; i++) {
                blocks[i].n_samples = 1 + next_random(&seed) % 20;
                blocks[i].start_uutc = mef3_index_to_time(at, T0, rate);
                blocks[i].value = 10000 * s + 100 * (int32_t)i;
                at = next_random(&seed) % 4 ? at + blocks[i].n_samples
                                            : (int64_t)(next_random(&seed) % 200);
            }
            recording_add_segment(&recording, s, rate, blocks, n);
            paint(blocks, n, rate, start, expected, 150);
        }
        look(&recording, start, end, &view);
        for (size_t i = 0; i < view.n && i < 150; i++)
            if (view.counts[i] != expected[i])
                fail_msg("round %d, rate %g, sample %zu: %d, not %d", round, rate, i,
                         view.counts[i], expected[i]);
        recording_fini(&recording);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(entries_that_make_no_sense_are_unreadable_where_they_were),
        cmocka_unit_test(blocks_that_the_metadata_count_but_the_index_lacks_are_unreadable),
        cmocka_unit_test(data_that_end_early_are_unreadable_from_there),
        cmocka_unit_test(a_flipped_bit_in_a_block_is_told_once_with_both_checksums),
        cmocka_unit_test(where_blocks_and_segments_overlap_the_later_in_the_files_wins),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* test_runs.c - blocks to runs: what is contiguous, and who wins where they overlap. */
#include "runs.h"

#include <stdlib.h>

#include "help/test.h"

enum { MOST = 8 };

struct row {
    const char *why;
    double rate;
    struct {
        int64_t start;
        uint32_t n;
    } block[MOST];
    struct mef3_run run[MOST]; /* origin time, origin sample, first sample, samples */
};

/* clang-format off */
static const struct row rows[] = {
    {"no block", 100, {{0}}, {{0}}},
    {"one block", 100, {{500, 10}}, {{500, 0, 0, 10, 10}}},
    {"contiguous", 100, {{0, 10}, {100000, 10}, {200000, 5}}, {{0, 0, 0, 25, 10}}},
    {"within the tolerance", 100, {{0, 10}, {100002, 10}, {199998, 10}}, {{0, 0, 0, 30, 10}}},
    {"a gap just beyond the tolerance", 100, {{0, 10}, {100003, 10}},
        {{0, 0, 0, 10, 10}, {100003, 10, 10, 10, 10}}},
    {"drift is measured from the origin", 100, {{0, 10}, {100002, 10}, {200004, 10}},
        {{0, 0, 0, 20, 10}, {200004, 20, 20, 10, 10}}},
    {"times rounded to microseconds", 333.3, {{0, 1}, {3000, 1}, {6001, 1}, {9001, 1}},
        {{0, 0, 0, 4, 1}}},
    {"a gap of a sample", 100, {{0, 10}, {110000, 10}},
        {{0, 0, 0, 10, 10}, {110000, 10, 10, 10, 10}}},
    {"an overlap at the end: the later block has it", 100, {{0, 10}, {50000, 10}},
        {{0, 0, 0, 5, 10}, {50000, 10, 10, 10, 10}}},
    {"less than a sample of overlap takes nothing", 100, {{0, 10}, {95000, 10}},
        {{0, 0, 0, 10, 10}, {95000, 10, 10, 10, 10}}},
    {"one in the middle of another", 100, {{0, 30}, {100000, 10}},
        {{0, 0, 0, 10, 30}, {100000, 30, 30, 10, 10}, {0, 0, 20, 10, 30}}},
    {"the same time twice: the later has all", 100, {{0, 10}, {0, 10}}, {{0, 10, 10, 10, 10}}},
    {"the same stretch again, rounded times", 333.3, {{7, 10}, {30010, 10}, {7, 10}},
        {{7, 20, 20, 10, 10}, {7, 0, 10, 10, 10}}},
    {"a shorter one at the same time", 100, {{0, 10}, {0, 4}},
        {{0, 10, 10, 4, 4}, {0, 0, 4, 6, 10}}},
    {"out of order", 100, {{500000, 10}, {0, 10}},
        {{0, 10, 10, 10, 10}, {500000, 0, 0, 10, 10}}},
    {"out of order and overlapping: the later in the file wins its end", 100,
        {{50000, 10}, {0, 10}}, {{0, 10, 10, 10, 10}, {50000, 0, 5, 5, 10}}},
    {"three upon one another", 100, {{0, 30}, {50000, 20}, {100000, 5}},
        {{0, 0, 0, 5, 30}, {50000, 30, 30, 5, 20}, {100000, 50, 50, 5, 5}, {50000, 30, 40, 10, 20},
         {0, 0, 25, 5, 30}}},
    {"covered by one that begins before and is later", 100, {{50000, 5}, {0, 30}},
        {{0, 5, 5, 30, 30}}},
    {"before 1970", 100, {{-200000, 10}, {-100000, 10}}, {{-200000, 0, 0, 20, 10}}},
    {"far from one another", 1e-6, {{-((int64_t)1 << 60), 10}, {(int64_t)1 << 60, 10}},
        {{-((int64_t)1 << 60), 0, 0, 10, 10}, {(int64_t)1 << 60, 10, 10, 10, 10}}},
    {"faster than the clock counts", 1e7, {{0, 10}, {1, 10}, {2, 10}}, {{0, 0, 0, 30, 10}}},
};
/* clang-format on */

static size_t lay_out(const struct row *row, struct index_block *blocks)
{
    int64_t first = 0;
    size_t n = 0;

    for (; n < MOST && row->block[n].n > 0; n++) {
        blocks[n] = (struct index_block){
            .start_uutc = row->block[n].start,
            .first_sample = first,
            .n_samples = row->block[n].n,
        };
        first += row->block[n].n;
    }
    return n;
}

static void blocks_become_runs(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct row *row = &rows[i];
        struct index_block blocks[MOST];
        struct mef3_run *runs;
        size_t n_runs;
        size_t n = lay_out(row, blocks);
        assert_row_int(runs_build(blocks, n, row->rate, &runs, &n_runs), MEF3_OK, row->why);
        for (size_t k = 0; k < n_runs && k < MOST; k++) {
            assert_row_int(runs[k].origin_uutc, row->run[k].origin_uutc, row->why);
            assert_row_int(runs[k].origin_sample, row->run[k].origin_sample, row->why);
            assert_row_int(runs[k].first_sample, row->run[k].first_sample, row->why);
            assert_row_int(runs[k].n_samples, row->run[k].n_samples, row->why);
            assert_row_int(runs[k].block_samples, row->run[k].block_samples, row->why);
        }
        assert_row(n_runs == MOST || row->run[n_runs].n_samples == 0, row->why);
        assert_row(n_runs == 0 || row->run[n_runs - 1].n_samples > 0, row->why);
        free(runs);
    }
}

/* The plain way: a grid of samples on which every block, in the order of the
 * file, writes its numbers. */
enum { GRID = 400, RANDOM_BLOCKS = 24 };

static void random_overlaps_agree_with_writing_one_after_another(void **state)
{
    uint32_t random = 1;

    (void)state;
    for (int round = 0; round < 2000; round++) {
        struct index_block blocks[RANDOM_BLOCKS];
        int64_t plain[GRID];
        int64_t swept[GRID];
        struct mef3_run *runs;
        size_t n_runs;
        int64_t first = 0;
        for (size_t i = 0; i < GRID; i++)
            plain[i] = swept[i] = -1;
        for (size_t k = 0; k < RANDOM_BLOCKS; k++) {
            random = random * 1664525 + 1013904223;
            int64_t at = random >> 8 & 0xFF;
            uint32_t n = 1 + (random >> 20) % 40;
            blocks[k] = (struct index_block){
                .start_uutc = at * 10000, .first_sample = first, .n_samples = n};
            for (uint32_t i = 0; i < n; i++)
                plain[at + i] = first + i;
            first += n;
        }
        assert_int_equal(runs_build(blocks, RANDOM_BLOCKS, 100, &runs, &n_runs), MEF3_OK);
        for (size_t k = 0; k < n_runs; k++) {
            int64_t at = mef3_time_to_index(runs[k].origin_uutc, 0, 100) + runs[k].first_sample -
                         runs[k].origin_sample;
            for (int64_t i = 0; i < runs[k].n_samples; i++) {
                assert_int_equal(swept[at + i], -1); /* disjoint */
                swept[at + i] = runs[k].first_sample + i;
            }
        }
        assert_memory_equal(swept, plain, sizeof plain);
        free(runs);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_become_runs),
        cmocka_unit_test(random_overlaps_agree_with_writing_one_after_another),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

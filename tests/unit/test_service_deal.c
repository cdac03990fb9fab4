/* test_service_deal.c - the work for a message goes to all workers, in jobs of some size. */
#include "help/paged_recording.h"
#include "help/service_bench.h"
#include "help/test.h"

static void range(struct bench *bench, int64_t start_s, int64_t end_s)
{
    struct reader reader;

    reader_range(&reader, bench, "/r.mefd", NULL, 0, AT(start_s), AT(end_s));
    readers_finish(bench, &reader, 1);
    reader_check(&reader, RECORDING, BOTH, 2, AT(start_s), AT(end_s));
    reader_free(&reader);
}

static int set_up(void **state)
{
    int status = bench_set_up(state);
    struct bench *bench = *state;

    bench->recordings = RECORDING;
    bench->n_recordings = 1;
    bench->parts.ahead_pages = 0;
    bench->parts.ahead_ranges = 0;
    bench->parts.behind_ranges = 0;
    bench_restart(bench, 64 << 20, 10, 100, false);
    assert_int_equal(bench_open(bench, "/r.mefd").pull, PULL_HERE);
    return status;
}

static void what_is_needed_now_is_dealt_out_to_all_workers(void **state)
{
    static const struct {
        const char *why;
        int64_t first_s, end_s;
        unsigned n_jobs;
    } row[] = {
        {"enough for all", 0, 40, BENCH_WORKERS},
        {"enough for two", 100, 116, 2},
        {"too little to divide", 200, 205, 1},
        {"nothing, it is there", 200, 205, 0},
    };
    struct bench *bench = *state;

    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        unsigned n_before = bench->n_jobs[JOB_DECODE];
        range(bench, row[i].first_s, row[i].end_s);
        assert_row_int(bench->n_jobs[JOB_DECODE] - n_before, row[i].n_jobs, row[i].why);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_needed_now_is_dealt_out_to_all_workers, set_up,
                                        bench_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

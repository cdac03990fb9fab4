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
    bench->parts.look_ms = 1 << 30; /* nothing changes on disk */
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

static struct waits waits_of(const struct reader *reader)
{
    struct read_figures figures;

    read_figures(reader->read, &figures);
    return figures.waits;
}

static void what_no_worker_has_yet_waits_in_the_queue_and_what_one_has_does_not(void **state)
{
    struct bench *bench = *state;
    struct reader readers[2];

    range(bench, 0, 1); /* the index is known */
    bench->is_held = true;
    for (int64_t i = 0; i < 2; i++) {
        reader_range(&readers[i], bench, "/r.mefd", NULL, 0, AT(100 + 40 * i), AT(140 + 40 * i));
        reader_pull(&readers[i], 1);
        assert_int_equal(readers[i].n_messages, 0);
    }
    const struct waits busy = waits_of(&readers[0]), queued = waits_of(&readers[1]);
    assert_int_equal(pool_counters(bench->parts.pool).busy, BENCH_WORKERS);
    assert_true(busy.working_ns > 0);
    assert_true(queued.queueing_ns > 0);
    assert_int_equal(queued.working_ns, 0);
    assert_int_equal(queued.opening_ns, 0);

    bench->is_held = false;
    readers_finish(bench, readers, 2);
    assert_true(waits_of(&readers[1]).working_ns > 0);
    assert_true(waits_of(&readers[1]).queueing_ns >= queued.queueing_ns);
    for (int i = 0; i < 2; i++)
        reader_free(&readers[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_needed_now_is_dealt_out_to_all_workers, set_up,
                                        bench_tear_down),
        cmocka_unit_test_setup_teardown(
            what_no_worker_has_yet_waits_in_the_queue_and_what_one_has_does_not, set_up,
            bench_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

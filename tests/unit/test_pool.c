/* test_pool.c - jobs to workers, answers back, and what happens when a worker is lost. */
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "help/pool_bench.h"
#include "help/test.h"

static void a_job_goes_out_and_its_answers_come_back(void **state)
{
    struct pool_bench *bench = *state;
    struct fake_worker *worker = pool_bench_worker(bench);
    struct noted *noted = pool_bench_submit(bench, 1, POOL_NOW);

    assert_true(fake_worker_take(worker));
    assert_string_equal(worker->job.path, "/a.mefd");
    assert_int_equal(noted->starts, 1);
    fake_worker_answer(worker, (struct answer){.kind = ANSWER_DAMAGE, .item = {.text = "bad"}});
    pool_bench_turn(bench);
    assert_int_equal(noted->answers, 1);
    assert_int_equal(noted->dones, 0);
    fake_worker_done(worker, MEF3_ECHANGED, "it changed");
    pool_bench_turn(bench);
    assert_int_equal(noted->dones, 1);
    assert_int_equal(noted->status, MEF3_ECHANGED);
    assert_string_equal(noted->text, "it changed");
    struct pool_counters counters = pool_counters(bench->pool);
    assert_true(counters.jobs == 1 && counters.busy == 0 && counters.queued == 0);
}

static void jobs_wait_until_there_is_a_worker(void **state)
{
    struct pool_bench *bench = *state;

    pool_bench_submit(bench, 1, POOL_NOW);
    assert_int_equal(pool_counters(bench->pool).queued, 1);
    assert_int_equal(pool_size(bench->pool), 1); /* so that it can divide */
    struct fake_worker *worker = pool_bench_worker(bench);
    assert_true(fake_worker_take(worker));
    assert_int_equal(pool_counters(bench->pool).busy, 1);
}

static void a_worker_has_one_job_at_a_time(void **state)
{
    struct pool_bench *bench = *state;
    struct fake_worker *worker = pool_bench_worker(bench);

    pool_bench_submit(bench, 1, POOL_NOW);
    pool_bench_submit(bench, 1, POOL_NOW);
    assert_true(fake_worker_take(worker));
    pool_bench_turn(bench);
    assert_false(fake_worker_take(worker));
    uint32_t first = worker->job.id;
    fake_worker_done(worker, MEF3_OK, "");
    pool_bench_turn(bench);
    assert_true(fake_worker_take(worker));
    assert_int_not_equal(worker->job.id, first);
}

static void what_is_needed_now_goes_before_what_is_read_ahead(void **state)
{
    struct pool_bench *bench = *state;
    struct noted *ahead = pool_bench_submit(bench, 1, POOL_AHEAD),
                 *other = pool_bench_submit(bench, 1, POOL_AHEAD);
    struct noted *now = pool_bench_submit(bench, 1, POOL_NOW),
                 *later = pool_bench_submit(bench, 1, POOL_NOW);
    struct noted *const order[] = {now, later, ahead, other};
    struct fake_worker *worker = pool_bench_worker(bench);

    for (int i = 0; i < 4; i++) {
        assert_true(fake_worker_take(worker));
        fake_worker_done(worker, MEF3_OK, "");
        pool_bench_turn(bench);
        for (int k = 0; k < 4; k++)
            assert_int_equal(order[k]->dones, k <= i);
    }
}

static void a_worker_that_knows_the_recording_is_preferred(void **state)
{
    struct pool_bench *bench = *state;
    struct fake_worker *one = pool_bench_worker(bench), *other = pool_bench_worker(bench);
    struct fake_worker *of[2];

    pool_bench_submit(bench, 100, POOL_NOW);
    pool_bench_submit(bench, 101, POOL_NOW);
    assert_true(fake_worker_take(one) && fake_worker_take(other));
    of[0] = bench->noted[0].job.message.id == one->job.id ? one : other;
    of[1] = of[0] == one ? other : one;
    fake_worker_done(one, MEF3_OK, "");
    fake_worker_done(other, MEF3_OK, "");
    pool_bench_turn(bench);
    for (uint64_t i = 0; i < 6; i++) { /* both are idle each time */
        uint64_t which = (i / 2 + i) % 2;
        pool_bench_submit(bench, 100 + which, POOL_NOW);
        assert_true(fake_worker_take(of[which]));
        fake_worker_done(of[which], MEF3_OK, "");
        pool_bench_turn(bench);
    }
    pool_bench_submit(bench, 100, POOL_NOW);
    pool_bench_submit(bench, 100, POOL_NOW); /* better another worker than none */
    assert_true(fake_worker_take(one) && fake_worker_take(other));
}

static void a_lost_job_is_done_by_another_and_hears_it_start_anew(void **state)
{
    struct pool_bench *bench = *state;
    struct fake_worker *one = pool_bench_worker(bench);
    struct noted *noted = pool_bench_submit(bench, 1, POOL_NOW),
                 *next = pool_bench_submit(bench, 1, POOL_NOW);

    assert_true(fake_worker_take(one));
    fake_worker_answer(one, (struct answer){.kind = ANSWER_DAMAGE, .item = {.text = ""}});
    fake_worker_end(one);
    pool_bench_turn(bench);
    assert_int_equal(noted->dones, 0);
    assert_int_equal(pool_counters(bench->pool).workers, 0);
    assert_int_equal(pool_counters(bench->pool).queued, 2);
    struct fake_worker *other = pool_bench_worker(bench);
    assert_true(fake_worker_take(other));
    assert_int_equal(noted->starts, 2); /* it keeps its place */
    assert_int_equal(noted->answers, 0);
    assert_int_equal(next->starts, 0);
    fake_worker_done(other, MEF3_OK, "");
    pool_bench_turn(bench);
    assert_int_equal(noted->dones, 1);
    assert_int_equal(noted->status, MEF3_OK);
}

static void a_job_that_ends_two_workers_is_over(void **state)
{
    struct pool_bench *bench = *state;
    struct noted *noted = pool_bench_submit(bench, 1, POOL_NOW);

    for (int i = 0; i < 2; i++) {
        struct fake_worker *worker = pool_bench_worker(bench);
        assert_true(fake_worker_take(worker));
        fake_worker_end(worker);
        pool_bench_turn(bench);
    }
    assert_int_equal(noted->dones, 1);
    assert_int_equal(noted->status, POOL_LOST);
    assert_int_equal(pool_counters(bench->pool).workers_lost, 2);
    assert_int_equal(pool_counters(bench->pool).queued, 0);
    assert_false(fake_worker_take(pool_bench_worker(bench)));
}

/* Workers that ended while they were idle, before the loop saw it. */
static void a_job_that_no_worker_got_is_not_lost_with_it(void **state)
{
    struct pool_bench *bench = *state;

    for (int i = 0; i < 5; i++)
        fake_worker_end(pool_bench_worker(bench));
    struct noted *noted = pool_bench_submit(bench, 1, POOL_NOW);
    pool_bench_turn(bench);
    assert_int_equal(noted->dones, 0);
    assert_int_equal(pool_counters(bench->pool).workers, 0);
    assert_int_equal(pool_counters(bench->pool).busy, 0);
    struct fake_worker *worker = pool_bench_worker(bench);
    assert_true(fake_worker_take(worker));
    fake_worker_done(worker, MEF3_OK, "");
    pool_bench_turn(bench);
    assert_int_equal(noted->dones, 1);
    assert_int_equal(noted->status, MEF3_OK);
}

static void an_idle_worker_that_ends_is_forgotten(void **state)
{
    struct pool_bench *bench = *state;

    pool_bench_worker(bench);
    fake_worker_end(&bench->worker[0]);
    pool_bench_turn(bench);
    assert_int_equal(pool_counters(bench->pool).workers, 0);
}

static void a_job_nobody_wants_any_more_is_dropped(void **state)
{
    struct pool_bench *bench = *state;
    struct noted *unwanted = pool_bench_submit(bench, 1, POOL_NOW),
                 *wanted = pool_bench_submit(bench, 1, POOL_NOW);

    unwanted->unwanted = true;
    struct fake_worker *worker = pool_bench_worker(bench);
    assert_int_equal(unwanted->dones, 1);
    assert_int_equal(unwanted->status, POOL_DROPPED);
    assert_int_equal(unwanted->starts, 0);
    assert_int_equal(wanted->starts, 1);
    assert_true(fake_worker_take(worker));
    assert_false(fake_worker_take(worker));
    assert_int_equal(pool_counters(bench->pool).dropped, 1);
}

/* What each of these says ends it; its job is another's. */
static void a_worker_that_talks_nonsense_is_lost(void **state)
{
    static const uint8_t UNKNOWN_KIND[8] = {99, 0, 0, 0, 1, 0, 0, 0};
    static const uint8_t SHORT[3] = {ANSWER_DONE, 0, 0};
    static uint8_t LONG[CHANNEL_MAX + 1];
    static const struct {
        const char *why;
        const void *bytes; /* NULL: a proper answer, but of another job */
        size_t n;
    } row[] = {
        {"an unknown kind", UNKNOWN_KIND, sizeof UNKNOWN_KIND},
        {"less than an answer", SHORT, sizeof SHORT},
        {"more than any message", LONG, sizeof LONG},
        {"an answer to another job", NULL, 0},
    };
    struct pool_bench *bench = *state;

    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        struct noted *noted = pool_bench_submit(bench, 1, POOL_NOW);
        bench->n_workers = 0;
        struct fake_worker *worker = pool_bench_worker(bench);
        assert_row(fake_worker_take(worker), row[i].why);
        worker->job.id += 77;
        if (row[i].bytes)
            fake_worker_say(worker, row[i].bytes, row[i].n);
        else
            fake_worker_done(worker, MEF3_OK, "");
        pool_bench_turn(bench);
        assert_row_int(pool_counters(bench->pool).workers, 0, row[i].why);
        assert_row_int(noted->dones, 0, row[i].why);
        fake_worker_end(worker);
        bench->n_workers = 0;
        worker = pool_bench_worker(bench);
        assert_row(fake_worker_take(worker), row[i].why);
        fake_worker_done(worker, MEF3_OK, "");
        pool_bench_turn(bench);
        assert_row_int(noted->dones, 1, row[i].why);
        fake_worker_end(worker);
        pool_bench_turn(bench);
    }
}

static void a_worker_that_speaks_unasked_is_lost(void **state)
{
    struct pool_bench *bench = *state;
    struct fake_worker *worker = pool_bench_worker(bench);

    fake_worker_done(worker, MEF3_OK, "");
    pool_bench_turn(bench);
    assert_int_equal(pool_counters(bench->pool).workers, 0);
}

static void a_job_may_submit_another_when_it_is_done(void **state)
{
    struct pool_bench *bench = *state;
    struct fake_worker *worker = pool_bench_worker(bench);
    struct noted *noted = pool_bench_submit(bench, 1, POOL_NOW), *next = pool_bench_job(bench, 1);

    noted->submits = next;
    assert_true(fake_worker_take(worker));
    fake_worker_done(worker, MEF3_ENOENT, "it does not exist any more");
    pool_bench_turn(bench);
    assert_string_equal(noted->text, "it does not exist any more");
    assert_true(fake_worker_take(worker));
    assert_int_equal(next->starts, 1);
}

static void a_dropped_and_a_lost_job_may_submit_another_too(void **state)
{
    struct pool_bench *bench = *state;
    struct noted *dropped = pool_bench_submit(bench, 1, POOL_NOW),
                 *lost = pool_bench_submit(bench, 1, POOL_NOW);
    struct noted *after_dropped = pool_bench_job(bench, 1), *after_lost = pool_bench_job(bench, 1);

    dropped->unwanted = true;
    dropped->submits = after_dropped;
    lost->submits = after_lost;
    for (int i = 0; i < 2; i++) {
        struct fake_worker *worker = pool_bench_worker(bench);
        assert_true(fake_worker_take(worker));
        fake_worker_end(worker);
        pool_bench_turn(bench);
    }
    assert_int_equal(lost->status, POOL_LOST);
    assert_int_equal(pool_counters(bench->pool).queued, 2);
    assert_true(fake_worker_take(pool_bench_worker(bench)));
    assert_true(fake_worker_take(pool_bench_worker(bench)));
    assert_true(after_dropped->starts == 1 && after_lost->starts == 1);
}

static void a_job_that_fits_no_message_is_refused(void **state)
{
    struct pool_bench *bench = *state;
    struct fake_worker *worker = pool_bench_worker(bench);
    struct noted *noted = pool_bench_job(bench, 1);
    char *path = malloc(CHANNEL_MAX + 1);

    memset(path, 'x', CHANNEL_MAX);
    path[CHANNEL_MAX] = '\0';
    noted->job.message.path = path;
    pool_submit(bench->pool, &noted->job, POOL_NOW);
    assert_int_equal(noted->dones, 1);
    assert_int_equal(noted->status, MEF3_ELIMIT);
    pool_bench_submit(bench, 1, POOL_NOW);
    assert_true(fake_worker_take(worker));
    free(path);
}

/* More answers than are taken in one turn of the loop. */
static void a_thousand_answers_all_arrive_in_order(void **state)
{
    struct pool_bench *bench = *state;
    struct fake_worker *worker = pool_bench_worker(bench);
    struct noted *noted = pool_bench_submit(bench, 1, POOL_NOW);

    assert_true(fake_worker_take(worker));
    for (unsigned i = 0; i < 1000;) {
        if (fake_worker_answer(worker,
                               (struct answer){.kind = ANSWER_DAMAGE, .item = {.text = "x"}}))
            i++;
        else
            pool_bench_turn(bench); /* the channel is full */
    }
    for (int i = 0; i < 20; i++)
        pool_bench_turn(bench);
    fake_worker_done(worker, MEF3_OK, "");
    pool_bench_turn(bench);
    assert_int_equal(noted->answers, 1000);
    assert_int_equal(noted->dones, 1);
}

static void freeing_the_pool_drops_every_job(void **state)
{
    struct pool_bench *bench = *state;
    struct fake_worker *worker = pool_bench_worker(bench);
    struct noted *running = pool_bench_submit(bench, 1, POOL_NOW),
                 *queued = pool_bench_submit(bench, 1, POOL_AHEAD);
    struct noted *last = pool_bench_job(bench, 1);

    running->submits = last; /* too late */
    assert_true(fake_worker_take(worker));
    pool_free(bench->pool);
    bench->pool = NULL;
    assert_true(running->dones == 1 && running->status == POOL_DROPPED);
    assert_true(queued->dones == 1 && queued->status == POOL_DROPPED);
    assert_true(last->dones == 1 && last->starts == 0);
}

static struct pool_worker place_of(struct pool_bench *bench, unsigned slot)
{
    struct pool_worker workers[POOL_MOST_PLACES];
    size_t n = pool_workers(bench->pool, workers, POOL_MOST_PLACES);

    for (size_t i = 0; i < n; i++)
        if (workers[i].slot == slot)
            return workers[i];
    return (struct pool_worker){.state = "none"};
}

static void a_place_tells_who_is_in_it_and_how_often_it_was_filled_again(void **state)
{
    struct pool_bench *bench = *state;
    struct fake_worker *worker = pool_bench_worker(bench), again;

    assert_string_equal(place_of(bench, 0).state, "idle");
    assert_int_equal(place_of(bench, 0).pid, 100);
    struct noted *noted = pool_bench_job(bench, 1);
    noted->job.message.path = "/data/a.mefd";
    pool_submit(bench->pool, &noted->job, POOL_NOW);
    assert_string_equal(place_of(bench, 0).state, "busy");
    assert_string_equal(place_of(bench, 0).path, "/data/a.mefd");
    assert_int_equal(place_of(bench, 0).jobs, 1);

    fake_worker_end(worker);
    pool_bench_turn(bench);
    assert_string_equal(place_of(bench, 0).state, "lost");
    assert_int_equal(place_of(bench, 0).pid, 100);
    assert_null(place_of(bench, 0).path);
    assert_int_equal(place_of(bench, 0).restarts, 0);

    assert_int_equal(pool_add_worker(bench->pool, fake_worker_init(&again), 0, 200), 0);
    assert_string_equal(place_of(bench, 0).state, "busy"); /* it has the lost one's job */
    assert_int_equal(place_of(bench, 0).pid, 200);
    assert_int_equal(place_of(bench, 0).restarts, 1);
    assert_int_equal(place_of(bench, 0).jobs, 2);
    assert_string_equal(place_of(bench, 1).state, "none");
    fake_worker_end(&again);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, pool_bench_set_up, pool_bench_tear_down)
        TEST(a_job_goes_out_and_its_answers_come_back),
        TEST(jobs_wait_until_there_is_a_worker),
        TEST(a_worker_has_one_job_at_a_time),
        TEST(what_is_needed_now_goes_before_what_is_read_ahead),
        TEST(a_worker_that_knows_the_recording_is_preferred),
        TEST(a_lost_job_is_done_by_another_and_hears_it_start_anew),
        TEST(a_job_that_ends_two_workers_is_over),
        TEST(a_job_that_no_worker_got_is_not_lost_with_it),
        TEST(an_idle_worker_that_ends_is_forgotten),
        TEST(a_job_nobody_wants_any_more_is_dropped),
        TEST(a_worker_that_talks_nonsense_is_lost),
        TEST(a_worker_that_speaks_unasked_is_lost),
        TEST(a_job_may_submit_another_when_it_is_done),
        TEST(a_dropped_and_a_lost_job_may_submit_another_too),
        TEST(a_job_that_fits_no_message_is_refused),
        TEST(a_thousand_answers_all_arrive_in_order),
        TEST(freeing_the_pool_drops_every_job),
        TEST(a_place_tells_who_is_in_it_and_how_often_it_was_filled_again),
#undef TEST
    };

    log_start("test", LOG_ERROR);
    return cmocka_run_group_tests(tests, NULL, NULL);
}

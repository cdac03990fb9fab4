/* test_pool_limits.c - workers that hang, crash or are killed, none at all, more and fewer. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/log.h"
#include "help/pool_bench.h"
#include "help/test.h"

/* What the pool asked of the supervisor. */
static struct {
    unsigned kills, mores, retires;
    unsigned slot;
    uint32_t pid;
} wish;

static void on_kill(void *arg, unsigned slot, uint32_t pid)
{
    (void)arg;
    wish.kills++;
    wish.slot = slot;
    wish.pid = pid;
}

static void on_more(void *arg)
{
    (void)arg;
    wish.mores++;
}

static void on_retire(void *arg, unsigned slot, uint32_t pid)
{
    (void)arg;
    wish.retires++;
    wish.slot = slot;
    wish.pid = pid;
}

/* Far from what any test needs; each shortens the one it is about. */
enum { LONG_MS = 1000000 };
static const struct pool_limits LONG = {
    .job_ms = LONG_MS, .wait_ms = LONG_MS, .busy_ms = LONG_MS, .idle_ms = LONG_MS};

static int set_up(void **state)
{
    memset(&wish, 0, sizeof wish);
    if (pool_bench_set_up(state) < 0)
        return -1;
    struct pool_bench *bench = *state;
    pool_set_limits(bench->pool, &LONG);
    pool_set_crew(bench->pool, &(struct pool_crew){on_kill, on_more, on_retire, NULL, NULL});
    return 0;
}

/* Turns the loop until it is so; it must become so in the end. */
#define UNTIL(bench, is_so)                        \
    do {                                           \
        time_t patience = time(NULL) + 60;         \
        while (!(is_so)) {                         \
            assert_true(time(NULL) < patience);    \
            uv_sleep(1);                           \
            uv_run(&(bench)->loop, UV_RUN_NOWAIT); \
        }                                          \
    } while (0)

static bool say_hello(struct fake_worker *worker)
{
    worker->job.id = 0;
    return fake_worker_answer(worker, (struct answer){.kind = ANSWER_HELLO});
}

static struct fake_worker *add_ready(struct pool_bench *bench)
{
    struct fake_worker *worker = pool_bench_worker(bench);

    assert_true(say_hello(worker));
    pool_bench_turn(bench);
    return worker;
}

static void a_worker_gets_jobs_when_it_has_said_that_it_is_there(void **state)
{
    struct pool_bench *bench = *state;
    struct noted *noted = pool_bench_submit(bench, 1, POOL_NOW);
    struct fake_worker *worker = pool_bench_worker(bench);

    pool_bench_turn(bench);
    assert_int_equal(noted->starts, 0);
    assert_int_equal(pool_counters(bench->pool).workers, 0);
    assert_true(say_hello(worker));
    pool_bench_turn(bench);
    assert_int_equal(pool_counters(bench->pool).workers, 1);
    assert_ptr_equal(pool_bench_serve(bench, worker), noted);
}

static void one_that_never_says_so_is_killed(void **state)
{
    struct pool_bench *bench = *state;
    struct pool_limits limits = LONG;

    limits.job_ms = 5;
    pool_set_limits(bench->pool, &limits);
    pool_bench_worker(bench);
    UNTIL(bench, wish.kills == 1);
    assert_int_equal(wish.pid, 100);
}

static void a_worker_that_says_nothing_is_killed_and_its_job_goes_to_another(void **state)
{
    struct pool_bench *bench = *state;
    struct pool_limits limits = LONG;
    struct fake_worker *stuck = add_ready(bench);
    struct noted *noted = pool_bench_submit(bench, 1, POOL_NOW);

    limits.job_ms = 20;
    pool_set_limits(bench->pool, &limits);
    assert_true(fake_worker_take(stuck));
    UNTIL(bench, wish.kills == 1);
    assert_int_equal(wish.slot, 0);
    assert_int_equal(wish.pid, 100);
    assert_int_equal(pool_counters(bench->pool).workers_stuck, 1);
    assert_int_equal(pool_counters(bench->pool).workers, 0);
    pool_set_limits(bench->pool, &LONG);
    struct fake_worker *other = add_ready(bench);
    assert_int_equal(noted->starts, 1);   /* the first may still write to the arena */
    fake_worker_done(stuck, MEF3_OK, ""); /* nor is what it says believed */
    pool_bench_turn(bench);
    assert_int_equal(noted->dones, 0);
    fake_worker_end(stuck);
    pool_worker_ended(bench->pool, 0, 100, true);
    pool_bench_turn(bench);
    assert_ptr_equal(pool_bench_serve(bench, other), noted);
    assert_int_equal(noted->status, MEF3_OK);
    assert_int_equal(wish.kills, 1);
}

static void a_job_is_not_to_blame_for_workers_that_somebody_stops(void **state)
{
    struct pool_bench *bench = *state;
    struct pool_limits limits = LONG;
    struct noted *noted = pool_bench_submit(bench, 1, POOL_NOW);

    for (unsigned i = 0; i < 3; i++) {
        struct fake_worker *worker = add_ready(bench);
        limits.job_ms = 5;
        pool_set_limits(bench->pool, &limits);
        UNTIL(bench, wish.kills == i + 1);
        pool_set_limits(bench->pool, &LONG);
        fake_worker_end(worker);
        pool_bench_turn(bench);
        assert_int_equal(pool_counters(bench->pool).queued, 0); /* whose fault is not known yet */
        pool_worker_ended(bench->pool, i, 100 + i, false);
        assert_int_equal(pool_counters(bench->pool).queued, 1);
    }
    assert_ptr_equal(pool_bench_serve(bench, add_ready(bench)), noted);
    assert_int_equal(noted->status, MEF3_OK);
}

static void each_answer_gives_a_worker_more_time(void **state)
{
    struct pool_bench *bench = *state;
    struct pool_limits limits = LONG;
    struct fake_worker *worker = add_ready(bench);

    pool_bench_submit(bench, 1, POOL_NOW);
    limits.job_ms = 300;
    assert_true(fake_worker_take(worker));
    pool_set_limits(bench->pool, &limits);
    uint64_t end = uv_now(&bench->loop) + 700; /* more than twice as long in all */
    uint64_t last = uv_now(&bench->loop), longest = 0;
    while (uv_now(&bench->loop) < end) {
        assert_true(fake_worker_answer(
            worker, (struct answer){.kind = ANSWER_DAMAGE, .item = {.text = "slow"}}));
        uv_sleep(1);
        uv_run(&bench->loop, UV_RUN_NOWAIT);
        uint64_t pause = uv_now(&bench->loop) - last;
        longest = pause > longest ? pause : longest;
        last += pause;
    }
    if (longest > 100) /* the machine had other things to do: nothing is shown */
        skip();
    assert_int_equal(wish.kills, 0);
}

static void a_job_that_is_stuck_twice_is_over(void **state)
{
    struct pool_bench *bench = *state;
    struct pool_limits limits = LONG;
    struct noted *noted = pool_bench_submit(bench, 1, POOL_NOW);

    limits.job_ms = 5;
    pool_set_limits(bench->pool, &limits);
    for (unsigned i = 0; i < 2; i++) {
        struct fake_worker *worker = add_ready(bench);
        UNTIL(bench, wish.kills == i + 1);
        pool_worker_ended(bench->pool, i, 100 + i, true);
        fake_worker_end(worker);
        pool_bench_turn(bench);
    }
    assert_int_equal(noted->dones, 1);
    assert_int_equal(noted->status, POOL_LOST);
    assert_non_null(strstr(noted->text, "took longer"));
}

static void a_job_is_not_to_blame_for_workers_that_are_killed(void **state)
{
    struct pool_bench *bench = *state;
    struct noted *noted = pool_bench_submit(bench, 1, POOL_NOW);

    for (unsigned i = 0; i < 6; i++) {
        struct fake_worker *worker = add_ready(bench);
        assert_true(fake_worker_take(worker));
        fake_worker_end(worker);
        if (i % 2 == 0) /* the supervisor may be first to know, or the last */
            pool_worker_ended(bench->pool, i, 100 + i, false);
        pool_bench_turn(bench);
        if (i % 2) {
            assert_int_equal(pool_counters(bench->pool).queued, 0);
            pool_worker_ended(bench->pool, i, 100 + i, false);
        }
        assert_int_equal(pool_counters(bench->pool).queued, 1);
    }
    assert_ptr_equal(pool_bench_serve(bench, add_ready(bench)), noted);
    assert_int_equal(noted->status, MEF3_OK);
}

static void a_job_is_to_blame_for_two_that_crash(void **state)
{
    struct pool_bench *bench = *state;
    struct noted *noted = pool_bench_submit(bench, 1, POOL_NOW);

    for (unsigned i = 0; i < 3; i++) {
        struct fake_worker *worker = add_ready(bench);
        assert_true(fake_worker_take(worker));
        fake_worker_end(worker);
        pool_bench_turn(bench);
        assert_int_equal(noted->dones, 0);
        pool_worker_ended(bench->pool, 99, 100 + i, true); /* another one */
        pool_worker_ended(bench->pool, i, 99, true);
        assert_int_equal(pool_counters(bench->pool).queued, 0);
        pool_worker_ended(bench->pool, i, 100 + i, i != 1);
    }
    assert_int_equal(noted->dones, 1);
    assert_int_equal(noted->status, POOL_LOST);
}

static void an_answer_that_was_sent_before_the_end_counts(void **state)
{
    struct pool_bench *bench = *state;
    struct fake_worker *worker = add_ready(bench);
    struct noted *noted = pool_bench_submit(bench, 1, POOL_NOW);

    assert_true(fake_worker_take(worker));
    fake_worker_done(worker, MEF3_OK, "");
    fake_worker_end(worker);
    pool_worker_ended(bench->pool, 0, 100, true);
    pool_bench_turn(bench);
    assert_int_equal(noted->dones, 1);
    assert_int_equal(noted->status, MEF3_OK);
}

static void jobs_that_no_worker_comes_for_end_and_later_ones_are_done(void **state)
{
    struct pool_bench *bench = *state;
    struct pool_limits limits = LONG;
    struct noted *noted[4];

    for (uint64_t i = 0; i < 4; i++)
        noted[i] = pool_bench_submit_of(bench, i, i % 2 ? POOL_NOW : POOL_AHEAD);
    limits.wait_ms = 20;
    pool_set_limits(bench->pool, &limits);
    for (int i = 0; i < 4; i++) {
        UNTIL(bench, noted[i]->dones == 1);
        assert_int_equal(noted[i]->status, POOL_UNAVAILABLE);
    }
    assert_int_equal(pool_counters(bench->pool).given_up, 4);
    pool_set_limits(bench->pool, &LONG);
    struct noted *later = pool_bench_submit(bench, 1, POOL_NOW);
    assert_ptr_equal(pool_bench_serve(bench, add_ready(bench)), later);
}

static void one_more_is_asked_for_when_all_are_busy_for_long(void **state)
{
    struct pool_bench *bench = *state;
    struct pool_limits limits = LONG;
    struct fake_worker *worker = add_ready(bench);

    pool_bench_submit(bench, 1, POOL_NOW);
    pool_bench_submit(bench, 1, POOL_NOW);
    assert_true(fake_worker_take(worker));
    limits.busy_ms = limits.wait_ms = 10; /* its ticks are as short */
    limits.least = 1;
    limits.most = 2;
    pool_set_limits(bench->pool, &limits);
    UNTIL(bench, wish.mores == 1);
    add_ready(bench);
    pool_bench_submit(bench, 1, POOL_NOW);
    uint64_t end = uv_now(&bench->loop) + 50;
    UNTIL(bench, uv_now(&bench->loop) > end);
    assert_int_equal(wish.mores, 1); /* that was the most */
}

static void one_with_nothing_to_do_is_sent_away_down_to_the_least(void **state)
{
    struct pool_bench *bench = *state;
    struct pool_limits limits = LONG;
    struct fake_worker *busy = add_ready(bench);

    pool_bench_submit(bench, 1, POOL_NOW);
    add_ready(bench);
    add_ready(bench);
    limits.idle_ms = 5;
    limits.wait_ms = 10;
    limits.least = 1;
    limits.most = 3;
    pool_set_limits(bench->pool, &limits);
    UNTIL(bench, wish.retires == 2);
    assert_int_equal(pool_counters(bench->pool).workers, 1);
    pool_bench_turn(bench);
    uint8_t byte;
    assert_int_equal(channel_receive(bench->worker[1].channel, &byte, 1, NULL), CHANNEL_CLOSED);
    assert_non_null(pool_bench_serve(bench, busy));
    assert_int_equal(pool_counters(bench->pool).workers_lost, 0);
}

static void a_worker_knows_the_last_recordings_it_read(void **state)
{
    struct pool_bench *bench = *state;
    struct fake_worker *one = add_ready(bench), *other = add_ready(bench);

    pool_bench_submit(bench, 50, POOL_NOW);
    pool_bench_submit(bench, 60, POOL_NOW);
    assert_true(fake_worker_take(one) && fake_worker_take(other));
    bool one_has_50 = bench->noted[0].job.message.id == one->job.id;
    fake_worker_done(one, MEF3_OK, "");
    fake_worker_done(other, MEF3_OK, "");
    pool_bench_turn(bench);
    struct fake_worker *of_50 = one_has_50 ? one : other, *of_60 = one_has_50 ? other : one;
    for (uint64_t i = 0; i < 12; i++) { /* each recording again, and new ones with the first */
        uint64_t recording = i % 3 == 0 ? 50 : i % 3 == 1 ? 60 : 50;
        pool_bench_submit(bench, recording, POOL_NOW);
        assert_non_null(pool_bench_serve(bench, recording == 50 ? of_50 : of_60));
    }
}

int main(void)
{
    log_start("test", LOG_ERROR);
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, pool_bench_tear_down)
        TEST(a_worker_gets_jobs_when_it_has_said_that_it_is_there),
        TEST(one_that_never_says_so_is_killed),
        TEST(a_worker_that_says_nothing_is_killed_and_its_job_goes_to_another),
        TEST(each_answer_gives_a_worker_more_time),
        TEST(a_job_that_is_stuck_twice_is_over),
        TEST(a_job_is_not_to_blame_for_workers_that_somebody_stops),
        TEST(a_job_is_not_to_blame_for_workers_that_are_killed),
        TEST(a_job_is_to_blame_for_two_that_crash),
        TEST(an_answer_that_was_sent_before_the_end_counts),
        TEST(jobs_that_no_worker_comes_for_end_and_later_ones_are_done),
        TEST(one_more_is_asked_for_when_all_are_busy_for_long),
        TEST(one_with_nothing_to_do_is_sent_away_down_to_the_least),
        TEST(a_worker_knows_the_last_recordings_it_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

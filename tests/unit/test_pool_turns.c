/* test_pool_turns.c - whose job is next: lanes, turns between clients, promotion, withdrawal. */
#include "help/pool_bench.h"
#include "help/test.h"

enum { A = 1, B = 2, C = 3 };

static void clients_take_turns(void **state)
{
    struct pool_bench *bench = *state;
    struct noted *of_a[6], *of_b[2], *of_c;

    for (int i = 0; i < 6; i++)
        of_a[i] = pool_bench_submit_of(bench, A, POOL_NOW);
    for (int i = 0; i < 2; i++)
        of_b[i] = pool_bench_submit_of(bench, B, POOL_NOW);
    of_c = pool_bench_submit_of(bench, C, POOL_NOW);
    struct noted *const order[] = {of_a[0], of_b[0], of_c,    of_a[1], of_b[1],
                                   of_a[2], of_a[3], of_a[4], of_a[5]};
    struct fake_worker *worker = pool_bench_worker(bench);
    for (int i = 0; i < 9; i++)
        assert_ptr_equal(pool_bench_serve(bench, worker), order[i]);
    assert_null(pool_bench_serve(bench, worker));
}

static void who_comes_new_waits_only_for_what_is_running(void **state)
{
    struct pool_bench *bench = *state;
    struct fake_worker *worker = pool_bench_worker(bench);
    struct noted *of_a[8];

    for (int i = 0; i < 8; i++)
        of_a[i] = pool_bench_submit_of(bench, A, POOL_NOW);
    assert_ptr_equal(pool_bench_serve(bench, worker), of_a[0]);
    struct noted *of_b = pool_bench_submit_of(bench, B, POOL_NOW); /* of_a[1] is running */
    assert_ptr_equal(pool_bench_serve(bench, worker), of_a[1]);
    assert_ptr_equal(pool_bench_serve(bench, worker), of_b);
    assert_ptr_equal(pool_bench_serve(bench, worker), of_a[2]);
}

static void who_always_has_one_more_does_not_keep_the_others_waiting(void **state)
{
    struct pool_bench *bench = *state;
    struct noted *of_a[4];

    for (int i = 0; i < 4; i++)
        of_a[i] = pool_bench_submit_of(bench, A, POOL_NOW);
    for (int i = 0; i < 8; i++) {
        struct noted *of_b = pool_bench_job(bench, 1);
        of_b->job.client = B;
        if (i > 0)
            bench->noted[4 + i - 1].submits = of_b;
        else
            pool_submit(bench->pool, &of_b->job, POOL_NOW);
    }
    struct fake_worker *worker = pool_bench_worker(bench);
    for (int i = 0; i < 4; i++) {
        assert_ptr_equal(pool_bench_serve(bench, worker), of_a[i]);
        assert_int_equal(pool_bench_serve(bench, worker)->job.client, B);
    }
}

static void an_endless_row_of_new_clients_does_not_keep_one_waiting(void **state)
{
    struct pool_bench *bench = *state;
    struct fake_worker *worker = pool_bench_worker(bench);
    struct noted *first, *second;

    first = pool_bench_submit_of(bench, A, POOL_NOW);
    second = pool_bench_submit_of(bench, A, POOL_NOW);
    assert_ptr_equal(pool_bench_serve(bench, worker), first);
    unsigned n = 0;
    /* The one running now is the second; the third is kept from its turn. */
    struct noted *third = pool_bench_submit_of(bench, A, POOL_NOW);
    struct noted *again = pool_bench_job(bench, 1), *other = pool_bench_job(bench, 1);
    again->job.client = 1000;
    pool_submit(bench->pool, &again->job, POOL_NOW);
    assert_ptr_equal(pool_bench_serve(bench, worker), second);
    for (; third->dones == 0 && n < 1000; n++) { /* one is running, a newer one waits */
        struct noted *newer = n % 2 ? again : other;
        newer->job.client = 1001 + n;
        pool_submit(bench->pool, &newer->job, POOL_NOW);
        assert_non_null(pool_bench_serve(bench, worker));
    }
    assert_true(n < 1000);
}

static void a_lost_job_keeps_its_place_before_its_clients_others(void **state)
{
    struct pool_bench *bench = *state;
    struct fake_worker *worker = pool_bench_worker(bench);
    struct noted *lost = pool_bench_submit_of(bench, A, POOL_NOW);
    struct noted *next = pool_bench_submit_of(bench, A, POOL_NOW);

    assert_true(fake_worker_take(worker));
    fake_worker_end(worker);
    pool_bench_turn(bench);
    worker = pool_bench_worker(bench);
    assert_ptr_equal(pool_bench_serve(bench, worker), lost);
    assert_ptr_equal(pool_bench_serve(bench, worker), next);
}

static void what_is_read_ahead_leaves_a_worker_to_what_is_needed_now(void **state)
{
    struct pool_bench *bench = *state;
    struct fake_worker *one = pool_bench_worker(bench), *other = pool_bench_worker(bench);

    for (int i = 0; i < 3; i++)
        pool_bench_submit_of(bench, A, POOL_AHEAD);
    bool one_has = fake_worker_take(one), other_has = fake_worker_take(other);
    assert_true(one_has != other_has);
    pool_bench_submit_of(bench, B, POOL_NOW);
    assert_true(fake_worker_take(one_has ? other : one));
    assert_int_equal(pool_counters(bench->pool).queued_in[POOL_AHEAD], 2);
    fake_worker_done(one_has ? one : other, MEF3_OK, "");
    pool_bench_turn(bench);
    assert_true(fake_worker_take(one_has ? one : other));
}

static void a_single_worker_reads_ahead_too(void **state)
{
    struct pool_bench *bench = *state;
    struct fake_worker *worker = pool_bench_worker(bench);
    struct noted *ahead = pool_bench_submit_of(bench, A, POOL_AHEAD);

    assert_ptr_equal(pool_bench_serve(bench, worker), ahead);
}

static void a_promoted_job_is_the_first_of_who_needs_it_now(void **state)
{
    struct pool_bench *bench = *state;
    struct noted *ahead[3], *now, *of_b;

    for (int i = 0; i < 3; i++)
        ahead[i] = pool_bench_submit_of(bench, A, POOL_AHEAD);
    now = pool_bench_submit_of(bench, A, POOL_NOW);
    of_b = pool_bench_submit_of(bench, B, POOL_NOW);
    pool_promote(bench->pool, &ahead[1]->job, B);
    assert_int_equal(pool_counters(bench->pool).promoted, 1);
    assert_int_equal(ahead[1]->job.lane, POOL_NOW);
    struct noted *const order[] = {now, ahead[1], of_b, ahead[0], ahead[2]};
    struct fake_worker *worker = pool_bench_worker(bench);
    for (int i = 0; i < 5; i++)
        assert_ptr_equal(pool_bench_serve(bench, worker), order[i]);
}

static void promotion_takes_a_job_from_a_longer_queue_of_the_same_lane(void **state)
{
    struct pool_bench *bench = *state;
    struct noted *of_a[4];

    for (int i = 0; i < 4; i++)
        of_a[i] = pool_bench_submit_of(bench, A, POOL_NOW);
    pool_promote(bench->pool, &of_a[3]->job, B);
    assert_int_equal(pool_counters(bench->pool).promoted, 0);
    struct fake_worker *worker = pool_bench_worker(bench);
    assert_ptr_equal(pool_bench_serve(bench, worker), of_a[0]);
    assert_ptr_equal(pool_bench_serve(bench, worker), of_a[3]);
    assert_ptr_equal(pool_bench_serve(bench, worker), of_a[1]);
}

static void a_promoted_job_gets_the_worker_that_was_kept_for_now(void **state)
{
    struct pool_bench *bench = *state;
    struct fake_worker *one = pool_bench_worker(bench), *other = pool_bench_worker(bench);
    struct noted *running = pool_bench_submit_of(bench, A, POOL_AHEAD);
    struct noted *queued = pool_bench_submit_of(bench, A, POOL_AHEAD);

    pool_promote(bench->pool, &running->job, B); /* no effect */
    assert_int_equal(running->job.lane, POOL_AHEAD);
    assert_int_equal(queued->starts, 0);
    pool_promote(bench->pool, &queued->job, B);
    assert_int_equal(queued->starts, 1);
    assert_true(fake_worker_take(one) && fake_worker_take(other));
    fake_worker_done(one, MEF3_OK, "");
    fake_worker_done(other, MEF3_OK, "");
    pool_bench_turn(bench);
    pool_promote(bench->pool, &queued->job, B); /* nor on one that is done */
    assert_int_equal(queued->dones, 1);
    assert_int_equal(pool_counters(bench->pool).queued, 0);
}

static void a_withdrawn_job_is_dropped_at_once(void **state)
{
    struct pool_bench *bench = *state;
    struct fake_worker *worker = pool_bench_worker(bench);
    struct noted *running = pool_bench_submit_of(bench, A, POOL_NOW);
    struct noted *queued = pool_bench_submit_of(bench, A, POOL_NOW);
    struct noted *after = pool_bench_submit_of(bench, A, POOL_NOW);

    assert_false(pool_withdraw(bench->pool, &running->job));
    assert_true(pool_withdraw(bench->pool, &queued->job));
    assert_true(queued->dones == 1 && queued->status == POOL_DROPPED && queued->starts == 0);
    assert_false(pool_withdraw(bench->pool, &queued->job));
    assert_int_equal(queued->dones, 1);
    assert_ptr_equal(pool_bench_serve(bench, worker), running);
    assert_ptr_equal(pool_bench_serve(bench, worker), after);
    assert_false(pool_withdraw(bench->pool, &after->job));
    assert_int_equal(pool_counters(bench->pool).dropped, 1);
}

static void what_a_client_wants_no_more_leaves_the_queue(void **state)
{
    struct pool_bench *bench = *state;
    struct noted *kept = pool_bench_submit_of(bench, A, POOL_NOW);
    struct noted *gone = pool_bench_submit_of(bench, A, POOL_NOW);
    struct noted *ahead = pool_bench_submit_of(bench, A, POOL_AHEAD);
    struct noted *others = pool_bench_submit_of(bench, B, POOL_NOW);
    struct noted *more = pool_bench_job(bench, 1);

    gone->unwanted = ahead->unwanted = others->unwanted = true;
    gone->submits = more;
    pool_withdraw_unwanted(bench->pool, A);
    assert_true(gone->dones == 1 && gone->status == POOL_DROPPED);
    assert_true(ahead->dones == 1 && ahead->status == POOL_DROPPED);
    assert_true(kept->dones == 0 && others->dones == 0);
    pool_withdraw_unwanted(bench->pool, 77); /* who has nothing queued */
    struct fake_worker *worker = pool_bench_worker(bench);
    assert_ptr_equal(pool_bench_serve(bench, worker), kept);
    assert_ptr_equal(pool_bench_serve(bench, worker), more);
    assert_int_equal(others->status, POOL_DROPPED); /* when it was its turn */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, pool_bench_set_up, pool_bench_tear_down)
        TEST(clients_take_turns),
        TEST(who_comes_new_waits_only_for_what_is_running),
        TEST(who_always_has_one_more_does_not_keep_the_others_waiting),
        TEST(an_endless_row_of_new_clients_does_not_keep_one_waiting),
        TEST(a_lost_job_keeps_its_place_before_its_clients_others),
        TEST(what_is_read_ahead_leaves_a_worker_to_what_is_needed_now),
        TEST(a_single_worker_reads_ahead_too),
        TEST(a_promoted_job_is_the_first_of_who_needs_it_now),
        TEST(promotion_takes_a_job_from_a_longer_queue_of_the_same_lane),
        TEST(a_promoted_job_gets_the_worker_that_was_kept_for_now),
        TEST(a_withdrawn_job_is_dropped_at_once),
        TEST(what_a_client_wants_no_more_leaves_the_queue),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

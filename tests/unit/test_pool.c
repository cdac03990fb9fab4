/* test_pool.c - jobs to workers, answers back, and what happens when a worker is lost. */
#include "pool/pool.h"

#include <stdlib.h>
#include <string.h>

#include "base/container.h"
#include "base/log.h"
#include "help/fake_worker.h"
#include "help/test.h"

enum { MOST_WORKERS = 8, MOST_JOBS = 16 };

/* A job that notes what it hears, and may submit another when it is done. */
struct noted {
    struct pool_job job;
    struct bench *bench;
    bool unwanted;
    unsigned starts, answers, dones;
    int status;
    char text[64];
    struct noted *submits; /* when it is done */
};

struct bench {
    uv_loop_t loop;
    struct pool *pool;
    struct fake_worker worker[MOST_WORKERS];
    unsigned n_workers;
    struct noted noted[MOST_JOBS];
    unsigned n_noted;
};

static bool is_wanted(struct pool_job *job)
{
    return !CONTAINER_OF(job, struct noted, job)->unwanted;
}

static void on_start(struct pool_job *job)
{
    struct noted *noted = CONTAINER_OF(job, struct noted, job);

    noted->starts++;
    noted->answers = 0;
}

static void on_answer(struct pool_job *job, const struct answer *answer)
{
    assert_int_not_equal(answer->kind, ANSWER_DONE);
    CONTAINER_OF(job, struct noted, job)->answers++;
}

static void on_done(struct pool_job *job, int status, const char *text)
{
    struct noted *noted = CONTAINER_OF(job, struct noted, job);

    noted->dones++;
    noted->status = status;
    if (noted->submits)
        pool_submit(noted->bench->pool, &noted->submits->job, POOL_NOW);
    /* The text is valid to the end of the call, whatever else is called. */
    snprintf(noted->text, sizeof noted->text, "%s", text);
}

static const struct pool_job_ops OPS = {is_wanted, on_start, on_answer, on_done};

/* A job on recording `affinity`. */
static struct noted *new_job(struct bench *bench, uint64_t affinity)
{
    struct noted *noted = &bench->noted[bench->n_noted++];

    *noted = (struct noted){.bench = bench};
    noted->job = (struct pool_job){
        .message = {.kind = JOB_DECODE, .path = "/a.mefd"}, .affinity = affinity, .ops = &OPS};
    return noted;
}

static struct noted *submit(struct bench *bench, uint64_t affinity, enum pool_lane lane)
{
    struct noted *noted = new_job(bench, affinity);

    pool_submit(bench->pool, &noted->job, lane);
    return noted;
}

static struct fake_worker *add_worker(struct bench *bench)
{
    struct fake_worker *worker = &bench->worker[bench->n_workers];
    int channel = fake_worker_init(worker);

    assert_int_equal(pool_add_worker(bench->pool, channel, bench->n_workers++), 0);
    return worker;
}

static void turn(struct bench *bench)
{
    for (int i = 0; i < 8; i++)
        uv_run(&bench->loop, UV_RUN_NOWAIT);
}

static int set_up(void **state)
{
    static struct bench bench;

    memset(&bench, 0, sizeof bench);
    if (uv_loop_init(&bench.loop) < 0)
        return -1;
    bench.pool = pool_new(&bench.loop);
    *state = &bench;
    return bench.pool ? 0 : -1;
}

static int tear_down(void **state)
{
    struct bench *bench = *state;

    pool_free(bench->pool);
    uv_run(&bench->loop, UV_RUN_DEFAULT);
    for (unsigned i = 0; i < bench->n_workers; i++)
        fake_worker_end(&bench->worker[i]);
    return uv_loop_close(&bench->loop);
}

static void a_job_goes_out_and_its_answers_come_back(void **state)
{
    struct bench *bench = *state;
    struct fake_worker *worker = add_worker(bench);
    struct noted *noted = submit(bench, 1, POOL_NOW);

    assert_true(fake_worker_take(worker));
    assert_string_equal(worker->job.path, "/a.mefd");
    assert_int_equal(noted->starts, 1);
    fake_worker_answer(worker, (struct answer){.kind = ANSWER_DAMAGE, .item = {.text = "bad"}});
    turn(bench);
    assert_int_equal(noted->answers, 1);
    assert_int_equal(noted->dones, 0);
    fake_worker_done(worker, MEF3_ECHANGED, "it changed");
    turn(bench);
    assert_int_equal(noted->dones, 1);
    assert_int_equal(noted->status, MEF3_ECHANGED);
    assert_string_equal(noted->text, "it changed");
    struct pool_counters counters = pool_counters(bench->pool);
    assert_true(counters.jobs == 1 && counters.busy == 0 && counters.queued == 0);
}

static void jobs_wait_until_there_is_a_worker(void **state)
{
    struct bench *bench = *state;

    submit(bench, 1, POOL_NOW);
    assert_int_equal(pool_counters(bench->pool).queued, 1);
    assert_int_equal(pool_size(bench->pool), 1); /* so that it can divide */
    struct fake_worker *worker = add_worker(bench);
    assert_true(fake_worker_take(worker));
    assert_int_equal(pool_counters(bench->pool).busy, 1);
}

static void a_worker_has_one_job_at_a_time(void **state)
{
    struct bench *bench = *state;
    struct fake_worker *worker = add_worker(bench);

    submit(bench, 1, POOL_NOW);
    submit(bench, 1, POOL_NOW);
    assert_true(fake_worker_take(worker));
    turn(bench);
    assert_false(fake_worker_take(worker));
    uint32_t first = worker->job.id;
    fake_worker_done(worker, MEF3_OK, "");
    turn(bench);
    assert_true(fake_worker_take(worker));
    assert_int_not_equal(worker->job.id, first);
}

static void what_is_needed_now_goes_before_what_is_read_ahead(void **state)
{
    struct bench *bench = *state;
    struct noted *ahead = submit(bench, 1, POOL_AHEAD), *other = submit(bench, 1, POOL_AHEAD);
    struct noted *now = submit(bench, 1, POOL_NOW), *later = submit(bench, 1, POOL_NOW);
    struct noted *const order[] = {now, later, ahead, other};
    struct fake_worker *worker = add_worker(bench);

    for (int i = 0; i < 4; i++) {
        assert_true(fake_worker_take(worker));
        fake_worker_done(worker, MEF3_OK, "");
        turn(bench);
        for (int k = 0; k < 4; k++)
            assert_int_equal(order[k]->dones, k <= i);
    }
}

static void a_worker_that_knows_the_recording_is_preferred(void **state)
{
    struct bench *bench = *state;
    struct fake_worker *one = add_worker(bench), *other = add_worker(bench);
    struct fake_worker *of[2];

    submit(bench, 100, POOL_NOW);
    submit(bench, 101, POOL_NOW);
    assert_true(fake_worker_take(one) && fake_worker_take(other));
    of[0] = bench->noted[0].job.message.id == one->job.id ? one : other;
    of[1] = of[0] == one ? other : one;
    fake_worker_done(one, MEF3_OK, "");
    fake_worker_done(other, MEF3_OK, "");
    turn(bench);
    for (uint64_t i = 0; i < 6; i++) { /* both are idle each time */
        uint64_t which = (i / 2 + i) % 2;
        submit(bench, 100 + which, POOL_NOW);
        assert_true(fake_worker_take(of[which]));
        fake_worker_done(of[which], MEF3_OK, "");
        turn(bench);
    }
    submit(bench, 100, POOL_NOW);
    submit(bench, 100, POOL_NOW); /* better another worker than none */
    assert_true(fake_worker_take(one) && fake_worker_take(other));
}

static void a_lost_job_is_done_by_another_and_hears_it_start_anew(void **state)
{
    struct bench *bench = *state;
    struct fake_worker *one = add_worker(bench);
    struct noted *noted = submit(bench, 1, POOL_NOW), *next = submit(bench, 1, POOL_NOW);

    assert_true(fake_worker_take(one));
    fake_worker_answer(one, (struct answer){.kind = ANSWER_DAMAGE, .item = {.text = ""}});
    fake_worker_end(one);
    turn(bench);
    assert_int_equal(noted->dones, 0);
    assert_int_equal(pool_counters(bench->pool).workers, 0);
    assert_int_equal(pool_counters(bench->pool).queued, 2);
    struct fake_worker *other = add_worker(bench);
    assert_true(fake_worker_take(other));
    assert_int_equal(noted->starts, 2); /* it keeps its place */
    assert_int_equal(noted->answers, 0);
    assert_int_equal(next->starts, 0);
    fake_worker_done(other, MEF3_OK, "");
    turn(bench);
    assert_int_equal(noted->dones, 1);
    assert_int_equal(noted->status, MEF3_OK);
}

static void a_job_that_ends_three_workers_is_over(void **state)
{
    struct bench *bench = *state;
    struct noted *noted = submit(bench, 1, POOL_NOW);

    for (int i = 0; i < 3; i++) {
        struct fake_worker *worker = add_worker(bench);
        assert_true(fake_worker_take(worker));
        fake_worker_end(worker);
        turn(bench);
    }
    assert_int_equal(noted->dones, 1);
    assert_int_equal(noted->status, POOL_LOST);
    assert_int_equal(pool_counters(bench->pool).workers_lost, 3);
    assert_int_equal(pool_counters(bench->pool).queued, 0);
    assert_false(fake_worker_take(add_worker(bench)));
}

/* Workers that ended while they were idle, before the loop saw it. */
static void a_job_that_no_worker_got_is_not_lost_with_it(void **state)
{
    struct bench *bench = *state;

    for (int i = 0; i < 5; i++)
        fake_worker_end(add_worker(bench));
    struct noted *noted = submit(bench, 1, POOL_NOW);
    turn(bench);
    assert_int_equal(noted->dones, 0);
    assert_int_equal(pool_counters(bench->pool).workers, 0);
    assert_int_equal(pool_counters(bench->pool).busy, 0);
    struct fake_worker *worker = add_worker(bench);
    assert_true(fake_worker_take(worker));
    fake_worker_done(worker, MEF3_OK, "");
    turn(bench);
    assert_int_equal(noted->dones, 1);
    assert_int_equal(noted->status, MEF3_OK);
}

static void an_idle_worker_that_ends_is_forgotten(void **state)
{
    struct bench *bench = *state;

    add_worker(bench);
    fake_worker_end(&bench->worker[0]);
    turn(bench);
    assert_int_equal(pool_counters(bench->pool).workers, 0);
}

static void a_job_nobody_wants_any_more_is_dropped(void **state)
{
    struct bench *bench = *state;
    struct noted *unwanted = submit(bench, 1, POOL_NOW), *wanted = submit(bench, 1, POOL_NOW);

    unwanted->unwanted = true;
    struct fake_worker *worker = add_worker(bench);
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
    struct bench *bench = *state;

    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        struct noted *noted = submit(bench, 1, POOL_NOW);
        bench->n_workers = 0;
        struct fake_worker *worker = add_worker(bench);
        assert_row(fake_worker_take(worker), row[i].why);
        worker->job.id += 77;
        if (row[i].bytes)
            fake_worker_say(worker, row[i].bytes, row[i].n);
        else
            fake_worker_done(worker, MEF3_OK, "");
        turn(bench);
        assert_row_int(pool_counters(bench->pool).workers, 0, row[i].why);
        assert_row_int(noted->dones, 0, row[i].why);
        fake_worker_end(worker);
        bench->n_workers = 0;
        worker = add_worker(bench);
        assert_row(fake_worker_take(worker), row[i].why);
        fake_worker_done(worker, MEF3_OK, "");
        turn(bench);
        assert_row_int(noted->dones, 1, row[i].why);
        fake_worker_end(worker);
        turn(bench);
    }
}

static void a_worker_that_speaks_unasked_is_lost(void **state)
{
    struct bench *bench = *state;
    struct fake_worker *worker = add_worker(bench);

    fake_worker_done(worker, MEF3_OK, "");
    turn(bench);
    assert_int_equal(pool_counters(bench->pool).workers, 0);
}

static void a_job_may_submit_another_when_it_is_done(void **state)
{
    struct bench *bench = *state;
    struct fake_worker *worker = add_worker(bench);
    struct noted *noted = submit(bench, 1, POOL_NOW), *next = new_job(bench, 1);

    noted->submits = next;
    assert_true(fake_worker_take(worker));
    fake_worker_done(worker, MEF3_ENOENT, "it does not exist any more");
    turn(bench);
    assert_string_equal(noted->text, "it does not exist any more");
    assert_true(fake_worker_take(worker));
    assert_int_equal(next->starts, 1);
}

static void a_dropped_and_a_lost_job_may_submit_another_too(void **state)
{
    struct bench *bench = *state;
    struct noted *dropped = submit(bench, 1, POOL_NOW), *lost = submit(bench, 1, POOL_NOW);
    struct noted *after_dropped = new_job(bench, 1), *after_lost = new_job(bench, 1);

    dropped->unwanted = true;
    dropped->submits = after_dropped;
    lost->submits = after_lost;
    for (int i = 0; i < 3; i++) {
        struct fake_worker *worker = add_worker(bench);
        assert_true(fake_worker_take(worker));
        fake_worker_end(worker);
        turn(bench);
    }
    assert_int_equal(lost->status, POOL_LOST);
    assert_int_equal(pool_counters(bench->pool).queued, 2);
    assert_true(fake_worker_take(add_worker(bench)));
    assert_true(fake_worker_take(add_worker(bench)));
    assert_true(after_dropped->starts == 1 && after_lost->starts == 1);
}

static void a_job_that_fits_no_message_is_refused(void **state)
{
    struct bench *bench = *state;
    struct fake_worker *worker = add_worker(bench);
    struct noted *noted = new_job(bench, 1);
    char *path = malloc(CHANNEL_MAX + 1);

    memset(path, 'x', CHANNEL_MAX);
    path[CHANNEL_MAX] = '\0';
    noted->job.message.path = path;
    pool_submit(bench->pool, &noted->job, POOL_NOW);
    assert_int_equal(noted->dones, 1);
    assert_int_equal(noted->status, MEF3_ELIMIT);
    submit(bench, 1, POOL_NOW);
    assert_true(fake_worker_take(worker));
    free(path);
}

/* More answers than are taken in one turn of the loop. */
static void a_thousand_answers_all_arrive_in_order(void **state)
{
    struct bench *bench = *state;
    struct fake_worker *worker = add_worker(bench);
    struct noted *noted = submit(bench, 1, POOL_NOW);

    assert_true(fake_worker_take(worker));
    for (unsigned i = 0; i < 1000;) {
        if (fake_worker_answer(worker,
                               (struct answer){.kind = ANSWER_DAMAGE, .item = {.text = "x"}}))
            i++;
        else
            turn(bench); /* the channel is full */
    }
    for (int i = 0; i < 20; i++)
        turn(bench);
    fake_worker_done(worker, MEF3_OK, "");
    turn(bench);
    assert_int_equal(noted->answers, 1000);
    assert_int_equal(noted->dones, 1);
}

static void freeing_the_pool_drops_every_job(void **state)
{
    struct bench *bench = *state;
    struct fake_worker *worker = add_worker(bench);
    struct noted *running = submit(bench, 1, POOL_NOW), *queued = submit(bench, 1, POOL_AHEAD);
    struct noted *last = new_job(bench, 1);

    running->submits = last; /* too late */
    assert_true(fake_worker_take(worker));
    pool_free(bench->pool);
    bench->pool = NULL;
    assert_true(running->dones == 1 && running->status == POOL_DROPPED);
    assert_true(queued->dones == 1 && queued->status == POOL_DROPPED);
    assert_true(last->dones == 1 && last->starts == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        TEST(a_job_goes_out_and_its_answers_come_back),
        TEST(jobs_wait_until_there_is_a_worker),
        TEST(a_worker_has_one_job_at_a_time),
        TEST(what_is_needed_now_goes_before_what_is_read_ahead),
        TEST(a_worker_that_knows_the_recording_is_preferred),
        TEST(a_lost_job_is_done_by_another_and_hears_it_start_anew),
        TEST(a_job_that_ends_three_workers_is_over),
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
#undef TEST
    };

    log_start("test", LOG_ERROR);
    return cmocka_run_group_tests(tests, NULL, NULL);
}

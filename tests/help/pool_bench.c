/* help/pool_bench.c - a pool, its loop, workers that the test plays, and jobs that
 * note what they hear. */
#include "help/pool_bench.h"

#include <stdio.h>
#include <string.h>

#include "base/container.h"
#include "help/test.h"

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

struct noted *pool_bench_job(struct pool_bench *bench, uint64_t affinity)
{
    struct noted *noted = &bench->noted[bench->n_noted++];

    *noted = (struct noted){.bench = bench};
    noted->job = (struct pool_job){
        .message = {.kind = JOB_DECODE, .path = "/a.mefd"}, .affinity = affinity, .ops = &OPS};
    return noted;
}

struct noted *pool_bench_submit(struct pool_bench *bench, uint64_t affinity, enum pool_lane lane)
{
    struct noted *noted = pool_bench_job(bench, affinity);

    pool_submit(bench->pool, &noted->job, lane);
    return noted;
}

struct noted *pool_bench_submit_of(struct pool_bench *bench, uint64_t client, enum pool_lane lane)
{
    struct noted *noted = pool_bench_job(bench, 1);

    noted->job.client = client;
    pool_submit(bench->pool, &noted->job, lane);
    return noted;
}

struct fake_worker *pool_bench_worker(struct pool_bench *bench)
{
    struct fake_worker *worker = &bench->worker[bench->n_workers];
    int channel = fake_worker_init(worker);

    assert_int_equal(
        pool_add_worker(bench->pool, channel, bench->n_workers, bench->n_workers + 100), 0);
    bench->n_workers++;
    return worker;
}

struct noted *pool_bench_serve(struct pool_bench *bench, struct fake_worker *worker)
{
    if (!fake_worker_take(worker))
        return NULL;
    for (unsigned i = 0; i < bench->n_noted; i++) {
        struct noted *noted = &bench->noted[i];
        if (noted->job.message.id != worker->job.id)
            continue;
        assert_true(fake_worker_done(worker, MEF3_OK, ""));
        pool_bench_turn(bench);
        return noted;
    }
    fail_msg("a job that nobody submitted");
    return NULL;
}

void pool_bench_turn(struct pool_bench *bench)
{
    for (int i = 0; i < 8; i++)
        uv_run(&bench->loop, UV_RUN_NOWAIT);
}

int pool_bench_set_up(void **state)
{
    static struct pool_bench bench;

    memset(&bench, 0, sizeof bench);
    if (uv_loop_init(&bench.loop) < 0)
        return -1;
    bench.pool = pool_new(&bench.loop);
    *state = &bench;
    return bench.pool ? 0 : -1;
}

int pool_bench_tear_down(void **state)
{
    struct pool_bench *bench = *state;

    pool_free(bench->pool);
    uv_run(&bench->loop, UV_RUN_DEFAULT);
    for (unsigned i = 0; i < bench->n_workers; i++)
        fake_worker_end(&bench->worker[i]);
    return uv_loop_close(&bench->loop);
}

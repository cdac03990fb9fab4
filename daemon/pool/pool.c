/* pool.c - the workers as the server sees them: jobs in, answers out. */
#include "pool/pool.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "pool/state.h"

static const struct pool_limits DEFAULT_LIMITS = {
    .job_ms = 10000, .wait_ms = 10000, .busy_ms = 100, .idle_ms = 60000};

struct pool *pool_new(uv_loop_t *loop)
{
    struct pool *pool = calloc(1, sizeof *pool);

    if (!pool || uv_timer_init(loop, &pool->watch) < 0) {
        free(pool);
        return NULL;
    }
    pool->loop = loop;
    pool->watch.data = pool;
    pool->limits = DEFAULT_LIMITS;
    pool->without_since_ms = uv_now(loop);
    LIST_INIT(&pool->workers);
    for (int lane = 0; lane < POOL_LANES; lane++)
        queue_init(&pool->lanes[lane]);
    return pool;
}

void pool_set_limits(struct pool *pool, const struct pool_limits *limits)
{
    pool->limits = *limits;
    watch_stop(pool); /* its ticks may become shorter */
    watch_start(pool);
}

void pool_set_crew(struct pool *pool, const struct pool_crew *crew)
{
    pool->crew = *crew;
}

static void enqueue(struct pool *pool, struct pool_job *job, bool first)
{
    job->state = POOL_JOB_QUEUED;
    job->queued_ms = uv_now(pool->loop);
    if (first)
        queue_add_first(&pool->lanes[job->lane], job);
    else
        queue_add(&pool->lanes[job->lane], job);
    watch_start(pool);
}

void pool_requeue(struct pool *pool, struct pool_job *job)
{
    enqueue(pool, job, true);
}

void pool_finish(struct pool *pool, struct pool_job *job, int status, const char *text)
{
    (void)pool;
    job->state = POOL_JOB_AWAY;
    job->ops->done(job, status, text);
}

static void drop(struct pool *pool, struct pool_job *job)
{
    pool->counters.dropped++;
    pool_finish(pool, job, POOL_DROPPED, "");
}

/* A worker is left to what is needed now, if there is more than one. */
static bool may_read_ahead(const struct pool *pool)
{
    return pool->n_ahead == 0 || pool->n_ahead + 1 < pool->counters.workers;
}

/* The next job that is still wanted, off its queue; NULL when there is none. */
static struct pool_job *next_job(struct pool *pool)
{
    for (int lane = 0; lane < POOL_LANES; lane++) {
        struct pool_job *job;
        if (lane == POOL_AHEAD && !may_read_ahead(pool))
            break;
        while ((job = queue_take(&pool->lanes[lane]))) {
            if (job->ops->wanted(job))
                return job;
            drop(pool, job);
        }
    }
    return NULL;
}

struct worker *pool_idle_worker(struct pool *pool)
{
    struct worker *worker;

    LIST_FOREACH(worker, &pool->workers, link)
        if (worker_is_idle(worker))
            return worker;
    return NULL;
}

/* Any idle worker will do, but one that knows the recording is quicker. */
static struct worker *best_worker(struct pool *pool, const struct pool_job *job)
{
    struct worker *worker;

    LIST_FOREACH(worker, &pool->workers, link)
        if (worker_is_idle(worker) && worker_knows(worker, job->affinity))
            return worker;
    return pool_idle_worker(pool);
}

static void hand_to(struct worker *worker, struct pool_job *job)
{
    struct pool *pool = worker->pool;
    uint64_t waited_ms = uv_now(pool->loop) - job->queued_ms;
    size_t n;

    job->message.id = ++pool->last_id;
    n = job_pack(&job->message, pool->message, sizeof pool->message);
    if (n == 0) {
        pool_finish(pool, job, MEF3_ELIMIT, "the request does not fit a message");
        return;
    }
    pool->counters.jobs++;
    pool->counters.waited_ms[job->lane] += waited_ms;
    bool is_secret = job->message.password != NULL;
    job->ops->start(job);
    if (!worker_give(worker, job, n)) {
        pool_requeue(pool, job);
        worker_lose(worker, LOSS_OUTSIDE);
    } else if (job->lane == POOL_NOW) {
        watch_waited(pool, waited_ms);
    }
    if (is_secret)
        explicit_bzero(pool->message, n);
}

void pool_hand_out(struct pool *pool)
{
    struct pool_job *job;

    if (pool->handing_out) /* the loop below is already at it */
        return;
    pool->handing_out = true;
    while (pool_idle_worker(pool) && (job = next_job(pool)))
        hand_to(best_worker(pool, job), job);
    pool->handing_out = false;
}

void pool_submit(struct pool *pool, struct pool_job *job, enum pool_lane lane)
{
    job->lane = lane;
    job->times_lost = job->times_robbed = 0;
    job->started_ns = 0;
    enqueue(pool, job, false);
    pool_hand_out(pool);
}

void pool_promote(struct pool *pool, struct pool_job *job, uint64_t client)
{
    if (job->state != POOL_JOB_QUEUED)
        return;
    pool->counters.promoted += job->lane != POOL_NOW;
    queue_remove(&pool->lanes[job->lane], job);
    job->lane = POOL_NOW;
    job->client = client;
    enqueue(pool, job, true);
    pool_hand_out(pool); /* it may have waited for a worker that is kept for this lane */
}

bool pool_withdraw(struct pool *pool, struct pool_job *job)
{
    if (job->state != POOL_JOB_QUEUED)
        return false;
    queue_remove(&pool->lanes[job->lane], job);
    drop(pool, job);
    return true;
}

void pool_withdraw_unwanted(struct pool *pool, uint64_t client)
{
    for (int lane = 0; lane < POOL_LANES; lane++) {
        struct queue *queue = &pool->lanes[lane];
        struct job_list unwanted = TAILQ_HEAD_INITIALIZER(unwanted);
        struct pool_job *job = queue_next_of(queue, client, NULL);
        struct pool_job *next;

        /* First out of the queue, then told: they may submit others. */
        for (; job; job = next) {
            next = queue_next_of(queue, client, job);
            if (job->ops->wanted(job))
                continue;
            queue_remove(queue, job);
            job->state = POOL_JOB_AWAY;
            TAILQ_INSERT_TAIL(&unwanted, job, link);
        }
        while ((job = TAILQ_FIRST(&unwanted))) {
            TAILQ_REMOVE(&unwanted, job, link);
            drop(pool, job);
        }
    }
}

static void on_watch_closed(uv_handle_t *handle)
{
    free(handle->data);
}

void pool_free(struct pool *pool)
{
    struct worker *worker;
    struct pool_job *job;

    if (!pool)
        return;
    pool->handing_out = pool->freeing = true; /* nothing more goes out */
    while ((worker = LIST_FIRST(&pool->workers)))
        if ((job = worker_remove(worker)))
            pool_finish(pool, job, POOL_DROPPED, "");
    for (int lane = 0; lane < POOL_LANES; lane++) {
        while ((job = queue_take(&pool->lanes[lane])))
            pool_finish(pool, job, POOL_DROPPED, "");
        queue_fini(&pool->lanes[lane]);
    }
    uv_close((uv_handle_t *)&pool->watch, on_watch_closed);
}

void pool_note_open(struct pool *pool, uint64_t affinity)
{
    if (pool->telling)
        worker_learns(pool->telling, affinity);
}

size_t pool_size(const struct pool *pool)
{
    return pool->counters.workers ? pool->counters.workers : 1;
}

struct pool_counters pool_counters(const struct pool *pool)
{
    struct pool_counters counters = pool->counters;
    const struct worker *worker;

    LIST_FOREACH(worker, &pool->workers, link)
        counters.busy += worker->state == WORKER_READY && worker->job;
    for (int lane = 0; lane < POOL_LANES; lane++) {
        counters.queued_in[lane] = pool->lanes[lane].n;
        counters.queued += pool->lanes[lane].n;
    }
    return counters;
}

/* pool.c - the workers as the server sees them: jobs in, answers out. */
#include "pool/pool.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "ipc/channel.h"
#include "pool/queue.h"

struct worker {
    LIST_ENTRY(worker) link;
    struct pool *pool;
    struct pool_job *job; /* NULL: idle */
    uint64_t affinity;    /* of its last job */
    unsigned slot;
    int channel;
    uv_poll_t poll;
};

struct pool {
    uv_loop_t *loop;
    LIST_HEAD(, worker) workers;
    struct queue lanes[POOL_LANES];
    uint32_t last_id;
    size_t n_ahead; /* workers that read ahead */
    bool handing_out;
    struct pool_counters counters;
    /* Two: a text of the answer at hand must last while a new job goes out. */
    uint8_t answer[CHANNEL_MAX];
    uint8_t message[CHANNEL_MAX];
};

static void hand_out(struct pool *pool);

struct pool *pool_new(uv_loop_t *loop)
{
    struct pool *pool = calloc(1, sizeof *pool);

    if (!pool)
        return NULL;
    pool->loop = loop;
    LIST_INIT(&pool->workers);
    for (int lane = 0; lane < POOL_LANES; lane++)
        queue_init(&pool->lanes[lane]);
    return pool;
}

static void on_closed(uv_handle_t *handle)
{
    struct worker *worker = handle->data;

    close(worker->channel);
    free(worker);
}

/* The job is the worker's no more. */
static struct pool_job *let_go(struct worker *worker)
{
    struct pool *pool = worker->pool;
    struct pool_job *job = worker->job;

    worker->job = NULL;
    if (job) {
        pool->counters.busy--;
        pool->n_ahead -= job->lane == POOL_AHEAD;
        job->state = POOL_JOB_AWAY;
    }
    return job;
}

/* Forget a worker; returns the job that it had, or NULL. */
static struct pool_job *remove_worker(struct worker *worker)
{
    struct pool_job *job = let_go(worker);

    worker->pool->counters.workers--;
    LIST_REMOVE(worker, link);
    uv_poll_stop(&worker->poll);
    uv_close((uv_handle_t *)&worker->poll, on_closed);
    return job;
}

static void enqueue(struct pool *pool, struct pool_job *job, bool first)
{
    job->state = POOL_JOB_QUEUED;
    if (first)
        queue_add_first(&pool->lanes[job->lane], job);
    else
        queue_add(&pool->lanes[job->lane], job);
}

static void finish(struct pool_job *job, int status, const char *text)
{
    job->state = POOL_JOB_AWAY;
    job->ops->done(job, status, text);
}

/* A worker may be killed for reasons of its own, twice in a row even; a job that
 * takes three with it is to blame. */
enum { MOST_LOSSES = 3 };

static void lose_worker(struct worker *worker)
{
    struct pool *pool = worker->pool;
    unsigned slot = worker->slot;
    struct pool_job *job = remove_worker(worker);

    pool->counters.workers_lost++;
    log_warn("worker_lost", LOG_U64("slot", slot), LOG_U64("job", job ? job->message.id : 0));
    if (job && ++job->times_lost >= MOST_LOSSES) {
        finish(job, POOL_LOST, "reading it ended one worker after another");
    } else if (job) {
        enqueue(pool, job, true);
    }
    hand_out(pool);
}

static void take_answer(struct worker *worker, const struct answer *answer)
{
    struct pool_job *job = worker->job;

    if (answer->kind != ANSWER_DONE) {
        job->ops->answer(job, answer);
        return;
    }
    let_go(worker);
    finish(job, answer->done.status, answer->done.text);
    hand_out(worker->pool);
}

/* A bounded number at a time, so that one worker does not hold the loop. */
enum { ANSWERS_A_TURN = 64 };

static void on_readable(uv_poll_t *poll, int status, int events)
{
    struct worker *worker = poll->data;
    struct pool *pool = worker->pool;
    struct answer answer;

    (void)status;
    (void)events;
    for (int i = 0; i < ANSWERS_A_TURN; i++) {
        int n = channel_receive(worker->channel, pool->answer, sizeof pool->answer, NULL);
        if (n == CHANNEL_AGAIN)
            return;
        if (n <= 0 || !worker->job || !answer_unpack(pool->answer, (size_t)n, &answer) ||
            answer.job_id != worker->job->message.id) {
            lose_worker(worker);
            return;
        }
        take_answer(worker, &answer);
        if (uv_is_closing((uv_handle_t *)&worker->poll))
            return;
    }
}

int pool_add_worker(struct pool *pool, int channel, unsigned slot)
{
    struct worker *worker = calloc(1, sizeof *worker);

    if (!worker)
        goto fail;
    *worker = (struct worker){.pool = pool, .slot = slot, .channel = channel};
    if (uv_poll_init(pool->loop, &worker->poll, channel) < 0) /* makes it non-blocking */
        goto fail;
    worker->poll.data = worker;
    uv_poll_start(&worker->poll, UV_READABLE, on_readable);
    LIST_INSERT_HEAD(&pool->workers, worker, link);
    pool->counters.workers++;
    hand_out(pool);
    return 0;

fail:
    free(worker);
    close(channel);
    return -1;
}

static void drop(struct pool *pool, struct pool_job *job)
{
    pool->counters.dropped++;
    finish(job, POOL_DROPPED, "");
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

static struct worker *idle_worker(struct pool *pool)
{
    struct worker *worker;

    LIST_FOREACH(worker, &pool->workers, link)
        if (!worker->job)
            return worker;
    return NULL;
}

/* Any idle worker will do, but one that knows the recording is quicker. */
static struct worker *best_worker(struct pool *pool, const struct pool_job *job)
{
    struct worker *worker;

    LIST_FOREACH(worker, &pool->workers, link)
        if (!worker->job && worker->affinity == job->affinity)
            return worker;
    return idle_worker(pool);
}

static void hand_to(struct worker *worker, struct pool_job *job)
{
    struct pool *pool = worker->pool;
    size_t n;

    job->message.id = ++pool->last_id;
    n = job_pack(&job->message, pool->message, sizeof pool->message);
    if (n == 0) {
        finish(job, MEF3_ELIMIT, "the request does not fit a message");
        return;
    }
    worker->job = job;
    job->state = POOL_JOB_RUNNING;
    pool->n_ahead += job->lane == POOL_AHEAD;
    worker->affinity = job->affinity;
    pool->counters.busy++;
    pool->counters.jobs++;
    bool is_secret = job->message.password != NULL;
    job->ops->start(job);
    /* An idle worker's channel is empty, so the message fits; if it does not,
     * the worker was gone before, and the job is not to blame. */
    if (channel_send(worker->channel, pool->message, n, -1) < 0) {
        enqueue(pool, let_go(worker), true);
        lose_worker(worker);
    }
    if (is_secret)
        explicit_bzero(pool->message, n);
}

static void hand_out(struct pool *pool)
{
    struct pool_job *job;

    if (pool->handing_out) /* the loop below is already at it */
        return;
    pool->handing_out = true;
    while (idle_worker(pool) && (job = next_job(pool)))
        hand_to(best_worker(pool, job), job);
    pool->handing_out = false;
}

void pool_submit(struct pool *pool, struct pool_job *job, enum pool_lane lane)
{
    job->lane = lane;
    job->times_lost = 0;
    enqueue(pool, job, false);
    hand_out(pool);
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
    hand_out(pool); /* it may have waited for a worker that is kept for this lane */
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

void pool_free(struct pool *pool)
{
    struct worker *worker;
    struct pool_job *job;

    if (!pool)
        return;
    pool->handing_out = true; /* nothing more goes out */
    while ((worker = LIST_FIRST(&pool->workers)))
        if ((job = remove_worker(worker)))
            finish(job, POOL_DROPPED, "");
    for (int lane = 0; lane < POOL_LANES; lane++) {
        while ((job = queue_take(&pool->lanes[lane])))
            finish(job, POOL_DROPPED, "");
        queue_fini(&pool->lanes[lane]);
    }
    free(pool);
}

size_t pool_size(const struct pool *pool)
{
    return pool->counters.workers ? pool->counters.workers : 1;
}

struct pool_counters pool_counters(const struct pool *pool)
{
    struct pool_counters counters = pool->counters;

    counters.queued = 0;
    for (int lane = 0; lane < POOL_LANES; lane++) {
        counters.queued_in[lane] = pool->lanes[lane].n;
        counters.queued += pool->lanes[lane].n;
    }
    return counters;
}

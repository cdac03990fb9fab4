/* watch.c - what time does to the pool: workers that are stuck, jobs that no
 * worker comes for, and how many workers there are. */
#include "base/log.h"
#include "pool/state.h"

/* How long a killed worker may take to end: it may hang in the kernel, where it
 * does no harm. And how long the supervisor may take to say why one ended. */
enum { END_MS = 5000, VERDICT_MS = 1000 };
/* A worker that was asked for and has not come is asked for again. */
enum { MORE_MS = 5000 };
enum { LONGEST_TICK_MS = 100 };

static bool is_overdue(const struct worker *worker)
{
    const struct pool *pool = worker->pool;
    uint64_t for_ms = uv_now(pool->loop) - worker->since_ms;

    switch (worker->state) {
    case WORKER_JOINING:
        return for_ms > pool->limits.job_ms;
    case WORKER_READY:
        return worker->job && for_ms > pool->limits.job_ms;
    case WORKER_STUCK:
        return for_ms > END_MS;
    case WORKER_GONE:
        return for_ms > VERDICT_MS;
    }
    return false;
}

static void act_on(struct worker *worker)
{
    struct pool *pool = worker->pool;

    if (worker->state == WORKER_STUCK) {
        worker_lose(worker, LOSS_STUCK);
    } else if (worker->state == WORKER_GONE) {
        worker_lose(worker, worker->was_stuck ? LOSS_STUCK : LOSS_OUTSIDE);
    } else {
        pool->counters.workers_stuck++;
        log_warn("worker_stuck", LOG_U64("slot", worker->slot), LOG_U64("pid", worker->pid),
                 LOG_U64("job", worker->job ? worker->job->message.id : 0));
        worker_is_stuck(worker);
    }
}

/* Acting on one may change the list. Each is acted on once a tick at most: then
 * it is another state's turn, or it is gone. */
static void check_workers(struct pool *pool)
{
    struct worker *worker;

    do {
        LIST_FOREACH(worker, &pool->workers, link)
            if (is_overdue(worker))
                break;
        if (worker)
            act_on(worker);
    } while (worker);
}

/* Nobody has come for these. First out of the queue, then told. */
static void give_up_jobs(struct pool *pool)
{
    uint64_t now = uv_now(pool->loop);
    struct job_list over = TAILQ_HEAD_INITIALIZER(over);
    struct pool_job *job, *next;

    if (pool->counters.workers > 0 || now - pool->without_since_ms < pool->limits.wait_ms)
        return;
    for (int lane = 0; lane < POOL_LANES; lane++) {
        for (job = queue_next(&pool->lanes[lane], NULL); job; job = next) {
            next = queue_next(&pool->lanes[lane], job);
            if (now - job->queued_ms < pool->limits.wait_ms)
                continue;
            queue_remove(&pool->lanes[lane], job);
            job->state = POOL_JOB_AWAY;
            TAILQ_INSERT_TAIL(&over, job, link);
        }
    }
    while ((job = TAILQ_FIRST(&over))) {
        TAILQ_REMOVE(&over, job, link);
        pool->counters.given_up++;
        pool_finish(pool, job, POOL_UNAVAILABLE, "no process is there to read it");
    }
}

/* Those that are there or coming. */
static size_t n_workers(const struct pool *pool)
{
    const struct worker *worker;
    size_t n = 0;

    LIST_FOREACH(worker, &pool->workers, link)
        n += worker->state == WORKER_JOINING || worker->state == WORKER_READY;
    return n;
}

void watch_waited(struct pool *pool, uint64_t waited_ms)
{
    uint64_t now = uv_now(pool->loop);

    if (waited_ms < pool->limits.busy_ms || !pool->crew.more || pool_idle_worker(pool) ||
        n_workers(pool) >= pool->limits.most ||
        (pool->asked_more_ms != 0 && now - pool->asked_more_ms < MORE_MS))
        return;
    pool->asked_more_ms = now;
    pool->counters.asked_more++;
    pool->crew.more(pool->crew.arg);
}

static void send_one_away(struct pool *pool)
{
    uint64_t now = uv_now(pool->loop);
    struct worker *worker;

    if (!pool->crew.retire || pool->counters.workers <= pool->limits.least)
        return;
    LIST_FOREACH(worker, &pool->workers, link)
        if (worker_is_idle(worker) && now - worker->since_ms > pool->limits.idle_ms)
            break;
    if (!worker)
        return;
    pool->counters.retired++;
    log_info("worker_retired", LOG_U64("slot", worker->slot), LOG_U64("pid", worker->pid));
    pool->crew.retire(pool->crew.arg, worker->slot, worker->pid);
    worker_remove(worker);
}

static bool has_more_to_watch(const struct pool *pool)
{
    const struct worker *worker;

    LIST_FOREACH(worker, &pool->workers, link)
        if (worker->state != WORKER_READY || worker->job)
            return true;
    if (pool->crew.retire && pool->counters.workers > pool->limits.least)
        return true;
    return pool->lanes[POOL_NOW].n > 0 || pool->lanes[POOL_AHEAD].n > 0;
}

static void on_tick(uv_timer_t *timer)
{
    struct pool *pool = timer->data;

    check_workers(pool);
    give_up_jobs(pool);
    struct pool_job *waiting = queue_next(&pool->lanes[POOL_NOW], NULL);
    if (waiting)
        watch_waited(pool, uv_now(pool->loop) - waiting->queued_ms);
    send_one_away(pool);
    if (!has_more_to_watch(pool))
        uv_timer_stop(timer);
}

void watch_start(struct pool *pool)
{
    uint64_t shortest =
        pool->limits.job_ms < pool->limits.wait_ms ? pool->limits.job_ms : pool->limits.wait_ms;
    uint64_t tick = shortest / 8 + 1;

    if (pool->freeing || uv_is_active((uv_handle_t *)&pool->watch))
        return;
    if (tick > LONGEST_TICK_MS)
        tick = LONGEST_TICK_MS;
    uv_timer_start(&pool->watch, on_tick, tick, tick);
}

void watch_stop(struct pool *pool)
{
    uv_timer_stop(&pool->watch);
}

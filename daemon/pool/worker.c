/* worker.c - a worker as the pool sees it, from its first word to its last. */
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "base/trace.h"
#include "pool/state.h"

/* So often a job goes out again after its worker was killed from outside. Then
 * it is treated as if it had been the reason: nothing is tried for ever. */
enum { MOST_KILLS = 16 };
/* A worker may end once for reasons of its own; a job that takes two with it is
 * to blame. */
enum { MOST_LOSSES = 2 };

bool worker_is_idle(const struct worker *worker)
{
    return worker->state == WORKER_READY && !worker->job;
}

bool worker_knows(const struct worker *worker, uint64_t recording)
{
    for (size_t i = 0; recording && i < RECORDINGS_KNOWN; i++)
        if (worker->recordings[i] == recording)
            return true;
    return false;
}

void worker_learns(struct worker *worker, uint64_t recording)
{
    size_t at = 0;

    if (recording == 0)
        return;
    while (at < RECORDINGS_KNOWN - 1 && worker->recordings[at] != recording)
        at++;
    for (; at > 0; at--)
        worker->recordings[at] = worker->recordings[at - 1];
    worker->recordings[0] = recording;
}

static void count_state(struct worker *worker, enum worker_state state)
{
    struct pool *pool = worker->pool;

    pool->counters.workers += (state == WORKER_READY) - (worker->state == WORKER_READY);
    worker->state = state;
    worker->since_ms = uv_now(pool->loop);
    if (pool->counters.workers > 0)
        pool->without_since_ms = 0;
    else if (pool->without_since_ms == 0)
        pool->without_since_ms = uv_now(pool->loop);
}

/* The job is the worker's no more. */
static struct pool_job *let_go(struct worker *worker)
{
    struct pool *pool = worker->pool;
    struct pool_job *job = worker->job;

    worker->job = NULL;
    if (job) {
        pool->counters.busy_ms += uv_now(pool->loop) - worker->busy_since_ms;
        pool->n_ahead -= job->lane == POOL_AHEAD;
        job->state = POOL_JOB_AWAY;
        worker->since_ms = uv_now(pool->loop);
    }
    return job;
}

static void on_closed(uv_handle_t *handle)
{
    struct worker *worker = handle->data;

    close(worker->channel);
    free(worker);
}

struct pool_job *worker_remove(struct worker *worker)
{
    struct pool_job *job = let_go(worker);

    count_state(worker, WORKER_GONE);
    LIST_REMOVE(worker, link);
    uv_poll_stop(&worker->poll);
    uv_close((uv_handle_t *)&worker->poll, on_closed);
    return job;
}

static void settle_loss(struct pool *pool, struct pool_job *job, enum loss loss)
{
    bool is_over;

    if (loss == LOSS_OUTSIDE)
        is_over = ++job->times_robbed >= MOST_KILLS;
    else
        is_over = ++job->times_lost >= MOST_LOSSES;
    if (!is_over)
        pool_requeue(pool, job);
    else if (loss == LOSS_STUCK)
        pool_finish(pool, job, POOL_LOST, "reading it took longer than a worker may take");
    else
        pool_finish(pool, job, POOL_LOST, "reading it ended one worker after another");
}

static const char *word_of(enum loss loss)
{
    switch (loss) {
    case LOSS_OUTSIDE:
        return "killed";
    case LOSS_CRASHED:
        return "crashed";
    case LOSS_STUCK:
        return "stuck";
    case LOSS_UNKNOWN:
        break;
    }
    return "unknown";
}

void worker_lose(struct worker *worker, enum loss loss)
{
    struct pool *pool = worker->pool;
    unsigned slot = worker->slot;
    uint32_t pid = worker->pid;
    struct pool_job *job = worker_remove(worker);

    pool->counters.workers_lost++;
    place_is_lost(pool, slot, pid);
    log_warn("worker_lost", LOG_U64("slot", slot), LOG_U64("job", job ? job->message.id : 0),
             LOG_WORD("how", word_of(loss)));
    if (job)
        settle_loss(pool, job, loss);
    pool_hand_out(pool);
}

/* Its channel has closed. Whose fault it was the supervisor knows, and says soon;
 * without a supervisor it is the job's. */
static void is_gone(struct worker *worker)
{
    struct pool *pool = worker->pool;

    if (worker->loss == LOSS_UNKNOWN && !(worker->job && pool->crew.kill))
        worker->loss = LOSS_CRASHED;
    if (worker->loss != LOSS_UNKNOWN) {
        worker_lose(worker, worker->loss);
        return;
    }
    uv_poll_stop(&worker->poll);
    count_state(worker, WORKER_GONE);
    watch_start(pool);
}

/* It may write to the arena until it is dead, so its job is given to another when
 * its channel closes, which is at once unless it hangs in the kernel. */
void worker_is_stuck(struct worker *worker)
{
    struct pool *pool = worker->pool;

    if (!pool->crew.kill) {
        worker_lose(worker, worker->loss == LOSS_UNKNOWN ? LOSS_STUCK : worker->loss);
        return;
    }
    pool->crew.kill(pool->crew.arg, worker->slot, worker->pid);
    worker->was_stuck = true;
    count_state(worker, WORKER_STUCK);
    watch_start(pool);
}

static void take_answer(struct worker *worker, const struct answer *answer)
{
    struct pool *pool = worker->pool;
    struct pool_job *job = worker->job;

    worker->since_ms = uv_now(pool->loop);
    if (answer->kind != ANSWER_DONE) {
        job->ops->answer(job, answer);
        return;
    }
    trace_job("answered", job->message.id);
    let_go(worker);
    pool->telling = worker;
    pool_finish(pool, job, answer->done.status, answer->done.text);
    pool->telling = NULL;
    pool_hand_out(pool);
}

/* Its first word: from now on it gets jobs. */
static void has_joined(struct worker *worker)
{
    struct pool *pool = worker->pool;

    count_state(worker, WORKER_READY);
    place_is_filled(pool, worker->slot, worker->pid);
    pool->asked_more_ms = 0;
    if (pool->crew.joined)
        pool->crew.joined(pool->crew.arg, worker->slot, worker->pid);
    pool_hand_out(pool);
}

/* False: it is no worker of ours that says this. */
static bool hear(struct worker *worker, const uint8_t *message, size_t n)
{
    struct answer answer;

    if (!answer_unpack(message, n, &answer))
        return false;
    if (answer.kind == ANSWER_HELLO && worker->state == WORKER_JOINING) {
        has_joined(worker);
        return true;
    }
    if (!worker->job || answer.kind == ANSWER_HELLO || answer.job_id != worker->job->message.id)
        return false;
    take_answer(worker, &answer);
    return true;
}

/* A bounded number at a time, so that one worker does not hold the loop. */
enum { ANSWERS_A_TURN = 64 };

static void on_readable(uv_poll_t *poll, int status, int events)
{
    struct worker *worker = poll->data;
    struct pool *pool = worker->pool;

    (void)events;
    for (int i = 0; i < ANSWERS_A_TURN; i++) {
        int n = channel_receive(worker->channel, pool->answer, sizeof pool->answer, NULL);
        if (n <= 0 && n != CHANNEL_AGAIN) {
            if (n != CHANNEL_CLOSED && worker->state != WORKER_STUCK &&
                pool->crew.kill) /* it may live still */
                pool->crew.kill(pool->crew.arg, worker->slot, worker->pid);
            is_gone(worker);
            return;
        }
        if (n == CHANNEL_AGAIN || worker->state == WORKER_STUCK) /* it is not believed any more */
            break;
        if (!hear(worker, pool->answer, (size_t)n)) {
            worker->loss = LOSS_CRASHED;
            worker_is_stuck(worker);
            return;
        }
        if (uv_is_closing((uv_handle_t *)poll))
            return;
    }
    /* libuv stops looking when the other end closed with a message unread. */
    if (status < 0)
        uv_poll_start(poll, UV_READABLE, on_readable);
}

int pool_add_worker(struct pool *pool, int channel, unsigned slot, uint32_t pid)
{
    struct worker *worker = calloc(1, sizeof *worker);

    if (!worker)
        goto fail;
    *worker = (struct worker){.pool = pool, .slot = slot, .pid = pid, .channel = channel};
    if (uv_poll_init(pool->loop, &worker->poll, channel) < 0) /* makes it non-blocking */
        goto fail;
    worker->poll.data = worker;
    worker->since_ms = uv_now(pool->loop);
    uv_poll_start(&worker->poll, UV_READABLE, on_readable);
    LIST_INSERT_HEAD(&pool->workers, worker, link);
    if (!pool->crew.kill)
        has_joined(worker);
    watch_start(pool);
    return 0;

fail:
    free(worker);
    close(channel);
    return -1;
}

bool worker_give(struct worker *worker, struct pool_job *job, size_t message_bytes)
{
    struct pool *pool = worker->pool;

    worker->job = job;
    worker->since_ms = worker->busy_since_ms = uv_now(pool->loop);
    worker_learns(worker, job->affinity);
    job->state = POOL_JOB_RUNNING;
    job->started_ns = uv_hrtime();
    place_has_job(pool, worker->slot);
    pool->n_ahead += job->lane == POOL_AHEAD;
    /* An idle worker's channel is empty, so the message fits; if it does not,
     * the worker was gone before, and the job is not to blame. */
    trace_job(job->lane == POOL_AHEAD ? "given_ahead" : "given", job->message.id);
    if (channel_send(worker->channel, pool->message, message_bytes, -1) >= 0)
        return true;
    let_go(worker);
    return false;
}

void pool_worker_ended(struct pool *pool, unsigned slot, uint32_t pid, bool by_itself)
{
    struct worker *worker;

    LIST_FOREACH(worker, &pool->workers, link)
        if (worker->slot == slot && worker->pid == pid)
            break;
    if (!worker)
        return;
    if (worker->loss == LOSS_UNKNOWN && by_itself)
        worker->loss = worker->was_stuck ? LOSS_STUCK : LOSS_CRASHED;
    else if (worker->loss == LOSS_UNKNOWN)
        worker->loss = LOSS_OUTSIDE;
    if (worker->state == WORKER_GONE)
        worker_lose(worker, worker->loss);
}

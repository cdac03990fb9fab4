/* pool.h - the workers as the server sees them: jobs in, answers out.
 *
 * Jobs wait in two lanes, *now* before *ahead*; within a lane clients take turns.
 * They go one at a time to an idle worker, preferably one that had the same
 * recording before. What is read ahead leaves one worker to what is needed now.
 * A job lost with its worker is given to another; the third loss ends it with
 * POOL_LOST. */
#ifndef POOL_POOL_H
#define POOL_POOL_H

#include <stdbool.h>
#include <sys/queue.h>
#include <uv.h>

#include "ipc/job.h"

enum pool_lane { POOL_NOW, POOL_AHEAD, POOL_LANES };

/* How a job ended, beside the statuses of mef3/status.h. */
enum { POOL_LOST = -100, POOL_DROPPED = -101 };

struct pool_job;

/* What the submitter hears. None of these may submit from within `wanted`. */
struct pool_job_ops {
    /* Asked right before a worker would get it: false drops it. */
    bool (*wanted)(struct pool_job *job);
    /* A worker gets it now: forget the answers of one that died. */
    void (*start)(struct pool_job *job);
    void (*answer)(struct pool_job *job, const struct answer *answer);
    /* The last call: status MEF3_OK, another, POOL_LOST or POOL_DROPPED. The
     * job is the submitter's again. */
    void (*done)(struct pool_job *job, int status, const char *text);
};

enum pool_job_state {
    POOL_JOB_AWAY, /* not submitted, or done */
    POOL_JOB_QUEUED,
    POOL_JOB_RUNNING, /* a worker has it */
};

struct turn;

/* Embedded in the submitter's own; `message` (but its id), `affinity`, `client`
 * and `ops` are the submitter's to fill and must stay as they are until `done`. */
struct pool_job {
    struct job message;
    uint64_t affinity; /* equal for jobs on the same recording */
    uint64_t client;   /* whose turn it takes; a promotion changes it */
    const struct pool_job_ops *ops;
    /* The pool's; zero before the first submission. */
    enum pool_job_state state;
    enum pool_lane lane;
    unsigned times_lost;
    struct turn *turn; /* while it is queued */
    TAILQ_ENTRY(pool_job) link;
};

struct pool_counters {
    uint64_t jobs;
    uint64_t dropped;
    uint64_t workers_lost;
    uint64_t promoted;
    size_t queued; /* in both lanes */
    size_t queued_in[POOL_LANES];
    size_t workers;
    size_t busy;
};

struct pool;

struct pool *pool_new(uv_loop_t *loop);

/* Drops every job (POOL_DROPPED) and closes the workers' channels; the loop must
 * turn once more before the process ends. */
void pool_free(struct pool *pool);

/* A new worker at the other end of `channel`, which the pool takes over. 0 or -1. */
int pool_add_worker(struct pool *pool, int channel, unsigned slot);

void pool_submit(struct pool *pool, struct pool_job *job, enum pool_lane lane);

/* A queued job becomes one of the lane *now* and of that client, before all its
 * others. No effect on one that a worker has. */
void pool_promote(struct pool *pool, struct pool_job *job, uint64_t client);

/* A queued job leaves the queue: `done` is called with POOL_DROPPED. False, and
 * no effect, when a worker has it or the pool has not. */
bool pool_withdraw(struct pool *pool, struct pool_job *job);

/* Withdraw the queued jobs of a client that are not wanted any more: it has lost
 * interest in something. */
void pool_withdraw_unwanted(struct pool *pool, uint64_t client);

/* Workers at present, idle or not; at least 1 is said, so that it can divide. */
size_t pool_size(const struct pool *pool);
struct pool_counters pool_counters(const struct pool *pool);

#endif

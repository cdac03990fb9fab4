/* pool.h - the workers as the server sees them: jobs in, answers out.
 *
 * Jobs wait in two lanes, *now* before *ahead*; within a lane clients take turns.
 * They go one at a time to an idle worker, preferably one that had the same
 * recording before. What is read ahead leaves one worker to what is needed now.
 *
 * A worker that says nothing about its job for too long is stuck: it is killed. A
 * job lost with its worker is given to another. Where the worker was killed from
 * outside the job is not to blame; where it crashed or was stuck, a second time
 * ends the job with POOL_LOST. */
#ifndef POOL_POOL_H
#define POOL_POOL_H

#include <stdbool.h>
#include <sys/queue.h>
#include <uv.h>

#include "ipc/job.h"

/* Of more workers nothing is told one by one. */
enum { POOL_MOST_PLACES = 256 };

enum pool_lane { POOL_NOW, POOL_AHEAD, POOL_LANES };

/* How a job ended, beside the statuses of mef3/status.h. */
enum {
    POOL_LOST = -100,        /* it ended two workers */
    POOL_DROPPED = -101,     /* nobody wanted it any more */
    POOL_UNAVAILABLE = -102, /* there was no worker for too long */
};

struct pool_job;

/* What the submitter hears. None of these may submit from within `wanted`. */
struct pool_job_ops {
    /* Asked right before a worker would get it: false drops it. */
    bool (*wanted)(struct pool_job *job);
    /* A worker gets it now: forget the answers of one that died. */
    void (*start)(struct pool_job *job);
    void (*answer)(struct pool_job *job, const struct answer *answer);
    /* The last call: status MEF3_OK, another, or one of those above. The job is
     * the submitter's again. */
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
    unsigned times_lost;   /* by its own fault, as it seems */
    unsigned times_robbed; /* its worker was killed from outside */
    uint64_t queued_ms;
    uint64_t started_ns; /* when a worker got it last, of CLOCK_MONOTONIC; 0: none did */
    struct turn *turn;   /* while it is queued */
    TAILQ_ENTRY(pool_job) link;
};

struct pool_limits {
    uint64_t job_ms;  /* a worker that says nothing about its job for so long is stuck */
    uint64_t wait_ms; /* jobs wait so long while there is no worker */
    /* One more worker is asked for when all are busy and a job waited for
     * busy_ms, up to `most`; one that was idle for idle_ms is sent away, down to
     * `least`. */
    size_t least, most;
    uint64_t busy_ms;
    uint64_t idle_ms;
};

/* What the pool asks of the supervisor, and tells. Without one (the tests) workers are
 * there from the start, and a lost one was ended by its job. */
struct pool_crew {
    void (*kill)(void *arg, unsigned slot, uint32_t pid);
    void (*more)(void *arg);
    void (*retire)(void *arg, unsigned slot, uint32_t pid); /* its channel closes next */
    void (*joined)(void *arg, unsigned slot, uint32_t pid); /* it gets jobs from now on */
    void *arg;
};

struct pool_counters {
    uint64_t jobs; /* handed out */
    uint64_t dropped;
    uint64_t promoted;
    uint64_t given_up; /* no worker came */
    uint64_t workers_lost;
    uint64_t workers_stuck;
    uint64_t asked_more;
    uint64_t retired;
    uint64_t waited_ms[POOL_LANES]; /* of the jobs handed out, together */
    uint64_t busy_ms;               /* of all workers, of jobs that are over */
    size_t queued;                  /* in both lanes */
    size_t queued_in[POOL_LANES];
    size_t workers; /* that are ready */
    size_t busy;
};

/* A place of the crew, and the worker in it. */
struct pool_worker {
    unsigned slot;
    uint32_t pid;      /* of one that is lost: its last */
    const char *state; /* "starting", "idle", "busy", "lost" */
    const char *path;  /* of the recording that its job is about; NULL: none; for this turn only */
    uint64_t busy_ms;  /* with this job */
    uint64_t jobs;     /* that the place was given, as long as there is the server */
    uint64_t restarts; /* workers that came in the place of a lost one */
};

struct pool;

struct pool *pool_new(uv_loop_t *loop);

/* Drops every job (POOL_DROPPED) and closes the workers' channels; the loop must
 * turn once more before the process ends. */
void pool_free(struct pool *pool);

/* Both are copied; the first may be changed at any time. */
void pool_set_limits(struct pool *pool, const struct pool_limits *limits);
void pool_set_crew(struct pool *pool, const struct pool_crew *crew);

/* A new worker at the other end of `channel`, which the pool takes over. It gets
 * jobs when it has said ANSWER_HELLO. 0 or -1. */
int pool_add_worker(struct pool *pool, int channel, unsigned slot, uint32_t pid);

/* The supervisor says that a worker has ended: by itself (a crash, a failure), or
 * killed or stopped by somebody. One that was stuck ended by itself. */
void pool_worker_ended(struct pool *pool, unsigned slot, uint32_t pid, bool by_itself);

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

/* From within a job's `done`: its worker has that recording open now. */
void pool_note_open(struct pool *pool, uint64_t affinity);

/* Workers at present, idle or not; at least 1 is said, so that it can divide. */
size_t pool_size(const struct pool *pool);
struct pool_counters pool_counters(const struct pool *pool);

/* By places; at most `room`. How many. */
size_t pool_workers(const struct pool *pool, struct pool_worker *workers_out, size_t room);

#endif

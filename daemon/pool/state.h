/* state.h - what the files of this room share.
 *
 * pool.c    jobs: submitted, promoted, withdrawn, handed out
 * queue.c   the lanes: whose job is next
 * worker.c  a worker, from its first word to its last; whose fault a loss was
 * crew.c    places of workers: who is in them, and how often they were filled again
 * watch.c   time limits, having no worker, more or fewer workers */
#ifndef POOL_STATE_H
#define POOL_STATE_H

#include "ipc/channel.h"
#include "pool/pool.h"
#include "pool/queue.h"

/* As many as a worker keeps open itself: decode/sessions.c. */
enum { RECORDINGS_KNOWN = 8 };

enum worker_state {
    WORKER_JOINING, /* it has not said that it is there */
    WORKER_READY,
    WORKER_STUCK, /* the supervisor was asked to kill it; its job waits for its end */
    WORKER_GONE,  /* its channel is closed; its job waits to hear why */
};

/* Why a worker was lost, as far as its job is concerned. */
enum loss {
    LOSS_UNKNOWN,
    LOSS_OUTSIDE, /* somebody killed or stopped it: the job is not to blame */
    LOSS_CRASHED,
    LOSS_STUCK,
};

struct worker {
    LIST_ENTRY(worker) link;
    struct pool *pool;
    struct pool_job *job; /* NULL: idle */
    enum worker_state state;
    enum loss loss;
    bool was_stuck;                        /* when it was lost */
    uint64_t recordings[RECORDINGS_KNOWN]; /* that it has open, latest first; 0: none */
    uint64_t since_ms;                     /* when it was heard of last, or became what it is */
    uint64_t busy_since_ms;
    unsigned slot;
    uint32_t pid;
    int channel;
    uv_poll_t poll;
};

LIST_HEAD(worker_list, worker);

/* What is known of a place of the crew, whoever is in it. */
struct place {
    uint64_t jobs;
    uint64_t restarts;
    uint32_t pid; /* of the last one */
    bool is_lost; /* and nobody has come in its place */
};

struct pool {
    uv_loop_t *loop;
    struct pool_limits limits;
    struct pool_crew crew;
    struct worker_list workers; /* in every state */
    struct queue lanes[POOL_LANES];
    uv_timer_t watch;
    uint32_t last_id;
    size_t n_ahead; /* workers that read ahead */
    bool handing_out;
    bool freeing;
    uint64_t without_since_ms; /* no worker was ready since then; 0: there are some */
    uint64_t asked_more_ms;    /* one more was asked for then; 0: it came */
    struct worker *telling;    /* whose job's `done` is being called */
    struct pool_counters counters;
    struct place places[POOL_MOST_PLACES]; /* by slot */
    /* Two: a text of the answer at hand must last while a new job goes out. */
    uint8_t answer[CHANNEL_MAX];
    uint8_t message[CHANNEL_MAX];
};

/* pool.c */
void pool_hand_out(struct pool *pool);
struct worker *pool_idle_worker(struct pool *pool); /* NULL: all are busy */
void pool_finish(struct pool *pool, struct pool_job *job, int status, const char *text);
/* Back to the queue, before its client's others. */
void pool_requeue(struct pool *pool, struct pool_job *job);

/* worker.c */
bool worker_is_idle(const struct worker *worker);
bool worker_knows(const struct worker *worker, uint64_t recording);
/* Note that it has a recording open. */
void worker_learns(struct worker *worker, uint64_t recording);
/* False: it was gone before, and is forgotten; the job is the caller's still. */
bool worker_give(struct worker *worker, struct pool_job *job, size_t message_bytes);
/* It says nothing any more: have it killed. */
void worker_is_stuck(struct worker *worker);
/* Let it go; its job, if it has one, is settled as that loss says. */
void worker_lose(struct worker *worker, enum loss loss);
/* Without a word: the job that it had, or NULL. */
struct pool_job *worker_remove(struct worker *worker);

/* crew.c: one has joined, was given a job, is lost. */
void place_is_filled(struct pool *pool, unsigned slot, uint32_t pid);
void place_has_job(struct pool *pool, unsigned slot);
void place_is_lost(struct pool *pool, unsigned slot, uint32_t pid);

/* watch.c */
void watch_start(struct pool *pool);
void watch_stop(struct pool *pool);
/* A job of the lane *now* was handed out after so long. */
void watch_waited(struct pool *pool, uint64_t waited_ms);

#endif

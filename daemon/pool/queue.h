/* queue.h - one lane of jobs that wait: clients take turns, each client's own
 * jobs go in order.
 *
 * A round gives every client that waits one job. Who comes new, or comes back
 * after a round without a job, is in the round that is under way; so a client
 * with one job waits for no more than one job of each of the others, however
 * many they have. */
#ifndef POOL_QUEUE_H
#define POOL_QUEUE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

struct pool_job;

TAILQ_HEAD(job_list, pool_job);

/* A client's place in the rounds. */
struct turn {
    TAILQ_ENTRY(turn) link;
    LIST_ENTRY(turn) chain; /* of the hash table */
    uint64_t client;
    struct job_list jobs;
    struct turn_list *in;
};

TAILQ_HEAD(turn_list, turn);

enum { TURN_CHAINS = 256 };

struct queue {
    struct turn_list now;  /* not yet served in this round */
    struct turn_list next; /* served */
    LIST_HEAD(, turn) chains[TURN_CHAINS];
    struct turn common; /* where there is no memory for one of its own */
    size_t n_left;      /* of this round, however many come new */
    size_t n_turns;
    size_t n;
};

void queue_init(struct queue *queue);
void queue_fini(struct queue *queue); /* no job may be left */

/* The last, or the first, of its client's. */
void queue_add(struct queue *queue, struct pool_job *job);
void queue_add_first(struct queue *queue, struct pool_job *job);
void queue_remove(struct queue *queue, struct pool_job *job);

/* The job whose turn it is, off the queue; NULL when it is empty. */
struct pool_job *queue_take(struct queue *queue);

/* The job of that client's behind `after` (NULL: its first); NULL: none. */
struct pool_job *queue_next_of(struct queue *queue, uint64_t client, struct pool_job *after);

/* Any job behind `after` (NULL: the first), in no order to rely on; NULL: none. */
struct pool_job *queue_next(struct queue *queue, struct pool_job *after);

#endif

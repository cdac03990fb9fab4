/* queue.c - one lane of jobs that wait: clients take turns. */
#include "pool/queue.h"

#include <stdlib.h>

#include "pool/pool.h"

/* So many turns a round has beside those that were there when it began: an
 * endless row of new clients does not keep the others waiting. */
enum { NEW_TURNS_A_ROUND = 64 };

static void turn_init(struct turn *turn, uint64_t client)
{
    turn->client = client;
    turn->in = NULL;
    TAILQ_INIT(&turn->jobs);
}

void queue_init(struct queue *queue)
{
    *queue = (struct queue){0};
    TAILQ_INIT(&queue->now);
    TAILQ_INIT(&queue->next);
    for (size_t i = 0; i < TURN_CHAINS; i++)
        LIST_INIT(&queue->chains[i]);
    turn_init(&queue->common, 0);
}

static void enter(struct turn *turn, struct turn_list *list)
{
    if (turn->in)
        TAILQ_REMOVE(turn->in, turn, link);
    turn->in = list;
    TAILQ_INSERT_TAIL(list, turn, link);
}

static void forget(struct queue *queue, struct turn *turn)
{
    TAILQ_REMOVE(turn->in, turn, link);
    turn->in = NULL;
    queue->n_turns--;
    if (turn == &queue->common)
        return;
    LIST_REMOVE(turn, chain);
    free(turn);
}

void queue_fini(struct queue *queue)
{
    struct turn_list *const lists[] = {&queue->now, &queue->next};
    struct turn *turn;

    for (size_t i = 0; i < 2; i++)
        while ((turn = TAILQ_FIRST(lists[i])))
            forget(queue, turn);
}

static struct turn *find(struct queue *queue, uint64_t client)
{
    struct turn *turn;

    LIST_FOREACH(turn, &queue->chains[client % TURN_CHAINS], chain)
        if (turn->client == client)
            return turn;
    return NULL;
}

static struct turn *turn_of(struct queue *queue, uint64_t client)
{
    struct turn *turn = find(queue, client);

    if (turn)
        return turn;
    turn = malloc(sizeof *turn);
    if (turn) {
        turn_init(turn, client);
        LIST_INSERT_HEAD(&queue->chains[client % TURN_CHAINS], turn, chain);
    } else {
        turn = &queue->common;
    }
    if (!turn->in) {
        queue->n_turns++;
        enter(turn, &queue->now);
    }
    return turn;
}

void queue_add(struct queue *queue, struct pool_job *job)
{
    job->turn = turn_of(queue, job->client);
    TAILQ_INSERT_TAIL(&job->turn->jobs, job, link);
    queue->n++;
}

void queue_add_first(struct queue *queue, struct pool_job *job)
{
    job->turn = turn_of(queue, job->client);
    TAILQ_INSERT_HEAD(&job->turn->jobs, job, link);
    queue->n++;
}

void queue_remove(struct queue *queue, struct pool_job *job)
{
    TAILQ_REMOVE(&job->turn->jobs, job, link);
    job->turn = NULL;
    queue->n--;
}

/* Those who have been served come before those that this round had no more turns
 * for: these have waited less. */
static void begin_round(struct queue *queue)
{
    struct turn *turn;

    TAILQ_CONCAT(&queue->next, &queue->now, link);
    TAILQ_CONCAT(&queue->now, &queue->next, link);
    TAILQ_FOREACH(turn, &queue->now, link)
        turn->in = &queue->now;
    queue->n_left = queue->n_turns + NEW_TURNS_A_ROUND;
}

struct pool_job *queue_take(struct queue *queue)
{
    while (queue->n > 0) {
        if (TAILQ_EMPTY(&queue->now) || queue->n_left == 0)
            begin_round(queue);
        struct turn *turn = TAILQ_FIRST(&queue->now);
        struct pool_job *job = TAILQ_FIRST(&turn->jobs);
        if (!job) { /* a whole round without a job */
            forget(queue, turn);
            continue;
        }
        queue->n_left--;
        enter(turn, &queue->next);
        queue_remove(queue, job);
        return job;
    }
    return NULL;
}

struct pool_job *queue_next_of(struct queue *queue, uint64_t client, struct pool_job *after)
{
    struct turn *turn = find(queue, client);

    if (after)
        return TAILQ_NEXT(after, link);
    return turn ? TAILQ_FIRST(&turn->jobs) : NULL;
}

static struct turn *next_turn(struct queue *queue, struct turn *turn)
{
    struct turn *next = TAILQ_NEXT(turn, link);

    return next || turn->in == &queue->next ? next : TAILQ_FIRST(&queue->next);
}

struct pool_job *queue_next(struct queue *queue, struct pool_job *after)
{
    struct turn *first =
        TAILQ_EMPTY(&queue->now) ? TAILQ_FIRST(&queue->next) : TAILQ_FIRST(&queue->now);
    struct turn *turn = after ? after->turn : first;
    struct pool_job *job = after ? TAILQ_NEXT(after, link) : NULL;

    if (!after && turn)
        job = TAILQ_FIRST(&turn->jobs);
    while (!job && turn && (turn = next_turn(queue, turn)))
        job = TAILQ_FIRST(&turn->jobs);
    return job;
}

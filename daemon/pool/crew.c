/* crew.c - places of workers: who is in them, and how often they were filled again. */
#include "pool/state.h"

static struct place *place_of(struct pool *pool, unsigned slot)
{
    return slot < POOL_MOST_PLACES ? &pool->places[slot] : NULL;
}

void place_is_filled(struct pool *pool, unsigned slot, uint32_t pid)
{
    struct place *place = place_of(pool, slot);

    if (!place)
        return;
    place->restarts += place->is_lost;
    place->is_lost = false;
    place->pid = pid;
}

void place_has_job(struct pool *pool, unsigned slot)
{
    struct place *place = place_of(pool, slot);

    if (place)
        place->jobs++;
}

void place_is_lost(struct pool *pool, unsigned slot, uint32_t pid)
{
    struct place *place = place_of(pool, slot);

    if (!place)
        return;
    place->is_lost = true;
    place->pid = pid;
}

static const char *state_of(const struct worker *worker)
{
    switch (worker->state) {
    case WORKER_JOINING:
        return "starting";
    case WORKER_READY:
        return worker->job ? "busy" : "idle";
    case WORKER_STUCK:
    case WORKER_GONE:
        break;
    }
    return "lost";
}

static const struct worker *in_place(const struct pool *pool, unsigned slot)
{
    const struct worker *worker, *found = NULL;

    /* The one before may still be waited for. */
    LIST_FOREACH(worker, &pool->workers, link)
        if (worker->slot == slot && (!found || worker->state < found->state))
            found = worker;
    return found;
}

static struct pool_worker told(const struct pool *pool, unsigned slot, const struct worker *worker)
{
    const struct place *place = &pool->places[slot];
    struct pool_worker told = {
        .slot = slot,
        .pid = worker ? worker->pid : place->pid,
        .state = worker ? state_of(worker) : "lost",
        .jobs = place->jobs,
        .restarts = place->restarts,
    };

    if (worker && worker->job) {
        const char *path = worker->job->message.path;
        told.path = path && path[0] ? path : NULL;
        told.busy_ms = uv_now(pool->loop) - worker->busy_since_ms;
    }
    return told;
}

size_t pool_workers(const struct pool *pool, struct pool_worker *workers_out, size_t room)
{
    size_t n = 0;

    for (unsigned slot = 0; slot < POOL_MOST_PLACES && n < room; slot++) {
        const struct worker *worker = in_place(pool, slot);
        if (worker || pool->places[slot].is_lost)
            workers_out[n++] = told(pool, slot, worker);
    }
    return n;
}

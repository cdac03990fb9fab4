/* line.c - who waits for memory: first come, first served. */
#include "base/container.h"
#include "cache/state.h"

static void leave_line(struct cache *cache, struct memory_wait *wait)
{
    wait->waiting = false;
    TAILQ_REMOVE(&cache->starved, wait, link);
}

/* Serve who waits for memory, first come first, until there is none. */
static void feed_starved(struct soon_task *task)
{
    struct cache *cache = CONTAINER_OF(task, struct cache, feed);
    struct memory_wait *wait;

    while ((wait = TAILQ_FIRST(&cache->starved))) {
        leave_line(cache, wait);
        cache->feeding = true;
        wait->retry(wait);
        cache->feeding = false;
        if (wait->waiting) { /* again: it keeps its place */
            TAILQ_REMOVE(&cache->starved, wait, link);
            TAILQ_INSERT_HEAD(&cache->starved, wait, link);
            return;
        }
    }
}

void cache_wait_memory(struct cache *cache, struct memory_wait *wait)
{
    if (wait->waiting)
        return;
    wait->waiting = true;
    cache->counters.waits++;
    TAILQ_INSERT_TAIL(&cache->starved, wait, link);
    if (!TAILQ_EMPTY(&cache->leaving))
        line_feed(cache);
    /* What was unpinned between the question and now woke nobody. */
    for (int rank = 0; rank < TILE_RANKS; rank++)
        if (!TAILQ_EMPTY(&cache->unpinned[rank]))
            line_feed(cache);
}

void cache_stop_waiting_memory(struct cache *cache, struct memory_wait *wait)
{
    if (!wait->waiting)
        return;
    leave_line(cache, wait);
    line_feed(cache); /* the next may need less */
}

void line_feed(struct cache *cache)
{
    if (!TAILQ_EMPTY(&cache->starved))
        soon_call(cache->soon, &cache->feed);
}

void line_init(struct cache *cache, struct soon *soon)
{
    TAILQ_INIT(&cache->starved);
    cache->soon = soon;
    cache->feed.run = feed_starved;
}

void line_fini(struct cache *cache)
{
    soon_cancel(cache->soon, &cache->feed);
}

/* cache.c - decoded samples, kept within a budget. */
#include "cache/cache.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/container.h"
#include "cache/buddy.h"

/* A failure may have been the disk's, and pass. */
enum { RETRY_UNREADABLE_MS = 10000 };
/* More stretches of damage in a tile are told as one, and no text is longer: a
 * worker that went mad must not fill the memory. */
enum { MAX_DAMAGE = 64, MAX_DAMAGE_TEXT = 1024 };

struct cache {
    struct buddy *buddy;
    const int32_t *arena;
    struct tile_list *table;
    size_t table_mask;
    struct tile_queue recent; /* unpinned, least recently used first */
    TAILQ_HEAD(, memory_wait) starved;
    bool feeding; /* whoever asks now is the first in line */
    struct soon *soon;
    struct soon_task feed;
    struct cache_counters counters;
};

static void feed_starved(struct soon_task *task);

struct cache *cache_new(const int32_t *arena, size_t arena_bytes, struct soon *soon)
{
    struct cache *cache = calloc(1, sizeof *cache);
    size_t lists = 1024;

    if (!cache)
        return NULL;
    while (lists < arena_bytes / (8 * BUDDY_PAGE))
        lists *= 2;
    cache->buddy = buddy_new(arena_bytes);
    cache->table = calloc(lists, sizeof *cache->table);
    if (!cache->buddy || !cache->table) {
        cache_free(cache);
        return NULL;
    }
    cache->table_mask = lists - 1;
    cache->arena = arena;
    cache->soon = soon;
    cache->feed.run = feed_starved;
    cache->counters.budget_bytes = arena_bytes;
    TAILQ_INIT(&cache->recent);
    TAILQ_INIT(&cache->starved);
    return cache;
}

static uint64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static struct tile_list *list_of(const struct cache *cache, const struct tile_key *key)
{
    uint64_t hash = key->session * 0x9E3779B97F4A7C15u;

    hash = (hash ^ key->channel) * 0xBF58476D1CE4E5B9u;
    hash = (hash ^ ((uint64_t)key->segment << 32 | key->run)) * 0x94D049BB133111EBu;
    hash = (hash ^ key->tile) * 0x9E3779B97F4A7C15u;
    return &cache->table[(hash >> 32) & cache->table_mask];
}

static bool same_key(const struct tile_key *a, const struct tile_key *b)
{
    return a->session == b->session && a->channel == b->channel && a->segment == b->segment &&
           a->run == b->run && a->tile == b->tile;
}

static void forget_damage(struct tile *tile)
{
    struct tile_damage *damage;

    while ((damage = SLIST_FIRST(&tile->damage))) {
        SLIST_REMOVE_HEAD(&tile->damage, link);
        free(damage);
    }
}

static void forget(struct cache *cache, struct tile *tile)
{
    assert(tile->pins == 0 && !tile->under_way && LIST_EMPTY(&tile->waits));
    TAILQ_REMOVE(&cache->recent, tile, recent);
    LIST_REMOVE(tile, chain);
    buddy_give(cache->buddy, tile->offset, tile->order);
    forget_damage(tile);
    free(tile);
    cache->counters.tiles--;
}

void cache_free(struct cache *cache)
{
    struct tile *tile;

    if (!cache)
        return;
    if (cache->table) {
        soon_cancel(cache->soon, &cache->feed);
        while ((tile = TAILQ_FIRST(&cache->recent)))
            forget(cache, tile);
    }
    buddy_free(cache->buddy);
    free(cache->table);
    free(cache);
}

/* A piece of the arena, made free by forgetting old tiles where need be. */
static size_t take_memory(struct cache *cache, unsigned order)
{
    for (;;) {
        size_t offset = buddy_take(cache->buddy, order);
        struct tile *oldest = TAILQ_FIRST(&cache->recent);
        if (offset != BUDDY_NONE || !oldest)
            return offset;
        forget(cache, oldest);
        cache->counters.evictions++;
    }
}

static struct tile *make(struct cache *cache, const struct tile_key *key, struct tile_grid grid,
                         uint32_t n_samples)
{
    struct tile *tile = calloc(1, sizeof *tile);

    if (!tile)
        return NULL;
    tile->order = buddy_order((size_t)n_samples * sizeof(int32_t));
    assert(tile->order <= BUDDY_MAX_ORDER);
    tile->offset = take_memory(cache, tile->order);
    if (tile->offset == BUDDY_NONE) {
        free(tile);
        return NULL;
    }
    tile->key = *key;
    tile->grid = grid;
    tile->n_samples = n_samples;
    tile->samples = cache->arena + tile->offset / sizeof(int32_t);
    tile->pins = 1;
    LIST_INIT(&tile->waits);
    SLIST_INIT(&tile->damage);
    LIST_INSERT_HEAD(list_of(cache, key), tile, chain);
    cache->counters.tiles++;
    return tile;
}

void cache_pin(struct cache *cache, struct tile *tile)
{
    if (tile->pins++ == 0)
        TAILQ_REMOVE(&cache->recent, tile, recent);
}

struct tile *cache_ask(struct cache *cache, const struct tile_key *key, struct tile_grid grid,
                       uint32_t n_samples)
{
    struct tile *tile;

    LIST_FOREACH(tile, list_of(cache, key), chain) {
        if (same_key(&tile->key, key)) {
            assert(tile->n_samples == n_samples);
            cache_pin(cache, tile);
            return tile;
        }
    }
    /* Who came first is served first: a small tile must not starve a large one. */
    if (!TAILQ_EMPTY(&cache->starved) && !cache->feeding)
        return NULL;
    return make(cache, key, grid, n_samples);
}

void cache_unpin(struct cache *cache, struct tile *tile)
{
    assert(tile->pins > 0);
    if (--tile->pins > 0)
        return;
    TAILQ_INSERT_TAIL(&cache->recent, tile, recent);
    if (!TAILQ_EMPTY(&cache->starved))
        soon_call(cache->soon, &cache->feed);
}

/* Forget the verdict on damaged units, so that they are read again. Not while
 * units are under way: who waits for them may count on the damaged ones too, and
 * their own damage may have been told already. */
static void retry_unreadable(struct tile *tile)
{
    if (!tile->unreadable || tile->under_way || now_ms() < tile->retry_at_ms)
        return;
    tile->settled &= ~tile->unreadable;
    tile->unreadable = 0;
    forget_damage(tile);
}

uint64_t cache_claim(struct cache *cache, struct tile *tile, uint64_t units)
{
    retry_unreadable(tile);

    uint64_t claimed = units & ~(tile->settled | tile->under_way);
    cache->counters.hits += (uint64_t)__builtin_popcountll(units & tile->settled);
    cache->counters.joins += (uint64_t)__builtin_popcountll(units & tile->under_way);
    cache->counters.misses += (uint64_t)__builtin_popcountll(claimed);
    tile->under_way |= claimed;
    return claimed;
}

void cache_add_damage(struct tile *tile, uint32_t first, uint32_t n, const char *text)
{
    size_t n_known = 0;
    struct tile_damage *damage;

    assert(n > 0 && first < tile->n_samples && n <= tile->n_samples - first);
    tile->unreadable |= tile_units(tile->grid, first, n);
    tile->retry_at_ms = now_ms() + RETRY_UNREADABLE_MS;
    SLIST_FOREACH(damage, &tile->damage, link)
    {
        if (damage->first == first && damage->n == n) /* told by a worker that was lost */
            return;
        /* Too many to list: the newest grows over what is between. */
        if (++n_known >= MAX_DAMAGE) {
            struct tile_damage *newest = SLIST_FIRST(&tile->damage);
            uint32_t end =
                first + n > newest->first + newest->n ? first + n : newest->first + newest->n;
            newest->first = first < newest->first ? first : newest->first;
            newest->n = end - newest->first;
            return;
        }
    }
    size_t length = strnlen(text, MAX_DAMAGE_TEXT);
    damage = malloc(sizeof *damage + length + 1);
    if (!damage)
        return; /* the units are unreadable all the same */
    damage->first = first;
    damage->n = n;
    memcpy(damage->text, text, length);
    damage->text[length] = '\0';
    SLIST_INSERT_HEAD(&tile->damage, damage, link);
}

void cache_settle(struct tile *tile, uint64_t units)
{
    LIST_HEAD(, tile_wait) done = LIST_HEAD_INITIALIZER(done);
    struct tile_wait *wait, *next;

    assert((tile->under_way & units) == units);
    tile->under_way &= ~units;
    tile->settled |= units;
    for (wait = LIST_FIRST(&tile->waits); wait; wait = next) {
        next = LIST_NEXT(wait, link);
        if ((wait->units & ~tile->settled) == 0) {
            LIST_REMOVE(wait, link);
            LIST_INSERT_HEAD(&done, wait, link);
        }
    }
    /* One at a time: what is called may end another's wait. */
    while ((wait = LIST_FIRST(&done))) {
        cache_stop_waiting(wait);
        wait->settled(wait, tile);
    }
}

bool cache_is_awaited(const struct tile *tile, uint64_t units)
{
    const struct tile_wait *wait;

    LIST_FOREACH(wait, &tile->waits, link)
        if (wait->units & units)
            return true;
    return false;
}

void cache_abandon(struct tile *tile, uint64_t units)
{
    assert((tile->under_way & units) == units && !cache_is_awaited(tile, units));
    tile->under_way &= ~units;
}

bool cache_await(struct tile *tile, uint64_t units, struct tile_wait *wait)
{
    if ((units & ~tile->settled) == 0)
        return true;
    wait->tile = tile;
    wait->units = units;
    LIST_INSERT_HEAD(&tile->waits, wait, link);
    return false;
}

void cache_stop_waiting(struct tile_wait *wait)
{
    if (!wait->tile)
        return;
    wait->tile = NULL;
    LIST_REMOVE(wait, link);
}

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
    TAILQ_INSERT_TAIL(&cache->starved, wait, link);
    /* What was unpinned between the question and now woke nobody. */
    if (!TAILQ_EMPTY(&cache->recent))
        soon_call(cache->soon, &cache->feed);
}

void cache_stop_waiting_memory(struct cache *cache, struct memory_wait *wait)
{
    if (!wait->waiting)
        return;
    leave_line(cache, wait);
    if (!TAILQ_EMPTY(&cache->starved)) /* the next may need less */
        soon_call(cache->soon, &cache->feed);
}

void cache_drop_session(struct cache *cache, uint64_t session)
{
    struct tile *tile = TAILQ_FIRST(&cache->recent);

    while (tile) {
        struct tile *next = TAILQ_NEXT(tile, recent);
        if (tile->key.session == session)
            forget(cache, tile);
        tile = next;
    }
}

uint32_t cache_longest_tile(const struct cache *cache)
{
    return (uint32_t)(buddy_largest(cache->buddy) / sizeof(int32_t));
}

struct cache_counters cache_counters(const struct cache *cache)
{
    struct cache_counters counters = cache->counters;

    counters.used_bytes = buddy_used(cache->buddy);
    return counters;
}

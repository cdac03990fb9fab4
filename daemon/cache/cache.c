/* cache.c - decoded samples, kept within a budget: which tiles there are. */
#include <assert.h>
#include <stdlib.h>
#include <time.h>

#include "cache/state.h"

/* Shares of the memory: what was asked for again may have half of it, what is
 * read ahead a quarter, so that a page just looked at always has a place. */
enum { HOT_SHARE = 2, AHEAD_SHARE = 4 };

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
    cache->counters.budget_bytes = arena_bytes;
    for (int rank = 0; rank < TILE_RANKS; rank++)
        TAILQ_INIT(&cache->unpinned[rank]);
    TAILQ_INIT(&cache->leaving);
    line_init(&cache->line, soon);
    return cache;
}

static struct tile_list *list_of(const struct cache *cache, const struct tile_key *key)
{
    uint64_t hash = key->session * 0x9E3779B97F4A7C15u;

    hash = (hash ^ key->channel) * 0xBF58476D1CE4E5B9u;
    hash = (hash ^ key->segment) * 0x94D049BB133111EBu;
    hash = (hash ^ (uint64_t)key->first) * 0x9E3779B97F4A7C15u;
    return &cache->table[(hash >> 32) & cache->table_mask];
}

static bool same_key(const struct tile_key *a, const struct tile_key *b)
{
    return a->session == b->session && a->channel == b->channel && a->segment == b->segment &&
           a->first == b->first;
}

uint64_t cache_now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* Its samples are gone; the tile itself and its memory are not. */
static void forget(struct tile *tile)
{
    struct cache *cache = tile->cache;

    assert(tile->pins == 0 && !tile->under_way && LIST_EMPTY(&tile->waits));
    TAILQ_REMOVE(&cache->unpinned[tile->rank], tile, recent);
    LIST_REMOVE(tile, chain);
    cache->rank_bytes[tile->rank] -= buddy_bytes(tile->order);
    cache->counters.ahead_wasted += (uint64_t)__builtin_popcountll(tile->ahead);
    units_forget_damage(tile);
    cache->counters.tiles--;
}

/* For another tile. */
static void evict(struct tile *tile)
{
    struct cache *cache = tile->cache;

    forget(tile);
    buddy_give(cache->buddy, tile->offset, tile->order);
    cache->counters.evictions++;
    free(tile);
}

/* For good: unless somebody waits for its memory, that goes back to the machine. */
static void retire(struct tile *tile)
{
    forget(tile);
    TAILQ_INSERT_TAIL(&tile->cache->leaving, tile, recent);
    line_feed(&tile->cache->line);
}

/* The memory of the first that leaves is used again after all. */
static void stay(struct cache *cache, struct tile *tile)
{
    TAILQ_REMOVE(&cache->leaving, tile, recent);
    buddy_give(cache->buddy, tile->offset, tile->order);
    free(tile);
}

void cache_free(struct cache *cache)
{
    struct tile *tile;

    if (!cache)
        return;
    if (cache->table) {
        line_fini(&cache->line);
        for (int rank = 0; rank < TILE_RANKS; rank++)
            while ((tile = TAILQ_FIRST(&cache->unpinned[rank])))
                evict(tile);
        while ((tile = TAILQ_FIRST(&cache->leaving)))
            stay(cache, tile);
    }
    buddy_free(cache->buddy);
    free(cache->table);
    free(cache);
}

/* A piece of the arena, made free by forgetting tiles where need be. */
static size_t take_memory(struct cache *cache, unsigned order)
{
    for (;;) {
        size_t offset = buddy_take(cache->buddy, order);
        struct tile *tile = TAILQ_FIRST(&cache->leaving);
        if (offset != BUDDY_NONE)
            return offset;
        if (tile) {
            stay(cache, tile);
            continue;
        }
        for (int rank = 0; !tile && rank < TILE_RANKS; rank++)
            tile = TAILQ_FIRST(&cache->unpinned[rank]);
        if (!tile)
            return BUDDY_NONE;
        evict(tile);
    }
}

/* The same, within the share of what is read ahead and at the cost of no tile
 * that was asked for again: the oldest of its own kind makes room once the share
 * is used up, else one that was used once. */
static size_t take_memory_ahead(struct cache *cache, unsigned order)
{
    size_t share = cache->counters.budget_bytes / AHEAD_SHARE;

    for (;;) {
        bool over = cache->rank_bytes[TILE_AHEAD] + buddy_bytes(order) > share;
        size_t offset = over ? BUDDY_NONE : buddy_take(cache->buddy, order);
        struct tile *tile = TAILQ_FIRST(&cache->leaving);
        if (offset != BUDDY_NONE)
            return offset;
        if (tile && !over) {
            stay(cache, tile);
            continue;
        }
        tile = TAILQ_FIRST(&cache->unpinned[over ? TILE_AHEAD : TILE_ONCE]);
        if (!tile || buddy_bytes(order) > share)
            return BUDDY_NONE;
        evict(tile);
    }
}

static struct tile *make(struct cache *cache, const struct tile_key *key, struct tile_grid grid,
                         uint32_t n_samples, enum tile_rank rank)
{
    struct tile *tile = calloc(1, sizeof *tile);

    if (!tile)
        return NULL;
    tile->order = buddy_order((size_t)n_samples * sizeof(int32_t));
    assert(tile->order <= BUDDY_MAX_ORDER);
    tile->offset = rank == TILE_AHEAD ? take_memory_ahead(cache, tile->order)
                                      : take_memory(cache, tile->order);
    if (tile->offset == BUDDY_NONE) {
        free(tile);
        return NULL;
    }
    tile->cache = cache;
    tile->key = *key;
    tile->grid = grid;
    tile->n_samples = n_samples;
    tile->samples = cache->arena + tile->offset / sizeof(int32_t);
    tile->pins = 1;
    tile->rank = rank;
    LIST_INIT(&tile->waits);
    LIST_INIT(&tile->claims);
    SLIST_INIT(&tile->damage);
    LIST_INSERT_HEAD(list_of(cache, key), tile, chain);
    cache->rank_bytes[rank] += buddy_bytes(tile->order);
    cache->counters.tiles++;
    return tile;
}

void cache_pin(struct cache *cache, struct tile *tile)
{
    if (tile->pins++ == 0)
        TAILQ_REMOVE(&cache->unpinned[tile->rank], tile, recent);
}

static struct tile *find(struct cache *cache, const struct tile_key *key, struct tile_grid grid,
                         uint32_t n_samples)
{
    struct tile *tile;

    LIST_FOREACH(tile, list_of(cache, key), chain) {
        if (same_key(&tile->key, key) && tile->n_samples == n_samples &&
            tile->grid.unit_samples == grid.unit_samples &&
            tile->grid.tile_samples == grid.tile_samples) {
            cache_pin(cache, tile);
            return tile;
        }
    }
    return NULL;
}

struct tile *cache_ask(struct cache *cache, const struct tile_key *key, struct tile_grid grid,
                       uint32_t n_samples)
{
    struct tile *tile = find(cache, key, grid, n_samples);

    if (tile)
        return tile;
    /* Who came first is served first: a small tile must not starve a large one. */
    if (line_is_closed(&cache->line))
        return NULL;
    return make(cache, key, grid, n_samples, TILE_ONCE);
}

struct tile *cache_ask_ahead(struct cache *cache, const struct tile_key *key, struct tile_grid grid,
                             uint32_t n_samples)
{
    struct tile *tile = find(cache, key, grid, n_samples);

    if (tile || line_is_closed(&cache->line))
        return tile;
    return make(cache, key, grid, n_samples, TILE_AHEAD);
}

void cache_unpin(struct cache *cache, struct tile *tile)
{
    assert(tile->pins > 0);
    if (--tile->pins > 0)
        return;
    tile->used_at_ms = cache_now_ms();
    TAILQ_INSERT_TAIL(&cache->unpinned[tile->rank], tile, recent);
    line_feed(&cache->line);
}

static void set_rank(struct tile *tile, enum tile_rank rank)
{
    tile->cache->rank_bytes[tile->rank] -= buddy_bytes(tile->order);
    tile->cache->rank_bytes[rank] += buddy_bytes(tile->order);
    tile->rank = rank;
}

/* Those of the hot ones that were not asked for lately have had their time. */
static void cool(struct cache *cache)
{
    struct tile *tile;

    while (cache->rank_bytes[TILE_HOT] > cache->counters.budget_bytes / HOT_SHARE &&
           (tile = TAILQ_FIRST(&cache->unpinned[TILE_HOT]))) {
        TAILQ_REMOVE(&cache->unpinned[TILE_HOT], tile, recent);
        set_rank(tile, TILE_ONCE);
        TAILQ_INSERT_TAIL(&cache->unpinned[TILE_ONCE], tile, recent);
    }
}

/* Whoever reads on asks for the rest of a tile, not again for what it had: only
 * who asks mostly for samples that were used before makes a tile hot. */
void cache_use(struct tile *tile, uint32_t first, uint32_t n)
{
    uint32_t end = first + n;
    uint32_t from = first > tile->used_from ? first : tile->used_from;
    uint32_t to = end < tile->used_to ? end : tile->used_to;
    bool touches = from <= to && tile->used_from < tile->used_to;
    uint64_t found = tile->ahead & tile_units(tile->grid, first, n);

    assert(tile->pins > 0 && n > 0 && first < tile->n_samples && n <= tile->n_samples - first);
    tile->ahead &= ~found;
    tile->cache->counters.ahead_used += (uint64_t)__builtin_popcountll(found);
    if (tile->rank == TILE_AHEAD)
        set_rank(tile, TILE_ONCE);
    if (touches && to - from > n / 2) {
        set_rank(tile, TILE_HOT);
        cool(tile->cache);
    }
    if (!touches || first < tile->used_from)
        tile->used_from = first;
    if (!touches || end > tile->used_to)
        tile->used_to = end;
}

static void retire_all(struct cache *cache, bool (*is_due)(const struct tile *tile, uint64_t arg),
                       uint64_t arg, uint64_t *n)
{
    for (int rank = 0; rank < TILE_RANKS; rank++) {
        struct tile *tile = TAILQ_FIRST(&cache->unpinned[rank]);
        while (tile) {
            struct tile *next = TAILQ_NEXT(tile, recent);
            if (is_due(tile, arg)) {
                retire(tile);
                ++*n;
            }
            tile = next;
        }
    }
}

static bool is_of_session(const struct tile *tile, uint64_t session)
{
    return tile->key.session == session;
}

void cache_drop_session(struct cache *cache, uint64_t session)
{
    uint64_t n = 0;

    retire_all(cache, is_of_session, session, &n);
}

static bool is_older(const struct tile *tile, uint64_t than_ms)
{
    return tile->used_at_ms <= than_ms;
}

void cache_expire(struct cache *cache, uint64_t now_ms, uint64_t ttl_ms)
{
    if (now_ms >= ttl_ms)
        retire_all(cache, is_older, now_ms - ttl_ms, &cache->counters.expired);
}

size_t cache_leaving(struct cache *cache, struct cache_piece *pieces_out, size_t room)
{
    struct tile *tile;
    size_t n = 0;

    while (n < room && (tile = TAILQ_FIRST(&cache->leaving))) {
        pieces_out[n++] = (struct cache_piece){tile->offset, tile->order};
        TAILQ_REMOVE(&cache->leaving, tile, recent);
        free(tile);
    }
    return n;
}

void cache_left(struct cache *cache, const struct cache_piece *pieces, size_t n)
{
    for (size_t i = 0; i < n; i++)
        buddy_give(cache->buddy, pieces[i].offset, pieces[i].order);
    line_feed(&cache->line);
}

void cache_wait_memory(struct cache *cache, struct memory_wait *wait)
{
    line_join(&cache->line, wait);
    /* What was unpinned, or left, between the question and now woke nobody. */
    bool is_some = !TAILQ_EMPTY(&cache->leaving);
    for (int rank = 0; rank < TILE_RANKS; rank++)
        is_some |= !TAILQ_EMPTY(&cache->unpinned[rank]);
    if (is_some)
        line_feed(&cache->line);
}

void cache_stop_waiting_memory(struct cache *cache, struct memory_wait *wait)
{
    line_leave(&cache->line, wait);
}

uint32_t cache_longest_tile(const struct cache *cache)
{
    return (uint32_t)(buddy_largest(cache->buddy) / sizeof(int32_t));
}

struct cache_counters cache_counters(const struct cache *cache)
{
    struct cache_counters counters = cache->counters;

    counters.used_bytes = buddy_used(cache->buddy);
    counters.waits = cache->line.n_waits;
    counters.hot_bytes = cache->rank_bytes[TILE_HOT];
    counters.ahead_bytes = cache->rank_bytes[TILE_AHEAD];
    return counters;
}

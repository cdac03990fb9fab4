/* cache.h - decoded samples, kept within a budget; what is asked for twice is
 * decoded once.
 *
 * The cache is private to the server and knows neither workers nor requests. Who
 * wants samples asks for a tile (cache_ask: found or made, pinned), looks which
 * of its units nobody has asked for yet (cache_claim), has those decoded into
 * the tile's part of the arena, and says so (cache_settle). Who wants units that
 * are under way waits for them with a `struct tile_wait`.
 *
 * A tile is forgotten, least recently used first, when memory is needed and
 * nobody has it pinned. Pins are short: samples are copied out as soon as they
 * are there, so a slow client holds none. */
#ifndef CACHE_CACHE_H
#define CACHE_CACHE_H

#include <stdbool.h>
#include <sys/queue.h>

#include "base/soon.h"
#include "cache/tile.h"

/* A stretch of a tile that could not be read, and why. */
struct tile_damage {
    SLIST_ENTRY(tile_damage) link;
    uint32_t first; /* in the tile */
    uint32_t n;
    char text[];
};

/* Waits for units of a tile; embedded in whatever waits. */
struct tile_wait {
    LIST_ENTRY(tile_wait) link;
    struct tile *tile; /* NULL: not waiting */
    uint64_t units;
    /* The units are settled. Called once, the wait is over by then. */
    void (*settled)(struct tile_wait *wait, struct tile *tile);
};

LIST_HEAD(tile_list, tile);
TAILQ_HEAD(tile_queue, tile);

/* Read its fields, change none. */
struct tile {
    LIST_ENTRY(tile) chain;   /* of the hash table */
    TAILQ_ENTRY(tile) recent; /* of the unpinned ones, by last use */
    LIST_HEAD(, tile_wait) waits;
    SLIST_HEAD(, tile_damage) damage;
    struct tile_key key;
    struct tile_grid grid;
    uint32_t n_samples;
    unsigned pins;
    unsigned order;
    size_t offset;          /* in the arena, bytes */
    const int32_t *samples; /* n_samples counts; those of settled units are valid */
    uint64_t settled;       /* units that are there, or are known to be damaged */
    uint64_t under_way;
    uint64_t unreadable;  /* settled units with damage in them */
    uint64_t retry_at_ms; /* when unreadable units may be tried again */
};

/* `retry` is called when memory may be had again, after cache_ask gave NULL. It
 * may wait once more; it must not free the wait. */
struct memory_wait {
    TAILQ_ENTRY(memory_wait) link;
    bool waiting;
    void (*retry)(struct memory_wait *wait);
};

struct cache_counters {
    uint64_t hits;      /* units that were there */
    uint64_t joins;     /* units that were under way */
    uint64_t misses;    /* units that were claimed */
    uint64_t evictions; /* tiles */
    size_t tiles;
    size_t used_bytes;
    size_t budget_bytes;
};

struct cache;

/* arena is mapped read-only and outlives the cache. */
struct cache *cache_new(const int32_t *arena, size_t arena_bytes, struct soon *soon);
void cache_free(struct cache *cache);

/* The tile of that key, pinned; made when it is not there (then nothing of it is
 * settled). n_samples and grid must be the same for the same key. NULL: there is
 * no memory now, or others wait for some already; see cache_wait_memory. */
struct tile *cache_ask(struct cache *cache, const struct tile_key *key, struct tile_grid grid,
                       uint32_t n_samples);
void cache_pin(struct cache *cache, struct tile *tile);
void cache_unpin(struct cache *cache, struct tile *tile);

/* Of `units`, those that are neither settled nor under way: they are under way
 * from now on, and the caller must see to it that cache_settle or
 * cache_abandon is called for them. The tile stays pinned by the caller. */
uint64_t cache_claim(struct cache *cache, struct tile *tile, uint64_t units);

/* Damage found while decoding claimed units; `first` counts in the tile. */
void cache_add_damage(struct tile *tile, uint32_t first, uint32_t n, const char *text);

/* Claimed units are done: wakes who waits for them. */
void cache_settle(struct tile *tile, uint64_t units);

/* Claimed units will not be decoded after all. Nobody may be waiting for them:
 * see cache_is_awaited. */
void cache_abandon(struct tile *tile, uint64_t units);
bool cache_is_awaited(const struct tile *tile, uint64_t units);

/* True when all `units` are settled; else `wait` waits for them. */
bool cache_await(struct tile *tile, uint64_t units, struct tile_wait *wait);
void cache_stop_waiting(struct tile_wait *wait);

/* First come, first served. */
void cache_wait_memory(struct cache *cache, struct memory_wait *wait);
void cache_stop_waiting_memory(struct cache *cache, struct memory_wait *wait);

/* Forget the tiles of a session that nobody has pinned. */
void cache_drop_session(struct cache *cache, uint64_t session);

/* Samples of the longest tile that the arena can hold: a longer block is cut. */
uint32_t cache_longest_tile(const struct cache *cache);

struct cache_counters cache_counters(const struct cache *cache);

#endif

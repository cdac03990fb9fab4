/* cache.h - decoded samples, kept within a budget; what is asked for twice is
 * decoded once.
 *
 * The cache is private to the server and knows neither workers nor requests. Who
 * wants samples asks for a tile (cache_ask: found or made, pinned), looks which
 * of its units nobody has asked for yet (cache_claim), has those decoded into
 * the tile's part of the arena, and says so (cache_settle). Who wants units that
 * are under way waits for them with a `struct tile_wait`.
 *
 * Tiles that nobody has pinned are forgotten when memory is needed: first those
 * whose samples were used once (a scan passes through these and leaves the rest
 * alone), then those read ahead and not used yet, last those whose samples were
 * asked for again; least recently used first in each. Pins are short: samples
 * are copied out as soon as they are there, so a slow client holds none.
 *
 * Memory of tiles that were forgotten for good (their session was closed, or
 * nobody used them for long) goes back to the machine: see cache_leaving. */
#ifndef CACHE_CACHE_H
#define CACHE_CACHE_H

#include <stdbool.h>
#include <sys/queue.h>

#include "cache/line.h"
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
    /* The units are settled, or some of them will not be: see cache_is_settled.
     * Called once, the wait is over by then. */
    void (*settled)(struct tile_wait *wait, struct tile *tile);
};

/* Who sees to units that are under way; embedded in what does. */
struct tile_claim {
    LIST_ENTRY(tile_claim) link;
    uint64_t units;
};

LIST_HEAD(tile_list, tile);
TAILQ_HEAD(tile_queue, tile);

/* What a tile has been used for, in the order in which tiles are forgotten. */
enum tile_rank {
    TILE_ONCE,  /* its samples were used once, or are about to be */
    TILE_AHEAD, /* read ahead, not used yet */
    TILE_HOT,   /* its samples were asked for again */
    TILE_RANKS,
};

/* Read its fields, change none. */
struct tile {
    LIST_ENTRY(tile) chain;   /* of the hash table */
    TAILQ_ENTRY(tile) recent; /* of the unpinned ones of its rank, by last use */
    struct cache *cache;
    LIST_HEAD(, tile_wait) waits;
    LIST_HEAD(, tile_claim) claims;
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
    uint64_t ahead;       /* units claimed ahead, and not used yet */
    enum tile_rank rank;
    uint32_t used_from; /* the samples that were used last: a stretch that grows */
    uint32_t used_to;   /* while it is read on */
    uint64_t used_at_ms;
};

/* Of the arena, in bytes. */
struct cache_piece {
    size_t offset;
    unsigned order;
};

struct cache_counters {
    uint64_t hits;      /* units that were there */
    uint64_t joins;     /* units that were under way */
    uint64_t misses;    /* units that were claimed */
    uint64_t evictions; /* tiles, for want of memory */
    uint64_t expired;   /* tiles that nobody used for long */
    uint64_t waits;     /* for memory */
    uint64_t ahead;     /* units that were claimed ahead */
    uint64_t ahead_used;
    uint64_t ahead_wasted;  /* forgotten before anybody used them */
    uint64_t ahead_dropped; /* not decoded after all */
    size_t tiles;
    size_t used_bytes;
    size_t hot_bytes;
    size_t ahead_bytes; /* of tiles made ahead of which nothing was used yet */
    size_t budget_bytes;
};

struct cache;

/* arena is mapped read-only and outlives the cache. */
struct cache *cache_new(const int32_t *arena, size_t arena_bytes, struct soon *soon);
void cache_free(struct cache *cache);

/* The tile of that key, pinned; made when it is not there (then nothing of it is
 * settled). Another n_samples or grid is another tile. NULL: there is
 * no memory now, or others wait for some already; see cache_wait_memory. */
struct tile *cache_ask(struct cache *cache, const struct tile_key *key, struct tile_grid grid,
                       uint32_t n_samples);
void cache_pin(struct cache *cache, struct tile *tile);
void cache_unpin(struct cache *cache, struct tile *tile);

/* The same for samples that nobody has asked for yet. NULL also when it would
 * take more than a quarter of the memory for such tiles, or the place of a tile
 * that was asked for again: never worth waiting for. */
struct tile *cache_ask_ahead(struct cache *cache, const struct tile_key *key, struct tile_grid grid,
                             uint32_t n_samples);

/* Samples [first, first + n) of a pinned tile are used now, for a request. */
void cache_use(struct tile *tile, uint32_t first, uint32_t n);

/* Of `units`, those that are neither settled nor under way: they are under way
 * from now on, and the caller must see to it that cache_settle or
 * cache_abandon is called for them. Of a divided block more than those (tile_reach).
 * The tile stays pinned by the caller. */
uint64_t cache_claim(struct cache *cache, struct tile *tile, uint64_t units);

/* The same for units that nobody has asked for yet: counts no hits and misses,
 * and notes which of them are used later. */
uint64_t cache_claim_ahead(struct tile *tile, uint64_t units);

/* Say who sees to claimed units, and that it does no longer: who comes to wait for
 * them can find it. */
void cache_note_claim(struct tile *tile, uint64_t units, struct tile_claim *claim);
void cache_end_claim(struct tile_claim *claim);

/* Damage found while decoding claimed units; `first` counts in the tile. */
void cache_add_damage(struct tile *tile, uint32_t first, uint32_t n, const char *text);

/* Claimed units are done: wakes who waits for them. */
void cache_settle(struct tile *tile, uint64_t units);

/* Claimed units will not be decoded after all: wakes who waits for them. */
void cache_abandon(struct tile *tile, uint64_t units);
bool cache_is_awaited(const struct tile *tile, uint64_t units);

static inline bool cache_is_settled(const struct tile *tile, uint64_t units)
{
    return (units & ~tile->settled) == 0;
}

/* True when all `units` are settled; else `wait` waits for them. */
bool cache_await(struct tile *tile, uint64_t units, struct tile_wait *wait);
void cache_stop_waiting(struct tile_wait *wait);

/* Wait for memory, after cache_ask gave NULL. */
void cache_wait_memory(struct cache *cache, struct memory_wait *wait);
void cache_stop_waiting_memory(struct cache *cache, struct memory_wait *wait);

/* Forget the tiles of a session that nobody has pinned. */
void cache_drop_session(struct cache *cache, uint64_t session);

/* Forget the tiles that nobody has used for ttl_ms, at cache_now_ms() or later. */
void cache_expire(struct cache *cache, uint64_t now_ms, uint64_t ttl_ms);
uint64_t cache_now_ms(void);

/* Pieces of the arena whose tiles were forgotten for good, at most `room`: the
 * caller has their memory given back to the machine, and then says so. They
 * count as used until then. Returns how many. */
size_t cache_leaving(struct cache *cache, struct cache_piece *pieces_out, size_t room);
void cache_left(struct cache *cache, const struct cache_piece *pieces, size_t n);
static inline size_t cache_piece_bytes(const struct cache_piece *piece)
{
    return (size_t)4096 << piece->order;
}

/* Samples of the longest tile that the arena can hold: a longer block is cut. */
uint32_t cache_longest_tile(const struct cache *cache);

struct cache_counters cache_counters(const struct cache *cache);

#endif

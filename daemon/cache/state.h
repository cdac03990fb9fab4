/* state.h - what the files of this room share.
 *
 * cache.c    which tiles there are, and the memory they have
 * units.c    the units of a tile
 * line.c     who waits for memory */
#ifndef CACHE_STATE_H
#define CACHE_STATE_H

#include "cache/buddy.h"
#include "cache/cache.h"

struct cache {
    struct buddy *buddy;
    const int32_t *arena;
    struct tile_list *table;
    size_t table_mask;
    struct tile_queue unpinned[TILE_RANKS]; /* least recently used first */
    size_t rank_bytes[TILE_RANKS];          /* of all tiles, pinned ones too */
    struct tile_queue leaving;              /* forgotten, but for their memory */
    struct line line;
    struct cache_counters counters;
};

/* units.c */
void units_forget_damage(struct tile *tile);

#endif

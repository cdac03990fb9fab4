/* piece.h - stretches of recorded samples, cut at the borders of tiles.
 *
 * What is read for a message and what is read ahead go the same way: plan.h says
 * which spans of runs a window has, here a span is cut into pieces of one tile
 * each. */
#ifndef SERVICE_PIECE_H
#define SERVICE_PIECE_H

#include "service/state.h"

/* A part of a span that one tile covers. */
struct piece {
    struct tile_key key;
    struct tile_grid grid;
    uint32_t tile_samples;
    uint32_t first; /* in the tile */
    uint32_t n;
    int64_t base;     /* the tile's first sample, in the segment */
    uint32_t channel; /* as workers call it */
    int32_t segment;  /* likewise */
};

/* The piece of a readable span of channel number `place` that begins `done` < n
 * samples into it. `longest` is the cache's longest tile. */
struct piece piece_of(const struct recording *recording, uint32_t place, const struct span *span,
                      int64_t done, uint32_t longest);

/* `next` begins where `piece` ends, in the same tile. */
bool piece_is_followed(const struct piece *piece, const struct piece *next);

uint64_t piece_units(const struct piece *piece);

/* decode_need for the piece's units of its tile, which is pinned. */
uint64_t piece_need(const struct piece *piece, struct tile *tile, struct decode_batch *batch);

#endif

/* tile.h - how a run of samples is cut into tiles, and tiles into units.
 *
 * Memory is kept by the tile and decoding is done by the unit: a ten-second
 * page must not pay for a minute of decoding, and the cache must not keep an
 * entry a block. A unit is the fewest whole blocks that hold TILE_UNIT_SAMPLES
 * (usually one block). A tile is as many units as fit TILE_SAMPLES, at least
 * one and at most 64. A block longer than that is a tile by itself, and one that is
 * much longer is divided: its units are parts of the block. They are decoded from
 * the block's start, so more is decoded at a time the farther it goes (tile_reach).
 * Tiles and units start anew at each run, so that they stay aligned
 * with the blocks after a gap. Where a file's blocks are irregular the worker
 * decodes a block and keeps its part: alignment is for speed only. */
#ifndef CACHE_TILE_H
#define CACHE_TILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TILE_UNIT_SAMPLES 1024
#define TILE_SAMPLES 16384
#define TILE_MAX_UNITS 64
/* A part of a block is not shorter, and a block of fewer than four such is whole. */
#define TILE_PART_SAMPLES 16384
/* A longer block is cut all the same: a tile must fit the arena's largest piece. */
#define TILE_LONGEST (4u << 20)

/* Which tile: a part of one run of one channel; its grid and length belong to it too, so
 * that where a recording grows, what it had stays what it was. `session` is a number that is
 * never used for another recording, nor for the same one opened after it changed. */
struct tile_key {
    uint64_t session;
    uint32_t channel;
    uint32_t segment; /* its place among the channel's segments */
    int64_t first;    /* its first sample, in the segment */
};

/* How a run is cut. */
struct tile_grid {
    uint32_t unit_samples;
    uint32_t tile_samples; /* a multiple of unit_samples, unless units are parts of a block */
};

struct tile_grid tile_grid_of(uint32_t block_samples);

/* Samples of the run's tile number `tile`: tile_samples, fewer for the last. */
uint32_t tile_length(struct tile_grid grid, int64_t run_samples, uint32_t tile);

/* Are the tile's units parts of one block? */
bool tile_is_divided(struct tile_grid grid);

/* What to decode when these units are wanted, of a tile of n_samples: of a block that
 * is divided, all from its start to their end, and on to a whole, a quarter, a sixteenth
 * ... of it. So who reads on has it decoded 1 + 1/4 + 1/16 + ... times (up to 5/3, where
 * parts make no whole quarters), and who wants only its beginning waits for some four times
 * as much. Elsewhere just the units. */
uint64_t tile_reach(struct tile_grid grid, uint32_t n_samples, uint64_t units);

/* The units that hold samples [first, first + n) of a tile, as a mask. n > 0. */
uint64_t tile_units(struct tile_grid grid, uint32_t first, uint32_t n);

#endif

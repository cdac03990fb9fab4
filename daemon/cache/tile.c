/* tile.c - how a run of samples is cut into tiles, and tiles into units. */
#include "cache/tile.h"

/* A block is decoded in shares of a whole, a quarter, a sixteenth ... of its parts. */
enum { SHARE = 4 };

struct tile_grid tile_grid_of(uint32_t block_samples)
{
    uint32_t block = block_samples == 0 ? 1 : block_samples;

    if (block >= TILE_SAMPLES) {
        uint32_t length = block < TILE_LONGEST ? block : TILE_LONGEST;
        uint32_t parts = length / TILE_PART_SAMPLES;
        if (parts > TILE_MAX_UNITS)
            parts = TILE_MAX_UNITS;
        if (parts < SHARE)
            parts = 1;
        return (struct tile_grid){(length + parts - 1) / parts, length};
    }
    uint32_t unit = (TILE_UNIT_SAMPLES + block - 1) / block * block;
    uint32_t units = TILE_SAMPLES / unit;
    if (units > TILE_MAX_UNITS)
        units = TILE_MAX_UNITS;
    if (units == 0)
        units = 1;
    return (struct tile_grid){unit, unit * units};
}

uint32_t tile_length(struct tile_grid grid, int64_t run_samples, uint32_t tile)
{
    int64_t left = run_samples - (int64_t)tile * grid.tile_samples;

    return left < grid.tile_samples ? (uint32_t)left : grid.tile_samples;
}

/* Units [0, n). n > 0. */
static uint64_t first_units(uint32_t n)
{
    return UINT64_MAX >> (64 - n);
}

bool tile_is_divided(struct tile_grid grid)
{
    return grid.tile_samples > TILE_SAMPLES && grid.unit_samples < grid.tile_samples;
}

uint64_t tile_reach(struct tile_grid grid, uint32_t n_samples, uint64_t units)
{
    if (units == 0 || !tile_is_divided(grid))
        return units;
    uint32_t end = 64 - (uint32_t)__builtin_clzll(units);
    uint32_t n = (n_samples + grid.unit_samples - 1) / grid.unit_samples;
    for (uint32_t less = n; less >= end; less = (n + SHARE - 1) / SHARE) {
        n = less;
        if (n == 1)
            break;
    }
    return first_units(n);
}

uint64_t tile_units(struct tile_grid grid, uint32_t first, uint32_t n)
{
    uint32_t from = first / grid.unit_samples;
    uint32_t to = (first + n - 1) / grid.unit_samples;

    return first_units(to + 1) & ~(((uint64_t)1 << from) - 1);
}

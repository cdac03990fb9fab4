/* tile.c - how a run of samples is cut into tiles, and tiles into units. */
#include "cache/tile.h"

struct tile_grid tile_grid_of(uint32_t block_samples)
{
    uint32_t block = block_samples == 0 ? 1 : block_samples;

    if (block >= TILE_SAMPLES) {
        uint32_t length = block < TILE_LONGEST ? block : TILE_LONGEST;
        return (struct tile_grid){length, length};
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

uint64_t tile_units(struct tile_grid grid, uint32_t first, uint32_t n)
{
    uint32_t from = first / grid.unit_samples;
    uint32_t to = (first + n - 1) / grid.unit_samples;
    uint64_t up_to = to >= 63 ? UINT64_MAX : ((uint64_t)1 << (to + 1)) - 1;

    return up_to & ~(((uint64_t)1 << from) - 1);
}

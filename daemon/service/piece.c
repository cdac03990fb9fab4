/* piece.c - stretches of recorded samples, cut at the borders of tiles. */
#include "service/piece.h"

struct piece piece_of(const struct recording *recording, uint32_t place, const struct span *span,
                      int64_t done, uint32_t longest)
{
    const struct channel *channel = &recording->channels[place];
    const struct segment *segment = &channel->segments[span->segment];
    const struct run_row *run = &segment->runs[span->run];
    struct tile_grid grid =
        tile_grid_of(run->block_samples < longest ? run->block_samples : longest);
    int64_t in_run = span->sample + done - run->first_sample;
    uint32_t tile = (uint32_t)(in_run / grid.tile_samples);
    uint32_t first = (uint32_t)(in_run % grid.tile_samples);
    int64_t n = span->n - done;

    if (n > grid.tile_samples - first)
        n = grid.tile_samples - first;
    return (struct piece){
        .key = {recording->number, place, span->segment,
                run->first_sample + (int64_t)tile * grid.tile_samples},
        .grid = grid,
        .tile_samples = tile_length(grid, run->n_samples, tile),
        .first = first,
        .n = (uint32_t)n,
        .base = run->first_sample + (int64_t)tile * grid.tile_samples,
        .channel = channel->number,
        .segment = segment->number,
    };
}

bool piece_is_followed(const struct piece *piece, const struct piece *next)
{
    return piece->first + piece->n == next->first && piece->key.first == next->key.first &&
           piece->key.segment == next->key.segment;
}

uint64_t piece_units(const struct piece *piece)
{
    return tile_units(piece->grid, piece->first, piece->n);
}

uint64_t piece_need(const struct piece *piece, struct tile *tile, struct decode_batch *batch)
{
    return decode_need(batch, tile, piece_units(piece), piece->base, piece->channel,
                       piece->segment);
}

/* red_core_plain.c - the range code, a block after the other and as the format says it.
 *
 * Not to be made faster: this is what the other cores are held to. */
#include "red_core.h"

/* `range` is above 2^23 when it is divided and `total` below 2^16: a place is at
 * least 128 wide, so that neither division can be by zero, and the share of a
 * symbol that has any place leaves `range` above zero. */
static uint8_t next_symbol(struct red_lane *lane)
{
    const struct red_model *model = lane->model;

    while (lane->range <= RED_LEAST_RANGE) {
        lane->low = lane->low << 8 | (uint8_t)(lane->at[0] << 7);
        lane->at++;
        lane->low |= lane->at[0] >> 1;
        lane->range <<= 8;
    }
    uint32_t place = lane->range / model->total;
    uint32_t t = lane->low / place;
    if (t >= model->total)
        t = model->total - 1;

    uint32_t share = model->slot[t >> model->shift];
    while (t >= red_share_below(share) + red_share_count(share))
        share = model->share[red_share_symbol(share) + 1];

    uint32_t skipped = place * red_share_below(share);
    lane->low -= skipped;
    /* What the division left over is the last symbol's. */
    lane->range = red_share_symbol(share) == RED_LAST_SYMBOL ? lane->range - skipped
                                                             : place * red_share_count(share);
    return red_share_symbol(share);
}

void red_core_plain(struct red_lane *lanes, size_t n, size_t n_symbols)
{
    for (struct red_lane *lane = lanes; lane < lanes + n; lane++)
        for (size_t i = 0; i < n_symbols; i++)
            lane->symbols_out[i] = next_symbol(lane);
}

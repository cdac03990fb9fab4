/* red_model.c - a block's counts to what its symbols are looked up in. */
#include "red_core.h"

#include <math.h>
#include <string.h>

/* Two numbers that make a multiplication of a division by d.
 *
 * Let 2^l be the least power of two that is not below d, and m = ceil(2^(31+l) / d),
 * so that m * d = 2^(31+l) + e with e < d <= 2^l. Then, for n <= 2^31,
 * n * m / 2^(31+l) = n / d + n * e / (d * 2^(31+l)), and the last term is less
 * than 1 / d: too little to carry n / d to the next whole number. m may be 2^32,
 * when d is a power of two; the product fits 64 bits even so.
 *
 * In double precision the reciprocal is rounded up, so that a product that
 * should be whole is not less; it is too much by a part in 2^51, where the next
 * whole number is farther than a part in 2^32. */
static void invert(struct red_model *model)
{
    uint32_t l = 0;

    while (1u << l < model->total)
        l++;
    model->inverse_shift = 31 + l;
    model->inverse = (((uint64_t)1 << (31 + l)) + model->total - 1) / model->total;
    model->inverse_double = nextafter(1.0 / model->total, 2.0);
}

bool red_model_init(struct red_model *model, const uint8_t counts[RED_LAST_SYMBOL + 1])
{
    uint32_t total = 0, shift = 0;

    for (uint32_t s = 0; s <= RED_LAST_SYMBOL; s++) {
        model->share[s] = total << 16 | (uint32_t)counts[s] << 8 | s;
        total += counts[s];
    }
    if (total == 0)
        return false;
    while ((total - 1) >> shift >= RED_N_SLOTS)
        shift++;
    model->total = total;
    model->shift = shift;
    invert(model);

    /* A slot belongs to the share that holds its first place. They are written
     * more at once than needed: what is too much the next one overwrites. */
    uint32_t slot = 0, below = 0, rest = (1u << shift) - 1;
    for (uint32_t s = 0; s <= RED_LAST_SYMBOL; s++) {
        below += counts[s];
        uint32_t end = (below + rest) >> shift, share = model->share[s];
        for (; slot < end; slot += RED_FILL_AT_ONCE)
            for (int i = 0; i < RED_FILL_AT_ONCE; i++)
                model->slot[slot + i] = share;
        slot = end;
    }
    return true;
}

bool red_model_can_hold(const struct red_model *model, uint32_t n_symbols, size_t n_bytes)
{
    /* A coder ends with fewer; and what is computed here is not exact to the last bit. */
    enum { BYTES_TO_SPARE = 64 };
    uint32_t last = red_share_count(model->share[RED_LAST_SYMBOL]), most = 0;

    /* Not even the most frequent of 256 symbols can take more than eight bits. */
    if (n_symbols <= n_bytes)
        return true;
    for (uint32_t s = 0; s < RED_LAST_SYMBOL; s++) {
        uint32_t count = red_share_count(model->share[s]);
        most = count > most ? count : most;
    }
    /* A symbol leaves of the interval its share, rounded down; the last one has what that
     * leaves over too, which is less than a place for each below it, of 2^23 or more. */
    double share =
        last ? last / (double)model->total + (model->total - last) / (double)RED_LEAST_RANGE : 0;
    share = fmax(share, most / (double)model->total);
    return n_symbols * -log2(share) <= 8.0 * ((double)n_bytes + BYTES_TO_SPARE);
}

int red_model_only_symbol(const struct red_model *model)
{
    uint8_t first = red_share_symbol(model->slot[0]);

    return red_share_count(model->share[first]) == model->total ? first : -1;
}

/* red_core_interleaved.c - the range code in plain C, four blocks side by side: while one waits
 * for its look-up, the processor has the others' to do.
 *
 * Beside that: range / total is a multiplication; how many bytes are shifted in
 * follows from the leading zeros of range - 1, so that they come by one load and
 * without a loop. */
#include "red_core.h"

#include <string.h>

enum { SIDE_BY_SIDE = 4 };

/* The same as struct red_lane, but for what does not change: in registers. */
struct state {
    const uint8_t *at;
    uint32_t low;
    uint32_t range;
};

static inline uint32_t load_be32(const uint8_t *at)
{
    uint32_t x;

    memcpy(&x, at, sizeof x);
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    x = __builtin_bswap32(x);
#endif
    return x;
}

/* The payload is one string of bits, of which the next to take are those after the
 * upper seven of the byte at `at`. */
static inline void renormalise(struct state *state)
{
    uint32_t n_bits = red_bits_to_shift(state->range);
    uint64_t bits = (uint32_t)(load_be32(state->at) << 7);

    state->low = state->low << n_bits | (uint32_t)(bits >> (32 - n_bits));
    state->range <<= n_bits;
    state->at += n_bits / 8;
}

static inline uint8_t next_symbol(struct state *state, const struct red_model *model)
{
    renormalise(state);

    uint32_t place = (uint32_t)(state->range * model->inverse >> model->inverse_shift);
    uint32_t t = state->low / place;
    t = t < model->total ? t : model->total - 1;

    uint32_t share = model->slot[t >> model->shift];
    while (__builtin_expect(t >= red_share_below(share) + red_share_count(share), 0))
        share = model->share[red_share_symbol(share) + 1];

    uint32_t skipped = place * red_share_below(share);
    uint32_t own = place * red_share_count(share), rest = state->range - skipped;
    state->low -= skipped;
    state->range = red_share_symbol(share) == RED_LAST_SYMBOL ? rest : own;
    return red_share_symbol(share);
}

static inline struct state load(const struct red_lane *lane)
{
    return (struct state){lane->at, lane->low, lane->range};
}

static inline void store(struct red_lane *lane, struct state state)
{
    lane->at = state.at;
    lane->low = state.low;
    lane->range = state.range;
}

static void decode_four(struct red_lane *lanes, size_t n_symbols)
{
    struct state a = load(&lanes[0]), b = load(&lanes[1]);
    struct state c = load(&lanes[2]), d = load(&lanes[3]);
    uint8_t *out_a = lanes[0].symbols_out, *out_b = lanes[1].symbols_out;
    uint8_t *out_c = lanes[2].symbols_out, *out_d = lanes[3].symbols_out;

    for (size_t i = 0; i < n_symbols; i++) {
        out_a[i] = next_symbol(&a, lanes[0].model);
        out_b[i] = next_symbol(&b, lanes[1].model);
        out_c[i] = next_symbol(&c, lanes[2].model);
        out_d[i] = next_symbol(&d, lanes[3].model);
    }
    store(&lanes[0], a);
    store(&lanes[1], b);
    store(&lanes[2], c);
    store(&lanes[3], d);
}

static void decode_two(struct red_lane *lanes, size_t n_symbols)
{
    struct state a = load(&lanes[0]), b = load(&lanes[1]);
    uint8_t *out_a = lanes[0].symbols_out, *out_b = lanes[1].symbols_out;

    for (size_t i = 0; i < n_symbols; i++) {
        out_a[i] = next_symbol(&a, lanes[0].model);
        out_b[i] = next_symbol(&b, lanes[1].model);
    }
    store(&lanes[0], a);
    store(&lanes[1], b);
}

static void decode_one(struct red_lane *lane, size_t n_symbols)
{
    struct state a = load(lane);

    for (size_t i = 0; i < n_symbols; i++)
        lane->symbols_out[i] = next_symbol(&a, lane->model);
    store(lane, a);
}

void red_core_interleaved(struct red_lane *lanes, size_t n, size_t n_symbols)
{
    for (; n >= SIDE_BY_SIDE; n -= SIDE_BY_SIDE, lanes += SIDE_BY_SIDE)
        decode_four(lanes, n_symbols);
    for (; n >= 2; n -= 2, lanes += 2)
        decode_two(lanes, n_symbols);
    if (n == 1)
        decode_one(lanes, n_symbols);
}

/* red_coder.c - symbols to the bytes of the range code, of several blocks side by side.
 *
 * As in red_core_interleaved.c the division by the total is a multiplication, and how many
 * bytes are shifted out follows from the leading zeros of range - 1. `low` has 31 bits, of
 * which the upper eight are the next byte, and one more above them: a carry into the bytes
 * that are out already. Those are 0xFF as far as it goes, and 0xFF is rare. */
#include "red_coder.h"

#include <string.h>

enum { MOST_BYTES_A_SYMBOL = 3, STORED_AT_ONCE = 4 };

static const uint32_t CARRY = 0x80000000, LOW_MASK = 0x7FFFFFFF;

/* The same as struct red_coder, but for what does not change: in registers. */
struct state {
    uint8_t *at;
    uint32_t low;
    uint32_t range;
};

static inline void store_be32(uint8_t *at, uint32_t x)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    x = __builtin_bswap32(x);
#endif
    memcpy(at, &x, sizeof x);
}

/* It never goes beyond the first byte: the interval only shrinks. */
static void carry(const struct red_coder *coder, uint8_t *at)
{
    while (at > coder->first && ++*--at == 0)
        ;
}

/* Four bytes are stored, of which those that are not out yet are stored again. A carry is
 * added even where there is none: a processor cannot foresee it. */
static inline void shift_out(const struct red_coder *coder, struct state *state)
{
    uint32_t n_bits = red_bits_to_shift(state->range), carried = state->low >> 31;
    uint8_t last = (uint8_t)(state->at[-1] + carried);

    state->at[-1] = last;
    if (__builtin_expect(last < carried, 0))
        carry(coder, state->at - 1);
    store_be32(state->at, state->low << 1);
    state->at += n_bits / 8;
    state->low = state->low << n_bits & LOW_MASK;
    state->range <<= n_bits;
}

static inline void narrow(const struct red_coder *coder, struct state *state, uint8_t symbol)
{
    uint32_t share = coder->share[symbol];
    uint32_t place = (uint32_t)((unsigned __int128)state->range * coder->inverse >> 64);
    uint32_t skipped = place * red_share_below(share);
    uint32_t own = place * red_share_count(share), rest = state->range - skipped;

    state->low += skipped;
    state->range = symbol == RED_LAST_SYMBOL ? rest : own;
}

static inline struct state load(const struct red_coder *coder)
{
    return (struct state){coder->at, coder->low, coder->range};
}

static inline void store(struct red_coder *coder, struct state state, size_t n_symbols)
{
    coder->at = state.at;
    coder->low = state.low;
    coder->range = state.range;
    coder->symbols += n_symbols;
    coder->n_symbols -= n_symbols;
}

static void encode_one(struct red_coder *coder, size_t n_symbols)
{
    struct state a = load(coder);

    for (size_t i = 0; i < n_symbols; i++) {
        shift_out(coder, &a);
        narrow(coder, &a, coder->symbols[i]);
    }
    store(coder, a, n_symbols);
}

static void encode_two(struct red_coder *const *coders, size_t n_symbols)
{
    struct red_coder *of_a = coders[0], *of_b = coders[1];
    struct state a = load(of_a), b = load(of_b);

    for (size_t i = 0; i < n_symbols; i++) {
        shift_out(of_a, &a);
        shift_out(of_b, &b);
        narrow(of_a, &a, of_a->symbols[i]);
        narrow(of_b, &b, of_b->symbols[i]);
    }
    store(of_a, a, n_symbols);
    store(of_b, b, n_symbols);
}

static void encode_three(struct red_coder *const *coders, size_t n_symbols)
{
    struct red_coder *of_a = coders[0], *of_b = coders[1], *of_c = coders[2];
    struct state a = load(of_a), b = load(of_b), c = load(of_c);

    for (size_t i = 0; i < n_symbols; i++) {
        shift_out(of_a, &a);
        shift_out(of_b, &b);
        shift_out(of_c, &c);
        narrow(of_a, &a, of_a->symbols[i]);
        narrow(of_b, &b, of_b->symbols[i]);
        narrow(of_c, &c, of_c->symbols[i]);
    }
    store(of_a, a, n_symbols);
    store(of_b, b, n_symbols);
    store(of_c, c, n_symbols);
}

static void encode_four(struct red_coder *const *coders, size_t n_symbols)
{
    struct red_coder *of_a = coders[0], *of_b = coders[1], *of_c = coders[2], *of_d = coders[3];
    struct state a = load(of_a), b = load(of_b), c = load(of_c), d = load(of_d);

    for (size_t i = 0; i < n_symbols; i++) {
        shift_out(of_a, &a);
        shift_out(of_b, &b);
        shift_out(of_c, &c);
        shift_out(of_d, &d);
        narrow(of_a, &a, of_a->symbols[i]);
        narrow(of_b, &b, of_b->symbols[i]);
        narrow(of_c, &c, of_c->symbols[i]);
        narrow(of_d, &d, of_d->symbols[i]);
    }
    store(of_a, a, n_symbols);
    store(of_b, b, n_symbols);
    store(of_c, c, n_symbols);
    store(of_d, d, n_symbols);
}

/* How many symbols go out for certain without a look at the room. */
static size_t certain_symbols(const struct red_coder *coder)
{
    size_t room = (size_t)(coder->end - coder->at);
    size_t n = room < STORED_AT_ONCE ? 0 : (room - STORED_AT_ONCE) / MOST_BYTES_A_SYMBOL;

    return n < coder->n_symbols ? n : coder->n_symbols;
}

static void put(struct red_coder *coder, uint8_t byte)
{
    if (coder->at < coder->end)
        *coder->at++ = byte;
    else
        coder->full = true;
}

/* shift_out, byte by byte, at the end of the room and of the block. */
static void shift_out_with_care(struct red_coder *coder)
{
    if (coder->low & CARRY)
        carry(coder, coder->at);
    coder->low &= LOW_MASK;
    for (uint32_t n = red_bits_to_shift(coder->range) / 8; n > 0; n--) {
        put(coder, (uint8_t)(coder->low >> 23));
        coder->low = coder->low << 8 & LOW_MASK;
        coder->range <<= 8;
    }
}

/* What is left of a block; then enough of a number that lies within the last interval. */
static void finish(struct red_coder *coder)
{
    while (coder->n_symbols > 0 && !coder->full) {
        size_t n = certain_symbols(coder);
        if (n > 0) {
            encode_one(coder, n);
            continue;
        }
        shift_out_with_care(coder);
        struct state state = load(coder);
        narrow(coder, &state, *coder->symbols);
        store(coder, state, 1);
    }
    shift_out_with_care(coder);
    uint32_t last = (coder->low >> 23) + 1;
    if (last > 0xFF)
        carry(coder, coder->at);
    put(coder, (uint8_t)(last & 0xFF));
    put(coder, 0);
}

void red_coder_init(struct red_coder *coder, const uint8_t counts[RED_LAST_SYMBOL + 1],
                    const uint8_t *symbols, size_t n_symbols, uint8_t *first, const uint8_t *end)
{
    coder->symbols = symbols;
    coder->n_symbols = n_symbols;
    coder->first = coder->at = first;
    coder->end = end;
    coder->full = false;
    coder->low = 0;
    coder->range = CARRY;

    uint32_t total = 0;
    for (uint32_t symbol = 0; symbol <= RED_LAST_SYMBOL; symbol++) {
        coder->share[symbol] = total << 16 | (uint32_t)counts[symbol] << 8 | symbol;
        total += counts[symbol];
    }
    /* range * inverse / 2^64 is range / total: it is too much by less than range / 2^64,
     * which is less than 1 / total, and cannot reach the next whole number. */
    coder->inverse = UINT64_MAX / total + 1;
}

void red_coders_run(struct red_coder *const *coders, size_t n)
{
    struct red_coder *busy[RED_CODED_TOGETHER];

    memcpy(busy, coders, n * sizeof *busy);
    while (n > 1) {
        size_t n_symbols = SIZE_MAX;
        for (size_t i = 0; i < n; i++) {
            size_t k = certain_symbols(busy[i]);
            n_symbols = k < n_symbols ? k : n_symbols;
        }
        if (n == 2)
            encode_two(busy, n_symbols);
        else if (n == 3)
            encode_three(busy, n_symbols);
        else
            encode_four(busy, n_symbols);
        for (size_t i = n; i-- > 0;) {
            if (certain_symbols(busy[i]) > 0)
                continue;
            finish(busy[i]);
            busy[i] = busy[--n];
        }
    }
    if (n == 1)
        finish(busy[0]);
}

/* red_coder.c - symbols to the bytes of the range code, of several blocks side by side.
 *
 * As in red_core_interleaved.c the division by the total is a multiplication, and how many
 * bytes are shifted out follows from the leading zeros of range - 1. Its result is shifted
 * right anyway: less far, and it is as if the range had been shifted left before. So the two
 * go on at the same time.
 *
 * `low` lies at the upper end of 64 bits: the byte that went out last, the 31 bits that are
 * still open, and zeros. Eight bytes are stored with each symbol, of which those that are not
 * out yet are stored again; what is shifted out of 64 bits needs no mask. A carry goes into
 * the byte that is still there, and only where that one was 0xFF, which is rare, on into
 * memory. So nothing is read back, and no branch depends on the data. */
#include "red_coder.h"

#include <string.h>

/* The same as struct red_coder, but for what does not change: in registers. */
struct state {
    uint8_t *at;
    uint64_t low;
    uint32_t range;
};

static inline void store_be64(uint8_t *at, uint64_t x)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    x = __builtin_bswap64(x);
#endif
    memcpy(at, &x, sizeof x);
}

/* It never goes beyond the first byte: the interval only shrinks. */
void red_coder_carry(const struct red_coder *coder, uint8_t *at)
{
    while (at > coder->first && ++*--at == 0)
        ;
}

static inline void add(const struct red_coder *coder, struct state *state, uint64_t x)
{
    uint64_t sum = state->low + x;

    if (__builtin_expect(sum < x, 0))
        red_coder_carry(coder, state->at);
    state->low = sum;
}

static inline void narrow(const struct red_coder *coder, struct state *state, uint8_t symbol,
                          uint32_t n_bits)
{
    const struct red_portion *portion = &coder->portion[symbol];
    uint32_t place = (uint32_t)(state->range * coder->inverse >> (coder->inverse_shift - n_bits));

    add(coder, state, (uint64_t)(place * portion->below) << RED_OPEN_AT);
    uint32_t kept = symbol == RED_LAST_SYMBOL ? state->range << n_bits : 0;
    state->range = kept + place * portion->times;
}

static inline void encode_symbol(const struct red_coder *coder, struct state *state, uint8_t symbol)
{
    uint32_t n_bits = red_bits_to_shift(state->range);

    store_be64(state->at, state->low);
    state->at += n_bits / 8;
    state->low <<= n_bits;
    narrow(coder, state, symbol, n_bits);
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
        encode_symbol(coder, &a, coder->symbols[i]);
    }
    store(coder, a, n_symbols);
}

static void encode_two(struct red_coder *const *coders, size_t n_symbols)
{
    struct red_coder *of_a = coders[0], *of_b = coders[1];
    struct state a = load(of_a), b = load(of_b);

    for (size_t i = 0; i < n_symbols; i++) {
        encode_symbol(of_a, &a, of_a->symbols[i]);
        encode_symbol(of_b, &b, of_b->symbols[i]);
    }
    store(of_a, a, n_symbols);
    store(of_b, b, n_symbols);
}

static void encode_three(struct red_coder *const *coders, size_t n_symbols)
{
    struct red_coder *of_a = coders[0], *of_b = coders[1], *of_c = coders[2];
    struct state a = load(of_a), b = load(of_b), c = load(of_c);

    for (size_t i = 0; i < n_symbols; i++) {
        encode_symbol(of_a, &a, of_a->symbols[i]);
        encode_symbol(of_b, &b, of_b->symbols[i]);
        encode_symbol(of_c, &c, of_c->symbols[i]);
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
        encode_symbol(of_a, &a, of_a->symbols[i]);
        encode_symbol(of_b, &b, of_b->symbols[i]);
        encode_symbol(of_c, &c, of_c->symbols[i]);
        encode_symbol(of_d, &d, of_d->symbols[i]);
    }
    store(of_a, a, n_symbols);
    store(of_b, b, n_symbols);
    store(of_c, c, n_symbols);
    store(of_d, d, n_symbols);
}

void red_coder_interleaved(struct red_coder *const *coders, size_t n, size_t n_symbols)
{
    for (; n >= 4; n -= 4, coders += 4)
        encode_four(coders, n_symbols);
    if (n == 3)
        encode_three(coders, n_symbols);
    else if (n == 2)
        encode_two(coders, n_symbols);
    else if (n == 1)
        encode_one(coders[0], n_symbols);
}

/* How many symbols go out for certain without a look at the room. */
static size_t certain_symbols(const struct red_coder *coder)
{
    size_t room = (size_t)(coder->end - coder->at);
    size_t n =
        room < RED_STORED_AT_ONCE ? 0 : (room - RED_STORED_AT_ONCE) / RED_MOST_BYTES_A_SYMBOL;

    return n < coder->n_symbols ? n : coder->n_symbols;
}

static void put(struct red_coder *coder, uint8_t byte)
{
    if (coder->at < coder->end)
        *coder->at++ = byte;
    else
        coder->full = true;
}

/* The same byte by byte, at the end of the room and of the block. */
static void shift_out(struct red_coder *coder, struct state *state, uint32_t n_bits)
{
    coder->at = state->at;
    for (; n_bits > 0; n_bits -= 8, state->low <<= 8)
        put(coder, (uint8_t)(state->low >> 56));
    state->at = coder->at;
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
        struct state state = load(coder);
        uint32_t n_bits = red_bits_to_shift(state.range);
        shift_out(coder, &state, n_bits);
        narrow(coder, &state, *coder->symbols, n_bits);
        store(coder, state, 1);
    }
    struct state state = load(coder);
    shift_out(coder, &state, red_bits_to_shift(state.range));
    add(coder, &state, (uint64_t)1 << RED_NEXT_AT);
    shift_out(coder, &state, 16);
    put(coder, 0);
    coder->first[-1] = coder->before;
}

void red_coder_init(struct red_coder *coder, const uint8_t counts[RED_LAST_SYMBOL + 1],
                    const uint8_t *symbols, size_t n_symbols, uint8_t *first, const uint8_t *end)
{
    coder->symbols = symbols;
    coder->n_symbols = n_symbols;
    coder->first = first;
    coder->at = first - 1; /* what lies above the first open bits holds nothing */
    coder->end = end;
    coder->full = false;
    coder->before = first[-1];
    coder->low = 0;
    coder->range = 1u << 31;

    uint32_t total = 0, l = 0;
    for (uint32_t symbol = 0; symbol <= RED_LAST_SYMBOL; symbol++) {
        coder->portion[symbol] = (struct red_portion){.below = total, .times = counts[symbol]};
        total += counts[symbol];
    }
    coder->portion[RED_LAST_SYMBOL].times = 0 - coder->portion[RED_LAST_SYMBOL].below;
    /* red_model.c says why this is exact. */
    while (1u << l < total)
        l++;
    coder->inverse_shift = 31 + l;
    coder->inverse = (((uint64_t)1 << (31 + l)) + total - 1) / total;
}

void red_coders_run(red_coder_fn *encode, struct red_coder *const *coders, size_t n)
{
    struct red_coder *busy[RED_CODED_TOGETHER];

    memcpy(busy, coders, n * sizeof *busy);
    while (n > 1) {
        size_t n_symbols = SIZE_MAX;
        for (size_t i = 0; i < n; i++) {
            size_t k = certain_symbols(busy[i]);
            n_symbols = k < n_symbols ? k : n_symbols;
        }
        encode(busy, n, n_symbols);
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

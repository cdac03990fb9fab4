/* red_core.h - rooms that decode symbols of the range code, one faster than the other.
 *
 * A range coder keeps an interval of numbers, here `low` (where the coded number
 * lies above the interval's lower end) and `range` (the interval's length). Each
 * symbol owns a share of the interval in proportion to its count; the share in
 * which `low` falls names the symbol and becomes the interval. When the interval
 * grows short, a byte is shifted in.
 *
 * So each symbol waits for the one before it. What does not wait is another
 * block: a core decodes several side by side, each in a lane of its own. All
 * cores give the same symbols for any bytes; red_core_plain.c says what those
 * are, and tests/compare holds the others to it. */
#ifndef LIB_RED_CORE_H
#define LIB_RED_CORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    RED_N_SLOTS = 4096,
    RED_LAST_SYMBOL = 255,
    RED_MOST_LANES = 16,
    RED_FILL_AT_ONCE = 16, /* slots */
    RED_STEP = 8,          /* symbols are decoded by multiples of it */
    /* Above this, which is 2^31, `range` never is; and when it is 2^23 or less, bytes
     * are shifted in. */
    RED_FIRST_RANGE = 1 << 7,
    RED_LEAST_RANGE = 1 << 23,
};

/* How the symbols share the interval, which is divided into `total` places. A
 * share is `below`, the first of its places, `count`, how many it has, and the
 * symbol that owns it, in one number: below << 16 | count << 8 | symbol.
 *
 * To find the share that place t is in, look up the first share of t's slot, then
 * go on to the one which holds t: no step where the counts sum to no more than
 * RED_N_SLOTS, and few where they do. */
struct red_model {
    uint32_t total;   /* 1 .. 65280 */
    uint32_t shift;   /* a slot is 2^shift places */
    uint64_t inverse; /* range / total == range * inverse >> inverse_shift */
    uint32_t inverse_shift;
    double inverse_double; /* 1 / total, rounded up */
    uint32_t share[RED_LAST_SYMBOL + 1];
    uint32_t slot[RED_N_SLOTS + RED_FILL_AT_ONCE];
};

/* False when there is no symbol at all. */
bool red_model_init(struct red_model *model, const uint8_t counts[RED_LAST_SYMBOL + 1]);

/* Whether so many symbols can be in a payload of n_bytes; each takes as much of it at least as
 * the most frequent one does. Where all are one symbol they take nothing. */
bool red_model_can_hold(const struct red_model *model, uint32_t n_symbols, size_t n_bytes);

/* The one symbol that all counts are of; -1 where there are several. */
int red_model_only_symbol(const struct red_model *model);

static inline uint32_t red_share_below(uint32_t share)
{
    return share >> 16;
}

static inline uint32_t red_share_count(uint32_t share)
{
    return share >> 8 & 0xFF;
}

static inline uint8_t red_share_symbol(uint32_t share)
{
    return (uint8_t)(share & 0xFF);
}

/* By how many bits a range of 1 .. 2^31 is to be shifted: 2^23 or less: a byte; 2^15 or
 * less: two; 2^7 or less: three. It is in the leading zeros of range - 1. */
static inline uint32_t red_bits_to_shift(uint32_t range)
{
    return ((uint32_t)__builtin_clz((range - 1) | 1) - 1) & 0x18;
}

/* A block on its way. The upper seven bits of the byte at `at` are in `low`
 * already. A symbol takes three more bytes at most; the caller sees to it that
 * RED_REACH(n_symbols) bytes from `at` can be read. */
struct red_lane {
    const uint8_t *at;
    uint32_t low;
    uint32_t range;
    const struct red_model *model;
    uint8_t *symbols_out;
};
#define RED_REACH(n_symbols) (3 * (size_t)(n_symbols) + 8)

/* Decode the next n_symbols, a multiple of RED_STEP, of each of n lanes, of which
 * there are 1 .. RED_MOST_LANES. A lane that has fewer yields junk after them. */
typedef void red_core_fn(struct red_lane *lanes, size_t n, size_t n_symbols);

red_core_fn red_core_plain;
red_core_fn red_core_interleaved;
#ifdef __x86_64__
red_core_fn red_core_avx2;
red_core_fn red_core_avx512;
#endif

#endif

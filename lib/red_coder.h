/* red_coder.h - symbols to the bytes of the range code, of several blocks side by side.
 *
 * red_core.h says what a range coder is. Here, too, each symbol waits for the one
 * before it, and another block's does not. */
#ifndef LIB_RED_CODER_H
#define LIB_RED_CODER_H

#include "red_core.h"

enum {
    RED_CODED_TOGETHER = 16,
    RED_MOST_BYTES_A_SYMBOL = 3,
    RED_STORED_AT_ONCE = 8,    /* bytes */
    RED_OPEN_AT = 64 - 8 - 31, /* the place of the open bits in `low` */
    RED_NEXT_AT = 64 - 8 - 8   /* and of the upper eight of them */
};

/* What a symbol does to the interval, of which one place is `place` long:
 *     low += place * below; range = place * times
 * The last symbol takes what the others leave: `times` is -below, to which the range is added. */
struct red_portion {
    uint32_t below;
    uint32_t times;
};

/* A block on its way: symbols that are left, and room for what they become. */
struct red_coder {
    const uint8_t *symbols;
    size_t n_symbols;
    uint8_t *first; /* where the payload begins */
    uint8_t *at;    /* where the byte goes that is the uppermost of `low` */
    const uint8_t *end;
    bool full;      /* there was no room for all of it */
    uint8_t before; /* what belongs before the first byte */
    uint64_t low;
    uint32_t range;
    uint32_t inverse_shift;
    uint64_t inverse; /* range / the sum of the counts == range * inverse >> inverse_shift */
    struct red_portion portion[RED_LAST_SYMBOL + 1];
};

/* The payload is to be [first, end), and the byte before it belongs to the block too: it is
 * another until the run is over. The counts are those of the symbols, which are at least two. */
void red_coder_init(struct red_coder *coder, const uint8_t counts[RED_LAST_SYMBOL + 1],
                    const uint8_t *symbols, size_t n_symbols, uint8_t *first, const uint8_t *end);

/* What was stored below `at` is one too little, in its last byte. */
void red_coder_carry(const struct red_coder *coder, uint8_t *at);

/* Encode the next n_symbols of each of n coders, 1 .. RED_CODED_TOGETHER. They have them, and
 * for RED_MOST_BYTES_A_SYMBOL of each and RED_STORED_AT_ONCE there is room. */
typedef void red_coder_fn(struct red_coder *const *coders, size_t n, size_t n_symbols);

red_coder_fn red_coder_interleaved;
#ifdef __x86_64__
red_coder_fn red_coder_avx512;
#endif

/* Encode all symbols of n coders, 1 .. RED_CODED_TOGETHER; then `at` is the payload's
 * end, or it is full. */
void red_coders_run(red_coder_fn *encode, struct red_coder *const *coders, size_t n);

#endif

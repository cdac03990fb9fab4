/* red_coder.h - symbols to the bytes of the range code, of several blocks side by side.
 *
 * red_core.h says what a range coder is. Here, too, each symbol waits for the one
 * before it, and another block's does not. */
#ifndef LIB_RED_CODER_H
#define LIB_RED_CODER_H

#include "red_core.h"

enum { RED_CODED_TOGETHER = 4 };

/* A block on its way: symbols that are left, and room for what they become. */
struct red_coder {
    const uint8_t *symbols;
    size_t n_symbols;
    const uint8_t *first; /* where the payload begins */
    uint8_t *at;          /* where its next byte goes */
    const uint8_t *end;
    bool full; /* there was no room for all of it */
    uint32_t low;
    uint32_t range;
    uint64_t inverse;                    /* of the sum of the counts */
    uint32_t share[RED_LAST_SYMBOL + 1]; /* as in struct red_model */
};

/* The payload is to be [first, end), and the byte before it belongs to the block too. The counts
 * are those of the symbols, which are at least two. */
void red_coder_init(struct red_coder *coder, const uint8_t counts[RED_LAST_SYMBOL + 1],
                    const uint8_t *symbols, size_t n_symbols, uint8_t *first, const uint8_t *end);

/* Encode all symbols of n coders, 1 .. RED_CODED_TOGETHER; then `at` is the payload's
 * end, or it is full. */
void red_coders_run(struct red_coder *const *coders, size_t n);

#endif

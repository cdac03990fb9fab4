/* red_sum.h - the second step of decoding: symbols, which are differences, to samples. */
#ifndef LIB_RED_SUM_H
#define LIB_RED_SUM_H

#include <stddef.h>
#include <stdint.h>

enum {
    RED_ESCAPE = 0x80,      /* the next four symbols are a sample */
    RED_ESCAPE_SYMBOLS = 5, /* with the escape itself */
};

/* Symbols that are there, and the sample that they have added up to. A block
 * begins with a sample, so that its symbols are to be preceded by an escape. */
struct red_sum {
    const uint8_t *at;
    const uint8_t *end;
    uint32_t value; /* unsigned, because sums wrap around */
};

/* Make samples until there are n, or no symbols for another: an escape whose
 * sample is cut off is left where it is. Returns how many were made. */
typedef size_t red_sum_fn(struct red_sum *sum, int32_t *samples_out, size_t n);

red_sum_fn red_sum_plain;
red_sum_fn red_sum_portable; /* the same, faster */
#ifdef __x86_64__
red_sum_fn red_sum_avx2;
#endif

#endif

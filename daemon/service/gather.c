/* gather.c - from counts in the arena to a client's numbers in a message. */
#include "service/gather.h"

#include <math.h>

#include <mef3/counts.h>

/* Clients expect little-endian numbers. */
static void to_little_endian(void *to, bool is_double, size_t n)
{
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    uint64_t *eight = to;
    uint32_t *four = to;

    for (size_t i = 0; i < n; i++) {
        if (is_double)
            eight[i] = __builtin_bswap64(eight[i]);
        else
            four[i] = __builtin_bswap32(four[i]);
    }
#else
    (void)to;
    (void)is_double;
    (void)n;
#endif
}

void gather_counts(void *to, bool is_double, const int32_t *counts, size_t n, double factor)
{
    if (is_double)
        mef3_counts_to_f64(counts, n, factor, to);
    else
        mef3_counts_to_f32(counts, n, factor, to);
    to_little_endian(to, is_double, n);
}

void gather_nan(void *to, bool is_double, size_t n)
{
    if (is_double) {
        double *values = to;
        for (size_t i = 0; i < n; i++)
            values[i] = (double)NAN;
    } else {
        float *values = to;
        for (size_t i = 0; i < n; i++)
            values[i] = NAN;
    }
    to_little_endian(to, is_double, n);
}

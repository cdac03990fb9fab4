/* gather.c - from counts in the arena to a client's numbers in a message. */
#include "service/gather.h"

#include <math.h>

/* Of the counts, three are no numbers; see "Data" in the format. */
static inline double value_of(int32_t count, double factor)
{
    double value = count * factor;

    value = count == INT32_MIN ? (double)NAN : value;
    value = count == INT32_MIN + 1 ? -(double)INFINITY : value;
    value = count == INT32_MAX ? (double)INFINITY : value;
    return value;
}

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
    if (is_double) {
        double *values = to;
        for (size_t i = 0; i < n; i++)
            values[i] = value_of(counts[i], factor);
    } else {
        float *values = to;
        for (size_t i = 0; i < n; i++)
            values[i] = (float)value_of(counts[i], factor);
    }
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

/* convert.c - counts to numbers: the units factor, and the counts that are none. */
#include "convert.h"

#include <math.h>

#include <mef3/counts.h>

/* Without a branch: what a compiler has vectors for it can do several at once. */
static inline double value_of(int32_t count, double factor)
{
    double value = count * factor;

    value = count == MEF3_COUNT_NAN ? (double)NAN : value;
    value = count == MEF3_COUNT_NEG_INF ? -(double)INFINITY : value;
    value = count == MEF3_COUNT_POS_INF ? (double)INFINITY : value;
    return value;
}

static void to_f64(const int32_t *counts, size_t n, double factor, double *values_out)
{
    for (size_t i = 0; i < n; i++)
        values_out[i] = value_of(counts[i], factor);
}

static void to_f32(const int32_t *counts, size_t n, double factor, float *values_out)
{
    for (size_t i = 0; i < n; i++)
        values_out[i] = (float)value_of(counts[i], factor);
}

const struct convert_way convert_plain = {"plain", to_f64, to_f32};

const struct convert_way *convert_best_way(void)
{
#ifdef __x86_64__
    if (__builtin_cpu_supports("avx2"))
        return &convert_avx2;
#endif
    return &convert_plain;
}

void mef3_counts_to_f64(const int32_t *counts, size_t n, double factor, double *values_out)
{
    convert_best_way()->to_f64(counts, n, factor, values_out);
}

void mef3_counts_to_f32(const int32_t *counts, size_t n, double factor, float *values_out)
{
    convert_best_way()->to_f32(counts, n, factor, values_out);
}

/* convert.c - counts to numbers: the units factor, and the counts that are none. */
#include <mef3/read.h>

#include <math.h>

#include <mef3/red.h>

static double value_of(int32_t count, double factor)
{
    switch (count) {
    case MEF3_COUNT_NAN:
        return (double)NAN;
    case MEF3_COUNT_NEG_INF:
        return (double)-INFINITY * factor;
    case MEF3_COUNT_POS_INF:
        return (double)INFINITY * factor;
    default:
        return (double)count * factor;
    }
}

void mef3_counts_to_f64(const int32_t *counts, size_t n, double factor, double *values_out)
{
    for (size_t i = 0; i < n; i++)
        values_out[i] = value_of(counts[i], factor);
}

void mef3_counts_to_f32(const int32_t *counts, size_t n, double factor, float *values_out)
{
    for (size_t i = 0; i < n; i++)
        values_out[i] = (float)value_of(counts[i], factor);
}

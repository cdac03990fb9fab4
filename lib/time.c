/* time.c - uUTC and sample numbers: where a sample stands in a window. */
#include <mef3/time.h>

#include <math.h>
#include <stdbool.h>

/* The greatest sample number: doubles count exactly up to here. */
static const double MOST_SAMPLES = 9007199254740992.0; /* 2^53 */

int64_t mef3_time_difference(int64_t a, int64_t b)
{
    int64_t difference;

    if (__builtin_sub_overflow(a, b, &difference))
        return a < b ? INT64_MIN : INT64_MAX;
    return difference;
}

/* Microseconds to samples. Whole seconds and the rest apart: the product of a
 * long span and a rate would not fit a double's 53 bits, and an exact half
 * would be lost. */
static double samples_of(int64_t span_us, double rate_hz)
{
    int64_t seconds = span_us / 1000000;
    int64_t rest_us = span_us % 1000000;

    return (double)seconds * rate_hz + (double)rest_us * rate_hz / 1e6;
}

static bool rate_is_valid(double rate_hz)
{
    return rate_hz >= MEF3_RATE_MIN_HZ && rate_hz <= MEF3_RATE_MAX_HZ;
}

int mef3_window_samples(int64_t start_uutc, int64_t end_uutc, double rate_hz, int64_t *n_out)
{
    if (end_uutc < start_uutc || !rate_is_valid(rate_hz))
        return MEF3_EINVAL;

    double n = floor(samples_of(mef3_time_difference(end_uutc, start_uutc), rate_hz) + 0.5);
    if (n > MOST_SAMPLES)
        return MEF3_ELIMIT;
    *n_out = (int64_t)n;
    return MEF3_OK;
}

int64_t mef3_time_to_index(int64_t time_uutc, int64_t window_uutc, double rate_hz)
{
    double index = round(samples_of(mef3_time_difference(time_uutc, window_uutc), rate_hz));

    return (int64_t)fmax(-MOST_SAMPLES, fmin(index, MOST_SAMPLES));
}

int64_t mef3_index_to_time(int64_t index, int64_t start_uutc, double rate_hz)
{
    double span = round((double)index * 1e6 / rate_hz);
    int64_t span_us = span >= 0x1p63 ? INT64_MAX : span < -0x1p63 ? INT64_MIN : (int64_t)span;
    int64_t time;

    if (__builtin_add_overflow(start_uutc, span_us, &time))
        return span_us < 0 ? INT64_MIN : INT64_MAX;
    return time;
}

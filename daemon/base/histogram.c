/* histogram.c - how often something took how long, in fixed buckets. */
#include "base/histogram.h"

/* From a page that is cached to a recording on a sleeping disk. */
static const uint64_t BOUNDS_US[HISTOGRAM_BOUNDS] = {
    100,   250,    500,    1000,   2500,    5000,    10000,    25000,
    50000, 100000, 250000, 500000, 1000000, 2500000, 10000000, 30000000,
};

uint64_t histogram_bound_us(size_t i)
{
    return BOUNDS_US[i];
}

void histogram_add(struct histogram *histogram, uint64_t took_us)
{
    size_t i = 0;

    while (i < HISTOGRAM_BOUNDS && took_us > BOUNDS_US[i])
        i++;
    histogram->counts[i]++;
    histogram->sum_us += took_us;
}

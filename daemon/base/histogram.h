/* histogram.h - how often something took how long, in fixed buckets.
 *
 * All histograms have the same bounds, so that they can be compared and added.
 * A plain value: zero it to begin. */
#ifndef BASE_HISTOGRAM_H
#define BASE_HISTOGRAM_H

#include <stddef.h>
#include <stdint.h>

enum { HISTOGRAM_BOUNDS = 16 };

struct histogram {
    uint64_t counts[HISTOGRAM_BOUNDS + 1]; /* the last one: beyond every bound */
    uint64_t sum_us;
};

/* The greatest time that falls into bucket i, i < HISTOGRAM_BOUNDS. */
uint64_t histogram_bound_us(size_t i);

void histogram_add(struct histogram *histogram, uint64_t took_us);

#endif

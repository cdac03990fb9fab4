/* gather.h - from counts in the arena to a client's numbers in a message. */
#ifndef SERVICE_GATHER_H
#define SERVICE_GATHER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* value = count x factor in double arithmetic, rounded to float where the
 * client gets floats; little-endian. The counts that the format reserves become
 * NaN and the infinities. `to` must be aligned
 * for the number. */
void gather_counts(void *to, bool is_double, const int32_t *counts, size_t n, double factor);

/* n times NaN. */
void gather_nan(void *to, bool is_double, size_t n);

static inline size_t gather_bytes(bool is_double)
{
    return is_double ? sizeof(double) : sizeof(float);
}

#endif

/* convert.h - rooms that turn counts into numbers, and the choice among them.
 *
 * All give the same bits; convert.c says which, and tests/compare holds the others
 * to it. */
#ifndef LIB_CONVERT_H
#define LIB_CONVERT_H

#include <stddef.h>
#include <stdint.h>

/* As mef3_counts_to_f64 and mef3_counts_to_f32. */
struct convert_way {
    const char *name;
    void (*to_f64)(const int32_t *counts, size_t n, double factor, double *values_out);
    void (*to_f32)(const int32_t *counts, size_t n, double factor, float *values_out);
};

extern const struct convert_way convert_plain;
#ifdef __x86_64__
extern const struct convert_way convert_avx2; /* where the processor has it */
#endif

const struct convert_way *convert_best_way(void);

#endif

/* mef3/counts.h - stored samples, which are whole numbers, and the values they stand for.
 *
 * Threads: no state.
 *
 * Example:
 *
 * ```c
 * #include <mef3/counts.h>
 * #include <stdio.h>
 *
 * int main(void)
 * {
 *     const int32_t counts[4] = {-1500, 0, 2000, MEF3_COUNT_NAN};
 *     double values[4];
 *
 *     mef3_counts_to_f64(counts, 4, 0.5, values);
 *     printf("%g %g %g %g\n", values[0], values[1], values[2], values[3]);
 *     return 0;
 * }
 * ```
 *
 * It prints:
 *
 * ```text
 * -750 0 1000 nan
 * ``` */
#ifndef MEF3_COUNTS_H
#define MEF3_COUNTS_H

#include <stddef.h>
#include <stdint.h>

#include <mef3/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Counts that the format reserves: "no number", and the two infinities. */
#define MEF3_COUNT_NAN INT32_MIN
#define MEF3_COUNT_NEG_INF (INT32_MIN + 1)
#define MEF3_COUNT_POS_INF INT32_MAX

/* Counts to numbers: value = count x factor in double arithmetic (then rounded
 * to float for f32). MEF3_COUNT_NAN gives NaN, the two infinities -infinity and
 * +infinity, whatever the factor's sign: the format reserves them as values, not
 * as amplitudes. Neither array need be aligned to more than its numbers are. */
MEF3_API void mef3_counts_to_f64(const int32_t *counts, size_t n, double factor,
                                 double *values_out);
MEF3_API void mef3_counts_to_f32(const int32_t *counts, size_t n, double factor, float *values_out);

#ifdef __cplusplus
}
#endif
#endif

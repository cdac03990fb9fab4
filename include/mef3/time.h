/* mef3/time.h - uUTC and sample numbers: where a sample stands in a window.
 *
 * uUTC is microseconds since 1970-01-01T00:00:00 UTC. This is the placement
 * rule of both reference readers (docs/ARCHITECTURE.md, "Placement"):
 *
 *   - a window [start, end) at `rate_hz` has round((end - start) x rate / 1e6)
 *     samples, halves rounded up;
 *   - a stretch of samples that begins at time t stands at index
 *     round((t - start) x rate / 1e6), halves away from zero, and its samples
 *     follow one by one.
 *
 * Products are formed so that whole seconds stay exact over any span.
 * Threads: no state.
 *
 * Example:
 *
 * ```c
 * #include <mef3/time.h>
 * #include <stdio.h>
 *
 * int main(void)
 * {
 *     const int64_t start = 1600000007000000; // 2020-09-13T12:26:47Z
 *     int64_t n;
 *
 *     if (mef3_window_samples(start, start + 1000000, 249.7, &n) != MEF3_OK)
 *         return 1;
 *     printf("%d samples in a second\n", (int)n);
 *     printf("half a second on: number %d\n",
 *            (int)mef3_time_to_index(start + 500000, start, 249.7));
 *     return 0;
 * }
 * ```
 *
 * It prints:
 *
 * ```text
 * 250 samples in a second
 * half a second on: number 125
 * ``` */
#ifndef MEF3_TIME_H
#define MEF3_TIME_H

#include <mef3/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/* No time: a field that holds none. */
#define MEF3_NO_TIME INT64_MIN

/* Two samples' worth of clock rounding: a block whose start is at most this
 * far (microseconds) from where its run says it should be belongs to the run. */
#define MEF3_RUN_TOLERANCE_US 2

/* Sampling rates outside this range are refused as damage, Hz. */
#define MEF3_RATE_MIN_HZ 1e-6
#define MEF3_RATE_MAX_HZ 1e7

/* Number of samples of the window [start_uutc, end_uutc).
 * MEF3_EINVAL: end before start (equal gives 0), or a rate that is not finite
 * or outside the range above. MEF3_ELIMIT: more than 2^53 samples. */
MEF3_API MEF3_MUST int mef3_window_samples(int64_t start_uutc, int64_t end_uutc, double rate_hz,
                                           int64_t *n_out);

/* Index, in a window that begins at window_uutc, of the sample at time_uutc;
 * negative before the window. Saturates at +-2^53. The rate must be valid. */
MEF3_API int64_t mef3_time_to_index(int64_t time_uutc, int64_t window_uutc, double rate_hz);

/* Time of sample number `index` of a stretch that begins at start_uutc,
 * rounded to whole microseconds, halves away from zero; saturates. */
MEF3_API int64_t mef3_index_to_time(int64_t index, int64_t start_uutc, double rate_hz);

/* a - b, saturating at the limits of int64_t. */
MEF3_API int64_t mef3_time_difference(int64_t a, int64_t b);

#ifdef __cplusplus
}
#endif
#endif

/* convert_avx2.c - counts to numbers, eight at once.
 *
 * The product is formed in doubles, four in a vector, as in convert.c; then it is
 * rounded, for floats. The three counts that are no numbers are rare: shifted
 * around the circle of 32 bits they are the numbers 0, 1 and 2, so that one
 * comparison finds any of them, and their vector is done once more, one by one. */
#include "convert.h"

#include <immintrin.h>
#include <stdbool.h>

#define AVX2 __attribute__((target("avx2")))

enum { N_WIDE = 8 };

AVX2 static inline bool has_reserved(__m256i counts)
{
    const __m256i least = _mm256_set1_epi32(INT32_MAX), two = _mm256_set1_epi32(2);
    __m256i around = _mm256_sub_epi32(counts, least);

    return _mm256_movemask_epi8(_mm256_cmpeq_epi32(_mm256_min_epu32(around, two), around)) != 0;
}

/* The lower four, and the upper. */
AVX2 static inline __m256d lower_of(__m256i counts, __m256d factor)
{
    return _mm256_mul_pd(_mm256_cvtepi32_pd(_mm256_castsi256_si128(counts)), factor);
}

AVX2 static inline __m256d upper_of(__m256i counts, __m256d factor)
{
    return _mm256_mul_pd(_mm256_cvtepi32_pd(_mm256_extracti128_si256(counts, 1)), factor);
}

AVX2 static void to_f64(const int32_t *counts, size_t n, double factor, double *values_out)
{
    const __m256d factors = _mm256_set1_pd(factor);
    size_t i = 0;

    for (; n - i >= N_WIDE; i += N_WIDE) {
        __m256i eight = _mm256_loadu_si256((const __m256i_u *)(counts + i));
        _mm256_storeu_pd(values_out + i, lower_of(eight, factors));
        _mm256_storeu_pd(values_out + i + N_WIDE / 2, upper_of(eight, factors));
        if (has_reserved(eight))
            convert_plain.to_f64(counts + i, N_WIDE, factor, values_out + i);
    }
    convert_plain.to_f64(counts + i, n - i, factor, values_out + i);
}

AVX2 static void to_f32(const int32_t *counts, size_t n, double factor, float *values_out)
{
    const __m256d factors = _mm256_set1_pd(factor);
    size_t i = 0;

    for (; n - i >= N_WIDE; i += N_WIDE) {
        __m256i eight = _mm256_loadu_si256((const __m256i_u *)(counts + i));
        __m128 lower = _mm256_cvtpd_ps(lower_of(eight, factors));
        __m128 upper = _mm256_cvtpd_ps(upper_of(eight, factors));
        _mm256_storeu_ps(values_out + i, _mm256_set_m128(upper, lower));
        if (has_reserved(eight))
            convert_plain.to_f32(counts + i, N_WIDE, factor, values_out + i);
    }
    convert_plain.to_f32(counts + i, n - i, factor, values_out + i);
}

const struct convert_way convert_avx2 = {"AVX2", to_f64, to_f32};

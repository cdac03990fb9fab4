/* red_sum_avx2.c - differences to samples, eight at once where none is an escape.
 *
 * The sums of a vector from its first number to each: add the vector to itself
 * shifted by one place, the result to itself shifted by two, and so on. What it
 * all began with is added at the end, so that vectors wait for one addition only. */
#include "red_sum.h"

#include <immintrin.h>

#define AVX2 __attribute__((target("avx2")))

enum { N_WIDE = 8, N_AT_ONCE = 16 };

AVX2 static inline __m256i sums_of(__m256i x)
{
    const __m256i third = _mm256_set1_epi32(3);

    x = _mm256_add_epi32(x, _mm256_slli_si256(x, 4));
    x = _mm256_add_epi32(x, _mm256_slli_si256(x, 8));
    /* The shifts stay within halves: the lower one's sum is added to the upper. */
    __m256i lower = _mm256_permutevar8x32_epi32(x, third);
    return _mm256_add_epi32(x, _mm256_blend_epi32(_mm256_setzero_si256(), lower, 0xF0));
}

/* Make as many samples as there are vectors without an escape. Returns how many. */
AVX2 static size_t sum_runs(struct red_sum *sum, int32_t *samples_out, size_t n)
{
    const __m256i top = _mm256_set1_epi32(N_WIDE - 1);
    const __m128i escape = _mm_set1_epi8((char)RED_ESCAPE);
    __m256i value = _mm256_set1_epi32((int32_t)sum->value);
    const uint8_t *at = sum->at;
    size_t i = 0;

    for (; n - i >= N_AT_ONCE && sum->end - at >= N_AT_ONCE; i += N_AT_ONCE, at += N_AT_ONCE) {
        __m128i symbols = _mm_loadu_si128((const __m128i_u *)at);
        if (_mm_movemask_epi8(_mm_cmpeq_epi8(symbols, escape)))
            break;
        __m256i a = sums_of(_mm256_cvtepi8_epi32(symbols));
        __m256i b = sums_of(_mm256_cvtepi8_epi32(_mm_srli_si128(symbols, N_WIDE)));
        a = _mm256_add_epi32(a, value);
        value = _mm256_permutevar8x32_epi32(a, top);
        b = _mm256_add_epi32(b, value);
        value = _mm256_permutevar8x32_epi32(b, top);
        _mm256_storeu_si256((__m256i_u *)(samples_out + i), a);
        _mm256_storeu_si256((__m256i_u *)(samples_out + i + N_WIDE), b);
    }
    sum->at = at;
    sum->value = (uint32_t)_mm256_cvtsi256_si32(value);
    return i;
}

size_t red_sum_avx2(struct red_sum *sum, int32_t *samples_out, size_t n)
{
    size_t i = 0;

    /* Past an escape one by one, and a few more: they like company. */
    while (i < n) {
        i += sum_runs(sum, samples_out + i, n - i);
        size_t few = n - i < N_AT_ONCE ? n - i : N_AT_ONCE;
        size_t made = red_sum_portable(sum, samples_out + i, few);
        i += made;
        if (made < few)
            break;
    }
    return i;
}

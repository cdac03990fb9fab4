/* red_sum_avx2.c - differences to samples, eight at once where none is an escape.
 *
 * The sums of a vector from its first number to each: add the vector to itself
 * shifted by one place, the result to itself shifted by two, and so on. What it
 * all began with is added at the end, so that vectors wait for one addition only.
 *
 * Among escapes samples are made one by one: where one begins is known when the one
 * before it is. To read a symbol there, compare it and step takes a processor nine
 * cycles or so; so the comparisons are made beforehand, for 64 symbols at once, and
 * what is left to wait for is a shift of their 64 answers: three. */
#include "red_sum.h"

#include <immintrin.h>

#include "bytes.h"

#define AVX2 __attribute__((target("avx2")))

enum { N_WIDE = 8, N_AT_ONCE = 16, N_ANSWERS = 64, N_AMONG_ESCAPES = 12 };
_Static_assert(N_AMONG_ESCAPES *RED_ESCAPE_SYMBOLS <= N_ANSWERS, "no symbol without an answer");

AVX2 static inline __m256i sums_of(__m256i x)
{
    const __m256i third = _mm256_set1_epi32(3);

    x = _mm256_add_epi32(x, _mm256_slli_si256(x, 4));
    x = _mm256_add_epi32(x, _mm256_slli_si256(x, 8));
    /* The shifts stay within halves: the lower one's sum is added to the upper. */
    __m256i lower = _mm256_permutevar8x32_epi32(x, third);
    return _mm256_add_epi32(x, _mm256_blend_epi32(_mm256_setzero_si256(), lower, 0xF0));
}

/* Bit i: symbol i is an escape. */
AVX2 static inline uint64_t escapes_of(const uint8_t *at)
{
    const __m256i escape = _mm256_set1_epi8((char)RED_ESCAPE);
    __m256i lower = _mm256_loadu_si256((const __m256i_u *)at);
    __m256i upper = _mm256_loadu_si256((const __m256i_u *)(at + N_ANSWERS / 2));

    return (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(lower, escape)) |
           (uint64_t)(uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(upper, escape)) << 32;
}

/* As many vectors as there are without an escape. Returns how many samples. */
AVX2 static inline size_t sum_runs(struct red_sum *sum, int32_t *samples_out, size_t n)
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

/* Twelve samples, some of them whole ones. */
AVX2 static inline void sum_twelve(struct red_sum *sum, uint64_t escapes, int32_t *samples_out)
{
    const uint8_t *at = sum->at;
    uint32_t value = sum->value;

    for (int i = 0; i < N_AMONG_ESCAPES; i++) {
        uint32_t is_whole = (uint32_t)(escapes & 1), step = 1 + (RED_ESCAPE_SYMBOLS - 1) * is_whole;
        uint32_t whole = le_u32(at + 1), difference = (uint32_t)(int8_t)*at;
        value = (value & (is_whole - 1)) + (is_whole ? whole : difference);
        samples_out[i] = (int32_t)value;
        at += step;
        escapes >>= step;
    }
    sum->at = at;
    sum->value = value;
}

AVX2 size_t red_sum_avx2(struct red_sum *sum, int32_t *samples_out, size_t n)
{
    size_t i = 0;

    while (n - i >= N_AT_ONCE && sum->end - sum->at >= N_ANSWERS) {
        uint64_t escapes = escapes_of(sum->at);
        if (escapes & ((1 << N_AT_ONCE) - 1)) {
            sum_twelve(sum, escapes, samples_out + i);
            i += N_AMONG_ESCAPES;
        } else {
            i += sum_runs(sum, samples_out + i, n - i);
        }
    }
    return i + red_sum_portable(sum, samples_out + i, n - i);
}

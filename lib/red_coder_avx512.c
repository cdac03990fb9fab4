/* red_coder_avx512.c - the range code of sixteen blocks at once: eight in a vector, and two
 * vectors, of which one has work to do while the other waits.
 *
 * As red_coder.c, a lane of 64 bits for a block. Only storing goes lane by lane: the next
 * symbol does not wait for it. Lanes without a block of their own do the last one's work once
 * more, and write the same bytes to the same place; but carry they do not. */
#include "red_coder.h"

#include <immintrin.h>
#include <string.h>

#define AVX512 __attribute__((target("avx512f,avx512dq,avx512bw,avx512cd,avx512vl")))

enum { N_WIDE = 8, SYMBOLS_AT_ONCE = 8 };

struct state {
    __m512i at; /* addresses */
    __m512i low;
    __m512i range;
    __m512i symbols_at;
    __m512i symbols; /* of the next eight those that are left, the first at the bottom */
};

/* What does not change. */
struct models {
    __m512i inverse;
    __m512i inverse_shift;
    __m512i portions; /* addresses */
    struct red_coder *const *coders;
    size_t n;
};

/* Lane i of n, or the last. */
static inline struct red_coder *coder_of(const struct models *models, size_t i)
{
    return models->coders[i < models->n ? i : models->n - 1];
}

AVX512 static inline void store_low(const struct state *state)
{
    const __m512i reversed = _mm512_set4_epi64(0x08090A0B0C0D0E0F, 0x0001020304050607,
                                               0x08090A0B0C0D0E0F, 0x0001020304050607);
    uint64_t at[N_WIDE], bytes[N_WIDE];

    _mm512_storeu_si512(at, state->at);
    _mm512_storeu_si512(bytes, _mm512_shuffle_epi8(state->low, reversed));
    for (size_t i = 0; i < N_WIDE; i++)
        memcpy((void *)(uintptr_t)at[i], &bytes[i], sizeof bytes[i]);
}

/* Rare: the byte that went out last was 0xFF. */
AVX512 static __attribute__((noinline)) void carry(const struct state *state, unsigned lanes,
                                                   const struct models *models)
{
    uint64_t at[N_WIDE];

    _mm512_storeu_si512(at, state->at);
    for (size_t i = 0; i < models->n && i < N_WIDE; i++)
        if (lanes >> i & 1)
            red_coder_carry(models->coders[i], (uint8_t *)(uintptr_t)at[i]);
}

AVX512 static inline void encode_symbol(struct state *state, const struct models *models)
{
    const __m512i one = _mm512_set1_epi64(1), byte = _mm512_set1_epi64(0xFF);
    const __m512i mask32 = _mm512_set1_epi64(0xFFFFFFFF);
    __m512i symbol = _mm512_and_si512(state->symbols, byte);
    __m512i portion_at = _mm512_add_epi64(models->portions, _mm512_slli_epi64(symbol, 3));
    __m512i portion = _mm512_i64gather_epi64(portion_at, NULL, 1);
    __m512i n_zeros = _mm512_lzcnt_epi64(_mm512_sub_epi64(state->range, one));
    __m512i n_bits = _mm512_and_si512(_mm512_sub_epi64(n_zeros, one), _mm512_set1_epi64(0x18));

    store_low(state);
    state->symbols = _mm512_srli_epi64(state->symbols, 8);
    state->at = _mm512_add_epi64(state->at, _mm512_srli_epi64(n_bits, 3));
    state->low = _mm512_sllv_epi64(state->low, n_bits);

    __m512i place = _mm512_srlv_epi64(_mm512_mul_epu32(state->range, models->inverse),
                                      _mm512_sub_epi64(models->inverse_shift, n_bits));
    __m512i skipped = _mm512_slli_epi64(_mm512_mul_epu32(place, portion), RED_OPEN_AT);
    __m512i own = _mm512_mul_epu32(place, _mm512_srli_epi64(portion, 32));
    __mmask8 last = _mm512_cmpeq_epi64_mask(symbol, byte);
    __m512i kept = _mm512_maskz_sllv_epi64(last, state->range, n_bits);
    state->range = _mm512_and_si512(_mm512_add_epi64(kept, own), mask32);
    state->low = _mm512_add_epi64(state->low, skipped);
    __mmask8 carried = _mm512_cmplt_epu64_mask(state->low, skipped);
    if (__builtin_expect(carried != 0, 0))
        carry(state, carried, models);
}

AVX512 static inline void next_symbols(struct state *state)
{
    state->symbols = _mm512_i64gather_epi64(state->symbols_at, NULL, 1);
    state->symbols_at = _mm512_add_epi64(state->symbols_at, _mm512_set1_epi64(SYMBOLS_AT_ONCE));
}

AVX512 static inline void load(struct red_coder *const *coders, size_t n, struct state *state,
                               struct models *models)
{
    uint64_t at[N_WIDE], low[N_WIDE], range[N_WIDE], symbols[N_WIDE];
    uint64_t inverse[N_WIDE], shift[N_WIDE], portions[N_WIDE];

    models->coders = coders;
    models->n = n;
    for (size_t i = 0; i < N_WIDE; i++) {
        const struct red_coder *coder = coder_of(models, i);
        at[i] = (uint64_t)(uintptr_t)coder->at;
        low[i] = coder->low;
        range[i] = coder->range;
        symbols[i] = (uint64_t)(uintptr_t)coder->symbols;
        inverse[i] = coder->inverse;
        shift[i] = coder->inverse_shift;
        portions[i] = (uint64_t)(uintptr_t)coder->portion;
    }
    state->at = _mm512_loadu_si512(at);
    state->low = _mm512_loadu_si512(low);
    state->range = _mm512_loadu_si512(range);
    state->symbols_at = _mm512_loadu_si512(symbols);
    models->inverse = _mm512_loadu_si512(inverse);
    models->inverse_shift = _mm512_loadu_si512(shift);
    models->portions = _mm512_loadu_si512(portions);
}

AVX512 static inline void store(const struct models *models, const struct state *state,
                                size_t n_symbols)
{
    uint64_t at[N_WIDE], low[N_WIDE], range[N_WIDE];

    _mm512_storeu_si512(at, state->at);
    _mm512_storeu_si512(low, state->low);
    _mm512_storeu_si512(range, state->range);
    for (size_t i = 0; i < N_WIDE && i < models->n; i++) {
        struct red_coder *coder = models->coders[i];
        coder->at = (uint8_t *)(uintptr_t)at[i];
        coder->low = low[i];
        coder->range = (uint32_t)range[i];
        coder->symbols += n_symbols;
        coder->n_symbols -= n_symbols;
    }
}

AVX512 static void encode_eight(struct red_coder *const *coders, size_t n, size_t n_symbols)
{
    struct state a;
    struct models of_a;

    load(coders, n, &a, &of_a);
    for (size_t i = 0; i < n_symbols; i += SYMBOLS_AT_ONCE) {
        next_symbols(&a);
        for (int k = 0; k < SYMBOLS_AT_ONCE; k++)
            encode_symbol(&a, &of_a);
    }
    store(&of_a, &a, n_symbols);
}

AVX512 static void encode_sixteen(struct red_coder *const *coders, size_t n, size_t n_symbols)
{
    struct state a, b;
    struct models of_a, of_b;

    load(coders, n, &a, &of_a);
    load(coders + N_WIDE, n - N_WIDE, &b, &of_b);
    for (size_t i = 0; i < n_symbols; i += SYMBOLS_AT_ONCE) {
        next_symbols(&a);
        next_symbols(&b);
        for (int k = 0; k < SYMBOLS_AT_ONCE; k++) {
            encode_symbol(&a, &of_a);
            encode_symbol(&b, &of_b);
        }
    }
    store(&of_a, &a, n_symbols);
    store(&of_b, &b, n_symbols);
}

void red_coder_avx512(struct red_coder *const *coders, size_t n, size_t n_symbols)
{
    size_t n_rest = n_symbols % SYMBOLS_AT_ONCE;

    /* Fewer are done sooner in plain C. */
    if (n > N_WIDE)
        encode_sixteen(coders, n, n_symbols - n_rest);
    else if (n > 4)
        encode_eight(coders, n, n_symbols - n_rest);
    else
        n_rest = n_symbols;
    red_coder_interleaved(coders, n, n_rest);
}

/* red_core_avx512.c - the range code for sixteen blocks at once: eight in a vector, and two
 * vectors, of which one has work to do while the other waits.
 *
 * A lane of 64 bits is a block. Divisions go by double precision: range times
 * the reciprocal of total, which is rounded up, and low / place, cut off, are
 * exact, since a quotient of whole numbers below 2^32 is farther from the next
 * whole number than the rounding goes. Lanes without a block of their own do
 * the last one's work once more, and write the same symbols to the same place. */
#include "red_core.h"

#include <immintrin.h>

#define AVX512 __attribute__((target("avx512f,avx512dq,avx512bw,avx512cd,avx512vl")))

enum { N_WIDE = 8 };

struct state {
    __m512i at;
    __m512i low;
    __m512i range;
    __m512i symbols; /* the last eight, the newest on top */
};

/* What does not change. */
struct models {
    __m512d inverse;
    __m512i last_place;
    __m512i shift;
    __m512i slots; /* addresses */
    __m512i shares;
    bool shifted;
};

/* The bits after the upper seven of the byte at `at`: 57, enough for two symbols. */
AVX512 static inline __m512i load_window(const struct state *state)
{
    const __m512i reversed = _mm512_set4_epi64(0x08090A0B0C0D0E0F, 0x0001020304050607,
                                               0x08090A0B0C0D0E0F, 0x0001020304050607);

    __m512i bytes = _mm512_i64gather_epi64(state->at, NULL, 1);
    return _mm512_slli_epi64(_mm512_shuffle_epi8(bytes, reversed), 7);
}

/* See red_core_interleaved.c; the zeros of 64 bits are 32 more, which the mask drops. */
AVX512 static inline void renormalise(struct state *state, __m512i *window)
{
    const __m512i one = _mm512_set1_epi64(1), mask32 = _mm512_set1_epi64(0xFFFFFFFF);
    __m512i n_zeros = _mm512_lzcnt_epi64(_mm512_sub_epi64(state->range, one));
    __m512i n_bits = _mm512_and_si512(_mm512_sub_epi64(n_zeros, one), _mm512_set1_epi64(0x18));
    __m512i bits = _mm512_srlv_epi64(*window, _mm512_sub_epi64(_mm512_set1_epi64(64), n_bits));

    *window = _mm512_sllv_epi64(*window, n_bits);
    state->low = _mm512_or_si512(_mm512_sllv_epi64(state->low, n_bits), bits);
    state->low = _mm512_and_si512(state->low, mask32);
    state->range = _mm512_sllv_epi64(state->range, n_bits);
    state->at = _mm512_add_epi64(state->at, _mm512_srli_epi64(n_bits, 3));
}

AVX512 static inline __m512i gather32(__m512i base, __m512i index)
{
    __m512i at = _mm512_add_epi64(base, _mm512_slli_epi64(index, 2));

    return _mm512_cvtepu32_epi64(_mm512_i64gather_epi32(at, NULL, 1));
}

AVX512 static inline __m512i share_count(__m512i share)
{
    return _mm512_and_si512(_mm512_srli_epi64(share, 8), _mm512_set1_epi64(0xFF));
}

/* Where a slot is more than one place, go on to the share that holds t. */
AVX512 static inline __m512i go_on(__m512i share, __m512i t, const struct models *models)
{
    const __m512i one = _mm512_set1_epi64(1), byte = _mm512_set1_epi64(0xFF);

    for (;;) {
        __m512i end = _mm512_add_epi64(_mm512_srli_epi64(share, 16), share_count(share));
        __mmask8 behind = _mm512_cmpge_epu64_mask(t, end);
        if (!behind)
            return share;
        __m512i next = _mm512_add_epi64(_mm512_and_si512(share, byte), one);
        next = _mm512_mask_mov_epi64(_mm512_setzero_si512(), behind, next);
        share = _mm512_mask_mov_epi64(share, behind, gather32(models->shares, next));
    }
}

AVX512 static inline void next_symbol(struct state *state, const struct models *models,
                                      __m512i *window)
{
    const __m512i byte = _mm512_set1_epi64(0xFF);

    renormalise(state, window);
    __m512d quotient = _mm512_mul_pd(_mm512_cvtepu64_pd(state->range), models->inverse);
    __m512d place_double = _mm512_roundscale_pd(quotient, _MM_FROUND_TO_ZERO | _MM_FROUND_NO_EXC);
    __m512i place = _mm512_cvttpd_epu64(quotient);
    __m512i t = _mm512_cvttpd_epu64(_mm512_div_pd(_mm512_cvtepu64_pd(state->low), place_double));
    t = _mm512_min_epu64(t, models->last_place);

    __m512i share = gather32(models->slots, _mm512_srlv_epi64(t, models->shift));
    if (models->shifted)
        share = go_on(share, t, models);

    __m512i skipped = _mm512_mul_epu32(place, _mm512_srli_epi64(share, 16));
    __m512i own = _mm512_mul_epu32(place, share_count(share));
    __m512i symbol = _mm512_and_si512(share, byte);
    __mmask8 last = _mm512_cmpeq_epi64_mask(symbol, byte);
    state->low = _mm512_sub_epi64(state->low, skipped);
    state->range = _mm512_mask_sub_epi64(own, last, state->range, skipped);
    state->symbols =
        _mm512_or_si512(_mm512_srli_epi64(state->symbols, 8), _mm512_slli_epi64(symbol, 56));
}

/* Lane i of n, or the last. */
static inline size_t lane_of(size_t i, size_t n)
{
    return i < n ? i : n - 1;
}

AVX512 static inline void load(const struct red_lane *lanes, size_t n, struct state *state,
                               struct models *models, __m512i *out)
{
    uint64_t at[N_WIDE], low[N_WIDE], range[N_WIDE], last[N_WIDE], shift[N_WIDE];
    uint64_t slots[N_WIDE], shares[N_WIDE], symbols[N_WIDE];
    double inverse[N_WIDE];

    models->shifted = false;
    for (size_t i = 0; i < N_WIDE; i++) {
        const struct red_lane *lane = &lanes[lane_of(i, n)];
        at[i] = (uint64_t)(uintptr_t)lane->at;
        low[i] = lane->low;
        range[i] = lane->range;
        last[i] = lane->model->total - 1;
        shift[i] = lane->model->shift;
        inverse[i] = lane->model->inverse_double;
        slots[i] = (uint64_t)(uintptr_t)lane->model->slot;
        shares[i] = (uint64_t)(uintptr_t)lane->model->share;
        symbols[i] = (uint64_t)(uintptr_t)lane->symbols_out;
        models->shifted |= shift[i] > 0;
    }
    state->at = _mm512_loadu_si512(at);
    state->low = _mm512_loadu_si512(low);
    state->range = _mm512_loadu_si512(range);
    state->symbols = _mm512_setzero_si512();
    models->inverse = _mm512_loadu_pd(inverse);
    models->last_place = _mm512_loadu_si512(last);
    models->shift = _mm512_loadu_si512(shift);
    models->slots = _mm512_loadu_si512(slots);
    models->shares = _mm512_loadu_si512(shares);
    *out = _mm512_loadu_si512(symbols);
}

AVX512 static inline void store(struct red_lane *lanes, size_t n, const struct state *state)
{
    uint64_t at[N_WIDE], low[N_WIDE], range[N_WIDE];

    _mm512_storeu_si512(at, state->at);
    _mm512_storeu_si512(low, state->low);
    _mm512_storeu_si512(range, state->range);
    for (size_t i = 0; i < N_WIDE && i < n; i++) {
        lanes[i].at = (const uint8_t *)(uintptr_t)at[i];
        lanes[i].low = (uint32_t)low[i];
        lanes[i].range = (uint32_t)range[i];
    }
}

AVX512 static void decode_eight(struct red_lane *lanes, size_t n, size_t n_symbols)
{
    struct state a;
    struct models of_a;
    __m512i out_a;

    load(lanes, n, &a, &of_a, &out_a);
    for (size_t i = 0; i < n_symbols; i += RED_STEP) {
        for (int k = 0; k < RED_STEP; k += 2) {
            __m512i window_a = load_window(&a);
            next_symbol(&a, &of_a, &window_a);
            next_symbol(&a, &of_a, &window_a);
        }
        _mm512_i64scatter_epi64(NULL, out_a, a.symbols, 1);
        out_a = _mm512_add_epi64(out_a, _mm512_set1_epi64(RED_STEP));
    }
    store(lanes, n, &a);
}

AVX512 static void decode_sixteen(struct red_lane *lanes, size_t n, size_t n_symbols)
{
    struct state a, b;
    struct models of_a, of_b;
    __m512i out_a, out_b;

    load(lanes, n, &a, &of_a, &out_a);
    load(lanes + N_WIDE, n - N_WIDE, &b, &of_b, &out_b);
    for (size_t i = 0; i < n_symbols; i += RED_STEP) {
        for (int k = 0; k < RED_STEP; k += 2) {
            __m512i window_a = load_window(&a), window_b = load_window(&b);
            next_symbol(&a, &of_a, &window_a);
            next_symbol(&b, &of_b, &window_b);
            next_symbol(&a, &of_a, &window_a);
            next_symbol(&b, &of_b, &window_b);
        }
        _mm512_i64scatter_epi64(NULL, out_a, a.symbols, 1);
        _mm512_i64scatter_epi64(NULL, out_b, b.symbols, 1);
        out_a = _mm512_add_epi64(out_a, _mm512_set1_epi64(RED_STEP));
        out_b = _mm512_add_epi64(out_b, _mm512_set1_epi64(RED_STEP));
    }
    store(lanes, n, &a);
    store(lanes + N_WIDE, n - N_WIDE, &b);
}

void red_core_avx512(struct red_lane *lanes, size_t n, size_t n_symbols)
{
    /* Fewer lanes are done sooner one by one. */
    if (n > N_WIDE)
        decode_sixteen(lanes, n, n_symbols);
    else if (n > 2)
        decode_eight(lanes, n, n_symbols);
    else
        red_core_interleaved(lanes, n, n_symbols);
}

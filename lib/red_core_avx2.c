/* red_core_avx2.c - the range code for eight blocks at once: four in a vector, and two vectors,
 * of which one has work to do while the other waits.
 *
 * As red_core_avx512.c, with what AVX2 lacks put together: a whole number below
 * 2^52 becomes a double, and back, by adding 2^52, in whose lower bits it then
 * stands; and how many bytes are shifted in are three comparisons. */
#include "red_core.h"

#include <immintrin.h>
#include <string.h>

#define AVX2 __attribute__((target("avx2")))

enum { N_WIDE = 4 };

struct state {
    __m256i at;
    __m256i low;
    __m256i range;
    __m256i symbols; /* the last eight, the newest on top */
};

/* What does not change. */
struct models {
    __m256d inverse;
    __m256i last_place;
    __m256i shift;
    __m256i slots; /* addresses */
    __m256i shares;
    bool shifted;
};

AVX2 static inline __m256d to_double(__m256i x)
{
    const __m256d magic = _mm256_set1_pd(0x1p52);

    return _mm256_sub_pd(_mm256_castsi256_pd(_mm256_or_si256(x, _mm256_castpd_si256(magic))),
                         magic);
}

/* x is whole. */
AVX2 static inline __m256i to_whole(__m256d x)
{
    const __m256d magic = _mm256_set1_pd(0x1p52);

    return _mm256_xor_si256(_mm256_castpd_si256(_mm256_add_pd(x, magic)),
                            _mm256_castpd_si256(magic));
}

AVX2 static inline __m256i gather64(__m256i at)
{
    return _mm256_i64gather_epi64((const long long *)0, at, 1);
}

AVX2 static inline __m256i load_be64(__m256i at)
{
    const __m256i reversed = _mm256_set_epi64x(0x08090A0B0C0D0E0F, 0x0001020304050607,
                                               0x08090A0B0C0D0E0F, 0x0001020304050607);

    return _mm256_shuffle_epi8(gather64(at), reversed);
}

/* 8 where range is no more than `most`. */
AVX2 static inline __m256i eight_if(__m256i range, long long most)
{
    return _mm256_andnot_si256(_mm256_cmpgt_epi64(range, _mm256_set1_epi64x(most)),
                               _mm256_set1_epi64x(8));
}

AVX2 static inline void renormalise(struct state *state)
{
    __m256i n_bits = _mm256_add_epi64(
        _mm256_add_epi64(eight_if(state->range, 1 << 23), eight_if(state->range, 1 << 15)),
        eight_if(state->range, 1 << 7));
    __m256i bits = _mm256_slli_epi64(load_be64(state->at), 7);

    bits = _mm256_srlv_epi64(bits, _mm256_sub_epi64(_mm256_set1_epi64x(64), n_bits));
    state->low = _mm256_or_si256(_mm256_sllv_epi64(state->low, n_bits), bits);
    state->low = _mm256_and_si256(state->low, _mm256_set1_epi64x(0xFFFFFFFF));
    state->range = _mm256_sllv_epi64(state->range, n_bits);
    state->at = _mm256_add_epi64(state->at, _mm256_srli_epi64(n_bits, 3));
}

/* Eight bytes are read, of which four are kept: after a slot or a share there is
 * another, or room. */
AVX2 static inline __m256i gather32(__m256i base, __m256i index)
{
    __m256i at = _mm256_add_epi64(base, _mm256_slli_epi64(index, 2));

    return _mm256_and_si256(gather64(at), _mm256_set1_epi64x(0xFFFFFFFF));
}

AVX2 static inline __m256i share_count(__m256i share)
{
    return _mm256_and_si256(_mm256_srli_epi64(share, 8), _mm256_set1_epi64x(0xFF));
}

/* Where a slot is more than one place, go on to the share that holds t. */
AVX2 static inline __m256i go_on(__m256i share, __m256i t, const struct models *models)
{
    const __m256i one = _mm256_set1_epi64x(1), byte = _mm256_set1_epi64x(0xFF);

    for (;;) {
        __m256i end = _mm256_add_epi64(_mm256_srli_epi64(share, 16), share_count(share));
        __m256i within = _mm256_cmpgt_epi64(end, t);
        if (_mm256_movemask_epi8(within) == -1)
            return share;
        __m256i next = _mm256_add_epi64(_mm256_and_si256(share, byte), one);
        next = _mm256_andnot_si256(within, next);
        share = _mm256_blendv_epi8(gather32(models->shares, next), share, within);
    }
}

AVX2 static inline void next_symbol(struct state *state, const struct models *models)
{
    const __m256i byte = _mm256_set1_epi64x(0xFF);

    renormalise(state);
    __m256d place_double = _mm256_floor_pd(_mm256_mul_pd(to_double(state->range), models->inverse));
    __m256i place = to_whole(place_double);
    __m256i t = to_whole(_mm256_floor_pd(_mm256_div_pd(to_double(state->low), place_double)));
    /* t is below 2^26. */
    t = _mm256_min_epi32(t, models->last_place);

    __m256i share = gather32(models->slots, _mm256_srlv_epi64(t, models->shift));
    if (models->shifted)
        share = go_on(share, t, models);

    __m256i skipped = _mm256_mul_epu32(place, _mm256_srli_epi64(share, 16));
    __m256i own = _mm256_mul_epu32(place, share_count(share));
    __m256i symbol = _mm256_and_si256(share, byte);
    __m256i last = _mm256_cmpeq_epi64(symbol, byte);
    state->low = _mm256_sub_epi64(state->low, skipped);
    state->range = _mm256_blendv_epi8(own, _mm256_sub_epi64(state->range, skipped), last);
    state->symbols =
        _mm256_or_si256(_mm256_srli_epi64(state->symbols, 8), _mm256_slli_epi64(symbol, 56));
}

AVX2 static inline __m256i load_vector(const uint64_t numbers[N_WIDE])
{
    return _mm256_loadu_si256((const __m256i_u *)numbers);
}

AVX2 static inline void load(const struct red_lane *lanes, size_t n, struct state *state,
                             struct models *models)
{
    uint64_t at[N_WIDE], low[N_WIDE], range[N_WIDE], last[N_WIDE], shift[N_WIDE];
    uint64_t slots[N_WIDE], shares[N_WIDE];
    double inverse[N_WIDE];

    models->shifted = false;
    for (size_t i = 0; i < N_WIDE; i++) {
        const struct red_lane *lane = &lanes[i < n ? i : n - 1];
        at[i] = (uint64_t)(uintptr_t)lane->at;
        low[i] = lane->low;
        range[i] = lane->range;
        last[i] = lane->model->total - 1;
        shift[i] = lane->model->shift;
        inverse[i] = lane->model->inverse_double;
        slots[i] = (uint64_t)(uintptr_t)lane->model->slot;
        shares[i] = (uint64_t)(uintptr_t)lane->model->share;
        models->shifted |= shift[i] > 0;
    }
    state->at = load_vector(at);
    state->low = load_vector(low);
    state->range = load_vector(range);
    state->symbols = _mm256_setzero_si256();
    models->inverse = _mm256_loadu_pd(inverse);
    models->last_place = load_vector(last);
    models->shift = load_vector(shift);
    models->slots = load_vector(slots);
    models->shares = load_vector(shares);
}

AVX2 static inline void store_vector(uint64_t numbers[N_WIDE], __m256i vector)
{
    _mm256_storeu_si256((__m256i_u *)numbers, vector);
}

AVX2 static inline void store(struct red_lane *lanes, size_t n, const struct state *state)
{
    uint64_t at[N_WIDE], low[N_WIDE], range[N_WIDE];

    store_vector(at, state->at);
    store_vector(low, state->low);
    store_vector(range, state->range);
    for (size_t i = 0; i < N_WIDE && i < n; i++) {
        lanes[i].at = (const uint8_t *)(uintptr_t)at[i];
        lanes[i].low = (uint32_t)low[i];
        lanes[i].range = (uint32_t)range[i];
    }
}

/* Eight symbols of each lane at once. */
AVX2 static inline void put(struct red_lane *lanes, size_t n, size_t i, const struct state *state)
{
    uint64_t symbols[N_WIDE];

    store_vector(symbols, state->symbols);
    for (size_t k = 0; k < N_WIDE && k < n; k++)
        memcpy(lanes[k].symbols_out + i, &symbols[k], sizeof symbols[k]);
}

AVX2 static void decode_eight(struct red_lane *lanes, size_t n, size_t n_symbols)
{
    struct red_lane *more = lanes + N_WIDE;
    struct state a, b;
    struct models of_a, of_b;

    load(lanes, n, &a, &of_a);
    load(more, n - N_WIDE, &b, &of_b);
    for (size_t i = 0; i < n_symbols; i += RED_STEP) {
        for (int k = 0; k < RED_STEP; k++) {
            next_symbol(&a, &of_a);
            next_symbol(&b, &of_b);
        }
        put(lanes, n, i, &a);
        put(more, n - N_WIDE, i, &b);
    }
    store(lanes, n, &a);
    store(more, n - N_WIDE, &b);
}

void red_core_avx2(struct red_lane *lanes, size_t n, size_t n_symbols)
{
    /* Fewer lanes are done sooner in plain C. */
    for (; n > N_WIDE; n -= n < 2 * N_WIDE ? n : 2 * N_WIDE, lanes += 2 * N_WIDE)
        decode_eight(lanes, n < 2 * N_WIDE ? n : 2 * N_WIDE, n_symbols);
    if (n > 0)
        red_core_interleaved(lanes, n, n_symbols);
}

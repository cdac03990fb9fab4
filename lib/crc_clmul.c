/* crc_clmul.c - the CRC with carry-less multiplication, 64 bytes at once.
 *
 * The bits of a message are the coefficients of a polynomial, and its CRC is what is left
 * of that after division by the format's polynomial P. So a part of the message may be
 * replaced by anything that leaves the same: sixteen bytes that have D bits behind them by
 * their two halves times (x^(D+64) mod P) and (x^D mod P), laid on top of the sixteen bytes D
 * bits on. Four such sums run side by side, D being 512 bits; then they are folded into one
 * (D = 128), whose CRC is taken from the tables.
 *
 * Bits are reflected here, and a product of two reflected numbers is one place off; the
 * constants make up for both: they are x^(D+32) and x^(D-32) mod P, reflected and shifted
 * left by one. */
#include "crc.h"

#include <immintrin.h>

#define CLMUL __attribute__((target("pclmul,sse4.1")))

enum { FOLD = 16, AT_ONCE = 4 * FOLD };

CLMUL static inline __m128i load(const uint8_t *at)
{
    return _mm_loadu_si128((const __m128i_u *)at);
}

CLMUL static inline __m128i fold(__m128i sum, __m128i by, __m128i next)
{
    __m128i first = _mm_clmulepi64_si128(sum, by, 0x00);
    __m128i second = _mm_clmulepi64_si128(sum, by, 0x11);

    return _mm_xor_si128(_mm_xor_si128(first, second), next);
}

CLMUL uint32_t crc_clmul(uint32_t crc, const uint8_t *bytes, size_t n)
{
    const __m128i by512 = _mm_set_epi64x(0x0BE6D8F38, 0x1C06A9816);
    const __m128i by128 = _mm_set_epi64x(0x14B0602F8, 0x07B4BC878);
    uint8_t folded[FOLD];

    if (n < AT_ONCE)
        return crc_tables(crc, bytes, n);
    /* What the register holds goes onto the first bytes. */
    __m128i a = _mm_xor_si128(load(bytes), _mm_cvtsi32_si128((int)crc));
    __m128i b = load(bytes + FOLD), c = load(bytes + 2 * FOLD), d = load(bytes + 3 * FOLD);
    for (bytes += AT_ONCE, n -= AT_ONCE; n >= AT_ONCE; bytes += AT_ONCE, n -= AT_ONCE) {
        a = fold(a, by512, load(bytes));
        b = fold(b, by512, load(bytes + FOLD));
        c = fold(c, by512, load(bytes + 2 * FOLD));
        d = fold(d, by512, load(bytes + 3 * FOLD));
    }
    a = fold(fold(fold(a, by128, b), by128, c), by128, d);
    for (; n >= FOLD; bytes += FOLD, n -= FOLD)
        a = fold(a, by128, load(bytes));
    _mm_storeu_si128((__m128i_u *)folded, a);
    return crc_tables(crc_tables(0, folded, FOLD), bytes, n);
}

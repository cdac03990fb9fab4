/* crc.c - the format's CRC-32: Koopman's polynomial, reflected, no final inversion.
 *
 * A CRC is what is left of a register that the message's bits run through. One
 * bit: shift the register right; if a one fell out, XOR the polynomial in. Eight
 * bits at once: because XOR is all that happens, what eight steps do to the
 * register depends on its low byte only, so it can be looked up:
 *
 *     crc = table[(crc ^ byte) & 0xFF] ^ crc >> 8
 *
 * (crc_plain below). That waits for one look-up a byte. Eight bytes at once:
 * table k says what a byte does to the register when k more zero bytes follow
 * it. The effects of eight bytes are then eight independent look-ups, XORed
 * (crc_tables). Many more at once: crc_clmul.c.
 *
 * The tables are constants, made by the compiler. A register that holds only the
 * polynomial is what a byte 0x80 leaves; run it on, a step at a time, and its
 * states are R0, R1, R2 ... So bit b of a byte followed by k zero bytes leaves
 * state 8k + 7 - b, and a whole byte leaves the XOR of its bits' states. */
#include "crc.h"

#include <mef3/red.h>

#include "bytes.h"

#define POLYNOMIAL 0xEB31D82Eu
#define STEP(r) (((r) >> 1) ^ (((r)&1) ? POLYNOMIAL : 0u))

/* clang-format off */
enum {
    R0 = POLYNOMIAL,
    R1 = STEP(R0), R2 = STEP(R1), R3 = STEP(R2), R4 = STEP(R3), R5 = STEP(R4), R6 = STEP(R5), R7
    = STEP(R6), R8 = STEP(R7), R9 = STEP(R8), R10 = STEP(R9), R11 = STEP(R10), R12 = STEP(R11),
    R13 = STEP(R12), R14 = STEP(R13), R15 = STEP(R14), R16 = STEP(R15), R17 = STEP(R16), R18 =
    STEP(R17), R19 = STEP(R18), R20 = STEP(R19), R21 = STEP(R20), R22 = STEP(R21), R23 =
    STEP(R22), R24 = STEP(R23), R25 = STEP(R24), R26 = STEP(R25), R27 = STEP(R26), R28 =
    STEP(R27), R29 = STEP(R28), R30 = STEP(R29), R31 = STEP(R30), R32 = STEP(R31), R33 =
    STEP(R32), R34 = STEP(R33), R35 = STEP(R34), R36 = STEP(R35), R37 = STEP(R36), R38 =
    STEP(R37), R39 = STEP(R38), R40 = STEP(R39), R41 = STEP(R40), R42 = STEP(R41), R43 =
    STEP(R42), R44 = STEP(R43), R45 = STEP(R44), R46 = STEP(R45), R47 = STEP(R46), R48 =
    STEP(R47), R49 = STEP(R48), R50 = STEP(R49), R51 = STEP(R50), R52 = STEP(R51), R53 =
    STEP(R52), R54 = STEP(R53), R55 = STEP(R54), R56 = STEP(R55), R57 = STEP(R56), R58 =
    STEP(R57), R59 = STEP(R58), R60 = STEP(R59), R61 = STEP(R60), R62 = STEP(R61), R63 =
    STEP(R62)
};

/* What byte i leaves, given the states that its bits 7, 6 ... 0 leave. */
#define BYTE(i, s7, s6, s5, s4, s3, s2, s1, s0) \
    (((i) & 0x80 ? (s7) : 0u) ^ ((i) & 0x40 ? (s6) : 0u) ^ ((i) & 0x20 ? (s5) : 0u) ^ \
     ((i) & 0x10 ? (s4) : 0u) ^ ((i) & 0x08 ? (s3) : 0u) ^ ((i) & 0x04 ? (s2) : 0u) ^ \
     ((i) & 0x02 ? (s1) : 0u) ^ ((i) & 0x01 ? (s0) : 0u))
#define BYTES4(i, ...) \
    BYTE(i, __VA_ARGS__), BYTE((i) + 1, __VA_ARGS__), \
    BYTE((i) + 2, __VA_ARGS__), BYTE((i) + 3, __VA_ARGS__)
#define BYTES16(i, ...) \
    BYTES4(i, __VA_ARGS__), BYTES4((i) + 4, __VA_ARGS__), \
    BYTES4((i) + 8, __VA_ARGS__), BYTES4((i) + 12, __VA_ARGS__)
#define BYTES64(i, ...) \
    BYTES16(i, __VA_ARGS__), BYTES16((i) + 16, __VA_ARGS__), \
    BYTES16((i) + 32, __VA_ARGS__), BYTES16((i) + 48, __VA_ARGS__)
#define TABLE(...) \
    { BYTES64(0, __VA_ARGS__), BYTES64(64, __VA_ARGS__), \
      BYTES64(128, __VA_ARGS__), BYTES64(192, __VA_ARGS__) }

static const uint32_t tables[8][256] = {
    TABLE(R0, R1, R2, R3, R4, R5, R6, R7),
    TABLE(R8, R9, R10, R11, R12, R13, R14, R15),
    TABLE(R16, R17, R18, R19, R20, R21, R22, R23),
    TABLE(R24, R25, R26, R27, R28, R29, R30, R31),
    TABLE(R32, R33, R34, R35, R36, R37, R38, R39),
    TABLE(R40, R41, R42, R43, R44, R45, R46, R47),
    TABLE(R48, R49, R50, R51, R52, R53, R54, R55),
    TABLE(R56, R57, R58, R59, R60, R61, R62, R63),
};
/* clang-format on */

uint32_t crc_plain(uint32_t crc, const uint8_t *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++)
        crc = tables[0][(crc ^ bytes[i]) & 0xFF] ^ crc >> 8;
    return crc;
}

uint32_t crc_tables(uint32_t crc, const uint8_t *bytes, size_t n)
{
    const uint8_t *at = bytes;

    for (; n >= 8; n -= 8, at += 8) {
        uint32_t a = crc ^ le_u32(at);
        uint32_t b = le_u32(at + 4);
        crc = tables[7][a & 0xFF] ^ tables[6][a >> 8 & 0xFF] ^ tables[5][a >> 16 & 0xFF] ^
              tables[4][a >> 24] ^ tables[3][b & 0xFF] ^ tables[2][b >> 8 & 0xFF] ^
              tables[1][b >> 16 & 0xFF] ^ tables[0][b >> 24];
    }
    return crc_plain(crc, at, n);
}

uint32_t mef3_crc32(uint32_t crc, const void *bytes, size_t n)
{
#ifdef __x86_64__
    if (__builtin_cpu_supports("pclmul") && __builtin_cpu_supports("sse4.1"))
        return crc_clmul(crc, bytes, n);
#endif
    return crc_tables(crc, bytes, n);
}

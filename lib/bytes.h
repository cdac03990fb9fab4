/* bytes.h - numbers in bytes: little-endian, at any address, on any machine.
 *
 * The only way this library looks into a file: never a pointer cast to a
 * struct. The caller has checked that the bytes are there. */
#ifndef LIB_BYTES_H
#define LIB_BYTES_H

#include <stdint.h>
#include <string.h>

#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define BYTES_LE32(x) __builtin_bswap32(x)
#define BYTES_LE64(x) __builtin_bswap64(x)
#else
#define BYTES_LE32(x) (x)
#define BYTES_LE64(x) (x)
#endif

static inline uint16_t le_u16(const uint8_t *at)
{
    return (uint16_t)(at[0] | at[1] << 8);
}

static inline uint32_t le_u32(const uint8_t *at)
{
    uint32_t x;

    memcpy(&x, at, sizeof x);
    return BYTES_LE32(x);
}

static inline uint64_t le_u64(const uint8_t *at)
{
    uint64_t x;

    memcpy(&x, at, sizeof x);
    return BYTES_LE64(x);
}

static inline int32_t le_i32(const uint8_t *at)
{
    return (int32_t)le_u32(at);
}

static inline int64_t le_i64(const uint8_t *at)
{
    return (int64_t)le_u64(at);
}

static inline float le_f32(const uint8_t *at)
{
    uint32_t bits = le_u32(at);
    float x;

    memcpy(&x, &bits, sizeof x);
    return x;
}

static inline double le_f64(const uint8_t *at)
{
    uint64_t bits = le_u64(at);
    double x;

    memcpy(&x, &bits, sizeof x);
    return x;
}

static inline void le_put_u16(uint8_t *at, uint16_t x)
{
    at[0] = (uint8_t)(x & 0xFF);
    at[1] = (uint8_t)(x >> 8);
}

static inline void le_put_u32(uint8_t *at, uint32_t x)
{
    x = BYTES_LE32(x);
    memcpy(at, &x, sizeof x);
}

static inline void le_put_u64(uint8_t *at, uint64_t x)
{
    x = BYTES_LE64(x);
    memcpy(at, &x, sizeof x);
}

static inline void le_put_i32(uint8_t *at, int32_t x)
{
    le_put_u32(at, (uint32_t)x);
}

static inline void le_put_i64(uint8_t *at, int64_t x)
{
    le_put_u64(at, (uint64_t)x);
}

static inline void le_put_f32(uint8_t *at, float x)
{
    uint32_t bits;

    memcpy(&bits, &x, sizeof bits);
    le_put_u32(at, bits);
}

static inline void le_put_f64(uint8_t *at, double x)
{
    uint64_t bits;

    memcpy(&bits, &x, sizeof bits);
    le_put_u64(at, bits);
}

#endif

/* mutate.c - what mutators share that know where the fields of a file are. */
#include "mutate.h"

#include <string.h>

#include <mef3/red.h>

#include "bytes.h"
#include "layout.h"

uint32_t mutate_below(unsigned *seed, uint32_t n)
{
    *seed = *seed * 1664525u + 1013904223u;
    return (uint32_t)((uint64_t)(*seed >> 8) * n >> 24);
}

static uint64_t get(const uint8_t *at, size_t bytes)
{
    uint64_t value = 0;

    for (size_t i = bytes; i-- > 0;)
        value = value << 8 | at[i];
    return value;
}

static void put(uint8_t *at, size_t bytes, uint64_t value)
{
    for (size_t i = 0; i < bytes; i++, value >>= 8)
        at[i] = (uint8_t)(value & 0xFF);
}

static uint64_t bits_of(double x)
{
    uint64_t bits;

    memcpy(&bits, &x, sizeof bits);
    return bits;
}

static uint64_t awkward(unsigned *seed, size_t bytes, uint64_t now)
{
    static const double doubles[] = {0, -1, 256, 0.1, 1e-6, 1e7, 1e300, __builtin_inf()};
    uint64_t top = (uint64_t)1 << (8 * bytes - 1);

    switch (mutate_below(seed, bytes == 8 ? 12 : 10)) {
    case 0:
        return 0;
    case 1:
        return 1;
    case 2:
        return ~(uint64_t)0;
    case 3:
        return top;
    case 4:
        return top - 1;
    case 5:
        return now + 1;
    case 6:
        return now - 1;
    case 7:
        return now + 8 * (1 + mutate_below(seed, 64));
    case 8:
        return now ^ (uint64_t)1 << mutate_below(seed, (uint32_t)(8 * bytes));
    case 9:
        return mutate_below(seed, 2000);
    case 10:
        return bits_of(doubles[mutate_below(seed, sizeof doubles / sizeof *doubles)]);
    default:
        return 0 - now;
    }
}

void mutate_field(uint8_t *bytes, size_t n, const struct mutate_field *fields, size_t n_fields,
                  unsigned *seed)
{
    const struct mutate_field *field = &fields[mutate_below(seed, (uint32_t)n_fields)];

    if (field->at > n || field->bytes > n - field->at)
        return;
    uint8_t *at = bytes + field->at;
    put(at, field->bytes, awkward(seed, field->bytes, get(at, field->bytes)));
}

void mutate_mend_block(uint8_t *block, size_t n)
{
    if (n < RED_PAYLOAD)
        return;
    uint32_t bytes = le_u32(block + RED_BLOCK_BYTES);
    if (bytes >= RED_PAYLOAD && bytes <= n)
        le_put_u32(block, mef3_crc32(MEF3_CRC_START, block + RED_FLAGS, bytes - RED_FLAGS));
}

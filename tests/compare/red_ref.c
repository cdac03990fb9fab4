/* red_ref.c - a second RED decoder, plain and slow: what the library's is held to.
 *
 * Three steps, each with its own buffer: all symbols, then the samples of the
 * block up to the last that is wanted, then the part that is wanted. */
#include "red_ref.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "crypt.h"

static uint32_t number4(const uint8_t *at)
{
    return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

static double float4(const uint8_t *at)
{
    uint32_t bits = number4(at);
    float x;

    memcpy(&x, &bits, 4);
    return (double)x;
}

/* Whether a payload can hold so many symbols: the most frequent one makes the interval the least
 * smaller. What the payload is too short for would be decoded from zeros without end. */
static bool can_hold(const uint8_t counts[256], uint32_t total, uint64_t n_symbols,
                     uint64_t payload_bytes)
{
    double greatest = 0;

    for (int s = 0; s < 256; s++) {
        double share = counts[s] / (double)total;
        if (s == 255 && counts[s] > 0)
            share += (total - counts[s]) / 8388608.0;
        if (share > greatest)
            greatest = share;
    }
    return (double)n_symbols * -log2(greatest) <= 8.0 * ((double)payload_bytes + 64);
}

/* "Decoding the range code." Damage: total or range per count of zero, symbols beyond the payload.
 */
static int decode_symbols(const uint8_t *block, uint64_t block_bytes, const uint8_t counts[256],
                          uint64_t n_symbols, uint8_t *symbols_out)
{
    uint32_t total = 0, cum[256];
    uint64_t at = 304;

    for (int s = 0; s < 256; s++) {
        cum[s] = total;
        total += counts[s];
    }
    if (total == 0 || !can_hold(counts, total, n_symbols, block_bytes - 304))
        return MEF3_EDAMAGED;

    uint32_t byte = at < block_bytes ? block[at] : 0;
    at++;
    uint32_t low = byte >> 1;
    uint32_t range = 1 << 7;
    for (uint64_t i = 0; i < n_symbols; i++) {
        while (range <= 0x800000) {
            low = (low << 8) | ((byte << 7) & 0xFF);
            byte = at < block_bytes ? block[at] : 0;
            at++;
            low |= byte >> 1;
            range <<= 8;
        }
        uint32_t per = range / total;
        if (per == 0)
            return MEF3_EDAMAGED;
        uint32_t t = low / per;
        if (t > total - 1)
            t = total - 1;
        int s = 0;
        while (!(cum[s] <= t && t < cum[s] + counts[s]))
            s++;
        low -= per * cum[s];
        if (s < 255)
            range = per * counts[s];
        else
            range = range - per * cum[s];
        symbols_out[i] = (uint8_t)s;
    }
    return MEF3_OK;
}

/* "Differences to samples." Damage: symbols too few for n_samples; and where those are all of
 * the block, symbols left over. */
static int add_up(const uint8_t *symbols, uint64_t n_symbols, int32_t *samples_out,
                  uint64_t n_samples, bool is_all)
{
    uint64_t used = 0;
    uint32_t value = 0;

    for (uint64_t k = 0; k < n_samples; k++) {
        bool whole = k == 0;
        if (k > 0) {
            if (used >= n_symbols)
                return MEF3_EDAMAGED;
            uint8_t s = symbols[used++];
            if (s == 0x80)
                whole = true;
            else
                value += s < 0x80 ? s : s - 256u;
        }
        if (whole) {
            if (n_symbols - used < 4)
                return MEF3_EDAMAGED;
            value = number4(symbols + used);
            used += 4;
        }
        samples_out[k] = (int32_t)value;
    }
    return used == n_symbols || !is_all ? MEF3_OK : MEF3_EDAMAGED;
}

static int32_t to_count(double x)
{
    double away = x < 0 ? -floor(-x) : floor(x);

    if (fabs(x - away) >= 0.5)
        away += x < 0 ? -1 : 1;
    if (away > 2147483647.0)
        away = 2147483647.0;
    if (away < -2147483647.0)
        away = -2147483647.0;
    return (int32_t)away;
}

/* "Then": scale and trend. */
static void scale_and_trend(const uint8_t *block, int32_t *samples, uint64_t n_samples)
{
    double slope = float4(block + 16);
    double intercept = float4(block + 20);
    double scale = float4(block + 24);

    for (uint64_t i = 0; i < n_samples; i++) {
        if (scale > 1)
            samples[i] = to_count(samples[i] * scale);
        if (slope != 0 || intercept != 0)
            samples[i] = to_count(samples[i] + slope * (double)(i + 1) + intercept);
    }
}

/* The order of the checks is part of the contract: a block with two faults has
 * the status of the first. */
static int check(const uint8_t *block, size_t n)
{
    if (n < 304)
        return MEF3_ETRUNCATED;
    uint64_t n_diff = number4(block + 28);
    uint64_t n_samples = number4(block + 32);
    uint64_t block_bytes = number4(block + 36);

    if (block_bytes < 304 || block_bytes % 8 != 0)
        return MEF3_EDAMAGED;
    if (block_bytes > 1u << 28)
        return MEF3_ELIMIT;
    if (n_samples > 1u << 25)
        return MEF3_ELIMIT;
    if (n_samples == 0 && n_diff > 1)
        return MEF3_EDAMAGED;
    if (n_samples > 0 && (n_diff < 4 + (n_samples - 1) + 1 || n_diff > 4 + 5 * (n_samples - 1) + 1))
        return MEF3_EDAMAGED;
    if (block_bytes > n)
        return MEF3_ETRUNCATED;
    if ((block[4] & 2) && (block[4] & 4))
        return MEF3_EDAMAGED;
    if (!isfinite(float4(block + 16)) || !isfinite(float4(block + 20)) ||
        !isfinite(float4(block + 24)))
        return MEF3_EDAMAGED;
    return MEF3_OK;
}

int red_ref_decode(const uint8_t *block, size_t n, const struct mef3_keys *keys, uint32_t first,
                   uint32_t n_samples, int32_t *samples_out)
{
    uint8_t counts[256];

    int status = check(block, n);
    if (status != MEF3_OK)
        return status;
    uint64_t n_symbols = (uint64_t)number4(block + 28) - 1;
    uint64_t n_all = number4(block + 32);
    uint64_t block_bytes = number4(block + 36);
    int level = block[4] & 2 ? 1 : block[4] & 4 ? 2 : 0;

    if ((uint64_t)first + n_samples > n_all)
        return MEF3_EINVAL;
    if (mef3_crc32(MEF3_CRC_START, block + 4, block_bytes - 4) != number4(block))
        return MEF3_ECRC;
    if (n_all == 0)
        return MEF3_OK;
    if (level > 0 && (!keys || keys->level < level))
        return MEF3_EPASSWORD;
    memcpy(counts, block + 48, 256);
    if (level > 0 && crypt_decrypt(keys->key[level - 1], counts, 256) != MEF3_OK)
        return MEF3_ENOMEM;

    uint8_t *symbols = malloc(n_symbols);
    uint64_t n_made = (uint64_t)first + n_samples;
    int32_t *samples = malloc((n_made + 1) * sizeof *samples);
    status = symbols && samples ? MEF3_OK : MEF3_ENOMEM;
    if (status == MEF3_OK)
        status = decode_symbols(block, block_bytes, counts, n_symbols, symbols);
    if (status == MEF3_OK)
        status = add_up(symbols, n_symbols, samples, n_made, n_made == n_all);
    if (status == MEF3_OK) {
        scale_and_trend(block, samples, n_made);
        memcpy(samples_out, samples + first, n_samples * sizeof *samples);
    }
    free(samples);
    free(symbols);
    return status;
}

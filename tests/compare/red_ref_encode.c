/* red_ref_encode.c - a second RED encoder, plain and slow: what the library's is held to.
 *
 * The coder's `low` may carry into bytes that are already out; so a byte is held back
 * until it is certain, and with it the run of 0xFF bytes behind it that a carry would
 * turn over. */
#include "red_ref.h"

#include <math.h>
#include <string.h>

#include "bytes.h"
#include "crypt.h"
#include "layout.h"

enum { ESCAPE = 0x80, LAST_SYMBOL = 255, GREATEST_COUNT = 255 };

static const uint32_t LEAST_RANGE = 0x800000;
static const uint32_t WHOLE_RANGE = 0x80000000;
static const uint32_t CERTAIN_BELOW = 0x7F800000; /* a `low` that no carry can reach any more */

static size_t put_whole(uint8_t *at, int32_t sample)
{
    le_put_i32(at, sample);
    return 4;
}

/* Samples to symbols; the answer is how many. */
static size_t differ(const int32_t *samples, uint32_t n_samples, uint8_t *symbols_out)
{
    size_t n = put_whole(symbols_out, samples[0]);

    for (uint32_t i = 1; i < n_samples; i++) {
        int64_t difference = (int64_t)samples[i] - samples[i - 1];
        if (difference >= -127 && difference <= 127) {
            symbols_out[n++] = (uint8_t)(difference & 0xFF);
        } else {
            symbols_out[n++] = ESCAPE;
            n += put_whole(symbols_out + n, samples[i]);
        }
    }
    return n;
}

/* The counts of the symbols, scaled to fit a byte each. A symbol that occurs
 * keeps a count of at least 1. */
static void count(const uint8_t *symbols, size_t n, uint8_t counts_out[RED_N_SYMBOLS])
{
    uint32_t counts[RED_N_SYMBOLS] = {0}, greatest = 0;

    for (size_t i = 0; i < n; i++)
        counts[symbols[i]]++;
    for (int s = 0; s < RED_N_SYMBOLS; s++)
        if (counts[s] > greatest)
            greatest = counts[s];
    if (greatest <= GREATEST_COUNT) {
        for (int s = 0; s < RED_N_SYMBOLS; s++)
            counts_out[s] = (uint8_t)counts[s];
        return;
    }
    double factor = 254.999999999 / greatest;
    for (int s = 0; s < RED_N_SYMBOLS; s++)
        counts_out[s] = (uint8_t)ceil(counts[s] * factor);
}

struct coder {
    uint8_t *at; /* where the next byte goes */
    const uint8_t *end;
    bool full;
    bool begun;       /* the first byte is not put: it never holds a thing */
    uint8_t held;     /* the byte that a carry may still change */
    uint32_t pending; /* 0xFF bytes behind it */
    uint32_t low;
    uint32_t range;
};

static void put(struct coder *out, uint8_t byte)
{
    if (!out->begun)
        out->begun = true;
    else if (out->at < out->end)
        *out->at++ = byte;
    else
        out->full = true;
}

/* Let go of the held byte and of those behind it; `carry` is 0 or 1. */
static void release(struct coder *out, uint8_t carry)
{
    put(out, (uint8_t)(out->held + carry));
    for (; out->pending; out->pending--)
        put(out, carry ? 0x00 : 0xFF);
}

static void shift_out(struct coder *out)
{
    if (out->low < CERTAIN_BELOW) {
        release(out, 0);
        out->held = (uint8_t)(out->low >> 23);
    } else if (out->low & WHOLE_RANGE) {
        release(out, 1);
        out->held = (uint8_t)(out->low >> 23 & 0xFF);
    } else {
        out->pending++;
    }
    out->range <<= 8;
    out->low = out->low << 8 & 0x7FFFFFFF;
}

static void encode(struct coder *out, const uint8_t counts[RED_N_SYMBOLS], const uint8_t *symbols,
                   size_t n)
{
    uint32_t below[RED_N_SYMBOLS], total = 0;

    for (int s = 0; s < RED_N_SYMBOLS; s++) {
        below[s] = total;
        total += counts[s];
    }
    out->range = WHOLE_RANGE;
    for (size_t i = 0; i < n && !out->full; i++) {
        uint8_t s = symbols[i];
        while (out->range <= LEAST_RANGE)
            shift_out(out);
        uint32_t place = out->range / total;
        uint32_t skipped = place * below[s];
        out->low += skipped;
        out->range = s == LAST_SYMBOL ? out->range - skipped : place * counts[s];
    }
    while (out->range <= LEAST_RANGE)
        shift_out(out);

    /* Enough of a number that lies within the last interval. */
    uint32_t last = (out->low >> 23) + 1;
    release(out, last > 0xFF);
    put(out, (uint8_t)(last & 0xFF));
    put(out, 0);
}

static uint8_t flags_of(const struct mef3_red_params *params)
{
    uint8_t flags = params->discontinuity ? RED_FLAG_DISCONTINUITY : 0;

    if (params->stats_level)
        flags |= params->stats_level == 1 ? RED_FLAG_LEVEL_1 : RED_FLAG_LEVEL_2;
    return flags;
}

int red_ref_encode(const int32_t *samples, uint32_t n_samples, const struct mef3_red_params *params,
                   uint8_t *work, uint8_t *block_out, size_t room, size_t *n_out)
{
    int level = params->stats_level;

    if (n_samples == 0 || level < 0 || level > 2)
        return MEF3_EINVAL;
    if (level && (!params->keys || params->keys->level < level))
        return MEF3_EINVAL;
    if (n_samples > MEF3_RED_MAX_SAMPLES)
        return MEF3_ELIMIT;
    if (room < RED_PAYLOAD)
        return MEF3_ENOSPC;

    uint8_t *counts = block_out + RED_STATISTICS;
    size_t n_symbols = differ(samples, n_samples, work);
    memset(block_out, 0, RED_PAYLOAD);
    count(work, n_symbols, counts);

    struct coder coder = {.at = block_out + RED_PAYLOAD, .end = block_out + room};
    encode(&coder, counts, work, n_symbols);
    size_t n = (size_t)(coder.at - block_out);
    size_t padded = (n + RED_ALIGN - 1) / RED_ALIGN * RED_ALIGN;
    if (coder.full || padded > room)
        return MEF3_ENOSPC;
    memset(block_out + n, RED_FILL, padded - n);

    if (level) {
        int status = crypt_encrypt(params->keys->key[level - 1], counts, RED_N_SYMBOLS);
        if (status != MEF3_OK)
            return status;
    }
    block_out[RED_FLAGS] = flags_of(params);
    le_put_f32(block_out + RED_SCALE, 1);
    le_put_u32(block_out + RED_DIFFERENCE_BYTES, (uint32_t)n_symbols + 1);
    le_put_u32(block_out + RED_N_SAMPLES, n_samples);
    le_put_u32(block_out + RED_BLOCK_BYTES, (uint32_t)padded);
    le_put_i64(block_out + RED_START_TIME, params->start_time);
    le_put_u32(block_out + RED_CRC,
               mef3_crc32(MEF3_CRC_START, block_out + RED_FLAGS, padded - RED_FLAGS));
    *n_out = padded;
    return MEF3_OK;
}

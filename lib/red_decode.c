/* red_decode.c - RED blocks to samples: range code to symbols, symbols to differences,
 * differences to samples, in one stream and without a buffer between.
 *
 * A range coder keeps an interval of numbers, here `low` (where the coded number
 * lies above the interval's lower end) and `range` (the interval's length). Each
 * symbol owns a share of the interval in proportion to its count; the share in
 * which `low` falls names the symbol and becomes the interval. When the interval
 * grows short, a byte is shifted in. */
#include <mef3/red.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "bytes.h"
#include "crypt.h"
#include "layout.h"
#include "red_internal.h"

enum { ESCAPE = 0x80, LAST_SYMBOL = 255, N_SLOTS = 4096 };

/* While the range is not above this, bytes are shifted in. */
static const uint32_t LEAST_RANGE = 0x800000;

/* How the symbols share the interval. To find the symbol of a place t, look up
 * the first symbol of t's slot, then go on to the one whose share holds t: no
 * step where the counts sum to no more than N_SLOTS, and few where they do. */
struct model {
    uint32_t total;
    unsigned shift; /* a slot is 2^shift places */
    uint16_t below[RED_N_SYMBOLS + 1];
    uint8_t symbol[N_SLOTS];
};

static bool model_init(struct model *model, const uint8_t counts[RED_N_SYMBOLS])
{
    uint32_t total = 0, slot = 0;

    for (int s = 0; s < RED_N_SYMBOLS; s++) {
        model->below[s] = (uint16_t)total; /* at most 255 x 255 */
        total += counts[s];
    }
    model->below[RED_N_SYMBOLS] = (uint16_t)total;
    model->total = total;
    if (total == 0)
        return false;

    model->shift = 0;
    while ((total - 1) >> model->shift >= N_SLOTS)
        model->shift++;
    /* A slot belongs to the symbol that holds its first place. */
    for (int s = 0; s < RED_N_SYMBOLS; s++) {
        uint32_t end = (model->below[s + 1] + (1u << model->shift) - 1) >> model->shift;
        if (end > slot) {
            memset(model->symbol + slot, s, end - slot);
            slot = end;
        }
    }
    return true;
}

/* The stream of symbols, and the sample that they add up to. */
struct stream {
    const uint8_t *at;
    const uint8_t *end;
    uint32_t low;
    uint32_t range;
    uint8_t byte;     /* half used: its upper seven bits are in `low` */
    uint32_t left;    /* symbols that the header still allows */
    uint32_t value;   /* the last sample; unsigned, because sums wrap around */
    bool first_ahead; /* no sample yet: the first is a whole number */
};

/* The bytes end where the block ends; what is asked for beyond counts as zero. */
static inline uint8_t next_byte(struct stream *in)
{
    return in->at < in->end ? *in->at++ : 0;
}

static void stream_init(struct stream *in, const uint8_t *payload, const uint8_t *end,
                        uint32_t n_symbols)
{
    *in = (struct stream){.at = payload, .end = end, .left = n_symbols, .first_ahead = true};
    in->byte = next_byte(in);
    in->low = in->byte >> 1;
    in->range = 1 << 7;
}

/* `range` is above 2^23 when it is divided and `total` below 2^16: a place is at
 * least 128 wide, so that neither division can be by zero, and the share of a
 * symbol that has any place leaves `range` above zero. */
static inline uint8_t next_symbol(struct stream *in, const struct model *model)
{
    while (in->range <= LEAST_RANGE) {
        in->low = in->low << 8 | (uint8_t)(in->byte << 7);
        in->byte = next_byte(in);
        in->low |= in->byte >> 1;
        in->range <<= 8;
    }
    uint32_t place = in->range / model->total;
    uint32_t t = in->low / place;
    if (t >= model->total)
        t = model->total - 1;

    uint8_t s = model->symbol[t >> model->shift];
    while (t >= model->below[s + 1])
        s++;

    uint32_t skipped = place * model->below[s];
    in->low -= skipped;
    /* What the division left over is the last symbol's. */
    in->range = s == LAST_SYMBOL ? in->range - skipped
                                 : place * (uint32_t)(model->below[s + 1] - model->below[s]);
    return s;
}

/* Decode the next n samples; keep them in samples_out unless that is NULL.
 * False when the symbols do not suffice. */
static bool take(struct stream *stream, const struct model *model, uint32_t n, int32_t *samples_out)
{
    struct stream in = *stream; /* in registers, where no store can reach it */

    for (uint32_t i = 0; i < n; i++) {
        uint8_t s = ESCAPE;
        if (!in.first_ahead) {
            if (in.left < 1)
                return false;
            in.left--;
            s = next_symbol(&in, model);
        }
        if (s != ESCAPE) {
            in.value += (uint32_t)(int8_t)s;
        } else {
            if (in.left < 4)
                return false;
            in.left -= 4;
            in.value = next_symbol(&in, model);
            in.value |= (uint32_t)next_symbol(&in, model) << 8;
            in.value |= (uint32_t)next_symbol(&in, model) << 16;
            in.value |= (uint32_t)next_symbol(&in, model) << 24;
            in.first_ahead = false;
        }
        if (samples_out)
            samples_out[i] = (int32_t)in.value;
    }
    *stream = in;
    return true;
}

/* Halves away from zero; stops at the greatest count and its negative. */
static int32_t round_count(double x)
{
    x = round(x);
    if (x >= MEF3_COUNT_POS_INF)
        return MEF3_COUNT_POS_INF;
    if (x <= MEF3_COUNT_NEG_INF)
        return MEF3_COUNT_NEG_INF;
    return (int32_t)x;
}

/* What was taken off before encoding is put back. `first`: number of samples[0]
 * in the block, from 0; the trend counts from 1. */
static void restore(const struct mef3_red_header *header, uint32_t first, int32_t *samples,
                    uint32_t n)
{
    double scale = (double)header->scale_factor;
    double slope = (double)header->detrend_slope;
    double intercept = (double)header->detrend_intercept;

    if (scale > 1)
        for (uint32_t i = 0; i < n; i++)
            samples[i] = round_count(samples[i] * scale);
    if (slope != 0 || intercept != 0)
        for (uint32_t i = 0; i < n; i++)
            samples[i] = round_count(samples[i] + slope * (1.0 + first + i) + intercept);
}

static int read_counts(const uint8_t *block, int level, const struct mef3_keys *keys,
                       uint8_t counts_out[RED_N_SYMBOLS], struct mef3_error *error)
{
    memcpy(counts_out, block + RED_STATISTICS, RED_N_SYMBOLS);
    if (level == 0)
        return MEF3_OK;
    if (!keys || keys->level < level)
        return mef3_error_set(error, MEF3_EPASSWORD, NULL, RED_STATISTICS, "block statistics",
                              level == 1 ? "a level 1 password" : "a level 2 password",
                              !keys || keys->level == 0 ? "none" : "a level 1 password");
    int status = crypt_decrypt(keys->key[level - 1], counts_out, RED_N_SYMBOLS);
    return status == MEF3_OK
               ? MEF3_OK
               : mef3_error_set(error, status, NULL, RED_STATISTICS, "block statistics", "", "");
}

int red_check_crc(const uint8_t *block, const struct mef3_red_header *header,
                  struct mef3_error *error)
{
    char expected[16], found[16];
    uint32_t crc = mef3_crc32(MEF3_CRC_START, block + RED_FLAGS, header->block_bytes - RED_FLAGS);

    if (crc == header->crc)
        return MEF3_OK;
    snprintf(expected, sizeof expected, "0x%08X", header->crc);
    snprintf(found, sizeof found, "0x%08X", crc);
    return mef3_error_set(error, MEF3_ECRC, NULL, RED_CRC, "block CRC", expected, found);
}

int mef3_red_decode(const uint8_t *block, size_t n, const struct mef3_keys *keys, uint32_t first,
                    uint32_t n_samples, int32_t *samples_out, struct mef3_error *error)
{
    struct mef3_red_header header;
    struct stream in;
    struct model model;
    uint8_t counts[RED_N_SYMBOLS];

    int status = mef3_red_parse(block, n, &header, error);
    if (status != MEF3_OK)
        return status;
    if (first > header.n_samples || n_samples > header.n_samples - first)
        return mef3_error_set(error, MEF3_EINVAL, NULL, RED_N_SAMPLES, "number of samples",
                              "the samples asked for", "fewer");
    status = red_check_crc(block, &header, error);
    if (status != MEF3_OK)
        return status;
    if (header.n_samples == 0)
        return MEF3_OK;
    status = read_counts(block, header.stats_level, keys, counts, error);
    if (status != MEF3_OK)
        return status;
    if (!model_init(&model, counts))
        return mef3_error_set(error, MEF3_EDAMAGED, NULL, RED_STATISTICS, "block statistics",
                              "some symbol", "none");

    /* The whole block is decoded, whichever part is wanted: only at its end does
     * it show whether the symbols were as many as the header says. */
    uint32_t rest = header.n_samples - first - n_samples;
    stream_init(&in, block + RED_PAYLOAD, block + header.block_bytes, header.difference_bytes - 1);
    if (!take(&in, &model, first, NULL) || !take(&in, &model, n_samples, samples_out) ||
        !take(&in, &model, rest, NULL) || in.left != 0)
        return mef3_error_set(error, MEF3_EDAMAGED, NULL, RED_DIFFERENCE_BYTES, "difference bytes",
                              "as many as the samples take", "another number");
    restore(&header, first, samples_out, n_samples);
    return MEF3_OK;
}

void red_decode_many(struct red_task *tasks, size_t n)
{
    for (struct red_task *task = tasks; task < tasks + n; task++)
        task->status = mef3_red_decode(task->block, task->n, task->keys, task->first,
                                       task->n_samples, task->samples_out, &task->error);
}

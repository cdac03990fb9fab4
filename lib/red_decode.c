/* red_decode.c - RED blocks to samples: what is done once a block.
 *
 * The header and the CRC are checked, the counts decrypted; then the lanes
 * (red_lanes.c) decode symbols (red_core*.c) and add them up (red_sum*.c); last,
 * what was taken off before encoding is put back. */
#include <mef3/red.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "bytes.h"
#include "crypt.h"
#include "layout.h"
#include "red_internal.h"
#include "red_lanes.h"

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
void red_restore(const struct mef3_red_header *header, uint32_t first, int32_t *samples, uint32_t n)
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

/* What follows the block's end is zeros, which would be decoded for as long as the header says. */
static int too_many(const struct mef3_red_header *header, struct mef3_error *error)
{
    char found[16];

    snprintf(found, sizeof found, "%u", header->difference_bytes);
    return mef3_error_set(error, MEF3_EDAMAGED, NULL, RED_DIFFERENCE_BYTES, "difference bytes",
                          "no more than the payload can hold", found);
}

int red_begin(const struct red_task *task, struct mef3_red_header *header_out,
              struct red_model *model_out, struct mef3_error *error)
{
    struct mef3_red_header header;
    uint8_t counts[RED_N_SYMBOLS];

    int status = mef3_red_parse(task->block, task->n, &header, error);
    if (status != MEF3_OK)
        return status;
    if (task->first > header.n_samples || task->n_samples > header.n_samples - task->first)
        return mef3_error_set(error, MEF3_EINVAL, NULL, RED_N_SAMPLES, "number of samples",
                              "the samples asked for", "fewer");
    status = red_check_crc(task->block, &header, error);
    if (status != MEF3_OK)
        return status;
    if (header.n_samples > 0) {
        status = read_counts(task->block, header.stats_level, task->keys, counts, error);
        if (status != MEF3_OK)
            return status;
        if (!red_model_init(model_out, counts))
            return mef3_error_set(error, MEF3_EDAMAGED, NULL, RED_STATISTICS, "block statistics",
                                  "some symbol", "none");
        if (!red_model_can_hold(model_out, header.difference_bytes - 1,
                                header.block_bytes - RED_PAYLOAD))
            return too_many(&header, error);
    }
    *header_out = header;
    return MEF3_OK;
}

int mef3_red_decode(const uint8_t *block, size_t n, const struct mef3_keys *keys, uint32_t first,
                    uint32_t n_samples, int32_t *samples_out, struct mef3_error *error)
{
    struct red_task task = {.block = block,
                            .n = n,
                            .keys = keys,
                            .first = first,
                            .n_samples = n_samples,
                            .samples_out = samples_out};

    red_decode_many(&task, 1);
    if (task.status != MEF3_OK && error)
        *error = task.error;
    return task.status;
}

void red_decode_many(struct red_task *tasks, size_t n)
{
    red_decode_on(red_best_way(), tasks, n);
}

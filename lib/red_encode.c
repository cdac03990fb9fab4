/* red_encode.c - samples to RED blocks, the same bytes as the reference encoder's: samples to
 * differences, their counts, and the range code (red_coder.c). */
#include <mef3/red.h>

#include <math.h>
#include <string.h>

#include "bytes.h"
#include "crypt.h"
#include "layout.h"
#include "red_coder.h"
#include "red_internal.h"
#include "red_lanes.h"

enum { ESCAPE = 0x80, GREATEST_COUNT = 255, WHOLE_BYTES = 4, N_TALLIES = 4, DIFFER_AT_ONCE = 8 };

size_t mef3_red_bound(uint32_t n_samples)
{
    if (n_samples == 0 || n_samples > MEF3_RED_MAX_SAMPLES)
        return 0;
    /* Symbols take 8 bits at most, were the shares exact. Rounding counts up adds
     * less than 0.01 bit a symbol, cutting off the division less than 0.02. */
    uint64_t n_symbols = 5ull * n_samples;
    uint64_t payload = n_symbols + n_symbols / 64 + 16;
    return (size_t)((RED_PAYLOAD + payload + RED_ALIGN - 1) / RED_ALIGN * RED_ALIGN);
}

/* Where some differences are too great for a symbol and some are not, no processor foresees
 * which: so each sample is put down whole, and that is kept or not. */
static uint8_t *put_some(const int32_t *sample, const int32_t *end, uint8_t *at)
{
    for (; sample < end; sample++) {
        int64_t difference = (int64_t)sample[0] - sample[-1];
        uint32_t is_whole = difference < -127 || difference > 127;
        uint32_t symbol = ((uint32_t)difference & (is_whole - 1)) + ESCAPE * is_whole;
        *at = (uint8_t)(symbol & 0xFF);
        le_put_i32(at + 1, *sample);
        at += 1 + WHOLE_BYTES * is_whole;
    }
    return at;
}

/* When all of DIFFER_AT_ONCE differences are symbols, put them; false when not. */
static bool put_symbols(const int32_t *sample, uint8_t *at)
{
    uint64_t greatest = 0;

    for (int i = 0; i < DIFFER_AT_ONCE; i++) {
        int64_t difference = (int64_t)sample[i] - sample[i - 1];
        uint64_t shifted = (uint64_t)(difference + 127); /* -127 .. 127 are 0 .. 254 */
        greatest = shifted > greatest ? shifted : greatest;
        at[i] = (uint8_t)(difference & 0xFF);
    }
    return greatest <= 254;
}

/* Samples to symbols; the answer is how many. */
static size_t differ(const int32_t *samples, uint32_t n_samples, uint8_t *symbols_out)
{
    const int32_t *sample = samples + 1, *end = samples + n_samples;
    uint8_t *at = symbols_out;

    le_put_i32(at, samples[0]);
    at += WHOLE_BYTES;
    for (; end - sample >= DIFFER_AT_ONCE; sample += DIFFER_AT_ONCE) {
        if (put_symbols(sample, at))
            at += DIFFER_AT_ONCE;
        else
            at = put_some(sample, sample + DIFFER_AT_ONCE, at);
    }
    return (size_t)(put_some(sample, end, at) - symbols_out);
}

/* How often each symbol occurs. In several tallies, since a tally that was just written
 * makes the next one of the same symbol wait. */
static void tally(const uint8_t *symbols, size_t n, uint32_t totals_out[RED_N_SYMBOLS])
{
    uint32_t tallies[N_TALLIES][RED_N_SYMBOLS] = {0};
    size_t i = 0;

    for (; n - i >= N_TALLIES; i += N_TALLIES)
        for (size_t k = 0; k < N_TALLIES; k++)
            tallies[k][symbols[i + k]]++;
    for (; i < n; i++)
        tallies[0][symbols[i]]++;
    for (int s = 0; s < RED_N_SYMBOLS; s++)
        totals_out[s] = tallies[0][s] + tallies[1][s] + tallies[2][s] + tallies[3][s];
}

/* The counts of the symbols, scaled to fit a byte each. A symbol that occurs
 * keeps a count of at least 1. */
static void count(const uint8_t *symbols, size_t n, uint8_t counts_out[RED_N_SYMBOLS])
{
    uint32_t counts[RED_N_SYMBOLS], greatest = 0;

    tally(symbols, n, counts);
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
        counts_out[s] = counts[s] ? (uint8_t)ceil(counts[s] * factor) : 0;
}

static uint8_t flags_of(const struct mef3_red_params *params)
{
    uint8_t flags = params->discontinuity ? RED_FLAG_DISCONTINUITY : 0;

    if (params->stats_level)
        flags |= params->stats_level == 1 ? RED_FLAG_LEVEL_1 : RED_FLAG_LEVEL_2;
    return flags;
}

static int check(const struct red_encoding *task)
{
    int level = task->params->stats_level;

    if (task->n_samples == 0 || level < 0 || level > 2)
        return MEF3_EINVAL;
    if (level && (!task->params->keys || task->params->keys->level < level))
        return MEF3_EINVAL;
    if (task->n_samples > MEF3_RED_MAX_SAMPLES)
        return MEF3_ELIMIT;
    return task->room < RED_PAYLOAD ? MEF3_ENOSPC : MEF3_OK;
}

/* All that comes before the range code. False when the task is done with. */
static bool begin(struct red_encoding *task, struct red_coder *coder)
{
    uint8_t *counts = task->block_out + RED_STATISTICS;

    task->status = check(task);
    if (task->status != MEF3_OK)
        return false;
    task->n_symbols = differ(task->samples, task->n_samples, task->work);
    memset(task->block_out, 0, RED_PAYLOAD);
    count(task->work, task->n_symbols, counts);
    red_coder_init(coder, counts, task->work, task->n_symbols, task->block_out + RED_PAYLOAD,
                   task->block_out + task->room);
    return true;
}

/* All that comes after it. */
static int end(struct red_encoding *task, const struct red_coder *coder)
{
    const struct mef3_red_params *params = task->params;
    uint8_t *block = task->block_out;
    size_t n = (size_t)(coder->at - block);
    size_t padded = (n + RED_ALIGN - 1) / RED_ALIGN * RED_ALIGN;

    if (coder->full || padded > task->room)
        return MEF3_ENOSPC;
    memset(block + n, RED_FILL, padded - n);
    if (params->stats_level) {
        int status = crypt_encrypt(params->keys->key[params->stats_level - 1],
                                   block + RED_STATISTICS, RED_N_SYMBOLS);
        if (status != MEF3_OK)
            return status;
    }
    block[RED_FLAGS] = flags_of(params);
    le_put_f32(block + RED_SCALE, 1);
    le_put_u32(block + RED_DIFFERENCE_BYTES, (uint32_t)task->n_symbols + 1);
    le_put_u32(block + RED_N_SAMPLES, task->n_samples);
    le_put_u32(block + RED_BLOCK_BYTES, (uint32_t)padded);
    le_put_i64(block + RED_START_TIME, params->start_time);
    le_put_u32(block + RED_CRC, mef3_crc32(MEF3_CRC_START, block + RED_FLAGS, padded - RED_FLAGS));
    task->n_out = padded;
    return MEF3_OK;
}

/* At most RED_CODED_TOGETHER. */
static void encode_together(const struct red_way *way, struct red_encoding *tasks, size_t n)
{
    struct red_coder room[RED_CODED_TOGETHER], *coders[RED_CODED_TOGETHER] = {NULL};
    size_t n_coders = 0;

    for (size_t i = 0; i < n; i++)
        if (begin(&tasks[i], &room[i]))
            coders[n_coders++] = &room[i];
    red_coders_run(way->encode, coders, n_coders);
    for (size_t i = 0; i < n; i++)
        if (tasks[i].status == MEF3_OK)
            tasks[i].status = end(&tasks[i], &room[i]);
}

void red_encode_on(const struct red_way *way, struct red_encoding *tasks, size_t n)
{
    for (; n > RED_CODED_TOGETHER; n -= RED_CODED_TOGETHER, tasks += RED_CODED_TOGETHER)
        encode_together(way, tasks, RED_CODED_TOGETHER);
    encode_together(way, tasks, n);
}

void red_encode_many(struct red_encoding *tasks, size_t n)
{
    red_encode_on(red_best_way(), tasks, n);
}

int mef3_red_encode(const int32_t *samples, uint32_t n_samples,
                    const struct mef3_red_params *params, uint8_t *work, uint8_t *block_out,
                    size_t room, size_t *n_out)
{
    struct red_encoding task = {.samples = samples,
                                .n_samples = n_samples,
                                .params = params,
                                .work = work,
                                .block_out = block_out,
                                .room = room};

    red_encode_many(&task, 1);
    if (task.status == MEF3_OK)
        *n_out = task.n_out;
    return task.status;
}

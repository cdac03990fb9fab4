/* writer_blocks.c - samples to runs, runs to blocks, blocks and index entries to files. */
#include "writer.h"

#include <stdlib.h>
#include <string.h>

#include "red_coder.h"
#include "red_internal.h"

/* What the headers will say, after one more block. */
static void add_to_totals(struct writer_totals *totals, const struct mef3_red_header *block,
                          int32_t max, int32_t min)
{
#define RAISE(greatest, x) ((greatest) = (x) > (greatest) ? (x) : (greatest))
    if (block->discontinuity) {
        totals->n_discontinuities++;
        totals->run_blocks = totals->run_bytes = totals->run_samples = 0;
    }
    totals->n_blocks++;
    totals->n_samples += block->n_samples;
    totals->data_bytes += block->block_bytes;
    totals->run_blocks++;
    totals->run_bytes += block->block_bytes;
    totals->run_samples += block->n_samples;
    RAISE(totals->max_run_blocks, totals->run_blocks);
    RAISE(totals->max_run_bytes, totals->run_bytes);
    RAISE(totals->max_run_samples, totals->run_samples);
    RAISE(totals->max_block_bytes, block->block_bytes);
    RAISE(totals->max_block_samples, block->n_samples);
    RAISE(totals->max_difference_bytes, block->difference_bytes);
    RAISE(totals->max, max);
    totals->min = min < totals->min ? min : totals->min;
    if (totals->start_uutc == MEF3_NO_TIME)
        totals->start_uutc = block->start_time;
#undef RAISE
}

static void extremes(const int32_t *samples, uint32_t n, int32_t *max_out, int32_t *min_out)
{
    int32_t max = samples[0], min = samples[0];

    for (uint32_t i = 1; i < n; i++) {
        max = samples[i] > max ? samples[i] : max;
        min = samples[i] < min ? samples[i] : min;
    }
    *max_out = max;
    *min_out = min;
}

/* A block that was encoded, and its index entry. end_uutc is where its samples end. */
static int put_block(struct mef3_writer *writer, struct writer_channel *channel,
                     const struct red_encoding *made, int64_t end_uutc, struct mef3_error *error)
{
    struct writer_totals *totals = &channel->totals;
    struct mef3_red_header header;
    uint8_t entry[INDEX_BYTES];
    int32_t max, min;

    int status = made->status;
    if (status == MEF3_OK)
        status = mef3_red_parse(made->block_out, made->n_out, &header, NULL);
    if (status != MEF3_OK)
        return mef3_error_set(error, status, channel->name, -1, "block", NULL, NULL);
    extremes(made->samples, made->n_samples, &max, &min);
    writer_index_entry(totals, &header, max, min, entry);

    status = writer_files_put(writer, channel, "tdat", totals->data_bytes, made->block_out,
                              made->n_out, error);
    if (status == MEF3_OK)
        status = writer_files_put(writer, channel, "tidx",
                                  UH_BYTES + INDEX_BYTES * (uint64_t)totals->n_blocks, entry,
                                  INDEX_BYTES, error);
    if (status != MEF3_OK)
        return status;
    totals->data_crc = mef3_crc32(totals->data_crc, made->block_out, made->n_out);
    totals->index_crc = mef3_crc32(totals->index_crc, entry, INDEX_BYTES);
    add_to_totals(totals, &header, max, min);
    totals->end_uutc = end_uutc;
    return MEF3_OK;
}

/* n_blocks, up to writer->n_together, of n samples each: the last ones of the run. */
static int put_blocks(struct mef3_writer *writer, struct writer_channel *channel,
                      const int32_t *samples, uint32_t n, size_t n_blocks, struct mef3_error *error)
{
    struct red_encoding made[RED_CODED_TOGETHER];
    struct mef3_red_params params[RED_CODED_TOGETHER];
    int64_t first = channel->run_samples - (int64_t)(n * n_blocks);
    int status = MEF3_OK;

    for (size_t i = 0; i < n_blocks; i++) {
        int64_t at = first + (int64_t)(i * n);
        params[i] = (struct mef3_red_params){
            .start_time = mef3_index_to_time(at, channel->run_uutc, channel->rate_hz),
            .discontinuity = at == 0,
            .stats_level = writer->keys.level ? 1 : 0,
            .keys = &writer->keys,
        };
        made[i] = (struct red_encoding){
            .samples = samples + i * n,
            .n_samples = n,
            .params = &params[i],
            .work = writer->work + i * writer->work_room,
            .block_out = writer->block + i * writer->block_room,
            .room = writer->block_room,
        };
    }
    red_encode_many(made, n_blocks);
    for (size_t i = 0; i < n_blocks && status == MEF3_OK; i++) {
        int64_t end = first + (int64_t)((i + 1) * n);
        status = put_block(writer, channel, &made[i],
                           mef3_index_to_time(end, channel->run_uutc, channel->rate_hz), error);
    }
    return status;
}

int writer_flush(struct mef3_writer *writer, struct writer_channel *channel,
                 struct mef3_error *error)
{
    if (channel->n_pending == 0)
        return MEF3_OK;
    int status = put_blocks(writer, channel, channel->pending, channel->n_pending, 1, error);
    if (status == MEF3_OK)
        channel->n_pending = 0;
    return status;
}

/* Samples are about to come that begin at start_uutc: do they go on with the
 * run, or begin a new one? */
static int place(struct mef3_writer *writer, struct writer_channel *channel, int64_t start_uutc,
                 struct mef3_error *error)
{
    if (start_uutc < 0)
        return mef3_error_set(error, MEF3_EINVAL, channel->name, -1, "start time", "1970 or later",
                              "earlier");
    if (channel->run_samples > 0 || channel->written_until != MEF3_NO_TIME) {
        int64_t expected =
            channel->run_samples > 0
                ? mef3_index_to_time(channel->run_samples, channel->run_uutc, channel->rate_hz)
                : channel->written_until;
        int64_t late = mef3_time_difference(start_uutc, expected);
        bool touches = late >= -MEF3_RUN_TOLERANCE_US && late <= MEF3_RUN_TOLERANCE_US;
        if (touches && channel->run_samples > 0)
            return MEF3_OK;
        if (late < 0 && !touches)
            return mef3_error_set(error, MEF3_EINVAL, channel->name, -1, "start time",
                                  "the end of what was written, or later", "earlier");
    }
    int status = writer_flush(writer, channel, error);
    if (status != MEF3_OK)
        return status;
    channel->run_uutc = start_uutc;
    channel->run_samples = 0;
    return MEF3_OK;
}

int mef3_writer_append(struct mef3_writer *writer, size_t number, int64_t start_uutc,
                       const int32_t *counts, size_t n, struct mef3_error *error)
{
    if (number >= writer->n_channels)
        return mef3_error_set(error, MEF3_EINVAL, NULL, -1, "channel number", "one that was added",
                              "another");
    if (n == 0)
        return MEF3_OK;
    struct writer_channel *channel = writer->channels[number];
    int status = place(writer, channel, start_uutc, error);
    if (status == MEF3_OK && !channel->pending) {
        channel->pending = malloc(channel->block_samples * sizeof *channel->pending);
        if (!channel->pending)
            status = mef3_error_set(error, MEF3_ENOMEM, channel->name, -1, NULL, NULL, NULL);
    }

    while (status == MEF3_OK && n) {
        size_t n_whole = channel->n_pending ? 0 : n / channel->block_samples;
        size_t room = channel->block_samples - channel->n_pending;
        size_t k = n < room ? n : room;
        if (n_whole > writer->n_together)
            n_whole = writer->n_together;
        if (n_whole > 0)
            k = n_whole * channel->block_samples;
        else
            memcpy(channel->pending + channel->n_pending, counts, k * sizeof *counts);
        channel->run_samples += (int64_t)k;
        if (n_whole > 0)
            status = put_blocks(writer, channel, counts, channel->block_samples, n_whole, error);
        else if ((channel->n_pending += (uint32_t)k) == channel->block_samples)
            status = writer_flush(writer, channel, error);
        counts += k;
        n -= k;
    }
    return status;
}

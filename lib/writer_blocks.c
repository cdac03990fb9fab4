/* writer_blocks.c - blocks and index entries to files, and what the headers will say of them. */
#include "writer.h"

#include <string.h>

#include "red_coder.h"
#include "red_internal.h"

void writer_totals_init(struct writer_totals *totals)
{
    *totals = (struct writer_totals){
        .start_uutc = MEF3_NO_TIME,
        .end_uutc = MEF3_NO_TIME,
        .max = INT32_MIN,
        .min = INT32_MAX,
        .data_bytes = UH_BYTES,
        .data_crc = MEF3_CRC_START,
        .index_crc = MEF3_CRC_START,
    };
}

void writer_totals_add(struct writer_totals *totals, const struct mef3_red_header *block,
                       bool begins_run, int32_t max, int32_t min, int64_t start_uutc,
                       int64_t end_uutc)
{
#define RAISE(greatest, x) ((greatest) = (x) > (greatest) ? (x) : (greatest))
    if (begins_run)
        totals->run_blocks = totals->run_bytes = totals->run_samples = 0;
    totals->n_discontinuities += block->discontinuity;
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
    RAISE(totals->end_uutc, end_uutc); /* MEF3_NO_TIME is the least there is */
    totals->min = min < totals->min ? min : totals->min;
    if (totals->start_uutc == MEF3_NO_TIME || start_uutc < totals->start_uutc)
        totals->start_uutc = start_uutc;
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

/* Of the block that was made of samples number `first` on of the run: its index entry, and what
 * is to be counted when both are written. */
static int enter(const struct writer_channel *channel, const struct red_encoding *made,
                 int64_t first, struct writer_totals *totals, uint8_t entry[INDEX_BYTES])
{
    struct mef3_red_header header;
    int32_t max, min;

    int status = made->status;
    if (status == MEF3_OK)
        status = mef3_red_parse(made->block_out, made->n_out, &header, NULL);
    if (status != MEF3_OK)
        return status;
    extremes(made->samples, made->n_samples, &max, &min);
    writer_index_entry(totals, &header, max, min, entry);
    totals->data_crc = mef3_crc32(totals->data_crc, made->block_out, made->n_out);
    totals->index_crc = mef3_crc32(totals->index_crc, entry, INDEX_BYTES);
    writer_totals_add(
        totals, &header, first == 0, max, min,
        mef3_index_to_time(first, channel->run_uutc, channel->rate_hz),
        mef3_index_to_time(first + made->n_samples, channel->run_uutc, channel->rate_hz));
    return MEF3_OK;
}

/* Blocks before the entries that lead to them. What a failure has left of either is taken away
 * again, as far as that is possible: nothing counts it. */
static int put(struct mef3_writer *writer, struct writer_channel *channel, const uint8_t *blocks,
               const uint8_t *entries, const struct writer_totals *totals, struct mef3_error *error)
{
    const struct writer_totals *before = &channel->totals;
    uint64_t index_bytes = UH_BYTES + INDEX_BYTES * (uint64_t)before->n_blocks;
    size_t n_entries = (size_t)(totals->n_blocks - before->n_blocks);

    int status = writer_files_put(writer, channel, "tdat", before->data_bytes, blocks,
                                  (size_t)(totals->data_bytes - before->data_bytes), error);
    if (status == MEF3_OK) {
        channel->is_counted = false;
        status = writer_files_put(writer, channel, "tidx", index_bytes, entries,
                                  n_entries * INDEX_BYTES, error);
        if (status != MEF3_OK)
            (void)writer_files_cut(writer, channel, "tidx", index_bytes, NULL);
    }
    if (status != MEF3_OK) {
        (void)writer_files_cut(writer, channel, "tdat", before->data_bytes, NULL);
        return status;
    }
    channel->totals = *totals;
    return MEF3_OK;
}

int writer_put_blocks(struct mef3_writer *writer, struct writer_channel *channel,
                      const int32_t *samples, uint32_t n, size_t n_blocks, struct mef3_error *error)
{
    struct red_encoding made[RED_CODED_TOGETHER];
    struct mef3_red_params params[RED_CODED_TOGETHER];
    uint8_t entries[RED_CODED_TOGETHER][INDEX_BYTES];
    struct writer_totals totals = channel->totals;
    int64_t first = channel->run_samples - (int64_t)(n * n_blocks);
    int status = MEF3_OK;
    size_t used = 0;

    for (size_t i = 0; i < n_blocks; i++) {
        int64_t at = first + (int64_t)(i * n);
        int64_t start = mef3_index_to_time(at, channel->run_uutc, channel->rate_hz);
        params[i] = (struct mef3_red_params){
            .start_time = writer_stored_time(channel, start),
            .discontinuity = at == 0,
            .stats_level = channel->stats_level,
            .keys = &channel->keys,
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
        status = enter(channel, &made[i], first + (int64_t)(i * n), &totals, entries[i]);
        if (status != MEF3_OK)
            break;
        memmove(writer->block + used, made[i].block_out, made[i].n_out);
        used += made[i].n_out;
    }
    if (status != MEF3_OK)
        return mef3_error_set(error, status, channel->name, -1, "block", NULL, NULL);
    return put(writer, channel, writer->block, entries[0], &totals, error);
}

/* writer_scan.c - a segment is read through, to be gone on with: what is whole of it is counted,
 * what a writer that was killed left behind it is cut off. */
#include "writer.h"

#include <stdlib.h>

#include "bytes.h"
#include "red_internal.h"
#include "session_internal.h"
#include "universal_header.h"

/* A segment that is read through. */
struct scan {
    struct source_file index;
    struct source_file data;
    struct writer_channel *channel;
    int64_t n_counted; /* blocks that the metadata count: they stay, whatever they hold */
    bool cannot_go_on; /* the files are not as a writer leaves them */
    uint8_t *block;
    size_t room;
};

/* Whether the entry can be that of the block that lies next in the file. */
static bool is_next(const struct scan *scan, const uint8_t *entry)
{
    const struct writer_totals *totals = &scan->channel->totals;
    uint32_t n = le_u32(entry + INDEX_N_SAMPLES), bytes = le_u32(entry + INDEX_BLOCK_BYTES);

    return le_u64(entry + INDEX_FILE_OFFSET) == totals->data_bytes && n > 0 &&
           n <= MEF3_RED_MAX_SAMPLES && bytes >= MEF3_RED_HEADER_BYTES &&
           bytes <= MEF3_RED_MAX_BYTES && totals->data_bytes <= scan->data.bytes &&
           bytes <= scan->data.bytes - totals->data_bytes &&
           stored_time_to_uutc(le_i64(entry + INDEX_START_TIME), scan->channel->time_offset) !=
               MEF3_NO_TIME;
}

static int read_block(struct scan *scan, uint32_t bytes, struct mef3_error *error)
{
    if (bytes > scan->room) {
        free(scan->block);
        scan->block = malloc(bytes);
        scan->room = scan->block ? bytes : 0;
    }
    if (!scan->block)
        return writer_no_memory(error);
    return source_file_read(&scan->data, scan->channel->totals.data_bytes, scan->block, bytes,
                            error);
}

/* The block's header, where it is whole and is what its entry says. */
static bool is_whole(const struct scan *scan, const uint8_t *entry,
                     struct mef3_red_header *header_out)
{
    uint32_t bytes = le_u32(entry + INDEX_BLOCK_BYTES);

    return mef3_red_parse(scan->block, bytes, header_out, NULL) == MEF3_OK &&
           header_out->block_bytes == bytes &&
           header_out->n_samples == le_u32(entry + INDEX_N_SAMPLES) &&
           header_out->start_time == le_i64(entry + INDEX_START_TIME) &&
           red_check_crc(scan->block, header_out, NULL) == MEF3_OK;
}

/* Where the run stands after a block: an index tells by its times what continues what. */
static bool takes_up_run(struct writer_channel *channel, int64_t start_uutc, uint32_t n_samples,
                         bool is_break)
{
    int64_t expected =
        mef3_index_to_time(channel->run_samples, channel->run_uutc, channel->rate_hz);
    int64_t away = mef3_time_difference(start_uutc, expected);
    bool begins = is_break || channel->run_samples == 0 || away < -MEF3_RUN_TOLERANCE_US ||
                  away > MEF3_RUN_TOLERANCE_US;

    if (begins) {
        channel->run_uutc = start_uutc;
        channel->run_samples = 0;
    }
    channel->run_samples += n_samples;
    return begins;
}

static void enter(struct scan *scan, const uint8_t *entry, const struct mef3_red_header *header)
{
    struct writer_channel *channel = scan->channel;
    struct writer_totals *totals = &channel->totals;
    int64_t stored = le_i64(entry + INDEX_START_TIME);
    int64_t start = stored_time_to_uutc(stored, channel->time_offset);

    totals->data_crc = mef3_crc32(totals->data_crc, scan->block, header->block_bytes);
    totals->index_crc = mef3_crc32(totals->index_crc, entry, INDEX_BYTES);
    bool begins = takes_up_run(channel, start, header->n_samples, header->discontinuity);
    writer_totals_add(
        totals, header, begins, le_i32(entry + INDEX_MAX), le_i32(entry + INDEX_MIN), start,
        mef3_index_to_time(channel->run_samples, channel->run_uutc, channel->rate_hz));
    channel->stats_level = header->stats_level;
    channel->negates_times = stored < 0;
}

/* The next entry and its block. *is_end_out: from here on nothing is whole. */
static int scan_entry(struct scan *scan, bool *is_end_out, struct mef3_error *error)
{
    struct writer_totals *totals = &scan->channel->totals;
    struct mef3_red_header header = {0};
    uint8_t entry[INDEX_BYTES];
    bool is_counted = totals->n_blocks < scan->n_counted;

    int status = source_file_read(&scan->index, UH_BYTES + INDEX_BYTES * (uint64_t)totals->n_blocks,
                                  entry, sizeof entry, error);
    if (status != MEF3_OK)
        return status;
    bool is_sane = is_next(scan, entry);
    if (is_sane)
        status = read_block(scan, le_u32(entry + INDEX_BLOCK_BYTES), error);
    if (status != MEF3_OK)
        return status;
    bool is_good = is_sane && is_whole(scan, entry, &header);
    if (!is_good && is_sane && is_counted) {
        /* It is not ours to remove: what it was is taken from its entry. */
        header = (struct mef3_red_header){
            .block_bytes = le_u32(entry + INDEX_BLOCK_BYTES),
            .n_samples = le_u32(entry + INDEX_N_SAMPLES),
            .difference_bytes = 0,
            .stats_level = scan->channel->stats_level,
        };
        is_good = true;
    }
    if (is_good) {
        header.discontinuity = (entry[INDEX_FLAGS] & RED_FLAG_DISCONTINUITY) != 0;
        enter(scan, entry, &header);
        return MEF3_OK;
    }
    scan->cannot_go_on |= is_counted;
    *is_end_out = true;
    return MEF3_OK;
}

/* Whether a file says what it is. A disk that cannot be read is another matter. */
static int check_header(struct scan *scan, const struct source_file *file, const char *type,
                        struct mef3_error *error)
{
    struct universal_header header;
    uint8_t bytes[UH_BYTES];

    int status = source_file_read(file, 0, bytes, sizeof bytes, error);
    if (status != MEF3_OK && status != MEF3_ETRUNCATED)
        return status;
    if (status != MEF3_OK ||
        universal_header_parse(bytes, type, file->path, &header, NULL) != MEF3_OK)
        scan->cannot_go_on = true;
    return MEF3_OK;
}

static int scan_entries(struct scan *scan, struct mef3_error *error)
{
    bool is_end = false;

    int status = check_header(scan, &scan->index, "tidx", error);
    if (status == MEF3_OK)
        status = check_header(scan, &scan->data, "tdat", error);
    if (status != MEF3_OK || scan->cannot_go_on)
        return status;
    uint64_t n = (scan->index.bytes - UH_BYTES) / INDEX_BYTES;
    while (status == MEF3_OK && !is_end && (uint64_t)scan->channel->totals.n_blocks < n)
        status = scan_entry(scan, &is_end, error);
    scan->cannot_go_on |= scan->channel->totals.n_blocks < scan->n_counted;
    return status;
}

/* Cut off what nothing leads to: first what leads there, so that who reads meanwhile misses
 * nothing. Headers that count something else are not true. */
static int cut_off(struct mef3_writer *writer, struct scan *scan, struct mef3_error *error)
{
    struct writer_channel *channel = scan->channel;
    const struct writer_totals *totals = &channel->totals;
    uint64_t index_bytes = UH_BYTES + INDEX_BYTES * (uint64_t)totals->n_blocks;
    int status = MEF3_OK;

    if (scan->index.bytes != index_bytes)
        status = writer_files_cut(writer, channel, "tidx", index_bytes, error);
    if (status == MEF3_OK && scan->data.bytes != totals->data_bytes)
        status = writer_files_cut(writer, channel, "tdat", totals->data_bytes, error);
    channel->is_counted = false;
    return status;
}

int writer_scan(struct mef3_writer *writer, struct writer_channel *channel,
                const struct segment *segment, bool *goes_on_out, struct mef3_error *error)
{
    const struct mef3_source *source = &writer->session->source;
    struct scan scan = {.channel = channel, .n_counted = segment->info.n_blocks};

    writer_totals_init(&channel->totals);
    channel->run_samples = 0;
    int status = source_file_open(source, segment->stem, ".tidx", &scan.index, error);
    if (status == MEF3_OK)
        status = source_file_open(source, segment->stem, ".tdat", &scan.data, error);
    scan.cannot_go_on = status == MEF3_ENOENT;
    if (status == MEF3_OK)
        status = scan_entries(&scan, error);
    if (status == MEF3_OK && !scan.cannot_go_on)
        status = cut_off(writer, &scan, error);
    source_file_close(&scan.index);
    source_file_close(&scan.data);
    free(scan.block);
    *goes_on_out = !scan.cannot_go_on;
    return scan.cannot_go_on && status == MEF3_ENOENT ? MEF3_OK : status;
}

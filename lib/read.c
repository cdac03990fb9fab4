/* read.c - samples of a segment: find the blocks, read them, decode them. */
#include <mef3/read.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "index_cache.h"
#include "red_internal.h"
#include "universal_header.h"

/* Blocks that lie side by side are read together, up to this many bytes. */
static const size_t BATCH_BYTES = (size_t)1 << 20;

/* A call of mef3_read_samples. */
struct reading {
    struct mef3_session *session;
    size_t channel;
    size_t segment;
    const struct segment *from;
    const struct index *index;
    struct source_file file; /* the .tdat; closed when it cannot be opened: */
    struct mef3_error cannot_open;
    uint8_t *bytes;
    size_t room;
    int64_t first;
    int64_t end;
    int32_t *counts_out;
    mef3_damage_fn *report;
    void *arg;
};

/* The part of a block that is wanted, in samples of the segment. */
static void wanted(const struct reading *r, const struct index_block *block, int64_t *first_out,
                   int64_t *end_out)
{
    int64_t end = block->first_sample + block->n_samples;

    *first_out = block->first_sample > r->first ? block->first_sample : r->first;
    *end_out = end < r->end ? end : r->end;
}

static void give_up(const struct reading *r, size_t number, const struct mef3_error *why)
{
    const struct index_block *block = &r->index->blocks[number];
    struct mef3_damage damage = {
        .channel = r->channel,
        .segment = r->segment,
        .block = (int64_t)number,
        .error = *why,
    };
    int64_t end;

    wanted(r, block, &damage.at, &end);
    damage.n = end - damage.at;
    for (int64_t k = damage.at; k < end; k++)
        r->counts_out[k - r->first] = MEF3_COUNT_NAN;
    if (r->report)
        r->report(r->arg, &damage);
}

static int disagree(struct mef3_error *error, const char *field, int64_t expected, int64_t found)
{
    char expected_text[40];
    char found_text[40];

    snprintf(expected_text, sizeof expected_text, "%" PRId64 " as in the index", expected);
    snprintf(found_text, sizeof found_text, "%" PRId64, found);
    return mef3_error_set(error, MEF3_EDAMAGED, NULL, -1, field, expected_text, found_text);
}

/* The block's own header and its entry in the index are two witnesses; samples
 * on which they differ belong nobody knows where. */
static int check_agreement(const struct reading *r, const struct index_block *block,
                           const uint8_t *bytes, struct mef3_error *error)
{
    struct mef3_red_header header;

    int status = mef3_red_parse(bytes, block->block_bytes, &header, error);
    if (status != MEF3_OK)
        return status;
    int64_t start = stored_time_to_uutc(header.start_time, r->from->time_offset);
    if (header.n_samples == block->n_samples && header.block_bytes == block->block_bytes &&
        start == block->start_uutc)
        return MEF3_OK;

    /* When the block is not even whole, that is the better answer. */
    status = red_check_crc(bytes, &header, error);
    if (status != MEF3_OK)
        return status;
    if (header.n_samples != block->n_samples)
        return disagree(error, "block's number of samples", block->n_samples, header.n_samples);
    if (header.block_bytes != block->block_bytes)
        return disagree(error, "block bytes", block->block_bytes, header.block_bytes);
    return disagree(error, "block's start time", block->start_uutc, start);
}

static void decode_block(const struct reading *r, size_t number, const uint8_t *bytes)
{
    const struct index_block *block = &r->index->blocks[number];
    struct mef3_error error;
    int64_t first;
    int64_t end;

    wanted(r, block, &first, &end);
    int status = check_agreement(r, block, bytes, &error);
    if (status == MEF3_OK)
        status = mef3_red_decode(bytes, block->block_bytes, &r->from->keys,
                                 (uint32_t)(first - block->first_sample), (uint32_t)(end - first),
                                 r->counts_out + (first - r->first), &error);
    if (status == MEF3_OK)
        return;
    struct mef3_error why;
    mef3_error_set(&why, status, r->file.path, (int64_t)block->file_offset, error.field,
                   error.expected, error.found);
    give_up(r, number, &why);
}

/* The file ends before the block does. */
static void give_up_missing(const struct reading *r, size_t number, uint64_t n_there)
{
    const struct index_block *block = &r->index->blocks[number];
    struct mef3_error error;
    char expected[32];
    char found[32];

    snprintf(expected, sizeof expected, "%u bytes", block->block_bytes);
    snprintf(found, sizeof found, "%" PRIu64, n_there);
    mef3_error_set(&error, MEF3_ETRUNCATED, r->file.path, (int64_t)block->file_offset, "block",
                   expected, found);
    give_up(r, number, &error);
}

/* Read and decode blocks [number, number + n), which lie side by side. */
static void read_batch(const struct reading *r, size_t number, size_t n, size_t n_bytes)
{
    const struct index_block *blocks = &r->index->blocks[number];
    const struct mef3_source *source = &r->session->source;
    uint64_t offset = blocks[0].file_offset;
    struct mef3_error error;
    size_t got = 0;

    int status = source->ops->read(source->self, r->file.handle, offset, r->bytes, n_bytes, &got);
    if (status != MEF3_OK && n > 1) {
        /* One bad place on the disk must not take the neighbours along. */
        for (size_t i = 0; i < n; i++)
            read_batch(r, number + i, 1, blocks[i].block_bytes);
        return;
    }
    if (status != MEF3_OK) {
        mef3_error_set(&error, status, r->file.path, (int64_t)offset, "block", NULL, NULL);
        give_up(r, number, &error);
        return;
    }
    for (size_t i = 0, at = 0; i < n; at += blocks[i++].block_bytes) {
        size_t there = at < got ? got - at : 0;
        if (blocks[i].block_bytes <= there)
            decode_block(r, number + i, r->bytes + at);
        else
            give_up_missing(r, number + i, there);
    }
}

/* How many blocks from `number` on can be read at one go. */
static size_t batch(const struct reading *r, size_t number, size_t end, size_t *n_bytes_out)
{
    const struct index_block *blocks = r->index->blocks;
    size_t bytes = blocks[number].block_bytes;
    size_t k = number + 1;

    for (; k < end && !blocks[k].is_faulty; k++) {
        if (blocks[k].file_offset != blocks[k - 1].file_offset + blocks[k - 1].block_bytes ||
            bytes + blocks[k].block_bytes > BATCH_BYTES)
            break;
        bytes += blocks[k].block_bytes;
    }
    *n_bytes_out = bytes;
    return k - number;
}

static int make_room(struct reading *r, size_t bytes)
{
    if (bytes <= r->room)
        return MEF3_OK;
    free(r->bytes);
    r->bytes = malloc(bytes);
    r->room = r->bytes ? bytes : 0;
    return r->bytes ? MEF3_OK : MEF3_ENOMEM;
}

/* How much of a block the file holds: asked before memory is taken for it. That
 * a file may have grown since it was opened does not matter. */
static uint64_t bytes_there(const struct reading *r, const struct index_block *block)
{
    return block->file_offset < r->file.bytes ? r->file.bytes - block->file_offset : 0;
}

static int read_blocks(struct reading *r, size_t number, size_t end)
{
    size_t n_bytes;

    for (size_t n; number < end; number += n) {
        const struct index_block *block = &r->index->blocks[number];
        struct mef3_error error;
        n = 1;
        if (block->is_faulty) {
            index_explain(&r->session->source, r->from, number, &error);
            give_up(r, number, &error);
        } else if (r->cannot_open.status != MEF3_OK) {
            give_up(r, number, &r->cannot_open);
        } else if (bytes_there(r, block) < block->block_bytes) {
            give_up_missing(r, number, bytes_there(r, block));
        } else {
            n = batch(r, number, end, &n_bytes);
            int status = make_room(r, n_bytes);
            if (status != MEF3_OK)
                return status;
            read_batch(r, number, n, n_bytes);
        }
    }
    return MEF3_OK;
}

int mef3_read_samples(struct mef3_session *session, size_t channel, size_t segment, int64_t first,
                      size_t n, int32_t *counts_out, mef3_damage_fn *report, void *arg,
                      struct mef3_error *error)
{
    struct segment *from;
    const struct index *index;

    int status = session_need_segment(session, channel, segment, &from, error);
    if (status != MEF3_OK)
        return status;
    status = index_get(session, from, &index, error);
    if (status != MEF3_OK)
        return status;
    if (first < 0 || first > index->n_samples || n > (uint64_t)(index->n_samples - first))
        return mef3_error_set(error, MEF3_EINVAL, NULL, -1, "range of samples", NULL, NULL);
    if (n == 0)
        return MEF3_OK;

    struct reading r = {
        .session = session,
        .channel = channel,
        .segment = segment,
        .from = from,
        .index = index,
        .first = first,
        .end = first + (int64_t)n,
        .counts_out = counts_out,
        .report = report,
        .arg = arg,
    };
    status = source_file_open(&session->source, from->stem, ".tdat", &r.file, &r.cannot_open);
    if (status == MEF3_OK)
        status = source_file_check(&r.file, index->data_uuid, error);
    if (status == MEF3_ECHANGED) {
        source_file_close(&r.file);
        return status;
    }
    /* Without its file, each block is unreadable by itself. */
    if (status != MEF3_ENOMEM)
        status = read_blocks(&r, index_find(index, first), index_find(index, r.end - 1) + 1);
    if (status != MEF3_OK)
        mef3_error_set(error, status, r.file.path, -1, NULL, NULL, NULL);
    source_file_close(&r.file);
    free(r.bytes);
    return status;
}

/* read.c - samples of segments: find the blocks, read them, have them decoded many at once. */
#include <mef3/read.h>

#include <stdlib.h>
#include <string.h>

#include "index_cache.h"
#include "pending.h"

/* Bytes of blocks that are at hand at once; a longer block is so by itself. */
static const size_t ROOM_BYTES = (size_t)2 << 20;

/* A call of mef3_read_many. */
struct reading {
    struct mef3_session *session;
    uint8_t *bytes; /* of the pending blocks */
    size_t room;
    size_t used;
    struct source_file file;       /* the .tdat that is open, if any: */
    const struct segment *file_of; /* the segment's, */
    uint8_t file_uuid[16];         /* and known to be this one */
    struct mef3_stretch *stretch;  /* the one at work */
    const struct segment *from;
    const struct index *index;
    struct pending pending;
};

static void finish_pending(struct reading *r)
{
    pending_finish(&r->pending);
    r->used = 0;
}

static struct pending_block *next(struct reading *r, size_t number)
{
    if (r->pending.n == PENDING_MOST)
        finish_pending(r);
    return pending_next(&r->pending, r->stretch, r->from, r->index, number);
}

static void close_file(struct reading *r)
{
    source_file_close(&r->file);
    r->file_of = NULL;
}

/* The file of one segment is kept open for the stretches that follow. */
static int open_file(struct reading *r, struct mef3_error *error)
{
    if (r->file_of == r->from &&
        memcmp(r->file_uuid, r->index->data_uuid, sizeof r->file_uuid) == 0)
        return MEF3_OK;
    close_file(r);
    int status = source_file_open(&r->session->source, r->from->stem, ".tdat", &r->file, error);
    if (status == MEF3_OK)
        status = source_file_check(&r->file, r->index->data_uuid, error);
    if (status != MEF3_OK) {
        close_file(r);
        return status;
    }
    r->file_of = r->from;
    memcpy(r->file_uuid, r->index->data_uuid, sizeof r->file_uuid);
    return MEF3_OK;
}

/* Read blocks [number, number + n), which lie side by side. */
static void read_batch(struct reading *r, size_t number, size_t n, size_t n_bytes)
{
    uint64_t file_offset = index_block_at(r->index, number).file_offset;
    const struct mef3_source *source = &r->session->source;
    uint8_t *bytes = r->bytes + r->used;
    size_t got = 0;

    int status = source->ops->read(source->self, r->file.handle, file_offset, bytes, n_bytes, &got);
    if (status != MEF3_OK && n > 1) {
        /* One bad place on the disk must not take the neighbours along. */
        for (size_t i = 0; i < n; i++)
            read_batch(r, number + i, 1, index_block_at(r->index, number + i).block_bytes);
        return;
    }
    if (status != MEF3_OK) {
        mef3_error_set(&next(r, number)->error, status, r->file.path, (int64_t)file_offset, "block",
                       NULL, NULL);
        return;
    }
    r->used += n_bytes;
    for (size_t i = 0, at = 0; i < n; i++) {
        struct pending_block *p = next(r, number + i);
        size_t there = at < got ? got - at : 0;
        if (p->block.block_bytes <= there)
            pending_decode(&r->pending, p, bytes + at);
        else
            pending_cut_off(p, there);
        at += p->block.block_bytes;
    }
}

/* How many blocks from `number` on can be read at one go: they have places among the
 * pending, and their bytes room. */
static size_t batch(const struct reading *r, size_t number, size_t end, size_t *n_bytes_out)
{
    const struct index_block first = index_block_at(r->index, number);
    size_t bytes = first.block_bytes;
    size_t k = number + 1;

    for (; k < end && k - number < PENDING_MOST - r->pending.n; k++) {
        const struct index_block block = index_block_at(r->index, k);
        if (block.is_faulty || block.file_offset != first.file_offset + bytes ||
            block.block_bytes > r->room - r->used - bytes)
            break;
        bytes += block.block_bytes;
    }
    *n_bytes_out = bytes;
    return k - number;
}

/* Room for one block more. */
static int make_room(struct reading *r, size_t bytes)
{
    if (r->pending.n < PENDING_MOST && bytes <= r->room - r->used)
        return MEF3_OK;
    finish_pending(r);
    if (bytes <= r->room)
        return MEF3_OK;
    size_t room = bytes > ROOM_BYTES ? bytes : ROOM_BYTES;
    free(r->bytes);
    r->bytes = malloc(room);
    r->room = r->bytes ? room : 0;
    return r->bytes ? MEF3_OK : MEF3_ENOMEM;
}

/* How much of a block the file holds: asked before memory is taken for it. That
 * a file may have grown since it was opened does not matter. */
static uint64_t bytes_there(const struct reading *r, const struct index_block *block)
{
    return block->file_offset < r->file.bytes ? r->file.bytes - block->file_offset : 0;
}

static int read_blocks(struct reading *r, size_t number, size_t end,
                       const struct mef3_error *cannot_open)
{
    size_t n_bytes;

    for (size_t n; number < end; number += n) {
        const struct index_block block = index_block_at(r->index, number);
        n = 1;
        if (block.is_faulty) {
            index_explain(&r->session->source, r->from, number, block.is_excess,
                          &next(r, number)->error);
        } else if (cannot_open->status != MEF3_OK) {
            next(r, number)->error = *cannot_open;
        } else if (bytes_there(r, &block) < block.block_bytes) {
            pending_cut_off(next(r, number), bytes_there(r, &block));
        } else {
            int status = make_room(r, block.block_bytes);
            if (status != MEF3_OK)
                return status;
            n = batch(r, number, end, &n_bytes);
            read_batch(r, number, n, n_bytes);
        }
    }
    return MEF3_OK;
}

static int read_stretch(struct reading *r, struct mef3_error *error)
{
    struct mef3_error cannot_open = {.status = MEF3_OK};
    const struct mef3_stretch *s = r->stretch;
    struct segment *from;

    int status = session_need_segment(r->session, s->channel, s->segment, &from, error);
    if (status == MEF3_OK)
        status = index_get(r->session, from, &r->index, error);
    if (status != MEF3_OK)
        return status;
    if (s->first < 0 || s->first > r->index->n_samples ||
        s->n > (uint64_t)(r->index->n_samples - s->first))
        return mef3_error_set(error, MEF3_EINVAL, NULL, -1, "range of samples", NULL, NULL);
    if (s->n == 0)
        return MEF3_OK;

    r->from = from;
    status = open_file(r, &cannot_open);
    if (status == MEF3_ECHANGED || status == MEF3_ENOMEM) {
        if (error)
            *error = cannot_open;
        return status;
    }
    /* Without its file, each block is unreadable by itself. */
    status = read_blocks(r, index_find(r->index, s->first),
                         index_find(r->index, s->first + (int64_t)s->n - 1) + 1, &cannot_open);
    return status == MEF3_OK ? status
                             : mef3_error_set(error, status, r->file.path, -1, NULL, NULL, NULL);
}

void mef3_read_many(struct mef3_session *session, struct mef3_stretch *stretches, size_t n,
                    mef3_damage_fn *report)
{
    struct reading *r = malloc(sizeof *r);

    if (!r) {
        for (size_t i = 0; i < n; i++)
            stretches[i].status =
                mef3_error_set(stretches[i].error, MEF3_ENOMEM, NULL, -1, NULL, NULL, NULL);
        return;
    }
    r->session = session;
    r->bytes = NULL;
    r->room = 0;
    r->used = 0;
    r->file.source = NULL;
    r->file_of = NULL;
    r->pending.report = report;
    r->pending.n = 0;
    r->pending.n_tasks = 0;
    for (size_t i = 0; i < n; i++) {
        r->stretch = &stretches[i];
        stretches[i].status = read_stretch(r, stretches[i].error);
    }
    finish_pending(r);
    close_file(r);
    free(r->bytes);
    free(r);
}

int mef3_read_samples(struct mef3_session *session, size_t channel, size_t segment, int64_t first,
                      size_t n, int32_t *counts_out, mef3_damage_fn *report, void *arg,
                      struct mef3_error *error)
{
    struct mef3_stretch stretch = {
        .channel = channel,
        .segment = segment,
        .first = first,
        .n = n,
        .counts_out = counts_out,
        .arg = arg,
        .error = error,
    };

    mef3_read_many(session, &stretch, 1, report);
    return stretch.status;
}

/* salvage_walk.c - a data file from block to block, and on where one is destroyed. */
#include "salvage.h"

#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "layout.h"
#include "red_internal.h"
#include "universal_header.h"

/* A search looks at so many bytes at a time. */
enum { CHUNK_BYTES = 65536 };

struct walk {
    const struct source_file *data;
    int64_t time_offset;
    struct salvage_list list;
    uint8_t *bytes; /* of a block */
    size_t room;
    uint8_t *chunk;
    uint64_t n_left; /* bytes that searches may still check: a file can be made so that each of its
                        bytes looks like the header of a long block */
};

static void *grow(void *items, size_t *room, size_t n, size_t each)
{
    if (n < *room)
        return items;
    size_t more = *room ? 2 * *room : 64;
    void *grown = realloc(items, more * each);
    if (grown)
        *room = more;
    return grown;
}

static int add_block(struct walk *w, const struct salvage_block *block)
{
    struct salvage_list *list = &w->list;
    struct salvage_block *blocks =
        grow(list->blocks, &list->blocks_room, list->n_blocks, sizeof *blocks);

    if (!blocks)
        return MEF3_ENOMEM;
    list->blocks = blocks;
    list->blocks[list->n_blocks++] = *block;
    return MEF3_OK;
}

static int add_hole(struct walk *w, uint64_t offset, uint64_t n_bytes,
                    const struct mef3_error *error)
{
    struct salvage_list *list = &w->list;
    struct salvage_hole *holes = grow(list->holes, &list->holes_room, list->n_holes, sizeof *holes);

    if (!holes)
        return MEF3_ENOMEM;
    list->holes = holes;
    list->holes[list->n_holes++] = (struct salvage_hole){
        .offset = offset, .n_bytes = n_bytes, .n_before = list->n_blocks, .error = *error};
    return MEF3_OK;
}

static uint64_t there(const struct walk *w, uint64_t offset)
{
    return w->data->bytes > offset ? w->data->bytes - offset : 0;
}

static int make_room(struct walk *w, size_t n)
{
    if (n <= w->room)
        return MEF3_OK;
    free(w->bytes);
    w->bytes = malloc(n);
    w->room = w->bytes ? n : 0;
    return w->bytes ? MEF3_OK : MEF3_ENOMEM;
}

/* Whether a whole block begins at `offset`, whose header was parsed. MEF3_ENOMEM; MEF3_OK and
 * *is_whole_out false with *error set. */
static int check_block(struct walk *w, uint64_t offset, const struct mef3_red_header *header,
                       bool *is_whole_out, struct mef3_error *error)
{
    *is_whole_out = false;
    if (header->n_samples == 0 ||
        stored_time_to_uutc(header->start_time, w->time_offset) == MEF3_NO_TIME) {
        mef3_error_set(error, MEF3_EDAMAGED, NULL, 0, "block header", "samples and a time",
                       "others");
        return MEF3_OK;
    }
    int status = make_room(w, header->block_bytes);
    if (status != MEF3_OK)
        return status;
    if (source_file_read(w->data, offset, w->bytes, header->block_bytes, error) == MEF3_OK)
        *is_whole_out = red_check_crc(w->bytes, header, error) == MEF3_OK;
    return MEF3_OK;
}

static size_t at_most(uint64_t n)
{
    return n < MEF3_RED_MAX_BYTES ? (size_t)n : MEF3_RED_MAX_BYTES;
}

/* A search: is there a block that begins at one of the chunk's n bytes? */
static int search_chunk(struct walk *w, uint64_t offset, size_t n, uint64_t *found_out)
{
    struct mef3_red_header header;
    struct mef3_error error;

    for (size_t i = 0; i + RED_PAYLOAD <= n; i++) {
        const uint8_t *at = w->chunk + i;
        uint32_t n_bytes = le_u32(at + RED_BLOCK_BYTES);
        /* What most places fail at is asked first. */
        if (n_bytes % RED_ALIGN || n_bytes < RED_PAYLOAD || n_bytes > there(w, offset + i) ||
            mef3_red_parse(at, at_most(there(w, offset + i)), &header, NULL) != MEF3_OK)
            continue;
        if (header.block_bytes > w->n_left)
            continue;
        w->n_left -= header.block_bytes;
        bool is_whole;
        int status = check_block(w, offset + i, &header, &is_whole, &error);
        if (status != MEF3_OK)
            return status;
        if (is_whole) {
            *found_out = offset + i;
            return MEF3_OK;
        }
    }
    return MEF3_OK;
}

/* The first place from `offset` on at which a whole block begins; the file's end where there is
 * none. Bytes may be missing from a file, so every place is looked at. */
static int search(struct walk *w, uint64_t offset, uint64_t *found_out)
{
    uint64_t found = w->data->bytes;

    while (found == w->data->bytes && there(w, offset) >= RED_PAYLOAD) {
        size_t n = there(w, offset) < CHUNK_BYTES ? (size_t)there(w, offset) : CHUNK_BYTES;
        if (source_file_read(w->data, offset, w->chunk, n, NULL) != MEF3_OK) {
            /* A bad place on the disk: past it. */
            offset += n < CHUNK_BYTES ? n : CHUNK_BYTES;
            continue;
        }
        int status = search_chunk(w, offset, n, &found);
        if (status != MEF3_OK)
            return status;
        /* A header may lie across two chunks. */
        offset += n < RED_PAYLOAD ? n : n - (RED_PAYLOAD - 1);
    }
    *found_out = found;
    return MEF3_OK;
}

/* What begins at *at: a block, or a hole up to the next. */
static int step(struct walk *w, uint64_t *at)
{
    struct mef3_red_header header;
    struct mef3_error error;
    uint8_t bytes[RED_PAYLOAD];
    uint64_t next;
    bool is_whole = false;

    int status = source_file_read(w->data, *at, bytes, sizeof bytes, &error);
    if (status == MEF3_OK)
        status = mef3_red_parse(bytes, at_most(there(w, *at)), &header, &error);
    if (status == MEF3_OK) {
        status = check_block(w, *at, &header, &is_whole, &error);
        if (status != MEF3_OK)
            return status;
    }
    if (is_whole) {
        const struct salvage_block block = {
            .offset = *at,
            .start_uutc = stored_time_to_uutc(header.start_time, w->time_offset),
            .n_bytes = header.block_bytes,
            .n_samples = header.n_samples,
            .discontinuity = header.discontinuity,
        };
        *at += header.block_bytes;
        return add_block(w, &block);
    }
    status = search(w, *at + 1, &next);
    if (status != MEF3_OK)
        return status;
    uint64_t from = *at;
    *at = next;
    return add_hole(w, from, next - from, &error);
}

int salvage_walk(const struct source_file *data, int64_t time_offset, struct salvage_list *list_out)
{
    struct walk w = {
        .data = data,
        .time_offset = time_offset,
        .chunk = malloc(CHUNK_BYTES),
        .n_left = (data->bytes < UINT64_MAX / 32 ? 16 * data->bytes : data->bytes) + (64u << 20),
    };
    struct mef3_error error;
    uint64_t at = UH_BYTES;
    int status = w.chunk ? MEF3_OK : MEF3_ENOMEM;

    while (status == MEF3_OK && there(&w, at) >= RED_PAYLOAD)
        status = step(&w, &at);
    if (status == MEF3_OK && there(&w, at) > 0) {
        mef3_error_set(&error, MEF3_ETRUNCATED, NULL, 0, "block header", "304 bytes", "fewer");
        status = add_hole(&w, at, there(&w, at), &error);
    }
    free(w.bytes);
    free(w.chunk);
    if (status != MEF3_OK) {
        salvage_list_fini(&w.list);
        return status;
    }
    *list_out = w.list;
    return MEF3_OK;
}

void salvage_list_fini(struct salvage_list *list)
{
    free(list->blocks);
    free(list->holes);
    memset(list, 0, sizeof *list);
}

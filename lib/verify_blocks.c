/* verify_blocks.c - blocks against their index entries, and by themselves: many at a time. */
#include "verify.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "index.h"
#include "red_internal.h"

/* Blocks at hand at once, up to these bytes and samples; a longer block is so by itself. */
enum { MOST_BLOCKS = 64 };
static const size_t ROOM_BYTES = (size_t)1 << 20;
static const size_t ROOM_SAMPLES = (size_t)1 << 18;

struct item {
    uint64_t k;
    int64_t at; /* of the entry in the .tidx */
    struct index_block block;
    int64_t start_sample; /* as the entry has it */
    int32_t max, min;     /* likewise */
    bool is_there;        /* its bytes were read, */
    bool is_parsed;       /* and its header makes sense */
    size_t bytes_at;      /* in the room for bytes */
    size_t samples_at;    /* in the room for samples */
    struct mef3_red_header header;
    struct mef3_error error; /* of the header */
    size_t task;
};

struct verify_blocks {
    struct verify *v;
    struct verify_segment *s;
    struct item items[MOST_BLOCKS];
    struct red_task tasks[MOST_BLOCKS];
    size_t n_items, n_tasks;
    uint8_t *bytes;
    int32_t *samples;
    size_t n_bytes, bytes_room;
    size_t n_samples, samples_room;
    int64_t expected_start; /* the start sample that the next entry must have */
};

int verify_blocks_new(struct verify *v, struct verify_segment *s, struct verify_blocks **blocks_out)
{
    struct verify_blocks *blocks = calloc(1, sizeof *blocks);

    if (!blocks)
        return MEF3_ENOMEM;
    blocks->v = v;
    blocks->s = s;
    *blocks_out = blocks;
    return MEF3_OK;
}

void verify_blocks_free(struct verify_blocks *blocks)
{
    if (!blocks)
        return;
    free(blocks->bytes);
    free(blocks->samples);
    free(blocks);
}

static void *make_room(void *memory, size_t *room, size_t needed, size_t least, size_t each)
{
    if (needed <= *room)
        return memory;
    size_t n = needed > least ? needed : least;
    free(memory);
    memory = malloc(n * each);
    *room = memory ? n : 0;
    return memory;
}

/* Room for the bytes of one more block. What is pending is done with first, where there is none. */
static int reserve(struct verify_blocks *b, size_t n_bytes)
{
    if (b->n_items == MOST_BLOCKS || n_bytes > b->bytes_room - b->n_bytes) {
        int status = verify_blocks_flush(b);
        if (status != MEF3_OK)
            return status;
    }
    b->bytes = make_room(b->bytes, &b->bytes_room, n_bytes, ROOM_BYTES, 1);
    return b->bytes ? MEF3_OK : MEF3_ENOMEM;
}

/* What follows from an entry and the one before it alone. */
static void check_sequence(struct verify_blocks *b, const struct item *item)
{
    struct verify *v = b->v;
    struct verify_segment *s = b->s;
    const struct index_block *block = &item->block;
    const struct verify_sums *sums = &s->sums;
    const char *path = s->tidx.path;

    if (block->file_offset > s->data_end)
        verify_say_whole(v, MEF3_FINDING_UNCOVERED, s->tdat.path, (int64_t)s->data_end,
                         "start of the block", (int64_t)s->data_end, (int64_t)block->file_offset);
    else if (block->file_offset < s->data_end)
        verify_say_whole(v, MEF3_FINDING_INDEX_PLACE, path, item->at + INDEX_FILE_OFFSET,
                         "index entry's file offset", (int64_t)s->data_end,
                         (int64_t)block->file_offset);
    if (item->k == 0 && item->start_sample > 0 &&
        item->start_sample == s->segment->info.start_sample)
        verify_say_whole(v, MEF3_FINDING_INDEX_ORIGIN, path, item->at + INDEX_START_SAMPLE,
                         "index entry's start sample", 0, item->start_sample);
    else if (item->start_sample != b->expected_start)
        verify_say_whole(v, MEF3_FINDING_INDEX_START_SAMPLE, path, item->at + INDEX_START_SAMPLE,
                         "index entry's start sample", b->expected_start, item->start_sample);
    if (sums->n_blocks == 0 && !block->discontinuity)
        verify_say(v, MEF3_FINDING_UNFLAGGED_GAP, path, item->at + INDEX_FLAGS, "flags",
                   "a discontinuity: the first block", "none");
    if (sums->n_blocks == 0 || s->rate_hz == 0)
        return;
    int64_t off = mef3_time_difference(block->start_uutc, sums->last_end_uutc);
    int64_t half = (int64_t)(0.5e6 / s->rate_hz);
    int64_t most = half > MEF3_RUN_TOLERANCE_US ? half : MEF3_RUN_TOLERANCE_US;
    if (off > most && !block->discontinuity)
        verify_say_whole(v, MEF3_FINDING_UNFLAGGED_GAP, path, item->at + INDEX_START_TIME,
                         "index entry's start time", sums->last_end_uutc, block->start_uutc);
    else if (off < -most)
        verify_say_whole(v, MEF3_FINDING_TIME_ORDER, path, item->at + INDEX_START_TIME,
                         "index entry's start time", sums->last_end_uutc, block->start_uutc);
}

static void raise_u32(uint32_t *greatest, uint32_t x)
{
    *greatest = x > *greatest ? x : *greatest;
}

static void raise_i64(int64_t *greatest, int64_t x)
{
    *greatest = x > *greatest ? x : *greatest;
}

static void add_to_sums(struct verify_segment *s, const struct item *item)
{
    const struct index_block *block = &item->block;
    struct verify_sums *sums = &s->sums;

    if (block->discontinuity || sums->n_blocks == 0) {
        sums->n_discontinuities += block->discontinuity;
        sums->run_blocks = sums->run_bytes = sums->run_samples = 0;
    }
    sums->n_blocks++;
    sums->n_samples += block->n_samples;
    sums->run_blocks++;
    sums->run_bytes += block->block_bytes;
    sums->run_samples += block->n_samples;
    raise_i64(&sums->max_run_blocks, sums->run_blocks);
    raise_i64(&sums->max_run_bytes, sums->run_bytes);
    raise_i64(&sums->max_run_samples, sums->run_samples);
    raise_u32(&sums->max_block_bytes, block->block_bytes);
    raise_u32(&sums->max_block_samples, block->n_samples);
    if (!block->is_faulty) {
        sums->last_end_uutc =
            s->rate_hz > 0 ? mef3_index_to_time(block->n_samples, block->start_uutc, s->rate_hz)
                           : block->start_uutc;
        session_add_span(block->start_uutc, sums->last_end_uutc, &sums->start_uutc,
                         &sums->end_uutc);
        if (block->file_offset + block->block_bytes > s->data_end)
            s->data_end = block->file_offset + block->block_bytes;
    }
    if (sums->n_blocks == s->meta_blocks)
        s->meta_sums = *sums;
}

static void add_extremes(struct verify_sums *sums, int32_t max, int32_t min)
{
    sums->max = !sums->has_extremes || max > sums->max ? max : sums->max;
    sums->min = !sums->has_extremes || min < sums->min ? min : sums->min;
    sums->has_extremes = true;
}

/* The greatest and least sample; with the counts that are no amplitudes left out, too. */
static void check_extremes(struct verify_blocks *b, const struct item *item, const int32_t *samples,
                           uint32_t n)
{
    int32_t max = INT32_MIN, min = INT32_MAX, max_finite = INT32_MIN, min_finite = INT32_MAX;
    char expected[48], found[48];

    for (uint32_t i = 0; i < n; i++) {
        int32_t x = samples[i];
        bool is_finite = x > MEF3_COUNT_NEG_INF && x < MEF3_COUNT_POS_INF;
        max = x > max ? x : max;
        min = x < min ? x : min;
        max_finite = is_finite && x > max_finite ? x : max_finite;
        min_finite = is_finite && x < min_finite ? x : min_finite;
    }
    add_extremes(&b->s->sums, item->max, item->min);
    if ((item->max == max && item->min == min) ||
        (item->max == max_finite && item->min == min_finite))
        return;
    snprintf(expected, sizeof expected, "%d and %d", max, min);
    snprintf(found, sizeof found, "%d and %d", item->max, item->min);
    verify_say(b->v, MEF3_FINDING_INDEX_EXTREMES, b->s->tidx.path, item->at + INDEX_MAX,
               "index entry's extremes", expected, found);
}

/* An error within the block, told with the block's place in the file. */
static void say_block(struct verify_blocks *b, const struct item *item, enum mef3_finding_kind kind,
                      const struct mef3_error *within)
{
    struct mef3_error error;
    int64_t at = (int64_t)item->block.file_offset + (within->offset > 0 ? within->offset : 0);

    mef3_error_set(&error, within->status, b->s->tdat.path, at, within->field, within->expected,
                   within->found);
    verify_say_error(b->v, kind, &error);
}

static bool check_field(struct verify_blocks *b, const struct item *item, int in_entry,
                        const char *field, int64_t in_block, int64_t in_index)
{
    if (in_block == in_index)
        return true;
    verify_say_whole(b->v, MEF3_FINDING_INDEX_BLOCK, b->s->tidx.path, item->at + in_entry, field,
                     in_block, in_index);
    return false;
}

/* Whether a reader gets the block's samples. */
static bool check_block(struct verify_blocks *b, const struct item *item)
{
    const struct red_task *task = &b->tasks[item->task];
    const struct mef3_red_header *header = &item->header;
    int64_t start = stored_time_to_uutc(header->start_time, b->s->segment->time_offset);

    if (!item->is_parsed) {
        say_block(b, item, MEF3_FINDING_BLOCK_HEADER, &item->error);
        return false;
    }
    if (task->status != MEF3_OK) {
        say_block(b, item,
                  task->status == MEF3_ECRC        ? MEF3_FINDING_BLOCK_CRC
                  : task->status == MEF3_EPASSWORD ? MEF3_FINDING_LOCKED
                                                   : MEF3_FINDING_BLOCK_DATA,
                  &task->error);
        return false;
    }
    bool agrees = check_field(b, item, INDEX_N_SAMPLES, "index entry's number of samples",
                              header->n_samples, item->block.n_samples);
    agrees &= check_field(b, item, INDEX_BLOCK_BYTES, "index entry's block bytes",
                          header->block_bytes, item->block.block_bytes);
    agrees &= check_field(b, item, INDEX_START_TIME, "index entry's start time", start,
                          item->block.start_uutc);
    check_field(b, item, INDEX_FLAGS, "index entry's discontinuity", header->discontinuity,
                item->block.discontinuity);
    if (header->n_samples > 0)
        check_extremes(b, item, task->samples_out, header->n_samples);
    raise_u32(&b->s->sums.max_difference_bytes, header->difference_bytes);
    return agrees;
}

/* An entry, in the order of the index, whose block is decoded where it could be. */
static void settle(struct verify_blocks *b, const struct item *item)
{
    struct verify_segment *s = b->s;
    bool is_readable = !item->block.is_faulty && s->has_tdat;

    b->v->block = (int64_t)item->k;
    if (!item->block.is_faulty)
        check_sequence(b, item);
    /* Modulo 2^64: a wrong one must not make all that follow wrong. */
    b->expected_start = (int64_t)((uint64_t)item->start_sample + item->block.n_samples);
    if (is_readable && !item->is_there && !b->v->is_quick)
        is_readable = false; /* told of when it was added */
    else if (is_readable && !b->v->is_quick)
        is_readable = check_block(b, item);
    else if (is_readable)
        add_extremes(&s->sums, item->max, item->min);
    if (is_readable && b->v->is_quick)
        is_readable = item->is_there;
    add_to_sums(s, item);
    if (is_readable)
        b->v->totals.n_readable_blocks++;
    else
        s->n_lost += item->block.n_samples;
    b->v->block = -1;
}

int verify_blocks_flush(struct verify_blocks *b)
{
    int64_t n_samples = 0;

    for (size_t i = 0; i < b->n_items; i++)
        n_samples += b->items[i].block.n_samples;
    int status =
        b->v->progress && n_samples > 0 ? b->v->progress(b->v->progress_arg, n_samples) : MEF3_OK;
    if (status == MEF3_OK) {
        red_decode_many(b->tasks, b->n_tasks);
        for (size_t i = 0; i < b->n_items; i++)
            settle(b, &b->items[i]);
    }
    b->n_items = b->n_tasks = b->n_bytes = b->n_samples = 0;
    return status;
}

/* Read a block that is there, and see how many samples it says it has. */
static int read_block(struct verify_blocks *b, struct item *item)
{
    struct verify_segment *s = b->s;
    size_t n = item->block.block_bytes;

    int status = reserve(b, n);
    if (status != MEF3_OK)
        return status;
    if (source_file_read(&s->tdat, item->block.file_offset, b->bytes + b->n_bytes, n,
                         &item->error) != MEF3_OK) {
        verify_say_error(b->v, MEF3_FINDING_UNREADABLE_FILE, &item->error);
        return MEF3_OK;
    }
    item->is_there = true;
    verify_crc_take(&s->data_crc, &s->tdat, item->block.file_offset, b->bytes + b->n_bytes, n);
    if ((int64_t)item->k + 1 == s->data_header.n_entries)
        s->data_crc_counted = s->data_crc;
    item->is_parsed =
        mef3_red_parse(b->bytes + b->n_bytes, n, &item->header, &item->error) == MEF3_OK;
    return MEF3_OK;
}

/* A block that was read, and whose header makes sense, is to be decoded. */
static int add_task(struct verify_blocks *b, struct item *item)
{
    uint32_t n = item->header.n_samples;

    if (n > b->samples_room - b->n_samples || !b->samples) {
        /* The others first; this block's bytes go to the beginning. */
        size_t n_bytes = item->block.block_bytes, at = b->n_bytes;
        int status = verify_blocks_flush(b);
        if (status != MEF3_OK)
            return status;
        memmove(b->bytes, b->bytes + at, n_bytes);
        b->samples = make_room(b->samples, &b->samples_room, n, ROOM_SAMPLES, sizeof *b->samples);
        if (!b->samples)
            return MEF3_ENOMEM;
    }
    item->task = b->n_tasks;
    b->tasks[b->n_tasks++] = (struct red_task){
        .block = b->bytes + b->n_bytes,
        .n = item->block.block_bytes,
        .keys = &b->s->segment->keys,
        .n_samples = n,
        .samples_out = b->samples + b->n_samples,
    };
    b->n_bytes += item->block.block_bytes;
    b->n_samples += n;
    return MEF3_OK;
}

/* Entries at the end of an index may lead to blocks that are still to be written; one in its
 * middle may not. */
static bool is_beyond(struct verify_blocks *b, const struct item *item)
{
    struct verify_segment *s = b->s;
    int64_t promised = s->has_facts ? s->meta_blocks : s->index_header.n_entries;
    const struct index_block *block = &item->block;
    bool is_short = block->file_offset > s->tdat.bytes ||
                    block->block_bytes > s->tdat.bytes - block->file_offset;

    return s->has_tdat && (int64_t)item->k >= promised && (is_short || block->is_faulty);
}

static struct item item_of(struct verify_blocks *b, uint64_t k, const uint8_t *entry)
{
    struct verify_segment *s = b->s;
    struct item item = {
        .k = k,
        .at = (int64_t)(UH_BYTES + k * INDEX_BYTES),
        .start_sample = le_i64(entry + INDEX_START_SAMPLE),
        .max = le_i32(entry + INDEX_MAX),
        .min = le_i32(entry + INDEX_MIN),
        .block = index_block_of(entry, s->segment->time_offset),
    };

    /* How many samples a faulty entry stands for is a guess. */
    if (item.block.is_faulty && item.block.n_samples > s->segment->info.max_block_samples)
        item.block.n_samples = s->segment->info.max_block_samples;
    return item;
}

int verify_blocks_add(struct verify_blocks *b, uint64_t k, const uint8_t *entry)
{
    struct verify_segment *s = b->s;
    struct item item = item_of(b, k, entry);
    struct mef3_error error;

    if (is_beyond(b, &item)) {
        s->n_beyond++;
        return MEF3_OK;
    }
    b->v->block = (int64_t)k;
    if (s->n_beyond > 0)
        verify_say_whole(b->v, MEF3_FINDING_BLOCK_MISSING, s->tidx.path,
                         item.at - s->n_beyond * INDEX_BYTES,
                         "index entries whose blocks are not there", 0, s->n_beyond);
    s->n_beyond = 0;
    if (item.block.is_faulty) {
        if (index_check_entry(entry, s->segment->time_offset, s->tidx.path, item.at, &error) !=
            MEF3_OK)
            verify_say_error(b->v, MEF3_FINDING_INDEX_ENTRY, &error);
    } else if (s->has_tdat && (item.block.file_offset > s->tdat.bytes ||
                               item.block.block_bytes > s->tdat.bytes - item.block.file_offset)) {
        verify_say_whole(b->v, MEF3_FINDING_BLOCK_MISSING, s->tdat.path,
                         (int64_t)item.block.file_offset, "end of the file",
                         (int64_t)item.block.file_offset + item.block.block_bytes,
                         (int64_t)s->tdat.bytes);
    } else if (s->has_tdat && b->v->is_quick) {
        item.is_there = true;
    } else if (s->has_tdat) {
        int status = read_block(b, &item);
        if (status == MEF3_OK && item.is_parsed)
            status = add_task(b, &item);
        if (status != MEF3_OK)
            return status;
    }
    b->v->block = -1;
    if (b->n_items == MOST_BLOCKS) {
        int status = verify_blocks_flush(b);
        if (status != MEF3_OK)
            return status;
    }
    b->items[b->n_items++] = item;
    return MEF3_OK;
}

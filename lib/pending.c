/* pending.c - blocks whose bytes were read: check them, decode them, tell of the damaged. */
#include "pending.h"

#include <inttypes.h>
#include <stdio.h>

#include "universal_header.h"

/* The part of a block that is wanted, in samples of the segment. */
static void wanted(const struct pending_block *p, int64_t *first_out, int64_t *end_out)
{
    const struct mef3_stretch *s = p->stretch;
    int64_t first = p->block.first_sample;
    int64_t end = first + p->block.n_samples;
    int64_t s_end = s->first + (int64_t)s->n;

    *first_out = first > s->first ? first : s->first;
    *end_out = end < s_end ? end : s_end;
}

static void give_up(const struct pending *pending, const struct pending_block *p,
                    const struct mef3_error *why)
{
    const struct mef3_stretch *s = p->stretch;
    struct mef3_damage damage = {
        .channel = s->channel,
        .segment = s->segment,
        .block = (int64_t)p->number,
        .error = *why,
    };
    int64_t end;

    wanted(p, &damage.at, &end);
    damage.n = end - damage.at;
    for (int64_t k = damage.at; k < end; k++)
        s->counts_out[k - s->first] = MEF3_COUNT_NAN;
    if (pending->report)
        pending->report(s->arg, &damage);
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
static int check_agreement(const struct pending_block *p, const uint8_t *bytes,
                           struct mef3_error *error)
{
    const struct index_block *block = &p->block;
    struct mef3_red_header header;

    int status = mef3_red_parse(bytes, block->block_bytes, &header, error);
    if (status != MEF3_OK)
        return status;
    int64_t start = stored_time_to_uutc(header.start_time, p->from->time_offset);
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

/* What is wrong within a block is told with the place of the block in its file. */
static void place_error(const struct pending_block *p, int status, const struct mef3_error *within,
                        struct mef3_error *error_out)
{
    char path[SOURCE_PATH_MAX];

    snprintf(path, sizeof path, "%s.tdat", p->from->stem);
    mef3_error_set(error_out, status, path, (int64_t)p->block.file_offset, within->field,
                   within->expected, within->found);
}

struct pending_block *pending_next(struct pending *pending, const struct mef3_stretch *stretch,
                                   const struct segment *from, const struct index *index,
                                   size_t number)
{
    struct pending_block *p = &pending->blocks[pending->n++];

    p->stretch = stretch;
    p->from = from;
    p->block = index_block_at(index, number);
    p->number = number;
    p->error.status = MEF3_OK;
    return p;
}

void pending_decode(struct pending *pending, struct pending_block *p, const uint8_t *bytes)
{
    struct mef3_error error;
    int64_t first;
    int64_t end;

    int status = check_agreement(p, bytes, &error);
    if (status != MEF3_OK) {
        place_error(p, status, &error, &p->error);
        return;
    }
    wanted(p, &first, &end);
    struct red_task *task = &pending->tasks[pending->n_tasks++];
    task->block = bytes;
    task->n = p->block.block_bytes;
    task->keys = &p->from->keys;
    task->first = (uint32_t)(first - p->block.first_sample);
    task->n_samples = (uint32_t)(end - first);
    task->samples_out = p->stretch->counts_out + (first - p->stretch->first);
}

void pending_cut_off(struct pending_block *p, uint64_t n_there)
{
    struct mef3_error error;
    char expected[32];
    char found[32];

    snprintf(expected, sizeof expected, "%u bytes", p->block.block_bytes);
    snprintf(found, sizeof found, "%" PRIu64, n_there);
    mef3_error_set(&error, MEF3_ETRUNCATED, NULL, -1, "block", expected, found);
    place_error(p, MEF3_ETRUNCATED, &error, &p->error);
}

void pending_finish(struct pending *pending)
{
    const struct red_task *task = pending->tasks;
    struct mef3_error error;

    red_decode_many(pending->tasks, pending->n_tasks);
    for (const struct pending_block *p = pending->blocks; p < pending->blocks + pending->n; p++) {
        if (p->error.status != MEF3_OK) {
            give_up(pending, p, &p->error);
            continue;
        }
        if (task->status != MEF3_OK) {
            place_error(p, task->status, &task->error, &error);
            give_up(pending, p, &error);
        }
        task++;
    }
    pending->n = 0;
    pending->n_tasks = 0;
}

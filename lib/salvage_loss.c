/* salvage_loss.c - what was in the holes of a data file, as index and neighbours say. */
#include "salvage.h"

#include <stdlib.h>

#include "layout.h"

/* The entries of an index in the order of their places in the data file. */
struct entry {
    struct index_block block;
    int64_t number;
};

struct entries {
    struct entry *items;
    size_t n;
    size_t next;    /* of those that were not looked at yet */
    int64_t *found; /* start times of the blocks that are whole, in order: where bytes went missing,
                       they are elsewhere than the index says */
    size_t n_found;
};

static int by_value(const void *a, const void *b)
{
    const int64_t *x = a, *y = b;

    return (*x > *y) - (*x < *y);
}

static int take_found(struct entries *entries, const struct salvage_list *list)
{
    entries->found = calloc(list->n_blocks + 1, sizeof *entries->found);
    if (!entries->found)
        return MEF3_ENOMEM;
    for (size_t i = 0; i < list->n_blocks; i++)
        entries->found[i] = list->blocks[i].start_uutc;
    entries->n_found = list->n_blocks;
    qsort(entries->found, entries->n_found, sizeof *entries->found, by_value);
    return MEF3_OK;
}

static bool is_found(const struct entries *entries, const struct entry *entry)
{
    return bsearch(&entry->block.start_uutc, entries->found, entries->n_found,
                   sizeof *entries->found, by_value) != NULL;
}

static int by_offset(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;

    if (x->block.file_offset != y->block.file_offset)
        return x->block.file_offset < y->block.file_offset ? -1 : 1;
    return (x->number > y->number) - (x->number < y->number);
}

/* Entries that make sense, of whatever can be read; none is fine too. */
static int load_entries(const struct mef3_source *source, const struct segment *segment,
                        int64_t time_offset, struct entries *entries)
{
    struct source_file file = {0};
    uint8_t bytes[INDEX_BYTES];

    if (source_file_open(source, segment->stem, ".tidx", &file, NULL) != MEF3_OK)
        return MEF3_OK;
    uint64_t n = file.bytes < UH_BYTES ? 0 : (file.bytes - UH_BYTES) / INDEX_BYTES;
    n = n < INDEX_MAX_BLOCKS ? n : INDEX_MAX_BLOCKS;
    entries->items = calloc((size_t)n + 1, sizeof *entries->items);
    for (uint64_t k = 0; entries->items && k < n; k++) {
        if (source_file_read(&file, UH_BYTES + k * INDEX_BYTES, bytes, sizeof bytes, NULL) !=
            MEF3_OK)
            continue;
        const struct entry entry = {index_block_of(bytes, time_offset), (int64_t)k};
        if (!entry.block.is_faulty)
            entries->items[entries->n++] = entry;
    }
    source_file_close(&file);
    if (!entries->items)
        return MEF3_ENOMEM;
    qsort(entries->items, entries->n, sizeof *entries->items, by_offset);
    return MEF3_OK;
}

int salvage_say(const struct salvage_report *report, const struct mef3_loss *loss)
{
    return report->calls->loss ? report->calls->loss(report->arg, loss) : MEF3_OK;
}

static struct mef3_loss loss_of_entry(const struct salvage_report *report,
                                      const struct entry *entry, enum mef3_loss_kind kind)
{
    const struct index_block *block = &entry->block;

    return (struct mef3_loss){
        .kind = kind,
        .segment = report->segment,
        .block = entry->number,
        .file_offset = block->file_offset,
        .n_bytes = block->block_bytes,
        .n_samples = block->n_samples,
        .start_uutc = block->start_uutc,
        .end_uutc = mef3_index_to_time(block->n_samples, block->start_uutc, report->rate_hz),
    };
}

static void place_error(struct mef3_loss *loss, const struct mef3_error *within, const char *path)
{
    mef3_error_set(&loss->error, within->status, path,
                   (int64_t)loss->file_offset + (within->offset > 0 ? within->offset : 0),
                   within->field, within->expected, within->found);
}

static int64_t end_of(const struct salvage_block *block, double rate_hz)
{
    return mef3_index_to_time(block->n_samples, block->start_uutc, rate_hz);
}

/* A hole that the index says nothing of: as much as fits between its neighbours. */
static int say_bytes(const struct salvage_report *report, const struct salvage_list *list,
                     const struct salvage_hole *hole, const char *path)
{
    struct mef3_loss loss = {
        .kind = MEF3_LOSS_BYTES,
        .segment = report->segment,
        .block = -1,
        .file_offset = hole->offset,
        .n_bytes = hole->n_bytes,
        .n_samples = -1,
        .is_estimate = true,
        .start_uutc = MEF3_NO_TIME,
        .end_uutc = MEF3_NO_TIME,
    };

    if (hole->n_before > 0)
        loss.start_uutc = end_of(&list->blocks[hole->n_before - 1], report->rate_hz);
    if (hole->n_before < list->n_blocks)
        loss.end_uutc = list->blocks[hole->n_before].start_uutc;
    if (loss.start_uutc != MEF3_NO_TIME && loss.end_uutc != MEF3_NO_TIME) {
        int64_t n = mef3_time_to_index(loss.end_uutc, loss.start_uutc, report->rate_hz);
        loss.n_samples = n > 0 ? n : 0;
    }
    place_error(&loss, &hole->error, path);
    return salvage_say(report, &loss);
}

static int say_hole(const struct salvage_report *report, const struct salvage_list *list,
                    const struct salvage_hole *hole, struct entries *entries, const char *path,
                    int64_t *n_lost)
{
    size_t n = 0;
    int status = MEF3_OK;

    while (entries->next < entries->n &&
           entries->items[entries->next].block.file_offset < hole->offset)
        entries->next++;
    while (status == MEF3_OK && entries->next < entries->n &&
           entries->items[entries->next].block.file_offset < hole->offset + hole->n_bytes) {
        const struct entry *entry = &entries->items[entries->next++];
        if (is_found(entries, entry))
            continue;
        struct mef3_loss loss = loss_of_entry(report, entry, MEF3_LOSS_BLOCK);
        place_error(&loss, &hole->error, path);
        *n_lost += loss.n_samples;
        n++;
        status = salvage_say(report, &loss);
    }
    return status == MEF3_OK && n == 0 ? say_bytes(report, list, hole, path) : status;
}

/* Entries whose blocks begin where the file has ended, if the metadata count them already: else
 * they were never written. */
static int say_missing(const struct salvage_report *report, const struct segment *segment,
                       const struct source_file *data, struct entries *entries, int64_t *n_lost)
{
    int64_t promised = segment->info.status == MEF3_OK ? segment->info.n_blocks : 0;
    int status = MEF3_OK;

    for (; status == MEF3_OK && entries->next < entries->n; entries->next++) {
        const struct entry *entry = &entries->items[entries->next];
        if (entry->block.file_offset < data->bytes || entry->number >= promised ||
            is_found(entries, entry))
            continue;
        struct mef3_loss loss = loss_of_entry(report, entry, MEF3_LOSS_MISSING_BLOCK);
        mef3_error_set(&loss.error, MEF3_ETRUNCATED, data->path, (int64_t)entry->block.file_offset,
                       "block", NULL, NULL);
        *n_lost += loss.n_samples;
        status = salvage_say(report, &loss);
    }
    return status;
}

/* Samples that the metadata count, and of which neither data nor index tell. */
static int say_end(const struct salvage_report *report, const struct segment *segment,
                   const struct source_file *data, const struct salvage_list *list, int64_t n_lost)
{
    const struct mef3_segment_info *info = &segment->info;
    int64_t n = info->n_samples - n_lost;

    for (size_t i = 0; i < list->n_blocks; i++)
        n -= list->blocks[i].n_samples;
    /* Holes of which nothing is known may have held them. */
    if (info->status != MEF3_OK || n <= 0 || list->n_holes > 0)
        return MEF3_OK;
    struct mef3_loss loss = {
        .kind = MEF3_LOSS_MISSING_END,
        .segment = report->segment,
        .block = -1,
        .file_offset = data->bytes,
        .n_samples = n,
        .is_estimate = true,
        .start_uutc = list->n_blocks > 0
                          ? end_of(&list->blocks[list->n_blocks - 1], report->rate_hz)
                          : info->start_uutc,
        .end_uutc = info->end_uutc,
    };
    mef3_error_set(&loss.error, MEF3_ETRUNCATED, data->path, (int64_t)data->bytes,
                   "end of the data", NULL, NULL);
    return salvage_say(report, &loss);
}

int salvage_losses(const struct salvage_report *report, const struct mef3_source *source,
                   const struct segment *segment, const struct source_file *data,
                   int64_t time_offset, const struct salvage_list *list)
{
    struct entries entries = {0};
    int64_t n_lost = 0;

    int status = load_entries(source, segment, time_offset, &entries);
    if (status == MEF3_OK)
        status = take_found(&entries, list);
    for (size_t i = 0; status == MEF3_OK && i < list->n_holes; i++)
        status = say_hole(report, list, &list->holes[i], &entries, data->path, &n_lost);
    if (status == MEF3_OK)
        status = say_missing(report, segment, data, &entries, &n_lost);
    if (status == MEF3_OK)
        status = say_end(report, segment, data, list, n_lost);
    free(entries.items);
    free(entries.found);
    return status;
}

/* record_index.c - the headers of a pair of record files, and what the .ridx says. */
#include "record_index.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include <mef3/red.h>

#include "bytes.h"
#include "universal_header.h"

/* Entries beyond so many are not looked at: they only help past damage. */
enum { MOST_STARTS = 1 << 20, ENTRIES_AT_ONCE = 1024, TEXT_BYTES = 96 };

static int tell(struct record_walk *walk, struct record_found *found, int status)
{
    found->status = status;
    return walk->fn(walk->arg, found);
}

/* A writer changes the header in its place: one that was read half way through is read again. */
static int read_header(const struct source_file *file, const char *type, uint8_t header[UH_BYTES],
                       struct mef3_error *error)
{
    enum { TRIES = 3 };
    struct universal_header parsed;
    int status = MEF3_ECRC;

    for (int i = 0; i < TRIES && status == MEF3_ECRC; i++) {
        status = source_file_read(file, 0, header, UH_BYTES, error);
        if (status == MEF3_OK)
            status = universal_header_parse(header, type, file->path, &parsed, error);
    }
    return status;
}

/* Open a file and read its header. Is it one that can be used? A wrong CRC is told of and no
 * more: records have their own. */
static int open_file(struct record_walk *walk, const char *type, struct source_file *file,
                     uint8_t header[UH_BYTES], enum record_file *is_out)
{
    struct record_found found = {0};
    char suffix[8];

    snprintf(suffix, sizeof suffix, ".%s", type);
    int status = source_file_open(walk->source, walk->stem, suffix, file, &found.error);
    if (status == MEF3_ENOENT)
        return MEF3_OK;
    *is_out = RECORD_FILE_UNUSABLE;
    if (status == MEF3_OK)
        status = read_header(file, type, header, &found.error);
    if (status == MEF3_OK || status == MEF3_ECRC)
        *is_out = RECORD_FILE_READ;
    if (status == MEF3_OK && le_i64(header + UH_N_ENTRIES) > walk->n_counted)
        walk->n_counted = le_i64(header + UH_N_ENTRIES);
    if (status == MEF3_OK || status == MEF3_ENOMEM)
        return status;
    return tell(walk, &found, status);
}

/* An entry that points outside the file of records. */
static int tell_outside(struct record_walk *walk, const uint8_t *entry, uint64_t at)
{
    struct record_found found = {.file_offset = at, .level = (int8_t)entry[RIDX_LEVEL]};
    char expected[TEXT_BYTES];
    char text[TEXT_BYTES];

    if (record_type_is_sane(entry + RIDX_TYPE))
        memcpy(found.type, entry + RIDX_TYPE, sizeof found.type);
    if (found.level < 0)
        found.level = 0;
    found.version_major = entry[RIDX_VERSION_MAJOR];
    found.version_minor = entry[RIDX_VERSION_MINOR];
    found.stored_time = le_i64(entry + RIDX_TIME);
    snprintf(expected, sizeof expected, "from %d, before %" PRIu64, UH_BYTES, walk->data.bytes);
    snprintf(text, sizeof text, "%" PRId64, le_i64(entry + RIDX_FILE_OFFSET));
    return tell(walk, &found,
                mef3_error_set(&found.error, MEF3_ETRUNCATED, walk->index.path,
                               (int64_t)at + RIDX_FILE_OFFSET, "record's offset", expected, text));
}

static int by_offset(const void *a, const void *b)
{
    const struct record_start *x = a;
    const struct record_start *y = b;

    if (x->file_offset != y->file_offset)
        return x->file_offset < y->file_offset ? -1 : 1;
    return (x->entry > y->entry) - (x->entry < y->entry);
}

static int take_entry(struct record_walk *walk, const uint8_t *entry, uint64_t number)
{
    uint64_t offset = le_u64(entry + RIDX_FILE_OFFSET);

    if (offset < UH_BYTES || offset >= walk->data.bytes)
        return tell_outside(walk, entry, UH_BYTES + RIDX_BYTES * number);
    walk->starts[walk->n_starts++] = (struct record_start){offset, number};
    return MEF3_OK;
}

static int load_entries(struct record_walk *walk, struct mef3_error *error)
{
    uint64_t n = walk->n_entries < MOST_STARTS ? walk->n_entries : MOST_STARTS;
    uint8_t bytes[ENTRIES_AT_ONCE * RIDX_BYTES];
    struct record_found found = {.file_offset = UH_BYTES};
    int status;

    walk->knows_all = n == walk->n_entries;
    walk->starts = malloc((n + 1) * sizeof *walk->starts);
    if (!walk->starts)
        return mef3_error_set(error, MEF3_ENOMEM, NULL, -1, NULL, NULL, NULL);
    for (uint64_t i = 0; i < n;) {
        size_t some = n - i < ENTRIES_AT_ONCE ? (size_t)(n - i) : ENTRIES_AT_ONCE;
        status = source_file_read(&walk->index, UH_BYTES + RIDX_BYTES * i, bytes, some * RIDX_BYTES,
                                  &found.error);
        if (status != MEF3_OK) /* what it would have said is found without it */
            return tell(walk, &found, status);
        for (size_t k = 0; k < some; k++) {
            status = take_entry(walk, bytes + k * RIDX_BYTES, i + k);
            if (status != MEF3_OK)
                return status;
        }
        i += some;
    }
    if (walk->n_starts > 1)
        qsort(walk->starts, walk->n_starts, sizeof *walk->starts, by_offset);
    return MEF3_OK;
}

/* Whether the .ridx has the entries that its header counts. */
static int check_count(struct record_walk *walk)
{
    struct record_found found = {.file_offset = walk->index.bytes};
    int64_t counted = le_i64(walk->index_header + UH_N_ENTRIES);
    char expected[TEXT_BYTES];
    char text[TEXT_BYTES];

    if (counted < 0 || (uint64_t)counted <= walk->n_entries)
        return MEF3_OK;
    snprintf(expected, sizeof expected, "%" PRId64 " entries, as the header says", counted);
    snprintf(text, sizeof text, "%" PRIu64, walk->n_entries);
    return tell(walk, &found,
                mef3_error_set(&found.error, MEF3_ETRUNCATED, walk->index.path,
                               (int64_t)walk->index.bytes, "entries", expected, text));
}

int record_index_load(struct record_walk *walk, struct mef3_error *error)
{
    walk->n_counted = -1;
    int status = open_file(walk, "ridx", &walk->index, walk->index_header, &walk->index_is);
    if (status == MEF3_OK && walk->index_is == RECORD_FILE_READ) {
        walk->n_entries = (walk->index.bytes - UH_BYTES) / RIDX_BYTES;
        status = check_count(walk);
    }
    if (status == MEF3_OK)
        status = open_file(walk, "rdat", &walk->data, walk->data_header, &walk->data_is);
    if (status == MEF3_ENOMEM)
        return mef3_error_set(error, status, NULL, -1, NULL, NULL, NULL);
    if (status != MEF3_OK)
        return status;
    if (walk->data_is == RECORD_FILE_READ)
        return load_entries(walk, error);
    if (walk->data_is == RECORD_FILE_MISSING && walk->n_entries > 0) {
        struct record_found found = {0};
        char path[SOURCE_PATH_MAX];
        snprintf(path, sizeof path, "%s.rdat", walk->stem);
        return tell(walk, &found,
                    mef3_error_set(&found.error, MEF3_ENOENT, path, -1, NULL, NULL, NULL));
    }
    return MEF3_OK;
}

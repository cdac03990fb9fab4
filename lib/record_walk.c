/* record_walk.c - the records of a .rdat, found one by one, whatever is wrong with them. */
#include "record_walk.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include <mef3/records.h>
#include <mef3/red.h>

#include "bytes.h"
#include "record_index.h"

/* `spare` holds so many times the file's length; what it is spent on is checksums of records
 * that reach beyond where the next one is said to begin, and of what only looks like one. The
 * rest of the walk is linear. A file of holes may be very long and cost nothing to make. */
enum { READ_AT_ONCE = 1 << 16, SPARE_TIMES = 4, SEARCH_STEP = 8, TEXT_BYTES = 96 };
static const uint64_t MOST_SPARE = (uint64_t)1 << 28;

static int no_memory(struct mef3_error *error)
{
    return mef3_error_set(error, MEF3_ENOMEM, NULL, -1, NULL, NULL, NULL);
}

/* n bytes of the .rdat at `at`, which it has; more are read along. They stay until the next call.
 * MEF3_ENOMEM, or what reading them says. */
static int get(struct record_walk *walk, uint64_t at, size_t n, const uint8_t **bytes_out,
               struct mef3_error *error)
{
    if (at < walk->bytes_at || at - walk->bytes_at > walk->n_bytes ||
        n > walk->n_bytes - (size_t)(at - walk->bytes_at)) {
        uint64_t left = walk->data.bytes - at;
        size_t some = left < READ_AT_ONCE ? (size_t)left : READ_AT_ONCE;
        if (some < n)
            some = n;
        if (some > walk->room) {
            uint8_t *bytes = realloc(walk->bytes, some);
            if (!bytes)
                return no_memory(error);
            walk->bytes = bytes;
            walk->room = some;
        }
        walk->n_bytes = 0;
        int status = source_file_read(&walk->data, at, walk->bytes, some, error);
        if (status != MEF3_OK)
            return status;
        walk->bytes_at = at;
        walk->n_bytes = some;
    }
    *bytes_out = walk->bytes + (at - walk->bytes_at);
    return MEF3_OK;
}

bool record_type_is_sane(const uint8_t *type)
{
    for (int i = 0; i < REC_TYPE_BYTES - 1; i++)
        if (type[i] < 0x20 || type[i] > 0x7E)
            return false;
    return type[REC_TYPE_BYTES - 1] == '\0';
}

static int bad(const struct record_walk *walk, const struct record_found *found, int status, int at,
               const char *field, const char *expected, const char *what, struct mef3_error *error)
{
    return mef3_error_set(error, status, walk->data.path, (int64_t)found->file_offset + at, field,
                          expected, what);
}

/* The fields of a header, and whether they can be true: of a body that is not read yet, and of
 * a file that has `left` bytes behind the header. */
static int read_header(const struct record_walk *walk, const uint8_t *header, uint64_t left,
                       struct record_found *found, struct mef3_error *error)
{
    char expected[TEXT_BYTES];
    char text[TEXT_BYTES];
    int level = (int8_t)header[REC_LEVEL];

    if (!record_type_is_sane(header + REC_TYPE))
        return bad(walk, found, MEF3_EFORMAT, REC_TYPE, "record type", "four characters and a zero",
                   "others", error);
    memcpy(found->type, header + REC_TYPE, sizeof found->type);
    found->version_major = header[REC_VERSION_MAJOR];
    found->version_minor = header[REC_VERSION_MINOR];
    found->stored_time = le_i64(header + REC_TIME);
    found->level = level > 0 ? level : 0;
    found->n_body = le_u32(header + REC_BODY_BYTES);
    snprintf(text, sizeof text, "%zu", found->n_body);
    if (found->n_body > left) {
        snprintf(expected, sizeof expected, "at most %" PRIu64 " to the end of the file", left);
        return bad(walk, found, MEF3_ETRUNCATED, REC_BODY_BYTES, "body bytes", expected, text,
                   error);
    }
    if (found->n_body > MEF3_MAX_RECORD_BYTES)
        return bad(walk, found, MEF3_ELIMIT, REC_BODY_BYTES, "body bytes", "at most 2^26", text,
                   error);
    if (level > 2) {
        snprintf(text, sizeof text, "%d", level);
        return bad(walk, found, MEF3_EUNSUPPORTED, REC_LEVEL, "encryption level", "at most 2", text,
                   error);
    }
    if (level > 0 && found->n_body % REC_ALIGN)
        return bad(walk, found, MEF3_EFORMAT, REC_BODY_BYTES, "body bytes",
                   "a multiple of 16, being encrypted", text, error);
    return MEF3_OK;
}

static int check_crc(struct record_walk *walk, struct record_found *found, struct mef3_error *error)
{
    const uint8_t *bytes;
    char expected[TEXT_BYTES];
    char text[TEXT_BYTES];

    int status = get(walk, found->file_offset, REC_BODY + found->n_body, &bytes, error);
    if (status != MEF3_OK)
        return status;
    uint32_t stored = le_u32(bytes + REC_CRC);
    uint32_t crc =
        mef3_crc32(MEF3_CRC_START, bytes + REC_TYPE, REC_BODY - REC_TYPE + found->n_body);
    if (stored != crc) {
        snprintf(expected, sizeof expected, "0x%08X", stored);
        snprintf(text, sizeof text, "0x%08X", crc);
        return bad(walk, found, MEF3_ECRC, REC_CRC, "record CRC", expected, text, error);
    }
    found->body = bytes + REC_BODY;
    return MEF3_OK;
}

/* The record at `at`. What reaches beyond `limit` is doubtful. On failure the fields of *found
 * are as far as they could be read; `body` is set where all is well. */
static int look(struct record_walk *walk, uint64_t at, uint64_t limit, struct record_found *found,
                struct mef3_error *error)
{
    uint64_t left = walk->data.bytes - at;
    const uint8_t *header;
    char expected[TEXT_BYTES];
    char text[TEXT_BYTES];

    *found = (struct record_found){.file_offset = at};
    if (left < REC_BODY) {
        snprintf(text, sizeof text, "%" PRIu64, left);
        return bad(walk, found, MEF3_ETRUNCATED, 0, "record", "24 bytes of header", text, error);
    }
    int status = get(walk, at, REC_BODY, &header, error);
    if (status == MEF3_OK)
        status = read_header(walk, header, left - REC_BODY, found, error);
    if (status != MEF3_OK)
        return status;
    size_t n = REC_BODY + found->n_body;
    if (limit - at < n) {
        if (walk->spare < n) {
            snprintf(expected, sizeof expected, "at most %" PRIu64 " to the next record",
                     limit - at - REC_BODY);
            snprintf(text, sizeof text, "%zu", found->n_body);
            return bad(walk, found, MEF3_EDAMAGED, REC_BODY_BYTES, "body bytes",
                       limit - at < REC_BODY ? NULL : expected, text, error);
        }
        walk->spare -= n;
    }
    return check_crc(walk, found, error);
}

/* Where the next bytes that are a record begin, from `at` on and before `limit`, or `limit`.
 * Only MEF3_ENOMEM ends it. */
static int search(struct record_walk *walk, uint64_t at, uint64_t limit, uint64_t *at_out)
{
    struct record_found found;
    const uint8_t *header;

    for (; at < limit && limit - at >= REC_BODY && walk->spare >= SEARCH_STEP; at += SEARCH_STEP) {
        walk->spare -= SEARCH_STEP;
        int status = get(walk, at, REC_BODY, &header, NULL);
        if (status == MEF3_ENOMEM)
            return status;
        if (status != MEF3_OK)
            break;
        if (!record_type_is_sane(header + REC_TYPE) || le_u32(header + REC_BODY_BYTES) % REC_ALIGN)
            continue;
        status = look(walk, at, at, &found, NULL);
        if (status == MEF3_ENOMEM)
            return status;
        if (status == MEF3_OK) {
            *at_out = at;
            return MEF3_OK;
        }
    }
    *at_out = limit;
    return MEF3_OK;
}

/* Where to go on after `lost`, a record that is damaged: at its end when a record is there, or an
 * entry says that one is; else at the next thing that is one. MEF3_ENOMEM. */
static int find_on(struct record_walk *walk, const struct record_found *lost, uint64_t limit,
                   uint64_t *at_out)
{
    uint64_t left = limit - lost->file_offset;
    uint64_t n = REC_BODY + (uint64_t)lost->n_body;
    struct record_found next;

    if (lost->type[0] && n == left && limit < walk->data.bytes) {
        *at_out = limit;
        return MEF3_OK;
    }
    if (lost->type[0] && n < left) {
        int status = look(walk, lost->file_offset + n, lost->file_offset + n, &next, NULL);
        if (status == MEF3_OK)
            *at_out = lost->file_offset + n;
        if (status == MEF3_OK || status == MEF3_ENOMEM)
            return status;
    }
    if (left <= SEARCH_STEP) {
        *at_out = limit;
        return MEF3_OK;
    }
    return search(walk, lost->file_offset + SEARCH_STEP, limit, at_out);
}

static int tell(struct record_walk *walk, struct record_found *found, int status)
{
    found->status = status;
    return walk->fn(walk->arg, found);
}

/* Entries that say a record begins where one goes on. */
static int pass_wrong_entries(struct record_walk *walk, uint64_t at)
{
    while (walk->next_start < walk->n_starts && walk->starts[walk->next_start].file_offset < at) {
        const struct record_start *start = &walk->starts[walk->next_start++];
        struct record_found found = {.file_offset = UH_BYTES + RIDX_BYTES * start->entry};
        char text[TEXT_BYTES];
        snprintf(text, sizeof text, "%" PRIu64, start->file_offset);
        int status = tell(walk, &found,
                          mef3_error_set(&found.error, MEF3_EDAMAGED, walk->index.path,
                                         (int64_t)found.file_offset + RIDX_FILE_OFFSET,
                                         "record's offset", "where no other record is", text));
        if (status != MEF3_OK)
            return status;
    }
    return MEF3_OK;
}

bool record_is_damaged(int status)
{
    return status == MEF3_ETRUNCATED || status == MEF3_ECRC || status == MEF3_EDAMAGED ||
           status == MEF3_EFORMAT || status == MEF3_EUNSUPPORTED || status == MEF3_ELIMIT;
}

/* Where the next record is said to begin behind `at`; the file's end when nothing says so. */
static uint64_t limit_of(const struct record_walk *walk, uint64_t at, bool *is_last_out)
{
    size_t next = walk->next_start;

    while (next < walk->n_starts && walk->starts[next].file_offset == at)
        next++; /* said twice */
    *is_last_out = next == walk->n_starts;
    return next < walk->n_starts ? walk->starts[next].file_offset : walk->data.bytes;
}

static int walk_records(struct record_walk *walk, struct mef3_error *error)
{
    uint64_t at = UH_BYTES;
    struct record_found found;
    bool is_last;

    walk->spare =
        walk->data.bytes < MOST_SPARE / SPARE_TIMES ? SPARE_TIMES * walk->data.bytes : MOST_SPARE;
    while (at < walk->data.bytes) {
        int status = pass_wrong_entries(walk, at);
        if (status != MEF3_OK)
            return status;
        bool is_indexed =
            walk->next_start < walk->n_starts && walk->starts[walk->next_start].file_offset == at;
        walk->next_start += is_indexed;
        uint64_t limit = limit_of(walk, at, &is_last);
        struct mef3_error why = {0};
        status = look(walk, at, limit, &found, &why);
        if (status == MEF3_ENOMEM)
            return no_memory(error);
        bool is_whole = status == MEF3_OK;
        if (record_is_damaged(status) && !is_indexed && is_last && walk->n_counted >= 0 &&
            walk->n_whole >= (uint64_t)walk->n_counted)
            break; /* it is being written */
        found.is_indexed = is_indexed;
        found.error = why;
        uint64_t next = at + REC_BODY + found.n_body;
        walk->n_whole += is_whole;
        status = tell(walk, &found, status);
        if (status == MEF3_OK && !is_whole && find_on(walk, &found, limit, &next) != MEF3_OK)
            status = no_memory(error);
        if (status != MEF3_OK)
            return status;
        at = next;
    }
    walk->end = at;
    return pass_wrong_entries(walk, UINT64_MAX);
}

int record_walk(struct record_walk *walk, struct mef3_error *error)
{
    int status = record_index_load(walk, error);

    if (status == MEF3_OK && walk->data_is == RECORD_FILE_READ)
        status = walk_records(walk, error);
    source_file_close(&walk->data);
    source_file_close(&walk->index);
    return status;
}

void record_walk_fini(struct record_walk *walk)
{
    free(walk->starts);
    free(walk->bytes);
}

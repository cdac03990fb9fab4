/* verify_header.c - the universal header of any file, and the checksum of its body. */
#include "verify.h"

#include <stdio.h>
#include <string.h>

#include <mef3/red.h>

#include "bytes.h"
#include "source.h"

enum { CHUNK_BYTES = 16384 };

void verify_crc_init(struct verify_crc *crc)
{
    *crc = (struct verify_crc){.at = UH_BYTES, .crc = MEF3_CRC_START};
}

static void take(struct verify_crc *crc, const uint8_t *bytes, uint64_t n)
{
    crc->crc = mef3_crc32(crc->crc, bytes, n);
    crc->crc_from_0 = mef3_crc32(crc->crc_from_0, bytes, n);
    crc->at += n;
}

void verify_crc_take_file(struct verify_crc *crc, const struct source_file *file, uint64_t end)
{
    uint8_t chunk[CHUNK_BYTES];

    while (crc->at < end) {
        size_t n = end - crc->at < sizeof chunk ? (size_t)(end - crc->at) : sizeof chunk;
        if (source_file_read(file, crc->at, chunk, n, NULL) != MEF3_OK)
            return;
        take(crc, chunk, n);
    }
}

void verify_crc_take(struct verify_crc *crc, const struct source_file *file, uint64_t offset,
                     const uint8_t *bytes, uint64_t n)
{
    verify_crc_take_file(crc, file, offset);
    if (crc->at < offset || crc->at - offset >= n)
        return;
    uint64_t skip = crc->at - offset;
    take(crc, bytes + skip, n - skip);
}

bool verify_crc_is(const struct verify_crc *crc, uint32_t stored)
{
    return crc->crc == stored || crc->crc_from_0 == stored;
}

/* A name of the header as text: what a terminal would obey is for whoever prints it. */
static void name_of(const uint8_t *bytes, int at, char name_out[UH_NAME_BYTES + 1])
{
    memcpy(name_out, bytes + at, UH_NAME_BYTES);
    name_out[UH_NAME_BYTES] = '\0';
}

static void check_name(struct verify *v, const uint8_t *bytes, int at, const char *field,
                       const char *path, const char *expected)
{
    char name[UH_NAME_BYTES + 1];

    name_of(bytes, at, name);
    if (strcmp(name, expected) != 0)
        verify_say(v, MEF3_FINDING_NAME, path, at, field, expected, name);
}

static void check_level(struct verify *v, const uint8_t *bytes, const char *path,
                        const struct verify_level *level)
{
    int32_t number = le_i32(bytes + UH_SEGMENT_NUMBER);

    if (number != level->number) {
        /* In files of records the field's software leaves what it likes: -1, 0. */
        enum mef3_finding_kind kind =
            level->is_records ? MEF3_FINDING_RECORD_LEVEL : MEF3_FINDING_SEGMENT_NUMBER;
        verify_say_whole(v, kind, path, UH_SEGMENT_NUMBER, "segment number", level->number, number);
    }
    if (level->channel)
        check_name(v, bytes, UH_CHANNEL_NAME, "channel name", path, level->channel);
    check_name(v, bytes, UH_SESSION_NAME, "session name", path, v->source->name);
}

void verify_header(struct verify *v, const struct source_file *file, const char *type,
                   const struct verify_level *level, struct verify_header *header_out)
{
    uint8_t bytes[UH_BYTES];
    struct universal_header header;
    struct mef3_error error;

    memset(header_out, 0, sizeof *header_out);
    if (file->bytes < UH_BYTES) {
        verify_say_whole(v, MEF3_FINDING_TRUNCATED, file->path, (int64_t)file->bytes,
                         "universal header", UH_BYTES, (int64_t)file->bytes);
        return;
    }
    if (source_file_read(file, 0, bytes, sizeof bytes, &error) != MEF3_OK) {
        verify_say_error(v, MEF3_FINDING_UNREADABLE_FILE, &error);
        return;
    }
    int status = universal_header_parse(bytes, type, file->path, &header, &error);
    if (status == MEF3_ECRC) {
        verify_say_error(v, MEF3_FINDING_HEADER_CRC, &error);
        return;
    }
    if (status != MEF3_OK) {
        verify_say_error(v, MEF3_FINDING_NOT_MEF, &error);
        return;
    }
    header_out->is_whole = true;
    header_out->body_crc = header.body_crc;
    header_out->start_time = header.start_time;
    header_out->end_time = header.end_time;
    header_out->n_entries = le_i64(bytes + UH_N_ENTRIES);
    header_out->max_entry_bytes = le_i64(bytes + UH_MAX_ENTRY_BYTES);
    memcpy(header_out->level_uuid, header.level_uuid, UH_UUID_BYTES);
    memcpy(header_out->password_fields, bytes + UH_LEVEL_1_FIELD,
           sizeof header_out->password_fields);
    check_level(v, bytes, file->path, level);
}

static void uuid_text(const uint8_t uuid[UH_UUID_BYTES], char text_out[2 * UH_UUID_BYTES + 1])
{
    for (size_t i = 0; i < UH_UUID_BYTES; i++)
        snprintf(text_out + 2 * i, 3, "%02x", uuid[i]);
}

void verify_same_level(struct verify *v, const char *file, const struct verify_header *first,
                       const struct verify_header *other)
{
    char expected[2 * UH_UUID_BYTES + 1], found[2 * UH_UUID_BYTES + 1];

    if (!first->is_whole || !other->is_whole)
        return;
    if (memcmp(first->level_uuid, other->level_uuid, UH_UUID_BYTES) != 0) {
        uuid_text(first->level_uuid, expected);
        uuid_text(other->level_uuid, found);
        verify_say(v, MEF3_FINDING_UUID, file, UH_LEVEL_UUID, "level UUID", expected, found);
    }
    if (memcmp(first->password_fields, other->password_fields, sizeof first->password_fields) != 0)
        verify_say(v, MEF3_FINDING_PASSWORD_FIELDS, file, UH_LEVEL_1_FIELD, "password validation",
                   "those of the segment's first file", "others");
}

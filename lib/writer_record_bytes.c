/* writer_record_bytes.c - records, index entries and headers of their files: values to bytes. */
#include "writer_records.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "crypt.h"
#include "record_index.h"
#include "record_times.h"

static size_t filled_up(size_t n)
{
    return (n + REC_ALIGN - 1) / REC_ALIGN * REC_ALIGN;
}

static int64_t time_offset(const struct mef3_writer *writer)
{
    return le_i64(writer->metadata + META_SECTION_3 + S3_TIME_OFFSET);
}

static bool has_password(const struct mef3_writer *writer, int level)
{
    static const uint8_t none[16];

    return memcmp(writer->metadata + (level == 1 ? UH_LEVEL_1_FIELD : UH_LEVEL_2_FIELD), none,
                  sizeof none) != 0;
}

static int refuse(struct mef3_error *error, const char *field, const char *expected,
                  const char *found)
{
    return mef3_error_set(error, MEF3_EINVAL, NULL, -1, field, expected, found);
}

static int check_level(const struct mef3_writer *writer, int level, struct mef3_error *error)
{
    char expected[40];

    if (level < 0 || level > 2)
        return refuse(error, "encryption level", "0, 1 or 2", "another");
    if (level == 0 || writer->keys.level >= level)
        return MEF3_OK;
    snprintf(expected, sizeof expected, "a password of level %d", level);
    if (!has_password(writer, level))
        return refuse(error, "encryption level", expected, "a session without one");
    return mef3_error_set(error, MEF3_EPASSWORD, NULL, -1, "encryption level", expected, "none");
}

int writer_records_check(const struct mef3_writer *writer, const struct mef3_record *records,
                         size_t n, struct mef3_error *error)
{
    int64_t offset = time_offset(writer);
    int64_t stored;

    for (size_t i = 0; i < n; i++) {
        const struct mef3_record *record = &records[i];
        if (!record_type_is_sane((const uint8_t *)record->type))
            return refuse(error, "record type", "four characters", "others");
        if (record->n_body > MEF3_MAX_RECORD_BYTES)
            return mef3_error_set(error, MEF3_ELIMIT, NULL, -1, "body bytes", "at most 2^26",
                                  "more");
        if (!stored_time_from_uutc(record->time_uutc, offset, &stored))
            return refuse(error, "record time",
                          offset == 0 ? "1970 or later" : "after the recording time offset",
                          "earlier");
        int status = check_level(writer, record->level, error);
        if (status != MEF3_OK)
            return status;
    }
    return MEF3_OK;
}

void writer_records_entry(const uint8_t record[REC_BODY], uint64_t file_offset,
                          uint8_t entry_out[RIDX_BYTES])
{
    memcpy(entry_out + RIDX_TYPE, record + REC_TYPE, REC_TYPE_BYTES);
    entry_out[RIDX_VERSION_MAJOR] = record[REC_VERSION_MAJOR];
    entry_out[RIDX_VERSION_MINOR] = record[REC_VERSION_MINOR];
    entry_out[RIDX_LEVEL] = record[REC_LEVEL];
    le_put_u64(entry_out + RIDX_FILE_OFFSET, file_offset);
    memcpy(entry_out + RIDX_TIME, record + REC_TIME, 8);
}

/* A record into zeroed bytes, of which there are enough. */
static int encode(const struct mef3_writer *writer, const struct mef3_record *record, uint8_t *at)
{
    bool has_version = record->version_major || record->version_minor;
    size_t n = filled_up(record->n_body);
    uint8_t *body = at + REC_BODY;
    int64_t stored = 0;

    memcpy(at + REC_TYPE, record->type, REC_TYPE_BYTES);
    at[REC_VERSION_MAJOR] = has_version ? record->version_major : 1;
    at[REC_VERSION_MINOR] = record->version_minor;
    at[REC_LEVEL] = (uint8_t)record->level;
    le_put_u32(at + REC_BODY_BYTES, (uint32_t)n);
    if (!stored_time_from_uutc(record->time_uutc, time_offset(writer), &stored))
        return MEF3_EINVAL;
    le_put_i64(at + REC_TIME, stored);
    if (record->n_body > 0)
        memcpy(body, record->body, record->n_body);
    memset(body + record->n_body, REC_FILL, n - record->n_body);
    int status = mef3_record_shift(record->type, body, record->n_body, record->time_offset, 0);
    if (status == MEF3_OK && record->level > 0 && n > 0)
        status = crypt_encrypt(writer->keys.key[record->level - 1], body, n);
    le_put_u32(at + REC_CRC, mef3_crc32(MEF3_CRC_START, at + REC_TYPE, REC_BODY - REC_TYPE + n));
    return status;
}

static bool make_room(uint8_t **bytes, size_t n, size_t more)
{
    uint8_t *room = realloc(*bytes, n + more + 1);

    if (!room)
        return false;
    *bytes = room;
    memset(room + n, 0, more);
    return true;
}

static void tell(struct writer_records *r, const struct mef3_record *record, int64_t bytes)
{
    if (bytes > r->most_bytes)
        r->most_bytes = bytes;
    if (r->start_uutc == MEF3_NO_TIME || record->time_uutc < r->start_uutc)
        r->start_uutc = record->time_uutc;
    if (r->end_uutc == MEF3_NO_TIME || record->time_uutc > r->end_uutc)
        r->end_uutc = record->time_uutc;
}

int writer_records_encode(const struct mef3_writer *writer, struct writer_records *r,
                          const struct mef3_record *records, size_t n, struct record_bytes *bytes,
                          struct mef3_error *error)
{
    size_t n_data = 0;

    for (size_t i = 0; i < n; i++)
        n_data += REC_BODY + filled_up(records[i].n_body);
    if (!make_room(&bytes->data, bytes->n_data, n_data) ||
        !make_room(&bytes->index, bytes->n_index, n * RIDX_BYTES))
        return writer_no_memory(error);
    for (size_t i = 0; i < n; i++) {
        uint8_t *at = bytes->data + bytes->n_data;
        size_t some = REC_BODY + filled_up(records[i].n_body);
        int status = encode(writer, &records[i], at);
        if (status != MEF3_OK)
            return mef3_error_set(error, status, NULL, -1,
                                  status == MEF3_EINVAL ? "time in a record" : "encryption",
                                  status == MEF3_EINVAL ? "1970 or later" : NULL, NULL);
        writer_records_entry(at, r->data_bytes, bytes->index + bytes->n_index);
        bytes->n_data += some;
        bytes->n_index += RIDX_BYTES;
        r->data_crc = mef3_crc32(r->data_crc, at, some);
        r->data_bytes += some;
        tell(r, &records[i], (int64_t)some);
    }
    r->index_crc = mef3_crc32(r->index_crc, bytes->index, bytes->n_index);
    r->index_bytes += bytes->n_index;
    return MEF3_OK;
}

int writer_records_headers(const struct mef3_writer *writer, struct writer_records *r)
{
    struct writer_channel of = {.segment = r->channel ? UH_OF_CHANNEL : UH_OF_SESSION};

    memcpy(r->data_header, writer->metadata, UH_BYTES);
    snprintf(of.name, sizeof of.name, "%s", r->channel ? r->channel : "");
    int status = writer_header_place(writer, &of, r->data_header);
    memcpy(r->index_header, r->data_header, UH_BYTES);
    if (status == MEF3_OK)
        status = writer_header_identify(writer, &of, "rdat", r->data_header);
    if (status == MEF3_OK)
        status = writer_header_identify(writer, &of, "ridx", r->index_header);
    if (status == MEF3_OK)
        writer_records_count(writer, r);
    return status;
}

static int64_t stored_or_none(const struct mef3_writer *writer, int64_t uutc)
{
    int64_t stored;

    return stored_time_from_uutc(uutc, time_offset(writer), &stored) ? stored : MEF3_NO_TIME;
}

static void count(const struct mef3_writer *writer, const struct writer_records *r, int64_t most,
                  uint32_t crc, uint8_t header[UH_BYTES])
{
    int64_t n = (int64_t)((r->index_bytes - UH_BYTES) / RIDX_BYTES);

    le_put_i64(header + UH_N_ENTRIES, n);
    le_put_i64(header + UH_MAX_ENTRY_BYTES, most);
    le_put_i64(header + UH_START_TIME, stored_or_none(writer, r->start_uutc));
    le_put_i64(header + UH_END_TIME, stored_or_none(writer, r->end_uutc));
    writer_header_seal(header, crc);
}

void writer_records_count(const struct mef3_writer *writer, struct writer_records *r)
{
    count(writer, r, r->most_bytes, r->data_crc, r->data_header);
    count(writer, r, RIDX_BYTES, r->index_crc, r->index_header);
}

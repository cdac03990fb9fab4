/* verify_records.c - a .ridx and its .rdat: entry against record, one after another. */
#include "verify.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <mef3/red.h>

#include "bytes.h"

/* A body of more bytes is refused: records are words of people and devices. */
#define MOST_BODY_BYTES ((uint32_t)1 << 28)

struct records {
    struct verify *v;
    int64_t time_offset;
    struct source_file index, data;
    struct verify_header index_header, data_header;
    uint8_t *room; /* for a record */
    size_t n_room;
    uint64_t n_entries;
    uint64_t data_end; /* where the records so far end */
    int64_t start_uutc, end_uutc;
    uint32_t largest;
    struct verify_crc index_crc, data_crc;
    bool is_broken; /* something is missing: sums mean nothing */
};

/* The least bytes of a body, by its type. 0: any. */
static uint32_t least_body(const uint8_t *type)
{
    static const struct {
        char type[REC_TYPE_BYTES];
        uint32_t bytes;
    } types[] = {
        {"EDFA", EDFA_TEXT},  {"LNTP", LNTP_COUNTS}, {"Seiz", SEIZ_CHANNELS}, {"CSti", CSTI_BYTES},
        {"ESti", ESTI_BYTES}, {"Curs", CURS_BYTES},  {"Epoc", EPOC_BYTES},
    };

    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        if (memcmp(type, types[i].type, REC_TYPE_BYTES) == 0)
            return types[i].bytes;
    return 0;
}

static void type_text(const uint8_t *type, char text_out[REC_TYPE_BYTES])
{
    for (size_t i = 0; i < REC_TYPE_BYTES - 1; i++)
        text_out[i] = type[i] >= 0x20 && type[i] < 0x7F ? (char)type[i] : '?';
    text_out[REC_TYPE_BYTES - 1] = '\0';
}

/* Writers negate the level of what they did not encrypt, or write 0. */
static int level_of(uint8_t byte)
{
    int8_t level = (int8_t)byte;

    return level > 0 ? level : 0;
}

static void check_entry(struct records *r, const uint8_t *entry, int64_t at, const uint8_t *record)
{
    struct verify *v = r->v;
    const char *path = r->index.path;
    char expected[REC_TYPE_BYTES], found[REC_TYPE_BYTES];

    if (memcmp(entry + RIDX_TYPE, record + REC_TYPE, REC_TYPE_BYTES) != 0) {
        type_text(record + REC_TYPE, expected);
        type_text(entry + RIDX_TYPE, found);
        verify_say(v, MEF3_FINDING_RECORD_ENTRY, path, at + RIDX_TYPE, "record index entry's type",
                   expected, found);
    }
    if (entry[RIDX_VERSION_MAJOR] != record[REC_VERSION_MAJOR] ||
        entry[RIDX_VERSION_MINOR] != record[REC_VERSION_MINOR])
        verify_say_whole(v, MEF3_FINDING_RECORD_ENTRY, path, at + RIDX_VERSION_MAJOR,
                         "record index entry's version", record[REC_VERSION_MAJOR],
                         entry[RIDX_VERSION_MAJOR]);
    if (level_of(entry[RIDX_LEVEL]) != level_of(record[REC_LEVEL]))
        verify_say_whole(v, MEF3_FINDING_RECORD_ENTRY, path, at + RIDX_LEVEL,
                         "record index entry's encryption level", level_of(record[REC_LEVEL]),
                         level_of(entry[RIDX_LEVEL]));
    int64_t in_entry = stored_time_to_uutc(le_i64(entry + RIDX_TIME), r->time_offset);
    int64_t in_record = stored_time_to_uutc(le_i64(record + REC_TIME), r->time_offset);
    if (in_entry != in_record)
        verify_say_whole(v, MEF3_FINDING_RECORD_ENTRY, path, at + RIDX_TIME,
                         "record index entry's time", in_record, in_entry);
    if (in_record != MEF3_NO_TIME)
        session_add_span(in_record, in_record, &r->start_uutc, &r->end_uutc);
}

/* Room for a record of so many bytes, which are there. */
static bool make_room(struct records *r, size_t n)
{
    if (n <= r->n_room)
        return true;
    free(r->room);
    r->room = malloc(n);
    r->n_room = r->room ? n : 0;
    return r->room != NULL;
}

static void check_place(struct records *r, int64_t at, uint64_t place)
{
    if (place > r->data_end)
        verify_say_whole(r->v, MEF3_FINDING_UNCOVERED, r->data.path, (int64_t)r->data_end,
                         "start of the record", (int64_t)r->data_end, (int64_t)place);
    else if (place < r->data_end)
        verify_say_whole(r->v, MEF3_FINDING_RECORD_ENTRY, r->index.path, at + RIDX_FILE_OFFSET,
                         "record index entry's file offset", (int64_t)r->data_end, (int64_t)place);
}

/* The record at `place`, of n bytes in all. */
static int check_record(struct records *r, const uint8_t *entry, int64_t at, uint64_t place,
                        size_t n)
{
    struct verify *v = r->v;
    struct mef3_error error;

    if (!make_room(r, n))
        return MEF3_ENOMEM;
    if (source_file_read(&r->data, place, r->room, n, &error) != MEF3_OK) {
        verify_say_error(v, MEF3_FINDING_UNREADABLE_FILE, &error);
        return MEF3_OK;
    }
    verify_crc_take(&r->data_crc, &r->data, place, r->room, n);
    uint32_t stored = le_u32(r->room + REC_CRC);
    uint32_t crc = mef3_crc32(MEF3_CRC_START, r->room + REC_TYPE, n - REC_TYPE);
    if (crc != stored) {
        verify_say_crc(v, MEF3_FINDING_RECORD_CRC, r->data.path, (int64_t)place, "record CRC",
                       stored, crc);
        return MEF3_OK;
    }
    v->totals.n_readable_records++;
    check_entry(r, entry, at, r->room);
    uint32_t body = (uint32_t)(n - REC_BODY), least = least_body(r->room + REC_TYPE);
    if (body < least || (level_of(r->room[REC_LEVEL]) > 0 && body % REC_ALIGN))
        verify_say_whole(v, MEF3_FINDING_RECORD_BODY, r->data.path, (int64_t)place + REC_BODY_BYTES,
                         "record's body bytes",
                         body < least ? least : body + REC_ALIGN - body % REC_ALIGN, body);
    r->largest = n > r->largest ? (uint32_t)n : r->largest;
    return MEF3_OK;
}

static int each_entry(struct records *r, uint64_t k, const uint8_t *entry)
{
    struct verify *v = r->v;
    int64_t at = (int64_t)(UH_BYTES + k * RIDX_BYTES), place = le_i64(entry + RIDX_FILE_OFFSET);
    uint8_t header[REC_BODY];
    uint64_t n_readable = v->totals.n_readable_records;

    v->totals.n_records++;
    if (place < UH_BYTES || (uint64_t)place > r->data.bytes ||
        r->data.bytes - (uint64_t)place < REC_BODY ||
        source_file_read(&r->data, (uint64_t)place, header, sizeof header, NULL) != MEF3_OK) {
        verify_say_whole(v, MEF3_FINDING_RECORD_ENTRY, r->index.path, at + RIDX_FILE_OFFSET,
                         "record index entry's file offset", (int64_t)r->data_end, place);
        r->is_broken = true;
        return MEF3_OK;
    }
    check_place(r, at, (uint64_t)place);
    uint32_t body = le_u32(header + REC_BODY_BYTES);
    uint64_t there = r->data.bytes - (uint64_t)place - REC_BODY;
    if (body > there || body > MOST_BODY_BYTES) {
        verify_say_whole(v, MEF3_FINDING_TRUNCATED, r->data.path, place + REC_BODY_BYTES,
                         "record's body bytes", (int64_t)there, body);
        r->is_broken = true;
        return MEF3_OK;
    }
    int status = check_record(r, entry, at, (uint64_t)place, (size_t)REC_BODY + body);
    r->is_broken |= v->totals.n_readable_records == n_readable;
    if ((uint64_t)place + REC_BODY + body > r->data_end)
        r->data_end = (uint64_t)place + REC_BODY + body;
    return status;
}

static int check_entries(struct records *r)
{
    enum { CHUNK_ENTRIES = 256 };
    uint8_t chunk[CHUNK_ENTRIES * RIDX_BYTES];
    struct mef3_error error;
    int status = MEF3_OK;

    for (uint64_t k = 0; status == MEF3_OK && k < r->n_entries;) {
        size_t some = r->n_entries - k < CHUNK_ENTRIES ? (size_t)(r->n_entries - k) : CHUNK_ENTRIES;
        uint64_t at = UH_BYTES + k * RIDX_BYTES;
        if (source_file_read(&r->index, at, chunk, some * RIDX_BYTES, &error) != MEF3_OK) {
            verify_say_error(r->v, MEF3_FINDING_UNREADABLE_FILE, &error);
            r->is_broken = true;
            return MEF3_OK;
        }
        verify_crc_take(&r->index_crc, &r->index, at, chunk, some * RIDX_BYTES);
        for (size_t i = 0; status == MEF3_OK && i < some; i++, k++)
            status = each_entry(r, k, chunk + i * RIDX_BYTES);
    }
    return status;
}

static void check_time(struct records *r, const char *path, int at, const char *field,
                       int64_t stored, int64_t expected)
{
    int64_t found = stored_time_to_uutc(stored, r->time_offset);

    if (found != expected)
        verify_say_whole(r->v, MEF3_FINDING_HEADER_TIMES, path, at, field, expected, found);
}

/* The numbers of a header that follow from the records. */
static void check_header(struct records *r, const char *path, const struct verify_header *header,
                         int64_t largest)
{
    int64_t n = (int64_t)r->n_entries;

    if (!header->is_whole)
        return;
    if (header->n_entries != n)
        verify_say_whole(r->v,
                         header->n_entries > n ? MEF3_FINDING_HEADER_COUNT : MEF3_FINDING_GROWING,
                         path, UH_N_ENTRIES, "number of entries", n, header->n_entries);
    if (n == 0 || r->is_broken || header->n_entries != n)
        return;
    if (header->max_entry_bytes != largest)
        verify_say_whole(r->v, MEF3_FINDING_HEADER_LARGEST, path, UH_MAX_ENTRY_BYTES,
                         "largest entry", largest, header->max_entry_bytes);
    if (r->start_uutc == MEF3_NO_TIME)
        return;
    check_time(r, path, UH_START_TIME, "start time", header->start_time, r->start_uutc);
    check_time(r, path, UH_END_TIME, "end time", header->end_time, r->end_uutc);
}

static void check_ends(struct records *r)
{
    struct verify *v = r->v;
    uint64_t rest = (r->index.bytes - UH_BYTES) % RIDX_BYTES;

    if (rest > 0)
        verify_say_whole(v, MEF3_FINDING_GROWING, r->index.path, (int64_t)(r->index.bytes - rest),
                         "record index entry", RIDX_BYTES, (int64_t)rest);
    if (!r->is_broken && r->data.bytes > r->data_end)
        verify_say_whole(v, MEF3_FINDING_UNCOVERED, r->data.path, (int64_t)r->data_end,
                         "end of the records", (int64_t)r->data_end, (int64_t)r->data.bytes);
    verify_crc_take_file(&r->index_crc, &r->index, r->index.bytes);
    verify_crc_take_file(&r->data_crc, &r->data, r->data.bytes);
    /* Of a growing file the checksum is that of a part. */
    if (r->index_header.is_whole && r->index_header.n_entries >= (int64_t)r->n_entries &&
        !verify_crc_is(&r->index_crc, r->index_header.body_crc))
        verify_say_crc(v, MEF3_FINDING_BODY_CRC, r->index.path, UH_BODY_CRC, "body CRC",
                       r->index_header.body_crc, r->index_crc.crc);
    if (r->data_header.is_whole && !verify_crc_is(&r->data_crc, r->data_header.body_crc))
        verify_say_crc(v, MEF3_FINDING_STALE_CRC, r->data.path, UH_BODY_CRC, "body CRC",
                       r->data_header.body_crc, r->data_crc.crc);
}

static int check_files(struct records *r, const struct verify_level *level)
{
    verify_header(r->v, &r->index, "ridx", level, &r->index_header);
    verify_header(r->v, &r->data, "rdat", level, &r->data_header);
    verify_same_level(r->v, r->data.path, &r->index_header, &r->data_header);
    if (r->index.bytes < UH_BYTES || r->data.bytes < UH_BYTES)
        return MEF3_OK;
    r->n_entries = (r->index.bytes - UH_BYTES) / RIDX_BYTES;
    int status = check_entries(r);
    if (status != MEF3_OK)
        return status;
    check_ends(r);
    check_header(r, r->index.path, &r->index_header, RIDX_BYTES);
    check_header(r, r->data.path, &r->data_header, r->largest);
    return MEF3_OK;
}

static bool is_absent(const struct verify *v, const char *stem, const char *suffix)
{
    struct source_file file = {0};

    int status = source_file_open(v->source, stem, suffix, &file, NULL);
    source_file_close(&file);
    return status == MEF3_ENOENT;
}

int verify_records(struct verify *v, const char *stem, const struct verify_level *level,
                   int64_t time_offset)
{
    struct records r = {
        .v = v,
        .time_offset = time_offset,
        .data_end = UH_BYTES,
        .start_uutc = MEF3_NO_TIME,
        .end_uutc = MEF3_NO_TIME,
    };
    bool has_index, has_data = false;

    if (is_absent(v, stem, ".ridx") && is_absent(v, stem, ".rdat"))
        return MEF3_OK;
    verify_crc_init(&r.index_crc);
    verify_crc_init(&r.data_crc);
    int status = verify_open(v, stem, ".ridx", &r.index, &has_index);
    if (status == MEF3_OK)
        status = verify_open(v, stem, ".rdat", &r.data, &has_data);
    if (status == MEF3_OK && has_index && has_data)
        status = check_files(&r, level);
    source_file_close(&r.index);
    source_file_close(&r.data);
    free(r.room);
    return status;
}

/* writer_records.c - add records to a session: what is there, what is to be added, in which order.
 *
 * Of a pair of files that this writer added to, it remembers what is in it, and believes that for
 * as long as their lengths are what it left. Else both are read: what is whole and no entry of the
 * .ridx tells of gets one, and what a writer that was killed left of a record is written over. */
#include "writer_records.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "record_walk.h"
#include "session_internal.h"
#include "tree.h"
#include "universal_header.h"

struct loading {
    struct record_walk walk;
    struct writer_records *r;
    struct record_bytes *bytes; /* entries for what the .ridx does not have */
    int64_t time_offset;
    struct mef3_error error; /* why the walk was ended */
};

static int add_entry(struct loading *l, const struct record_found *found)
{
    struct record_bytes *bytes = l->bytes;
    uint8_t *index = realloc(bytes->index, bytes->n_index + RIDX_BYTES);

    if (!index)
        return writer_no_memory(&l->error);
    writer_records_entry(found->body - REC_BODY, found->file_offset, index + bytes->n_index);
    bytes->index = index;
    bytes->n_index += RIDX_BYTES;
    return MEF3_OK;
}

static int note(void *arg, const struct record_found *found)
{
    struct loading *l = arg;
    struct writer_records *r = l->r;

    if (record_is_damaged(found->status))
        return MEF3_OK;             /* it stays as it is, and what is added comes behind it */
    if (found->status != MEF3_OK) { /* what cannot be read may be whole */
        l->error = found->error;
        return found->status;
    }
    int64_t bytes = (int64_t)(REC_BODY + found->n_body);
    int64_t uutc = stored_time_to_uutc(found->stored_time, l->time_offset);
    if (bytes > r->most_bytes)
        r->most_bytes = bytes;
    if (uutc != MEF3_NO_TIME && (r->start_uutc == MEF3_NO_TIME || uutc < r->start_uutc))
        r->start_uutc = uutc;
    if (uutc != MEF3_NO_TIME && (r->end_uutc == MEF3_NO_TIME || uutc > r->end_uutc))
        r->end_uutc = uutc;
    return found->is_indexed ? MEF3_OK : add_entry(l, found);
}

/* The checksum of the body of one of the files, as far as `end`. */
static int sum_up(const struct mef3_source *source, const char *stem, const char *suffix,
                  uint64_t end, uint32_t *crc_out, struct mef3_error *error)
{
    enum { AT_ONCE = 1 << 14 };
    struct source_file file = {0};
    uint8_t bytes[AT_ONCE];
    uint32_t crc = MEF3_CRC_START;

    int status = source_file_open(source, stem, suffix, &file, error);
    for (uint64_t at = UH_BYTES; status == MEF3_OK && at < end;) {
        size_t some = end - at < AT_ONCE ? (size_t)(end - at) : AT_ONCE;
        status = source_file_read(&file, at, bytes, some, error);
        crc = status == MEF3_OK ? mef3_crc32(crc, bytes, some) : crc;
        at += some;
    }
    source_file_close(&file);
    *crc_out = crc;
    return status;
}

/* A header that is written anew must be whole: damage is not to be sealed. */
static int check_header(const struct writer_records *r, const char *type, const uint8_t *header,
                        enum record_file is, struct mef3_error *error)
{
    struct universal_header parsed;
    char path[SOURCE_PATH_MAX + 8];

    snprintf(path, sizeof path, "%s.%s", r->stem, type);
    if (is != RECORD_FILE_READ)
        return mef3_error_set(error, MEF3_EDAMAGED, path, 0, "universal header", "one", "none");
    return universal_header_parse(header, type, path, &parsed, error);
}

/* Records of a pair that has another password than the session could not be told from damage. */
static int check_password(const struct mef3_writer *writer, struct writer_records *r,
                          struct mef3_error *error)
{
    enum { FIELDS = 32 };
    static const uint8_t none[FIELDS];
    uint8_t *fields = r->data_header + UH_LEVEL_1_FIELD;

    if (memcmp(fields, none, FIELDS) == 0) /* so nothing in it is encrypted yet */
        memcpy(fields, writer->metadata + UH_LEVEL_1_FIELD, FIELDS);
    if (memcmp(fields, writer->metadata + UH_LEVEL_1_FIELD, FIELDS) == 0)
        return MEF3_OK;
    return mef3_error_set(error, MEF3_EPASSWORD, r->stem, UH_LEVEL_1_FIELD, "password validation",
                          "the session's", "another");
}

static int take(struct loading *l, const struct mef3_writer *writer, struct mef3_error *error)
{
    struct writer_records *r = l->r;
    const struct record_walk *walk = &l->walk;

    memcpy(r->data_header, walk->data_header, UH_BYTES);
    memcpy(r->index_header, walk->index_header, UH_BYTES);
    int status = check_header(r, "rdat", r->data_header, walk->data_is, error);
    if (status == MEF3_OK)
        status = check_header(r, "ridx", r->index_header, walk->index_is, error);
    if (status == MEF3_OK)
        status = check_password(writer, r, error);
    if (status == MEF3_OK && !walk->knows_all)
        status = mef3_error_set(error, MEF3_ELIMIT, r->stem, -1, "records", "a million", "more");
    if (status != MEF3_OK)
        return status;
    r->data_bytes = walk->end;
    r->index_bytes = UH_BYTES + RIDX_BYTES * walk->n_entries;
    status = sum_up(walk->source, r->stem, ".rdat", r->data_bytes, &r->data_crc, error);
    if (status == MEF3_OK)
        status = sum_up(walk->source, r->stem, ".ridx", r->index_bytes, &r->index_crc, error);
    return status;
}

/* What is in the files, which are there and locked. */
static int load(struct mef3_writer *writer, struct writer_records *r, struct record_bytes *bytes,
                struct mef3_error *error)
{
    struct mef3_source source = {0};
    struct loading l = {
        .walk = {.source = &source, .stem = r->stem, .fn = note, .arg = &l},
        .r = r,
        .bytes = bytes,
        .time_offset = le_i64(writer->metadata + META_SECTION_3 + S3_TIME_OFFSET),
    };

    r->most_bytes = 0;
    r->start_uutc = r->end_uutc = MEF3_NO_TIME;
    int status = mef3_source_folder(writer->path, NULL, &source, error);
    if (status == MEF3_OK)
        status = record_walk(&l.walk, error);
    if (l.error.status != MEF3_OK && error)
        *error = l.error;
    if (status == MEF3_OK)
        status = take(&l, writer, error);
    record_walk_fini(&l.walk);
    mef3_source_fini(&source);
    r->is_known = status == MEF3_OK;
    return status;
}

static int append(struct mef3_writer *writer, struct writer_records *r,
                  const struct mef3_record *records, size_t n, struct mef3_error *error)
{
    struct record_files files;
    struct record_bytes bytes = {0};
    uint64_t n_data, n_index;

    int status = record_files_open(writer, r, &files, &r->is_made, error);
    if (status != MEF3_OK)
        return status;
    status = record_files_length(&files, &n_data, &n_index, error);
    if (status == MEF3_OK && (!r->is_known || n_data != r->data_bytes || n_index != r->index_bytes))
        status = load(writer, r, &bytes, error);
    struct writer_records now = *r;
    if (status == MEF3_OK)
        status = writer_records_encode(writer, &now, records, n, &bytes, error);
    if (status == MEF3_OK) {
        writer_records_count(writer, &now);
        status = record_files_append(&files, &bytes, &now, error);
        r->is_known = false; /* as long as it is not sure how far that went */
    }
    if (status == MEF3_OK)
        *r = now;
    record_files_close(&files);
    free(bytes.data);
    free(bytes.index);
    return status;
}

/* The pair of files that is there: the one that has the folder's name, or, where the folder was
 * renamed, another; else the one that is to be made. */
static int find_stem(const struct mef3_writer *writer, struct writer_records *r,
                     struct mef3_error *error)
{
    const char *name = r->channel ? r->channel : writer->name;
    struct tree_names names = {0};
    struct mef3_source source;
    char folder[SOURCE_PATH_MAX] = "";
    bool is_own = false;

    if (r->channel)
        snprintf(folder, sizeof folder, "%s.timd", r->channel);
    int status = mef3_source_folder(writer->path, NULL, &source, error);
    if (status != MEF3_OK)
        return status;
    status = tree_list_records(&source, folder, &names);
    mef3_source_fini(&source);
    if (status != MEF3_OK)
        return mef3_error_set(error, status, folder, -1, r->channel ? "channel" : NULL, NULL, NULL);
    for (size_t i = 0; i < names.n; i++)
        is_own |= strcmp(names.items[i].name, name) == 0;
    int n = snprintf(r->stem, sizeof r->stem, "%s%s%s", folder, folder[0] ? "/" : "",
                     names.n > 0 && !is_own ? names.items[0].name : name);
    tree_names_fini(&names);
    if (n < 0 || (size_t)n >= sizeof r->stem)
        return mef3_error_set(error, MEF3_ELIMIT, folder, -1, "path", "a shorter one", NULL);
    return MEF3_OK;
}

static void records_free(struct writer_records *r)
{
    if (r)
        free(r->channel);
    free(r);
}

/* The one of that channel, from the last time or new. */
static int get_records(struct mef3_writer *writer, const char *channel,
                       struct writer_records **r_out, struct mef3_error *error)
{
    for (size_t i = 0; i < writer->n_records; i++) {
        const char *name = writer->records[i]->channel;
        if (name && channel ? strcmp(name, channel) == 0 : name == channel) {
            *r_out = writer->records[i];
            return MEF3_OK;
        }
    }
    struct writer_records **list = realloc(writer->records, (writer->n_records + 1) * sizeof *list);
    if (list)
        writer->records = list;
    struct writer_records *r = list ? calloc(1, sizeof *r) : NULL;
    if (!r || (channel && !(r->channel = strdup(channel)))) {
        records_free(r);
        return writer_no_memory(error);
    }
    r->data_bytes = r->index_bytes = UH_BYTES;
    r->data_crc = r->index_crc = MEF3_CRC_START;
    r->start_uutc = r->end_uutc = MEF3_NO_TIME;
    int status = find_stem(writer, r, error);
    if (status == MEF3_OK) {
        status = writer_records_headers(writer, r);
        if (status != MEF3_OK)
            mef3_error_set(error, status, r->stem, -1, "random numbers", "some", "none");
    }
    if (status != MEF3_OK) {
        records_free(r);
        return status;
    }
    writer->records[writer->n_records++] = r;
    *r_out = r;
    return MEF3_OK;
}

int writer_records_append(struct mef3_writer *writer, const char *channel,
                          const struct mef3_record *records, size_t n, struct mef3_error *error)
{
    struct writer_records *r = NULL;

    int status = writer_records_check(writer, records, n, error);
    if (status == MEF3_OK && n > 0)
        status = get_records(writer, channel, &r, error);
    if (status == MEF3_OK && n > 0)
        status = append(writer, r, records, n, error);
    return status;
}

void writer_records_fini(struct mef3_writer *writer, bool removes)
{
    for (size_t i = 0; i < writer->n_records; i++) {
        if (removes)
            record_files_remove(writer, writer->records[i]);
        records_free(writer->records[i]);
    }
    free(writer->records);
    writer->records = NULL;
    writer->n_records = 0;
}

int mef3_writer_add_records(struct mef3_writer *writer, size_t number,
                            const struct mef3_record *records, size_t n, struct mef3_error *error)
{
    struct writer_channel *channel = NULL;
    int status = MEF3_OK;

    if (number != MEF3_SESSION_RECORDS || writer->is_broken)
        status = writer_find_channel(writer, number, &channel, error);
    if (status != MEF3_OK)
        return status;
    return writer_records_append(writer, channel ? channel->name : NULL, records, n, error);
}

int mef3_writer_add_record(struct mef3_writer *writer, size_t channel,
                           const struct mef3_record *record, struct mef3_error *error)
{
    return mef3_writer_add_records(writer, channel, record, 1, error);
}

/* The folder's name of a channel, without ".timd": what others know it by may be it made
 * readable. NULL: out of memory. */
static char *folder_name(const struct channel *channel)
{
    return strndup(channel->folder, strlen(channel->folder) - strlen(".timd"));
}

int mef3_records_append(const char *path, const char *channel, const char *password,
                        const struct mef3_record *records, size_t n, struct mef3_error *error)
{
    struct mef3_writer_options options;
    struct mef3_writer *writer = NULL;
    char *name = NULL;

    mef3_writer_defaults(&options);
    options.password_1 = password && password[0] ? password : NULL;
    options.durable = true;
    int status = writer_open(path, &options, false, &writer, error);
    if (status != MEF3_OK)
        return status;
    if (channel) {
        int64_t number = mef3_channel_find(writer->session, channel);
        if (number < 0)
            status = mef3_error_set(error, MEF3_ENOENT, NULL, -1, "channel", NULL, channel);
        else if (!(name = folder_name(&writer->session->channels[number])))
            status = writer_no_memory(error);
    }
    if (status == MEF3_OK)
        status = writer_records_append(writer, name, records, n, error);
    free(name);
    mef3_writer_close(writer);
    return status;
}

/* record_read.c - records of a session, a channel and its segments, as a caller sees them. */
#include <mef3/records.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypt.h"
#include "record_walk.h"
#include "session_internal.h"
#include "tree.h"
#include "universal_header.h"

struct reading {
    struct mef3_session *session;
    const struct mef3_record_filter *filter;
    mef3_record_fn *fn;
    void *arg;
    struct record_walk walk;
    struct mef3_keys keys; /* of the pair of files that is read, */
    bool has_keys;         /* once its header was */
    int64_t time_offset;
    int32_t segment;
    uint8_t *plain; /* a body, decrypted */
    size_t plain_room;
    bool out_of_memory;
};

static bool is_of_type(const struct mef3_record_filter *filter, const char *type)
{
    for (size_t i = 0; i < filter->n_types; i++)
        if (strcmp(filter->types[i], type) == 0)
            return true;
    return !filter->types;
}

static bool is_in_time(const struct mef3_record_filter *filter, int64_t uutc)
{
    if (filter->from_uutc == MEF3_NO_TIME && filter->to_uutc == MEF3_NO_TIME)
        return true;
    return uutc != MEF3_NO_TIME && uutc >= filter->from_uutc &&
           (filter->to_uutc == MEF3_NO_TIME || uutc < filter->to_uutc);
}

static bool is_wanted(const struct mef3_record_filter *filter, const struct mef3_record *record)
{
    if (!filter || record->status != MEF3_OK)
        return true;
    return is_of_type(filter, record->type) && is_in_time(filter, record->time_uutc);
}

/* What the password gives, by the fields in the header of the .rdat. A wrong password gives
 * nothing, and is said where it is missed. */
static void take_keys(struct reading *r)
{
    const uint8_t *header = r->walk.data_header;

    if (r->has_keys)
        return;
    r->has_keys = true;
    if (mef3_keys_from_password(r->session->password, header + UH_LEVEL_1_FIELD,
                                header + UH_LEVEL_2_FIELD, &r->keys) != MEF3_OK)
        r->keys.level = 0;
}

static int say_locked(const struct reading *r, const struct record_found *found,
                      struct mef3_error *error)
{
    char expected[40];

    snprintf(expected, sizeof expected, "a password of level %d", found->level);
    return mef3_error_set(error, MEF3_EPASSWORD, r->walk.data.path,
                          (int64_t)found->file_offset + REC_BODY, "record", expected,
                          !r->session->password ? "none"
                          : r->keys.level == 0  ? "a wrong one"
                                                : "one of level 1");
}

static int decrypt(struct reading *r, const struct record_found *found)
{
    if (found->n_body > r->plain_room) {
        uint8_t *plain = realloc(r->plain, found->n_body);
        if (!plain)
            return MEF3_ENOMEM;
        r->plain = plain;
        r->plain_room = found->n_body;
    }
    if (found->n_body == 0)
        return MEF3_OK;
    memcpy(r->plain, found->body, found->n_body);
    return crypt_decrypt(r->keys.key[found->level - 1], r->plain, found->n_body);
}

/* A body is decrypted only for one who wants the record. */
static int hand_on(void *arg, const struct record_found *found)
{
    struct reading *r = arg;
    struct mef3_error locked;
    struct mef3_record record = {
        .version_major = found->version_major,
        .version_minor = found->version_minor,
        .level = found->level,
        .time_uutc =
            found->type[0] ? stored_time_to_uutc(found->stored_time, r->time_offset) : MEF3_NO_TIME,
        .body = found->body,
        .n_body = found->n_body,
        .time_offset = r->time_offset,
        .status = found->status,
        .error = found->status == MEF3_OK ? NULL : &found->error,
        .segment = r->segment,
        .file_offset = found->file_offset,
    };

    memcpy(record.type, found->type, sizeof record.type);
    if (found->status != MEF3_OK)
        record.body = NULL;
    if (!is_wanted(r->filter, &record))
        return MEF3_OK;
    if (found->status == MEF3_OK && found->level > 0) {
        take_keys(r);
        if (r->keys.level < found->level) {
            record.status = say_locked(r, found, &locked);
            record.error = &locked;
            record.body = NULL;
        } else if (decrypt(r, found) != MEF3_OK) {
            r->out_of_memory = true;
            return MEF3_ENOMEM;
        } else {
            record.body = found->n_body > 0 ? r->plain : found->body;
        }
    }
    return r->fn(r->arg, &record);
}

static int read_pair(struct reading *r, const char *stem, struct mef3_error *error)
{
    r->walk =
        (struct record_walk){.source = &r->session->source, .stem = stem, .fn = hand_on, .arg = r};
    r->has_keys = false;
    int status = record_walk(&r->walk, error);
    record_walk_fini(&r->walk);
    mef3_keys_wipe(&r->keys);
    if (r->out_of_memory)
        return mef3_error_set(error, MEF3_ENOMEM, NULL, -1, NULL, NULL, NULL);
    return status;
}

/* All pairs in the folder of the session ("") or of a channel. */
static int read_folder(struct reading *r, const char *folder, struct mef3_error *error)
{
    struct tree_names names;
    char stem[SOURCE_PATH_MAX];

    int status = tree_list_records(&r->session->source, folder, &names);
    if (status == MEF3_ENOENT || status == MEF3_EACCES)
        return MEF3_OK; /* the channel says so itself */
    if (status != MEF3_OK)
        return mef3_error_set(error, status, folder, -1,
                              status == MEF3_ELIMIT ? "number of files of records" : NULL, NULL,
                              NULL);
    for (size_t i = 0; status == MEF3_OK && i < names.n; i++) {
        snprintf(stem, sizeof stem, "%s%s%s", folder, folder[0] ? "/" : "", names.items[i].name);
        status = read_pair(r, stem, error);
    }
    tree_names_fini(&names);
    return status;
}

static int read_segments(struct reading *r, struct channel *channel, struct mef3_error *error)
{
    int status = MEF3_OK;

    for (size_t i = 0; status == MEF3_OK && i < channel->info.n_segments; i++) {
        r->segment = channel->segments[i].info.number;
        status = read_pair(r, channel->segments[i].stem, error);
    }
    return status;
}

int mef3_records_read(struct mef3_session *session, size_t channel,
                      const struct mef3_record_filter *filter, mef3_record_fn *fn, void *arg,
                      struct mef3_error *error)
{
    struct reading r = {.session = session, .filter = filter, .fn = fn, .arg = arg, .segment = -1};
    struct channel *c = NULL;

    if (channel != MEF3_SESSION_RECORDS) {
        if (channel >= session->info.n_channels)
            return mef3_error_set(error, MEF3_EINVAL, NULL, -1, "channel", NULL, NULL);
        c = &session->channels[channel];
    }
    int status = session_time_offset(session, c, &r.time_offset);
    if (status != MEF3_OK)
        return mef3_error_set(error, status, NULL, -1,
                              status == MEF3_ELIMIT ? "number of channels or segments" : NULL, NULL,
                              NULL);
    status = read_folder(&r, c ? c->folder : "", error);
    if (status == MEF3_OK && c)
        status = read_segments(&r, c, error);
    free(r.plain);
    return status;
}

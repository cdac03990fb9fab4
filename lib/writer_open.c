/* writer_open.c - a session that exists, to be added to. */
#include "writer.h"

#include <stdio.h>
#include <string.h>

#include "bytes.h"
#include "session_internal.h"

/* The metadata of a segment that can be read, as bytes that are not encrypted. */
static int read_metadata(const struct mef3_session *session, const struct segment *segment,
                         uint8_t *metadata_out, struct mef3_error *error)
{
    struct source_file file = {0};

    int status = source_file_open(&session->source, segment->stem, ".tmet", &file, error);
    if (status == MEF3_OK)
        status = source_file_read(&file, 0, metadata_out, META_BYTES, error);
    source_file_close(&file);
    if (status == MEF3_OK)
        status = writer_metadata_open(&segment->keys, file.path, metadata_out, error);
    return status;
}

/* Whatever is said of a channel and of its segment is not the session's. */
static void forget_channel(uint8_t *metadata)
{
    uint8_t *s2 = metadata + META_SECTION_2, *s3 = metadata + META_SECTION_3;
    uint8_t description[S2_DESCRIPTION_BYTES];

    memcpy(description, s2 + S2_SESSION_DESCRIPTION, sizeof description);
    memset(s2, 0, META_SECTION_2_BYTES);
    memcpy(s2 + S2_SESSION_DESCRIPTION, description, sizeof description);
    if (le_i64(s3 + S3_TIME_OFFSET) == INT64_MIN) /* "none", of some writers */
        le_put_i64(s3 + S3_TIME_OFFSET, 0);
}

/* What is said of the session is taken from the first segment that tells it. MEF3_ENOENT: there
 * is no segment. */
static int take_metadata(struct mef3_writer *writer, struct mef3_error *error)
{
    struct mef3_session *session = writer->session;
    struct mef3_error first = {.status = MEF3_ENOENT};

    for (size_t c = 0; c < session->info.n_channels; c++) {
        struct channel *channel = &session->channels[c];
        int status = session_learn_channel(session, channel);
        if (status != MEF3_OK)
            return mef3_error_set(error, status, channel->folder, -1, NULL, NULL, NULL);
        for (size_t i = 0; i < channel->info.n_segments; i++) {
            const struct segment *segment = &channel->segments[i];
            status = segment->info.status;
            if (status == MEF3_OK)
                status = read_metadata(session, segment, writer->metadata, error);
            else if (first.status == MEF3_ENOENT)
                first = *segment->error;
            if (segment->info.status != MEF3_OK)
                continue;
            if (status != MEF3_OK)
                return status;
            writer->keys = segment->keys;
            forget_channel(writer->metadata);
            return MEF3_OK;
        }
        if (channel->info.n_segments > 0 && first.status == MEF3_ENOENT)
            first.status = MEF3_EDAMAGED;
    }
    if (error)
        *error = first;
    return first.status;
}

static int open_writer(struct mef3_writer *writer, const char *path,
                       const struct mef3_writer_options *options, bool locks,
                       struct mef3_error *error)
{
    const char *password = options->password_2 ? options->password_2 : options->password_1;
    struct mef3_source source;

    int status = writer_take_path(writer, path, error);
    if (status == MEF3_OK && locks)
        status = writer_files_session(writer, error);
    if (status == MEF3_OK)
        status = mef3_source_folder(path, NULL, &source, error);
    if (status == MEF3_OK)
        status = mef3_session_open_lazy(&source, password, &writer->session, error);
    if (status != MEF3_OK)
        return status;
    status = take_metadata(writer, error);
    /* A session without a segment is as one that was just created. */
    return status == MEF3_ENOENT ? writer_metadata_begin(writer, options, error) : status;
}

int writer_open(const char *path, const struct mef3_writer_options *options, bool locks,
                struct mef3_writer **writer_out, struct mef3_error *error)
{
    struct mef3_writer_options defaults;
    struct mef3_writer *writer = NULL;

    mef3_writer_defaults(&defaults);
    if (!options)
        options = &defaults;
    int status = writer_new(options, &writer, error);
    if (status != MEF3_OK)
        return status;
    status = open_writer(writer, path, options, locks, error);
    if (status != MEF3_OK) {
        mef3_writer_close(writer);
        return status;
    }
    *writer_out = writer;
    return MEF3_OK;
}

int mef3_writer_open(const char *path, const struct mef3_writer_options *options,
                     struct mef3_writer **writer_out, struct mef3_error *error)
{
    return writer_open(path, options, true, writer_out, error);
}

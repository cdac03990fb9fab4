/* writer.c - write a session: its beginning and its end, and what makes headers true. */
#include "writer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "writer_records.h"

static const char SUFFIX[] = ".mefd";

int writer_no_memory(struct mef3_error *error)
{
    return mef3_error_set(error, MEF3_ENOMEM, NULL, -1, NULL, NULL, NULL);
}

void mef3_writer_defaults(struct mef3_writer_options *options_out)
{
    *options_out = (struct mef3_writer_options){.gmt_offset_s = S3_NO_GMT_OFFSET};
}

int writer_take_path(struct mef3_writer *writer, const char *path, struct mef3_error *error)
{
    size_t n = strlen(path), suffix = strlen(SUFFIX);

    while (n > 1 && path[n - 1] == '/')
        n--;
    writer->path = strndup(path, n);
    if (!writer->path)
        return writer_no_memory(error);
    const char *slash = strrchr(writer->path, '/');
    const char *name = slash ? slash + 1 : writer->path;
    size_t n_name = strlen(name);
    if (n_name <= suffix || strcmp(name + n_name - suffix, SUFFIX) != 0 ||
        n_name - suffix >= sizeof writer->name)
        return mef3_error_set(error, MEF3_EINVAL, NULL, -1, "output folder",
                              "a name that ends in .mefd", name);
    memcpy(writer->name, name, n_name - suffix);
    return MEF3_OK;
}

int writer_new(const struct mef3_writer_options *options, struct mef3_writer **writer_out,
               struct mef3_error *error)
{
    struct mef3_writer *writer = calloc(1, sizeof *writer);

    if (!writer)
        return writer_no_memory(error);
    writer->lock_fd = -1;
    writer->reproducible = options->reproducible;
    writer->durable = options->durable;
    writer->metadata = calloc(1, META_BYTES);
    writer->buffer = malloc(META_BYTES);
    if (!writer->metadata || !writer->buffer) {
        mef3_writer_close(writer);
        return writer_no_memory(error);
    }
    *writer_out = writer;
    return MEF3_OK;
}

int mef3_writer_create(const char *path, const struct mef3_writer_options *options,
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
    status = writer_take_path(writer, path, error);
    if (status == MEF3_OK)
        status = writer_metadata_begin(writer, options, error);
    writer->is_new = true;
    if (status == MEF3_OK)
        status = writer_files_session(writer, error);
    if (status != MEF3_OK) {
        mef3_writer_close(writer);
        return status;
    }
    *writer_out = writer;
    return MEF3_OK;
}

int writer_find_channel(struct mef3_writer *writer, size_t number,
                        struct writer_channel **channel_out, struct mef3_error *error)
{
    if (writer->is_broken)
        return mef3_error_set(error, MEF3_EIO, NULL, -1, "writer", "one that has not failed",
                              "one of which a call did");
    if (number >= writer->n_channels)
        return mef3_error_set(error, MEF3_EINVAL, NULL, -1, "channel number", "one that was added",
                              "another");
    *channel_out = writer->channels[number];
    return MEF3_OK;
}

/* The header of an index or data file, whose body is all there. */
static int count_in(struct mef3_writer *writer, const struct writer_channel *channel,
                    const char *type, uint32_t body_crc, struct mef3_error *error)
{
    uint8_t header[UH_BYTES];

    int status = writer_files_sync(writer, channel, type, error);
    if (status == MEF3_OK)
        status = writer_files_get(writer, channel, type, header, sizeof header, error);
    if (status != MEF3_OK)
        return status;
    writer_header_count(channel, header);
    writer_header_seal(header, body_crc);
    return writer_files_put(writer, channel, type, 0, header, sizeof header, error);
}

static int count_in_metadata(struct mef3_writer *writer, const struct writer_channel *channel,
                             struct mef3_error *error)
{
    char inner[WRITER_INNER_BYTES];
    uint8_t *metadata = writer->buffer;

    writer_files_inner(channel, "tmet", inner);
    int status = writer_files_get(writer, channel, "tmet", metadata, META_BYTES, error);
    if (status == MEF3_OK)
        status = writer_metadata_open(&channel->keys, inner, metadata, error);
    if (status != MEF3_OK)
        return status;
    writer_metadata_count(channel, metadata);
    status = writer_metadata_seal(&channel->keys, metadata);
    if (status != MEF3_OK)
        return mef3_error_set(error, status, inner, -1, "encryption", NULL, NULL);
    return writer_files_replace(writer, channel, metadata, error);
}

/* Data, then index, then what counts them. */
static int count_all(struct mef3_writer *writer, struct writer_channel *channel,
                     struct mef3_error *error)
{
    if (channel->is_counted)
        return MEF3_OK;
    int status = count_in(writer, channel, "tdat", channel->totals.data_crc, error);
    if (status == MEF3_OK)
        status = count_in(writer, channel, "tidx", channel->totals.index_crc, error);
    if (status == MEF3_OK)
        status = writer_files_sync(writer, channel, "tdat", error);
    if (status == MEF3_OK)
        status = writer_files_sync(writer, channel, "tidx", error);
    if (status == MEF3_OK)
        status = count_in_metadata(writer, channel, error);
    channel->is_counted = status == MEF3_OK;
    return status;
}

int writer_flush_channel(struct mef3_writer *writer, struct writer_channel *channel,
                         struct mef3_error *error)
{
    int status = writer_put_pending(writer, channel, error);

    if (status == MEF3_OK)
        status = count_all(writer, channel, error);
    writer->is_broken |= status != MEF3_OK;
    return status;
}

int mef3_writer_flush(struct mef3_writer *writer, size_t number, struct mef3_error *error)
{
    bool is_all = number == MEF3_WRITER_ALL;
    size_t n = is_all ? writer->n_channels : 1;
    struct writer_channel *channel = NULL;
    int status = MEF3_OK;

    for (size_t i = 0; i < n && status == MEF3_OK; i++) {
        status = writer_find_channel(writer, is_all ? i : number, &channel, error);
        if (status == MEF3_OK)
            status = writer_flush_channel(writer, channel, error);
    }
    return status;
}

int mef3_writer_finish(struct mef3_writer *writer, struct mef3_error *error)
{
    int status = mef3_writer_flush(writer, MEF3_WRITER_ALL, error);

    if (status == MEF3_OK)
        mef3_writer_close(writer);
    else
        mef3_writer_abort(writer);
    return status;
}

int64_t mef3_writer_end(const struct mef3_writer *writer, size_t channel)
{
    return channel < writer->n_channels ? writer->channels[channel]->written_until : MEF3_NO_TIME;
}

void mef3_writer_close(struct mef3_writer *writer)
{
    if (!writer)
        return;
    for (size_t i = 0; i < writer->n_channels; i++) {
        mef3_keys_wipe(&writer->channels[i]->keys);
        free(writer->channels[i]->pending);
        free(writer->channels[i]);
    }
    if (writer->lock_fd >= 0)
        close(writer->lock_fd);
    writer_records_fini(writer, false);
    mef3_session_close(writer->session);
    mef3_keys_wipe(&writer->keys);
    free(writer->channels);
    free(writer->metadata);
    free(writer->buffer);
    free(writer->work);
    free(writer->block);
    free(writer->path);
    free(writer);
}

void mef3_writer_abort(struct mef3_writer *writer)
{
    if (writer && writer->is_new) {
        writer_records_fini(writer, true);
        for (size_t i = 0; i < writer->n_channels; i++)
            writer_folders_remove(writer, writer->channels[i]);
        writer_folders_remove(writer, NULL);
    }
    mef3_writer_close(writer);
}

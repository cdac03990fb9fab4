/* writer.c - write a session: its beginning, its channels, its end. */
#include "writer.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "red_coder.h"

static const char SUFFIX[] = ".mefd";

enum { LONG_BLOCK = 1 << 17 };

/* Of a segment without samples. */
static const struct writer_totals no_totals = {
    .start_uutc = MEF3_NO_TIME,
    .end_uutc = MEF3_NO_TIME,
    .max = INT32_MIN,
    .min = INT32_MAX,
    .data_bytes = UH_BYTES,
    .data_crc = MEF3_CRC_START,
    .index_crc = MEF3_CRC_START,
};

/* Copy a text (NULL: "") into a field that keeps a zero at its end. */
static int take_text(char *to, size_t room, const char *from, const char *field,
                     struct mef3_error *error)
{
    char expected[32];
    size_t n = from ? strlen(from) : 0;

    if (n >= room) {
        snprintf(expected, sizeof expected, "at most %zu bytes", room - 1);
        return mef3_error_set(error, MEF3_EINVAL, NULL, -1, field, expected, "more");
    }
    memcpy(to, from ? from : "", n + 1);
    return MEF3_OK;
}

static int take_path(struct mef3_writer *writer, const char *path, struct mef3_error *error)
{
    size_t n = strlen(path), suffix = strlen(SUFFIX);

    while (n > 1 && path[n - 1] == '/')
        n--;
    writer->path = strndup(path, n);
    if (!writer->path)
        return mef3_error_set(error, MEF3_ENOMEM, NULL, -1, NULL, NULL, NULL);
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

static int take_options(struct mef3_writer *writer, const struct mef3_writer_options *options,
                        struct mef3_error *error)
{
    writer->gmt_offset_s = options->gmt_offset_s;
    writer->reproducible = options->reproducible;
    int status = take_text(writer->description, sizeof writer->description,
                           options->session_description, "session description", error);
    if (status == MEF3_OK)
        status = take_text(writer->subject_id, sizeof writer->subject_id, options->subject_id,
                           "subject ID", error);
    if (status == MEF3_OK)
        status = take_text(writer->location, sizeof writer->location, options->recording_location,
                           "recording location", error);
    if (status == MEF3_OK &&
        mef3_keys_make(options->password_1, options->password_2, writer->level_1_field,
                       writer->level_2_field, &writer->keys) != MEF3_OK)
        status = mef3_error_set(error, MEF3_EINVAL, NULL, -1, "passwords",
                                "1 to 16 characters of UTF-8, level 1 first", "others");
    return status;
}

static void writer_free(struct mef3_writer *writer)
{
    for (size_t i = 0; i < writer->n_channels; i++) {
        free(writer->channels[i]->pending);
        free(writer->channels[i]);
    }
    mef3_keys_wipe(&writer->keys);
    free(writer->channels);
    free(writer->work);
    free(writer->block);
    free(writer->path);
    free(writer);
}

int mef3_writer_create(const char *path, const struct mef3_writer_options *options,
                       struct mef3_writer **writer_out, struct mef3_error *error)
{
    static const struct mef3_writer_options defaults = {.gmt_offset_s = S3_NO_GMT_OFFSET};
    struct mef3_writer *writer = calloc(1, sizeof *writer);

    if (!writer)
        return mef3_error_set(error, MEF3_ENOMEM, NULL, -1, NULL, NULL, NULL);
    int status = take_path(writer, path, error);
    if (status == MEF3_OK)
        status = take_options(writer, options ? options : &defaults, error);
    if (status == MEF3_OK)
        status = writer_files_session(writer, error);
    if (status != MEF3_OK) {
        writer_free(writer);
        return status;
    }
    *writer_out = writer;
    return MEF3_OK;
}

static int check_name(const struct mef3_writer *writer, const char *name, struct mef3_error *error)
{
    size_t n = name ? strlen(name) : 0;

    if (n < 1 || n >= WRITER_NAME_BYTES || strchr(name, '/') || name[0] == '.')
        return mef3_error_set(error, MEF3_EINVAL, NULL, -1, "channel name",
                              "1-63 bytes, no \"/\", no \".\" at its start", name);
    for (size_t i = 0; i < writer->n_channels; i++)
        if (strcmp(writer->channels[i]->name, name) == 0)
            return mef3_error_set(error, MEF3_EINVAL, NULL, -1, "channel name", "a new one", name);
    return MEF3_OK;
}

static int take_channel(const struct mef3_writer *writer, struct writer_channel *channel,
                        const struct mef3_writer_channel *from, struct mef3_error *error)
{
    int status = check_name(writer, from->name, error);
    if (status == MEF3_OK)
        status = take_text(channel->name, sizeof channel->name, from->name, "channel name", error);
    if (status == MEF3_OK)
        status = take_text(channel->units, sizeof channel->units, from->units, "units", error);
    if (status == MEF3_OK)
        status = take_text(channel->description, sizeof channel->description, from->description,
                           "channel description", error);
    if (status != MEF3_OK)
        return status;
    if (!(from->rate_hz >= MEF3_RATE_MIN_HZ && from->rate_hz <= MEF3_RATE_MAX_HZ))
        return mef3_error_set(error, MEF3_EINVAL, from->name, -1, "sampling frequency",
                              "1e-6 to 1e7 Hz", "another");
    if (!isfinite(from->units_factor) || from->units_factor == 0)
        return mef3_error_set(error, MEF3_EINVAL, from->name, -1, "units factor",
                              "a number that is not 0", "another");
    if (from->block_samples < 1 || from->block_samples > MEF3_RED_MAX_SAMPLES)
        return mef3_error_set(error, MEF3_EINVAL, from->name, -1, "samples a block", "1 to 2^25",
                              "another number");
    channel->rate_hz = from->rate_hz;
    channel->units_factor = from->units_factor;
    channel->line_hz = from->line_hz;
    channel->block_samples = from->block_samples;
    channel->number = writer->n_channels;
    channel->written_until = MEF3_NO_TIME;
    channel->totals = no_totals;
    return MEF3_OK;
}

/* Room for one more channel in the list, and for its blocks in the scratch. */
static int make_room(struct mef3_writer *writer, uint32_t block_samples)
{
    struct writer_channel **channels =
        realloc(writer->channels, (writer->n_channels + 1) * sizeof *channels);
    size_t room = mef3_red_bound(block_samples);

    if (!channels)
        return MEF3_ENOMEM;
    writer->channels = channels;
    if (room <= writer->block_room)
        return MEF3_OK;
    free(writer->work);
    free(writer->block);
    writer->block_room = 0;
    writer->work_room = 5 * (size_t)block_samples + 8;
    /* Long blocks one by one: what encoding is quick by is not worth that memory. */
    writer->n_together = block_samples <= LONG_BLOCK ? RED_CODED_TOGETHER : 1;
    writer->work = malloc(writer->n_together * writer->work_room);
    writer->block = malloc(writer->n_together * room);
    if (!writer->work || !writer->block)
        return MEF3_ENOMEM;
    writer->block_room = room;
    return MEF3_OK;
}

int mef3_writer_add_channel(struct mef3_writer *writer, const struct mef3_writer_channel *from,
                            size_t *channel_out, struct mef3_error *error)
{
    struct writer_channel *channel = calloc(1, sizeof *channel);

    int status = channel ? MEF3_OK : mef3_error_set(error, MEF3_ENOMEM, NULL, -1, NULL, NULL, NULL);
    if (status == MEF3_OK)
        status = take_channel(writer, channel, from, error);
    if (status == MEF3_OK && make_room(writer, from->block_samples) != MEF3_OK)
        status = mef3_error_set(error, MEF3_ENOMEM, from->name, -1, NULL, NULL, NULL);
    if (status == MEF3_OK &&
        writer_uuid(writer, channel, "segment", channel->level_uuid) != MEF3_OK)
        status = mef3_error_set(error, MEF3_EIO, from->name, -1, "random numbers", "some", "none");
    if (status != MEF3_OK) {
        free(channel);
        return status;
    }
    /* From here on it is in the list, so that an abort removes what was made of it. */
    writer->channels[writer->n_channels++] = channel;
    status = writer_files_channel(writer, channel, error);
    if (status == MEF3_OK)
        status = writer_files_segment(writer, channel, error);
    if (status == MEF3_OK)
        *channel_out = channel->number;
    return status;
}

static int put_header(const struct mef3_writer *writer, const struct writer_channel *channel,
                      const char *type, uint32_t body_crc, struct mef3_error *error)
{
    uint8_t header[UH_BYTES];

    int status = writer_universal_header(writer, channel, type, body_crc, header);
    if (status != MEF3_OK)
        return mef3_error_set(error, status, channel->name, -1, "universal header", NULL, NULL);
    return writer_files_put(writer, channel, type, 0, header, sizeof header, error);
}

static int finish_segment(struct mef3_writer *writer, struct writer_channel *channel,
                          struct mef3_error *error)
{
    uint8_t metadata[META_BYTES];

    int status = writer_flush(writer, channel, error);
    if (status == MEF3_OK)
        status = put_header(writer, channel, "tdat", channel->totals.data_crc, error);
    if (status == MEF3_OK)
        status = put_header(writer, channel, "tidx", channel->totals.index_crc, error);
    if (status != MEF3_OK)
        return status;
    status = writer_metadata(writer, channel, metadata);
    if (status != MEF3_OK)
        return mef3_error_set(error, status, channel->name, -1, "metadata", NULL, NULL);
    return writer_files_put(writer, channel, "tmet", 0, metadata, META_BYTES, error);
}

int mef3_writer_next_segment(struct mef3_writer *writer, size_t number, struct mef3_error *error)
{
    if (number >= writer->n_channels)
        return mef3_error_set(error, MEF3_EINVAL, NULL, -1, "channel number", "one that was added",
                              "another");
    struct writer_channel *channel = writer->channels[number];
    int status = finish_segment(writer, channel, error);
    if (status != MEF3_OK)
        return status;
    if (channel->totals.end_uutc != MEF3_NO_TIME)
        channel->written_until = channel->totals.end_uutc;
    channel->samples_before += channel->totals.n_samples;
    channel->totals = no_totals;
    channel->run_samples = 0;
    channel->segment++;
    if (writer_uuid(writer, channel, "segment", channel->level_uuid) != MEF3_OK)
        return mef3_error_set(error, MEF3_EIO, channel->name, -1, "random numbers", "some", "none");
    return writer_files_segment(writer, channel, error);
}

int mef3_writer_finish(struct mef3_writer *writer, struct mef3_error *error)
{
    int status = MEF3_OK;

    for (size_t i = 0; i < writer->n_channels && status == MEF3_OK; i++)
        status = finish_segment(writer, writer->channels[i], error);
    if (status == MEF3_OK)
        writer_free(writer);
    else
        mef3_writer_abort(writer);
    return status;
}

void mef3_writer_abort(struct mef3_writer *writer)
{
    if (!writer)
        return;
    for (size_t i = 0; i < writer->n_channels; i++)
        writer_files_remove(writer, writer->channels[i]);
    writer_files_remove(writer, NULL);
    writer_free(writer);
}

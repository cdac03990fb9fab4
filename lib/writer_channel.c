/* writer_channel.c - the writer's channels, and their segments. */
#include "writer.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "red_coder.h"

enum { LONG_BLOCK = 1 << 17 };

void mef3_writer_channel_defaults(struct mef3_writer_channel *channel_out)
{
    *channel_out = (struct mef3_writer_channel){
        .units_factor = 1,
        .units = "uV",
        .block_samples = 1000,
        .acquisition_number = -1,
        .low_filter_hz = -1,
        .high_filter_hz = -1,
        .notch_hz = -1,
        .line_hz = -1,
    };
}

static int check_name(const struct mef3_writer *writer, const char *name, struct mef3_error *error)
{
    size_t n = name ? strlen(name) : 0;

    if (n < 1 || n >= WRITER_NAME_BYTES || strchr(name, '/') || name[0] == '.')
        return mef3_error_set(error, MEF3_EINVAL, NULL, -1, "channel name",
                              "1-239 bytes, no \"/\", no \".\" at its start", name);
    for (size_t i = 0; i < writer->n_channels; i++)
        if (strcmp(writer->channels[i]->name, name) == 0)
            return mef3_error_set(error, MEF3_EINVAL, NULL, -1, "channel name", "a new one", name);
    return MEF3_OK;
}

static int check_channel(const struct mef3_writer *writer, const struct mef3_writer_channel *from,
                         struct mef3_error *error)
{
    int status = check_name(writer, from->name, error);
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
    /* Long blocks one by one: what encoding is quick by is not worth that memory. */
    size_t n_together = block_samples <= LONG_BLOCK ? RED_CODED_TOGETHER : 1;
    size_t work_room = 5 * (size_t)block_samples + 8;
    uint8_t *work = malloc(n_together * work_room), *block = malloc(n_together * room);
    if (!work || !block) {
        free(work);
        free(block);
        return MEF3_ENOMEM;
    }
    free(writer->work);
    free(writer->block);
    writer->work = work;
    writer->work_room = work_room;
    writer->block = block;
    writer->block_room = room;
    writer->n_together = n_together;
    return MEF3_OK;
}

int writer_begin_segment(struct mef3_writer *writer, struct writer_channel *channel,
                         struct mef3_error *error)
{
    static const char *const types[] = {"tdat", "tidx"};
    uint8_t header[2][UH_BYTES], *metadata = writer->buffer;
    writer_totals_init(&channel->totals);
    channel->run_samples = 0;
    int status = writer_header_place(writer, channel, metadata);
    for (size_t i = 0; i < 2 && status == MEF3_OK; i++) {
        memcpy(header[i], metadata, UH_BYTES);
        status = writer_header_identify(writer, channel, types[i], header[i]);
        writer_header_count(channel, header[i]);
        writer_header_seal(header[i], MEF3_CRC_START);
    }
    if (status == MEF3_OK)
        status = writer_header_identify(writer, channel, "tmet", metadata);
    if (status != MEF3_OK)
        return mef3_error_set(error, status, channel->name, -1, "random numbers", "some", "none");
    writer_metadata_count(channel, metadata);
    status = writer_metadata_seal(&channel->keys, metadata);
    if (status != MEF3_OK)
        return mef3_error_set(error, status, channel->name, -1, "encryption", NULL, NULL);
    const struct writer_file files[3] = {{"tdat", header[0], UH_BYTES},
                                         {"tidx", header[1], UH_BYTES},
                                         {"tmet", metadata, META_BYTES}};
    status = writer_folders_make(writer, channel, files, error);
    channel->has_folder |= status == MEF3_OK;
    channel->is_counted = true;
    return status;
}

/* A channel that is not there yet, as the session's others. */
static int begin_channel(struct mef3_writer *writer, struct writer_channel *channel,
                         const struct mef3_writer_channel *from, struct mef3_error *error)
{
    uint8_t *metadata = writer->buffer;

    memcpy(metadata, writer->metadata, META_BYTES);
    int status = writer_metadata_channel(from, channel->number, metadata, error);
    if (status != MEF3_OK)
        return status;
    channel->keys = writer->keys;
    channel->stats_level = (int8_t)metadata[META_SECTION_2_LEVEL] > 0 ? 1 : 0;
    channel->time_offset = le_i64(metadata + META_SECTION_3 + S3_TIME_OFFSET);
    channel->negates_times = channel->time_offset != 0;
    return writer_begin_segment(writer, channel, error);
}

static int add(struct mef3_writer *writer, struct writer_channel *channel,
               const struct mef3_writer_channel *from, struct mef3_error *error)
{
    bool is_there = false;

    int status = check_channel(writer, from, error);
    if (status != MEF3_OK)
        return status;
    if (make_room(writer, from->block_samples) != MEF3_OK)
        return writer_no_memory(error);
    memcpy(channel->name, from->name, strlen(from->name) + 1);
    channel->number = writer->n_channels;
    channel->rate_hz = from->rate_hz;
    channel->units_factor = from->units_factor;
    channel->block_samples = from->block_samples;
    channel->written_until = MEF3_NO_TIME;
    if (writer->session)
        status = writer_resume(writer, channel, from, &is_there, error);
    if (status == MEF3_OK && !is_there)
        status = begin_channel(writer, channel, from, error);
    return status;
}

int mef3_writer_add_channel(struct mef3_writer *writer, const struct mef3_writer_channel *from,
                            size_t *channel_out, struct mef3_error *error)
{
    if (writer->is_broken)
        return writer_find_channel(writer, 0, NULL, error);
    struct writer_channel *channel = calloc(1, sizeof *channel);
    if (!channel)
        return writer_no_memory(error);
    int status = add(writer, channel, from, error);
    if (status != MEF3_OK) {
        mef3_keys_wipe(&channel->keys);
        free(channel);
        return status;
    }
    writer->channels[writer->n_channels++] = channel;
    *channel_out = channel->number;
    return MEF3_OK;
}

int mef3_writer_next_segment(struct mef3_writer *writer, size_t number, struct mef3_error *error)
{
    struct writer_channel *channel = NULL;
    char inner[WRITER_INNER_BYTES];

    int status = writer_find_channel(writer, number, &channel, error);
    if (status != MEF3_OK)
        return status;
    if (channel->segment == INT32_MAX)
        return mef3_error_set(error, MEF3_EINVAL, channel->name, -1, "segment number",
                              "less than 2147483647", "2147483647");
    writer_files_inner(channel, "tmet", inner);
    status = writer_flush_channel(writer, channel, error);
    if (status == MEF3_OK)
        status = writer_files_get(writer, channel, "tmet", writer->buffer, META_BYTES, error);
    if (status == MEF3_OK)
        status = writer_metadata_open(&channel->keys, inner, writer->buffer, error);
    if (status == MEF3_OK) {
        channel->samples_before += channel->totals.n_samples;
        channel->segment++;
        status = writer_begin_segment(writer, channel, error);
    }
    writer->is_broken |= status != MEF3_OK;
    return status;
}

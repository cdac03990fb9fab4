/* writer_resume.c - the last segment of a channel that exists, to be gone on with. */
#include "writer.h"

#include <stdio.h>
#include <string.h>

#include "index_cache.h"
#include "session_internal.h"

/* Only what is named as the format wants it can be found again by its number. */
static int check_stem(const struct writer_channel *channel, const struct segment *segment,
                      struct mef3_error *error)
{
    char inner[WRITER_INNER_BYTES];
    size_t n = strlen(segment->stem);

    writer_files_inner(channel, "tmet", inner);
    if (strncmp(inner, segment->stem, n) == 0 && strcmp(inner + n, ".tmet") == 0)
        return MEF3_OK;
    return mef3_error_set(error, MEF3_EUNSUPPORTED, segment->stem, -1, "segment's name",
                          "the channel's, \"-\", six digits", "another");
}

static int check_same(const struct mef3_writer_channel *from, const struct channel *channel,
                      struct mef3_error *error)
{
    const struct {
        const char *field;
        double given, there;
    } row[] = {
        {"sampling frequency", from->rate_hz, channel->info.rate_hz},
        {"units factor", from->units_factor, channel->info.units_factor},
    };
    char expected[64], found[40];

    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        if (row[i].given == row[i].there)
            continue;
        snprintf(expected, sizeof expected, "%.17g, as the channel has it", row[i].there);
        snprintf(found, sizeof found, "%.17g", row[i].given);
        return mef3_error_set(error, MEF3_EINVAL, from->name, -1, row[i].field, expected, found);
    }
    return MEF3_OK;
}

/* When all ends that there is of the channel before its last segment. */
static int64_t end_before(const struct channel *there)
{
    int64_t start = MEF3_NO_TIME, end = MEF3_NO_TIME;

    for (size_t i = 0; i + 1 < there->info.n_segments; i++)
        session_add_span(there->segments[i].info.start_uutc, there->segments[i].info.end_uutc,
                         &start, &end);
    return end;
}

/* A segment that nothing can be added to stays as it is, and the next one follows all that can be
 * read of it. */
static int begin_next(struct mef3_writer *writer, struct writer_channel *channel,
                      struct segment *last, struct mef3_error *error)
{
    struct mef3_session *session = writer->session;
    int64_t start = last->info.start_uutc, end = last->info.end_uutc;
    int64_t n_samples = last->info.n_samples;
    const struct index *index;

    if (channel->segment == INT32_MAX)
        return mef3_error_set(error, MEF3_EUNSUPPORTED, last->stem, -1, "segment number",
                              "less than 2147483647", "2147483647");
    index_span(&session->source, last, &start, &end);
    int status = index_get(session, last, &index, error);
    if (status == MEF3_ENOMEM || status == MEF3_EIO)
        return status;
    if (status == MEF3_OK && index->n_samples > n_samples)
        n_samples = index->n_samples;
    if (end > channel->written_until)
        channel->written_until = end;
    channel->samples_before += n_samples;
    channel->segment++;
    return writer_begin_segment(writer, channel, error);
}

static int check_keys(const struct writer_channel *channel, const char *path,
                      struct mef3_error *error)
{
    char expected[32];

    if (channel->keys.level >= channel->stats_level)
        return MEF3_OK;
    snprintf(expected, sizeof expected, "a password of level %d", channel->stats_level);
    return mef3_error_set(error, MEF3_EPASSWORD, path, -1, "block statistics", expected,
                          "one of a lower level, or none");
}

static int go_on(struct mef3_writer *writer, struct writer_channel *channel, struct channel *there,
                 struct mef3_error *error)
{
    struct segment *last = &there->segments[there->info.n_segments - 1];
    uint8_t *metadata = writer->buffer;
    bool goes_on;

    if (last->info.status != MEF3_OK) {
        if (error)
            *error = *last->error;
        return last->info.status;
    }
    channel->segment = last->info.number;
    channel->samples_before = last->info.start_sample;
    channel->keys = last->keys;
    channel->has_folder = true;
    int status = check_stem(channel, last, error);
    if (status == MEF3_OK)
        status = writer_files_get(writer, channel, "tmet", metadata, META_BYTES, error);
    if (status == MEF3_OK)
        status = writer_metadata_open(&last->keys, last->stem, metadata, error);
    if (status != MEF3_OK)
        return status;
    channel->time_offset = last->time_offset;
    channel->negates_times = last->time_offset != 0;
    channel->stats_level = last->info.section2_level > 0 ? 1 : 0;
    status = writer_scan(writer, channel, last, &goes_on, error);
    if (status != MEF3_OK)
        return status;
    writer_folders_tidy(writer, channel);
    status = check_keys(channel, last->stem, error);
    if (status != MEF3_OK)
        return status;
    channel->written_until = end_before(there);
    if (!goes_on)
        return begin_next(writer, channel, last, error);
    if (channel->totals.end_uutc > channel->written_until)
        channel->written_until = channel->totals.end_uutc;
    return MEF3_OK;
}

int writer_resume(struct mef3_writer *writer, struct writer_channel *channel,
                  const struct mef3_writer_channel *from, bool *is_there_out,
                  struct mef3_error *error)
{
    struct mef3_session *session = writer->session;
    int64_t number = mef3_channel_find(session, from->name);

    *is_there_out = false;
    if (number < 0)
        return MEF3_OK;
    struct channel *there = &session->channels[number];
    int status = session_learn_channel(session, there);
    if (status != MEF3_OK)
        return mef3_error_set(error, status, from->name, -1, NULL, NULL, NULL);
    /* A folder of nothing is a channel of which no more than the name is there. */
    if (there->info.n_segments == 0) {
        channel->has_folder = true;
        return there->info.status == MEF3_OK
                   ? MEF3_OK
                   : mef3_error_set(error, there->info.status, there->folder, -1, NULL, NULL, NULL);
    }
    *is_there_out = true;
    if (there->has_readable) {
        status = check_same(from, there, error);
        if (status != MEF3_OK)
            return status;
    }
    return go_on(writer, channel, there, error);
}

/* session_open.c - from the files of a recording to its channels and segments. */
#include "session_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "layout.h"
#include "segment.h"
#include "text.h"
#include "tree.h"

/* What one opening needs besides the session. */
struct opening {
    struct mef3_session *session;
    const char *password;
    uint8_t *buffer; /* a .tmet */
    bool has_section3;
    int access_level; /* least of the segments with a password; -1: none yet */
};

static char *path_new(const char *folder, const char *name, const char *suffix)
{
    char *path;

    return asprintf(&path, "%s%s%s%s", folder, folder[0] ? "/" : "", name, suffix) < 0 ? NULL
                                                                                       : path;
}

/* Texts of the session come from the first segment that can tell them. */
static int take_section3(struct opening *opening, const struct metadata *metadata)
{
    struct mef3_session *s = opening->session;
    const uint8_t *section = metadata->section3;

    if (!section || opening->has_section3)
        return MEF3_OK;
    s->subject_name_1 = text_new(section + S3_SUBJECT_NAME_1, S3_SUBJECT_BYTES);
    s->subject_name_2 = text_new(section + S3_SUBJECT_NAME_2, S3_SUBJECT_BYTES);
    s->subject_id = text_new(section + S3_SUBJECT_ID, S3_SUBJECT_BYTES);
    s->recording_location = text_new(section + S3_LOCATION, S3_LOCATION_BYTES);
    if (!s->subject_name_1 || !s->subject_name_2 || !s->subject_id || !s->recording_location)
        return MEF3_ENOMEM;
    s->info.recording_time_offset = metadata->time_offset;
    s->info.gmt_offset_s = metadata->gmt_offset_s;
    opening->has_section3 = true;
    return MEF3_OK;
}

/* Facts of a channel come from its first readable segment. */
static int take_section2(struct mef3_session *session, struct channel *channel,
                         const struct segment_metadata *m)
{
    struct mef3_channel_info *info = &channel->info;
    const uint8_t *section = m->metadata.section2;

    channel->units = text_new_units(section + S2_UNITS, S2_UNITS_BYTES);
    channel->description = text_new(section + S2_CHANNEL_DESCRIPTION, S2_DESCRIPTION_BYTES);
    channel->reference = text_new(section + S2_REFERENCE_DESCRIPTION, S2_DESCRIPTION_BYTES);
    if (!channel->units || !channel->description || !channel->reference)
        return MEF3_ENOMEM;
    if (!session->session_description) {
        session->session_description =
            text_new(section + S2_SESSION_DESCRIPTION, S2_DESCRIPTION_BYTES);
        if (!session->session_description)
            return MEF3_ENOMEM;
    }
    info->units = channel->units;
    info->description = channel->description;
    info->reference = channel->reference;
    info->rate_hz = m->section2.rate_hz;
    info->units_factor = m->section2.units_factor;
    info->acquisition_number = m->section2.acquisition_number;
    info->low_filter_hz = m->section2.low_filter_hz;
    info->high_filter_hz = m->section2.high_filter_hz;
    info->notch_hz = m->section2.notch_hz;
    info->line_hz = m->section2.line_hz;
    return MEF3_OK;
}

/* A channel has one rate and one factor: samples of a segment that says another
 * would be put in the wrong place, or shown with the wrong value. */
static void refuse_other(struct segment *segment, int at, const char *field, double expected,
                         double found)
{
    struct mef3_segment_info *info = &segment->info;
    char path[SOURCE_PATH_MAX];
    char expected_text[40];
    char found_text[40];

    if (found == expected || info->status != MEF3_OK)
        return;
    snprintf(path, sizeof path, "%s.tmet", segment->stem);
    snprintf(expected_text, sizeof expected_text, "%.17g, as before", expected);
    snprintf(found_text, sizeof found_text, "%.17g", found);
    info->status = mef3_error_set(&info->error, MEF3_EUNSUPPORTED, path, META_SECTION_2 + at, field,
                                  expected_text, found_text);
}

static int read_segment(struct opening *opening, struct channel *channel, struct segment *segment,
                        bool *has_facts)
{
    struct mef3_session *session = opening->session;
    struct segment_metadata m;

    int status = segment_read(&session->source, opening->password, opening->buffer, segment, &m);
    if (status == MEF3_OK && m.has_metadata) {
        if (!m.metadata.section3)
            session->info.times_relative = true;
        status = take_section3(opening, &m.metadata);
    }
    if (status == MEF3_OK && segment->info.status == MEF3_OK && !*has_facts) {
        status = take_section2(session, channel, &m);
        *has_facts = true;
    }
    if (status != MEF3_OK)
        return status;
    refuse_other(segment, S2_RATE, "sampling frequency", channel->info.rate_hz,
                 segment->info.rate_hz);
    refuse_other(segment, S2_UNITS_FACTOR, "units conversion factor", channel->info.units_factor,
                 segment->info.units_factor);
    if (segment->has_password &&
        (opening->access_level < 0 || segment->keys.level < opening->access_level))
        opening->access_level = segment->keys.level;
    return MEF3_OK;
}

static void add_span(int64_t start, int64_t end, int64_t *start_inout, int64_t *end_inout)
{
    if (start == MEF3_NO_TIME)
        return;
    if (*start_inout == MEF3_NO_TIME || start < *start_inout)
        *start_inout = start;
    if (*end_inout == MEF3_NO_TIME || end > *end_inout)
        *end_inout = end;
}

/* What follows for a channel from its segments. */
static void sum_up_channel(struct mef3_session *session, struct channel *channel)
{
    struct mef3_channel_info *info = &channel->info;
    bool readable = info->n_segments == 0;

    for (size_t i = 0; i < info->n_segments; i++) {
        struct segment *segment = &channel->segments[i];
        segment_place(segment, session->info.recording_time_offset);
        session->info.encrypted |= segment->has_password;
        if (segment->info.status == MEF3_OK) {
            readable = true;
            /* Each is at most 2^53, but there may be many. */
            if (__builtin_add_overflow(info->n_samples, segment->info.n_samples, &info->n_samples))
                info->n_samples = INT64_MAX;
            add_span(segment->info.start_uutc, segment->info.end_uutc, &info->start_uutc,
                     &info->end_uutc);
        } else if (segment->info.status == MEF3_EPASSWORD) {
            session->info.n_locked++;
        } else {
            session->info.n_damaged++;
        }
    }
    if (!readable)
        info->status = channel->segments[0].info.status;
    add_span(info->start_uutc, info->end_uutc, &session->info.start_uutc, &session->info.end_uutc);
}

static int read_channel(struct opening *opening, struct channel *channel)
{
    struct mef3_session *session = opening->session;
    struct tree_names names = {0};
    bool has_facts = false;

    size_t left = MEF3_MAX_SEGMENTS - session->n_segments;
    int status = tree_list_segments(&session->source, channel->folder, left, &names);
    if (status == MEF3_ENOENT || status == MEF3_EACCES || status == MEF3_EIO ||
        status == MEF3_EFORMAT) {
        channel->info.status = status; /* the others may be whole */
        return MEF3_OK;
    }
    if (status != MEF3_OK)
        return status;
    channel->segments = calloc(names.n + 1, sizeof *channel->segments);
    if (!channel->segments)
        status = MEF3_ENOMEM;
    for (size_t i = 0; status == MEF3_OK && i < names.n; i++) {
        struct segment *segment = &channel->segments[i];
        char *folder = path_new(channel->folder, names.items[i].name, ".segd");
        segment->stem = folder ? path_new(folder, names.items[i].name, "") : NULL;
        free(folder);
        channel->info.n_segments = i + 1;
        segment->info.number = names.items[i].number;
        status = segment->stem ? read_segment(opening, channel, segment, &has_facts) : MEF3_ENOMEM;
    }
    session->n_segments += names.n;
    tree_names_fini(&names);
    return status;
}

static int channel_init(struct channel *channel, const char *name)
{
    channel->folder = path_new("", name, ".timd");
    channel->name = text_new((const uint8_t *)name, strlen(name));
    channel->info = (struct mef3_channel_info){
        .name = channel->name,
        .start_uutc = MEF3_NO_TIME,
        .end_uutc = MEF3_NO_TIME,
        .units_factor = 1,
        .units = "",
        .description = "",
        .reference = "",
        .acquisition_number = -1,
        .low_filter_hz = -1,
        .high_filter_hz = -1,
        .notch_hz = -1,
        .line_hz = -1,
    };
    return channel->folder && channel->name ? MEF3_OK : MEF3_ENOMEM;
}

static int read_channels(struct opening *opening)
{
    struct mef3_session *session = opening->session;
    struct tree_names names = {0};

    int status = tree_list_channels(&session->source, MEF3_MAX_CHANNELS, &names,
                                    &session->info.n_video_channels);
    if (status != MEF3_OK)
        return status;
    session->channels = calloc(names.n + 1, sizeof *session->channels);
    if (!session->channels)
        status = MEF3_ENOMEM;
    for (size_t i = 0; status == MEF3_OK && i < names.n; i++) {
        struct channel *channel = &session->channels[i];
        session->info.n_channels = i + 1;
        status = channel_init(channel, names.items[i].name);
        if (status == MEF3_OK)
            status = read_channel(opening, channel);
    }
    tree_names_fini(&names);
    return status;
}

static const char *text_or_empty(const char *text)
{
    return text ? text : "";
}

int session_load(struct mef3_session *session, const char *password)
{
    struct opening opening = {.session = session, .password = password, .access_level = -1};
    struct mef3_session_info *info = &session->info;

    opening.buffer = malloc(META_BYTES);
    if (!opening.buffer)
        return MEF3_ENOMEM;
    info->start_uutc = MEF3_NO_TIME;
    info->end_uutc = MEF3_NO_TIME;
    info->gmt_offset_s = S3_NO_GMT_OFFSET;
    session->name = text_new((const uint8_t *)session->source.name, sizeof session->source.name);
    info->name = session->name;
    int status = session->name ? read_channels(&opening) : MEF3_ENOMEM;
    free(opening.buffer);
    if (status != MEF3_OK)
        return status;

    for (size_t i = 0; i < info->n_channels; i++)
        sum_up_channel(session, &session->channels[i]);
    info->access_level = opening.access_level > 0 ? opening.access_level : 0;
    info->session_description = text_or_empty(session->session_description);
    info->subject_name_1 = text_or_empty(session->subject_name_1);
    info->subject_name_2 = text_or_empty(session->subject_name_2);
    info->subject_id = text_or_empty(session->subject_id);
    info->recording_location = text_or_empty(session->recording_location);
    return MEF3_OK;
}

/* session_learn.c - a channel's segments and what their metadata say, read when it is needed. */
#define _GNU_SOURCE 1 /* asprintf */

#include "session_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "layout.h"
#include "segment.h"
#include "text.h"
#include "tree.h"

/* Put a new text in place of one from a try that memory ran out on. */
static bool set_text(char **text, char *new_text)
{
    free(*text);
    *text = new_text;
    return new_text != NULL;
}

/* Texts of the session come from the first segment that can tell them. */
static int take_section3(struct mef3_session *s, const struct metadata *metadata)
{
    const uint8_t *section = metadata->section3;

    if (!section || s->has_section3)
        return MEF3_OK;
    if (!set_text(&s->subject_name_1, text_new(section + S3_SUBJECT_NAME_1, S3_SUBJECT_BYTES)) ||
        !set_text(&s->subject_name_2, text_new(section + S3_SUBJECT_NAME_2, S3_SUBJECT_BYTES)) ||
        !set_text(&s->subject_id, text_new(section + S3_SUBJECT_ID, S3_SUBJECT_BYTES)) ||
        !set_text(&s->recording_location, text_new(section + S3_LOCATION, S3_LOCATION_BYTES)))
        return MEF3_ENOMEM;
    s->info.recording_time_offset = metadata->time_offset;
    s->info.gmt_offset_s = metadata->gmt_offset_s;
    s->info.dst_start = le_i64(section + S3_DST_START);
    s->info.dst_end = le_i64(section + S3_DST_END);
    s->has_section3 = true;
    return MEF3_OK;
}

/* Facts of a channel come from its first readable segment. */
static int take_section2(struct mef3_session *session, struct channel *channel,
                         const struct segment_metadata *m)
{
    struct mef3_channel_info *info = &channel->info;
    const uint8_t *section = m->metadata.section2;

    if (!set_text(&channel->units, text_new_units(section + S2_UNITS, S2_UNITS_BYTES)) ||
        !set_text(&channel->description,
                  text_new(section + S2_CHANNEL_DESCRIPTION, S2_DESCRIPTION_BYTES)) ||
        !set_text(&channel->reference,
                  text_new(section + S2_REFERENCE_DESCRIPTION, S2_DESCRIPTION_BYTES)))
        return MEF3_ENOMEM;
    if (!session->session_description &&
        !set_text(&session->session_description,
                  text_new(section + S2_SESSION_DESCRIPTION, S2_DESCRIPTION_BYTES)))
        return MEF3_ENOMEM;
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
    channel->has_facts = true;
    return MEF3_OK;
}

/* A channel has one rate and one factor: samples of a segment that says another
 * would be put in the wrong place, or shown with the wrong value. */
static int refuse_other(struct segment *segment, int at, const char *field, double expected,
                        double found)
{
    struct mef3_error error;
    char path[SOURCE_PATH_MAX];
    char expected_text[40];
    char found_text[40];

    if (found == expected || segment->info.status != MEF3_OK)
        return MEF3_OK;
    snprintf(path, sizeof path, "%s.tmet", segment->stem);
    snprintf(expected_text, sizeof expected_text, "%.17g, as before", expected);
    snprintf(found_text, sizeof found_text, "%.17g", found);
    mef3_error_set(&error, MEF3_EUNSUPPORTED, path, META_SECTION_2 + at, field, expected_text,
                   found_text);
    return segment_refuse(segment, &error);
}

/* Read a segment's metadata. Either the channel's facts are known, or no segment
 * before it can be read. */
static int read_segment(struct mef3_session *session, struct channel *channel,
                        struct segment *segment)
{
    struct segment_metadata m;

    if (segment->is_known)
        return MEF3_OK;
    int status = segment_read(&session->source, session->password, session->buffer, segment, &m);
    if (status == MEF3_OK && m.has_metadata) {
        segment->has_section3 = m.metadata.section3 != NULL;
        session->info.times_relative |= !segment->has_section3;
        if (!session->anonymized_name &&
            !set_text(&session->anonymized_name,
                      text_new(session->buffer + UH_ANONYMIZED_NAME, UH_NAME_BYTES)))
            return MEF3_ENOMEM;
        status = take_section3(session, &m.metadata);
    }
    if (status == MEF3_OK && segment->info.status == MEF3_OK && !channel->has_facts)
        status = take_section2(session, channel, &m);
    if (status == MEF3_OK)
        status = refuse_other(segment, S2_RATE, "sampling frequency", channel->info.rate_hz,
                              segment->info.rate_hz);
    if (status == MEF3_OK)
        status = refuse_other(segment, S2_UNITS_FACTOR, "units conversion factor",
                              channel->info.units_factor, segment->info.units_factor);
    if (status != MEF3_OK)
        return status;
    if (segment->has_password &&
        (session->access_level < 0 || segment->keys.level < session->access_level))
        session->access_level = segment->keys.level;
    segment->is_known = true;
    return MEF3_OK;
}

int session_learn_segment(struct mef3_session *session, struct channel *channel,
                          struct segment *segment)
{
    int status = MEF3_OK;

    if (segment->is_known)
        return MEF3_OK;
    while (status == MEF3_OK && !channel->has_facts && channel->n_tried < channel->info.n_segments)
        status = read_segment(session, channel, &channel->segments[channel->n_tried++]);
    if (status != MEF3_OK)
        channel->n_tried--;
    else
        status = read_segment(session, channel, segment);
    return status;
}

static int add_segment(struct channel *channel, const struct tree_name *name)
{
    struct segment *segment = &channel->segments[channel->info.n_segments++];

    segment_init(segment, name->number);
    return asprintf(&segment->stem, "%s/%s.segd/%s", channel->folder, name->name, name->name) < 0
               ? MEF3_ENOMEM
               : MEF3_OK;
}

int session_list_channel(struct mef3_session *session, struct channel *channel)
{
    struct tree_names names = {0};

    if (channel->is_listed)
        return MEF3_OK;
    size_t left = MEF3_MAX_SEGMENTS - session->n_segments;
    int status = tree_list_segments(&session->source, channel->folder, left, &names);
    if (status == MEF3_ENOENT || status == MEF3_EACCES || status == MEF3_EIO ||
        status == MEF3_EFORMAT) {
        channel->info.status = status; /* the others may be whole */
        channel->is_listed = true;
        return MEF3_OK;
    }
    if (status != MEF3_OK)
        return status;
    channel->segments = calloc(names.n + 1, sizeof *channel->segments);
    status = channel->segments ? MEF3_OK : MEF3_ENOMEM;
    for (size_t i = 0; status == MEF3_OK && i < names.n; i++)
        status = add_segment(channel, &names.items[i]);
    tree_names_fini(&names);
    if (status != MEF3_OK) {
        session_forget_segments(channel);
        return status;
    }
    session->n_segments += channel->info.n_segments;
    channel->is_listed = true;
    return MEF3_OK;
}

/* The recording time offset of the first segment of a channel in which it can be read. */
static int find_time_offset(struct mef3_session *session, struct channel *channel,
                            bool *is_found_out, int64_t *offset_out)
{
    int status = session_list_channel(session, channel);

    for (size_t i = 0; status == MEF3_OK && i < channel->info.n_segments; i++) {
        struct segment *segment = &channel->segments[i];
        status = session_learn_segment(session, channel, segment);
        if (status == MEF3_OK && segment->has_section3) {
            *offset_out = segment->time_offset;
            *is_found_out = true;
            break;
        }
    }
    return status;
}

/* That of the session is the first readable segment's; 0 where none is. */
static int learn_time_offset(struct mef3_session *session)
{
    bool is_found = false;
    int status = MEF3_OK;

    for (size_t c = 0; status == MEF3_OK && !is_found && c < session->info.n_channels; c++)
        status = find_time_offset(session, &session->channels[c], &is_found, &session->time_offset);
    session->has_time_offset = status == MEF3_OK;
    return status;
}

int session_time_offset(struct mef3_session *session, struct channel *channel, int64_t *offset_out)
{
    bool is_found = false;
    int status = channel ? find_time_offset(session, channel, &is_found, offset_out) : MEF3_OK;

    if (status == MEF3_OK && !is_found && !session->has_time_offset)
        status = learn_time_offset(session);
    if (status == MEF3_OK && !is_found)
        *offset_out = session->time_offset;
    return status;
}

static int place_segment(struct mef3_session *session, struct segment *segment)
{
    if (segment->info.status == MEF3_OK)
        return MEF3_OK;
    if (!session->has_time_offset) {
        int status = learn_time_offset(session);
        if (status != MEF3_OK)
            return status;
    }
    segment_place(segment, session->time_offset);
    return MEF3_OK;
}

void session_add_span(int64_t start, int64_t end, int64_t *start_inout, int64_t *end_inout)
{
    if (start == MEF3_NO_TIME)
        return;
    if (*start_inout == MEF3_NO_TIME || start < *start_inout)
        *start_inout = start;
    if (*end_inout == MEF3_NO_TIME || end > *end_inout)
        *end_inout = end;
}

/* What follows for a channel from its segments. */
static void sum_up(struct channel *channel)
{
    struct mef3_channel_info *info = &channel->info;

    for (size_t i = 0; i < info->n_segments; i++) {
        const struct mef3_segment_info *segment = &channel->segments[i].info;
        if (segment->status != MEF3_OK)
            continue;
        /* Each is at most 2^53, but there may be many. */
        if (__builtin_add_overflow(info->n_samples, segment->n_samples, &info->n_samples))
            info->n_samples = INT64_MAX;
        session_add_span(segment->start_uutc, segment->end_uutc, &info->start_uutc,
                         &info->end_uutc);
    }
    if (info->n_segments > 0 && !channel->has_readable)
        info->status = channel->segments[0].info.status;
    channel->is_known = true;
}

int session_learn_channel(struct mef3_session *session, struct channel *channel)
{
    int status = session_list_channel(session, channel);

    if (channel->is_known)
        return MEF3_OK;
    for (size_t i = 0; status == MEF3_OK && i < channel->info.n_segments; i++) {
        struct segment *segment = &channel->segments[i];
        status = session_learn_segment(session, channel, segment);
        channel->has_readable |= segment->info.status == MEF3_OK;
    }
    /* Where a channel is lost as a whole, nobody asks when its segments are. The
     * answer might cost reading all metadata of the session: every section 3 may
     * be locked. */
    for (size_t i = 0; status == MEF3_OK && channel->has_readable && i < channel->info.n_segments;
         i++)
        status = place_segment(session, &channel->segments[i]);
    if (status == MEF3_OK)
        sum_up(channel);
    return status;
}

int session_place_all(struct mef3_session *session)
{
    int status = MEF3_OK;

    for (size_t c = 0; c < session->info.n_channels; c++)
        for (size_t i = 0; status == MEF3_OK && i < session->channels[c].info.n_segments; i++)
            status = place_segment(session, &session->channels[c].segments[i]);
    return status;
}

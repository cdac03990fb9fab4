/* session_open.c - from the folder of a recording to its channels, and to all that is known. */
#define _GNU_SOURCE 1 /* asprintf */

#include "session_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "layout.h"
#include "text.h"
#include "tree.h"

static int channel_init(struct channel *channel, const char *name)
{
    if (asprintf(&channel->folder, "%s.timd", name) < 0)
        channel->folder = NULL;
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

static int list_channels(struct mef3_session *session)
{
    struct tree_names names = {0};

    int status = tree_list_channels(&session->source, MEF3_MAX_CHANNELS, &names,
                                    &session->info.n_video_channels);
    if (status != MEF3_OK)
        return status;
    session->channels = calloc(names.n + 1, sizeof *session->channels);
    if (!session->channels)
        status = MEF3_ENOMEM;
    for (size_t i = 0; status == MEF3_OK && i < names.n; i++) {
        session->info.n_channels = i + 1;
        status = channel_init(&session->channels[i], names.items[i].name);
    }
    tree_names_fini(&names);
    return status;
}

int session_begin(struct mef3_session *session, const char *password)
{
    struct mef3_session_info *info = &session->info;

    session->access_level = -1;
    session->index_budget = MEF3_INDEX_BUDGET;
    info->start_uutc = MEF3_NO_TIME;
    info->end_uutc = MEF3_NO_TIME;
    info->gmt_offset_s = S3_NO_GMT_OFFSET;
    info->session_description = "";
    info->subject_name_1 = "";
    info->subject_name_2 = "";
    info->subject_id = "";
    info->recording_location = "";
    info->anonymized_name = "";
    session->name = text_new((const uint8_t *)session->source.name, sizeof session->source.name);
    session->password = password ? strdup(password) : NULL;
    session->buffer = malloc(META_BYTES);
    info->name = session->name;
    if (!session->name || !session->buffer || (password && !session->password))
        return MEF3_ENOMEM;
    return list_channels(session);
}

static void count_segment(struct mef3_session_info *info, const struct segment *segment)
{
    info->encrypted |= segment->has_password;
    if (segment->info.status == MEF3_EPASSWORD)
        info->n_locked++;
    else if (segment->info.status != MEF3_OK)
        info->n_damaged++;
}

static const char *text_or_empty(const char *text)
{
    return text ? text : "";
}

/* What follows for the session from its channels. */
static void sum_up(struct mef3_session *session)
{
    struct mef3_session_info *info = &session->info;

    for (size_t c = 0; c < info->n_channels; c++) {
        const struct channel *channel = &session->channels[c];
        for (size_t i = 0; i < channel->info.n_segments; i++)
            count_segment(info, &channel->segments[i]);
        session_add_span(channel->info.start_uutc, channel->info.end_uutc, &info->start_uutc,
                         &info->end_uutc);
    }
    info->access_level = session->access_level > 0 ? session->access_level : 0;
    info->session_description = text_or_empty(session->session_description);
    info->subject_name_1 = text_or_empty(session->subject_name_1);
    info->subject_name_2 = text_or_empty(session->subject_name_2);
    info->subject_id = text_or_empty(session->subject_id);
    info->recording_location = text_or_empty(session->recording_location);
    info->anonymized_name = text_or_empty(session->anonymized_name);
}

/* In the order of channels: the first that tells something has it. */
int session_learn_all(struct mef3_session *session)
{
    int status = MEF3_OK;

    for (size_t c = 0; status == MEF3_OK && c < session->info.n_channels; c++)
        status = session_learn_channel(session, &session->channels[c]);
    if (status == MEF3_OK)
        status = session_place_all(session);
    if (status == MEF3_OK)
        sum_up(session);
    return status;
}

/* session.c - a recording that is open: its channels, their segments, what is known of them. */
#include <mef3/session.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "index_cache.h"
#include "segment.h"
#include "session_internal.h"

int mef3_session_open(struct mef3_source *source, const char *password,
                      struct mef3_session **session_out, struct mef3_error *error)
{
    struct mef3_session *session = calloc(1, sizeof *session);

    if (!session) {
        mef3_source_fini(source);
        return mef3_error_set(error, MEF3_ENOMEM, NULL, -1, NULL, NULL, NULL);
    }
    session->source = *source;
    memset(source, 0, sizeof *source);
    int status = session_load(session, password);
    if (status != MEF3_OK) {
        const char *what = status == MEF3_ELIMIT ? "number of channels or segments" : NULL;
        mef3_session_close(session);
        return mef3_error_set(error, status, NULL, -1, what, NULL, NULL);
    }
    *session_out = session;
    return MEF3_OK;
}

int mef3_session_open_folder(const char *path, const char *password,
                             struct mef3_session **session_out, struct mef3_error *error)
{
    struct mef3_source source;
    char name[sizeof source.name];

    int status = mef3_source_folder(path, NULL, &source, error);
    if (status != MEF3_OK)
        return status;
    memcpy(name, source.name, sizeof name);
    status = mef3_session_open(&source, password, session_out, error);
    if (status != MEF3_OK && error)
        snprintf(error->file, sizeof error->file, "%s.mefd", name);
    return status;
}

static void channel_fini(struct channel *channel)
{
    for (size_t i = 0; i < channel->info.n_segments; i++)
        segment_fini(&channel->segments[i]);
    free(channel->segments);
    free(channel->folder);
    free(channel->name);
    free(channel->units);
    free(channel->description);
    free(channel->reference);
}

void mef3_session_close(struct mef3_session *session)
{
    if (!session)
        return;
    index_cache_clear(session);
    for (size_t i = 0; i < session->info.n_channels; i++)
        channel_fini(&session->channels[i]);
    free(session->channels);
    free(session->name);
    free(session->session_description);
    free(session->subject_name_1);
    free(session->subject_name_2);
    free(session->subject_id);
    free(session->recording_location);
    mef3_source_fini(&session->source);
    free(session);
}

const struct mef3_session_info *mef3_session_info(const struct mef3_session *session)
{
    return &session->info;
}

const struct mef3_channel_info *mef3_channel_info(const struct mef3_session *session,
                                                  size_t channel)
{
    return channel < session->info.n_channels ? &session->channels[channel].info : NULL;
}

int64_t mef3_channel_find(const struct mef3_session *session, const char *name)
{
    for (size_t i = 0; i < session->info.n_channels; i++)
        if (strcmp(session->channels[i].info.name, name) == 0)
            return (int64_t)i;
    return -1;
}

struct segment *session_segment(const struct mef3_session *session, size_t channel, size_t segment)
{
    if (channel >= session->info.n_channels ||
        segment >= session->channels[channel].info.n_segments)
        return NULL;
    return &session->channels[channel].segments[segment];
}

const struct mef3_segment_info *mef3_segment_info(const struct mef3_session *session,
                                                  size_t channel, size_t segment)
{
    const struct segment *s = session_segment(session, channel, segment);

    return s ? &s->info : NULL;
}

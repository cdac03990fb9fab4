/* session.c - a recording that is open: its channels, their segments, what is known of them. */
#include <mef3/session.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "index_cache.h"
#include "segment.h"
#include "session_internal.h"

static int say(int status, struct mef3_error *error)
{
    const char *what = status == MEF3_ELIMIT ? "number of channels or segments" : NULL;

    return status == MEF3_OK ? MEF3_OK : mef3_error_set(error, status, NULL, -1, what, NULL, NULL);
}

static int open_session(struct mef3_source *source, const char *password, bool learns_all,
                        struct mef3_session **session_out, struct mef3_error *error)
{
    struct mef3_session *session = calloc(1, sizeof *session);

    if (!session) {
        mef3_source_fini(source);
        return mef3_error_set(error, MEF3_ENOMEM, NULL, -1, NULL, NULL, NULL);
    }
    session->source = *source;
    memset(source, 0, sizeof *source);
    int status = session_begin(session, password);
    if (status == MEF3_OK && learns_all)
        status = session_learn_all(session);
    if (status != MEF3_OK) {
        mef3_session_close(session);
        return say(status, error);
    }
    *session_out = session;
    return MEF3_OK;
}

int mef3_session_open(struct mef3_source *source, const char *password,
                      struct mef3_session **session_out, struct mef3_error *error)
{
    return open_session(source, password, true, session_out, error);
}

int mef3_session_open_lazy(struct mef3_source *source, const char *password,
                           struct mef3_session **session_out, struct mef3_error *error)
{
    return open_session(source, password, false, session_out, error);
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

void session_forget_segments(struct channel *channel)
{
    for (size_t i = 0; i < channel->info.n_segments; i++)
        segment_fini(&channel->segments[i]);
    free(channel->segments);
    channel->segments = NULL;
    channel->info.n_segments = 0;
}

static void channel_fini(struct channel *channel)
{
    session_forget_segments(channel);
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
    if (session->password)
        explicit_bzero(session->password, strlen(session->password));
    free(session->password);
    free(session->buffer); /* what it held is in the texts, or was no secret */
    free(session->name);
    free(session->session_description);
    free(session->subject_name_1);
    free(session->subject_name_2);
    free(session->subject_id);
    free(session->recording_location);
    free(session->anonymized_name);
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

static struct channel *get_channel(const struct mef3_session *session, size_t channel)
{
    return channel < session->info.n_channels ? &session->channels[channel] : NULL;
}

static int no_such(const char *what, struct mef3_error *error)
{
    return mef3_error_set(error, MEF3_EINVAL, NULL, -1, what, NULL, NULL);
}

int mef3_channel_list(struct mef3_session *session, size_t channel, struct mef3_error *error)
{
    struct channel *c = get_channel(session, channel);

    return c ? say(session_list_channel(session, c), error) : no_such("channel", error);
}

int mef3_channel_learn(struct mef3_session *session, size_t channel, struct mef3_error *error)
{
    struct channel *c = get_channel(session, channel);

    return c ? say(session_learn_channel(session, c), error) : no_such("channel", error);
}

int session_need_segment(struct mef3_session *session, size_t channel, size_t segment,
                         struct segment **segment_out, struct mef3_error *error)
{
    struct channel *c = get_channel(session, channel);

    int status = c ? session_list_channel(session, c) : MEF3_EINVAL;
    if (status == MEF3_EINVAL || (status == MEF3_OK && segment >= c->info.n_segments))
        return no_such("segment", error);
    if (status == MEF3_OK)
        status = session_learn_segment(session, c, &c->segments[segment]);
    if (status == MEF3_OK)
        *segment_out = &c->segments[segment];
    return say(status, error);
}

int mef3_segment_learn(struct mef3_session *session, size_t channel, size_t segment,
                       struct mef3_error *error)
{
    struct segment *s;

    return session_need_segment(session, channel, segment, &s, error);
}

int64_t mef3_segment_find(const struct mef3_session *session, size_t channel, int32_t number)
{
    const struct channel *c = get_channel(session, channel);
    size_t low = 0, high = c ? c->info.n_segments : 0;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (c->segments[middle].info.number < number)
            low = middle + 1;
        else
            high = middle;
    }
    return c && low < c->info.n_segments && c->segments[low].info.number == number ? (int64_t)low
                                                                                   : -1;
}

/* ls_look.c - find out about a recording at little cost: of each channel two segments. */
#include "ls.h"

#include <fts.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "recording.h"

/* What the walk cannot see does not count. */
static uint64_t count_bytes(const char *path)
{
    char *root = strdup(path);
    char *roots[] = {root, NULL};
    uint64_t bytes = 0;
    FTS *walk = root ? fts_open(roots, FTS_PHYSICAL | FTS_COMFOLLOW | FTS_NOCHDIR, NULL) : NULL;

    for (FTSENT *entry; walk && (entry = fts_read(walk));)
        if (entry->fts_info == FTS_F)
            bytes += (uint64_t)entry->fts_statp->st_size;
    if (walk)
        fts_close(walk);
    free(root);
    return bytes;
}

/* Damage is worse than a lock, and the first is told. */
static void note_error(struct ls_facts *facts, const struct mef3_error *error)
{
    bool is_lock = error->status == MEF3_EPASSWORD;

    if (facts->error.status == MEF3_OK || (facts->error.status == MEF3_EPASSWORD && !is_lock))
        facts->error = *error;
    facts->is_locked |= is_lock;
    facts->is_damaged |= !is_lock;
    facts->is_encrypted |= is_lock;
}

static void note_rate(struct ls_facts *facts, double rate_hz)
{
    if (facts->rate_min_hz == 0 || rate_hz < facts->rate_min_hz)
        facts->rate_min_hz = rate_hz;
    if (rate_hz > facts->rate_max_hz)
        facts->rate_max_hz = rate_hz;
}

static void note_span(struct ls_facts *facts, int64_t start_uutc, int64_t end_uutc)
{
    if (start_uutc == MEF3_NO_TIME || end_uutc == MEF3_NO_TIME)
        return;
    if (facts->start_uutc == MEF3_NO_TIME || start_uutc < facts->start_uutc)
        facts->start_uutc = start_uutc;
    if (facts->end_uutc == MEF3_NO_TIME || end_uutc > facts->end_uutc)
        facts->end_uutc = end_uutc;
}

/* What of the channel's span its samples do not fill. The last segment counts the samples before
 * it, so that those between need not be read. */
static void note_gap(struct ls_facts *facts, const struct mef3_segment_info *first,
                     const struct mef3_segment_info *last)
{
    int64_t n = last->start_sample > INT64_MAX - last->n_samples
                    ? INT64_MAX
                    : last->start_sample + last->n_samples;
    int64_t filled_us = mef3_index_to_time(n, 0, first->rate_hz);
    int64_t span_us = mef3_time_difference(last->end_uutc, first->start_uutc);

    /* Less than a sample is rounding. */
    int64_t gap_us = (double)(span_us - filled_us) * first->rate_hz > 1e6 ? span_us - filled_us : 0;
    if (gap_us > facts->gap_us)
        facts->gap_us = gap_us;
}

static int look_at_channel(struct ls_facts *facts, struct mef3_session *session, size_t channel)
{
    struct mef3_error error;

    int status = mef3_channel_list(session, channel, &error);
    if (status != MEF3_OK)
        return status;
    const struct mef3_channel_info *info = mef3_channel_info(session, channel);
    if (info->n_segments == 0) {
        if (info->status != MEF3_OK) {
            mef3_error_set(&error, info->status, info->name, -1, "channel", NULL, NULL);
            note_error(facts, &error);
        }
        return MEF3_OK;
    }
    const size_t ends[] = {0, info->n_segments - 1};
    const struct mef3_segment_info *segments[2];
    for (size_t i = 0; i < 2; i++) {
        status = mef3_segment_learn(session, channel, ends[i], &error);
        if (status != MEF3_OK)
            return status;
        segments[i] = mef3_segment_info(session, channel, ends[i]);
        if (segments[i]->status != MEF3_OK) {
            note_error(facts, segments[i]->error);
            continue;
        }
        facts->is_encrypted |= segments[i]->section2_level > 0 || segments[i]->section3_level > 0;
        note_rate(facts, segments[i]->rate_hz);
        note_span(facts, segments[i]->start_uutc, segments[i]->end_uutc);
    }
    if (segments[0]->status == MEF3_OK && segments[1]->status == MEF3_OK)
        note_gap(facts, segments[0], segments[1]);
    return MEF3_OK;
}

void ls_look(struct ls_facts *facts, const char *password)
{
    struct mef3_session *session;

    facts->start_uutc = facts->end_uutc = MEF3_NO_TIME;
    facts->gap_us = -1;
    facts->bytes = count_bytes(facts->path);
    int status = recording_try(facts->path, password, &session, &facts->error);
    if (status != MEF3_OK) {
        facts->is_damaged = status != MEF3_EACCES && status != MEF3_ENOMEM;
        return;
    }
    facts->error.status = MEF3_OK;
    facts->is_open = true;
    facts->n_channels = mef3_session_info(session)->n_channels;
    for (size_t i = 0; status == MEF3_OK && i < facts->n_channels; i++)
        status = look_at_channel(facts, session, i);
    if (status != MEF3_OK)
        mef3_error_set(&facts->error, status, NULL, -1, NULL, NULL, NULL);
    mef3_session_close(session);
}

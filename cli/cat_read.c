/* cat_read.c - samples for `mef3 cat`, and a tally of what cannot be read. */
#include "cat.h"

#include <string.h>

#include "cli.h"

void cat_note(void *arg, const struct mef3_damage *damage)
{
    struct cat_damage *tally = arg;
    const struct mef3_damage *last = &tally->last;

    /* Pieces of a window may cut a block in two. */
    bool is_new = tally->n_places == 0 || last->channel != damage->channel ||
                  last->segment != damage->segment || last->block != damage->block;
    if (tally->n_places == 0) {
        tally->first = damage->error;
        tally->channel = damage->channel;
        tally->is_locked_only = true;
    }
    if (damage->error.status != MEF3_EPASSWORD)
        tally->is_locked_only = false;
    tally->n_places += is_new;
    tally->n_samples += damage->n;
    tally->last = *damage;
}

/* A channel that is lost altogether is unreadable all over. */
static void read_lost(struct cat_job *job, const struct cat_channel *channel, size_t n,
                      int32_t *counts_out, uint8_t *truth_out)
{
    const struct mef3_segment_info *segment = mef3_segment_info(job->session, channel->number, 0);
    struct mef3_damage damage = {.n = (int64_t)n, .channel = channel->number, .block = -1};

    for (size_t i = 0; i < n; i++)
        counts_out[i] = MEF3_COUNT_NAN;
    if (n > 0)
        memset(truth_out, MEF3_UNREADABLE, n);
    if (segment)
        damage.error = *segment->error;
    else
        mef3_error_set(&damage.error, mef3_channel_info(job->session, channel->number)->status,
                       channel->name, -1, "channel", NULL, NULL);
    cat_note(&job->damage, &damage);
}

int cat_read(struct cat_job *job, const struct cat_channel *channel, int64_t first, size_t n,
             int32_t *counts_out, uint8_t *truth_out, struct mef3_error *error)
{
    progress_add(&job->bar, n);
    if (channel->is_lost) {
        read_lost(job, channel, n, counts_out, truth_out);
        return MEF3_OK;
    }
    if (n == 0)
        return MEF3_OK;
    int status =
        mef3_read_window_part(job->session, channel->number, job->start_uutc, job->end_uutc, first,
                              n, counts_out, truth_out, cat_note, &job->damage, error);
    if (status == MEF3_OK && !job->damage.has_data)
        job->damage.has_data = memchr(truth_out, MEF3_DATA, n) != NULL;
    return status;
}

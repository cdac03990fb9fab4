/* copy_samples.c - the samples of a channel, run by run, from one session into another. */
#include "copy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

/* Samples that are read at a time, if blocks are not longer. */
enum { PIECE = 1 << 18 };

struct copying {
    struct copy_job *job;
    size_t channel;
    size_t number; /* in the copy */
    size_t segment;
    double rate_hz;
    int32_t *counts;
    size_t room;
};

void copy_lose(struct copy_job *job, const char *channel, int64_t n_samples,
               const struct mef3_error *error)
{
    struct copy_losses *losses = &job->losses;

    losses->n_samples += n_samples;
    losses->n_places++;
    if (losses->has_first)
        return;
    losses->has_first = true;
    losses->first = *error;
    snprintf(losses->channel, sizeof losses->channel, "%s", channel ? channel : "");
}

/* Samples of a damaged block are no number, which the writer takes for a gap. */
static void note(void *arg, const struct mef3_damage *damage)
{
    struct copying *c = arg;

    copy_lose(c->job, mef3_channel_info(c->job->session, c->channel)->name, damage->n,
              &damage->error);
}

static bool make_room(struct copying *c, size_t n)
{
    if (n <= c->room)
        return true;
    int32_t *counts = realloc(c->counts, n * sizeof *counts);
    if (!counts)
        return false;
    c->counts = counts;
    c->room = n;
    return true;
}

/* What of a run lies in the window: the same samples that reading the window gives. */
static void clip(const struct copying *c, const struct mef3_run *run, int64_t *first_out,
                 int64_t *end_out)
{
    const struct copy_job *job = c->job;
    bool has_from = job->from_uutc != MEF3_NO_TIME;
    int64_t from = has_from ? job->from_uutc : mef3_session_info(job->session)->start_uutc;
    int64_t at = mef3_time_to_index(run->origin_uutc, from, c->rate_hz);
    int64_t first = run->first_sample;
    int64_t end = run->first_sample + run->n_samples;
    int64_t n = 0;

    if (has_from && run->origin_sample - at > first)
        first = run->origin_sample - at;
    if (job->to_uutc != MEF3_NO_TIME) {
        /* A window that ends before it begins has none. */
        if (mef3_window_samples(from, job->to_uutc, c->rate_hz, &n) != MEF3_OK)
            n = 0;
        if (run->origin_sample - at + n < end)
            end = run->origin_sample - at + n;
    }
    *first_out = first;
    *end_out = end;
}

static int64_t time_of(const struct copying *c, const struct mef3_run *run, int64_t sample)
{
    return mef3_index_to_time(sample - run->origin_sample, run->origin_uutc, c->rate_hz) +
           c->job->shift_us;
}

/* How many samples from `first` on begin before the end of what was written, by half a sample or
 * more: those of a segment that overlaps the one before. */
static int64_t overlap(const struct copying *c, const struct mef3_run *run, int64_t first,
                       int64_t n)
{
    int64_t end = mef3_writer_end(c->job->writer, c->number);
    double half_us = 0.5e6 / c->rate_hz;
    int64_t k = 0;

    while (end != MEF3_NO_TIME && k < n) {
        int64_t early = mef3_time_difference(end, time_of(c, run, first + k));
        if (early <= MEF3_RUN_TOLERANCE_US || (double)early < half_us)
            break;
        k++;
    }
    return k;
}

/* n samples that have been read. A channel has one sample at a time: the first that was written. */
static int append(struct copying *c, const struct mef3_run *run, int64_t first, size_t n,
                  struct mef3_error *error)
{
    struct copy_job *job = c->job;
    int64_t skip = overlap(c, run, first, (int64_t)n);

    if (skip > 0) {
        struct mef3_error why;
        mef3_error_set(&why, MEF3_EDAMAGED, NULL, -1, "time of a segment",
                       "behind the samples before it", "an earlier one");
        copy_lose(job, mef3_channel_info(job->session, c->channel)->name, skip, &why);
    }
    job->n_samples += (int64_t)n - skip;
    return mef3_writer_append(job->writer, c->number, time_of(c, run, first + skip),
                              c->counts + skip, n - (size_t)skip, error);
}

static int copy_run(struct copying *c, const struct mef3_run *run, struct mef3_error *error)
{
    size_t block = run->block_samples;
    size_t piece = block < PIECE ? PIECE / block * block : block;
    int64_t first, end;
    int status = MEF3_OK;

    clip(c, run, &first, &end);
    for (; status == MEF3_OK && first < end && !cli_interrupted(); first += (int64_t)piece) {
        size_t n = end - first < (int64_t)piece ? (size_t)(end - first) : piece;
        if (!make_room(c, n))
            return mef3_error_set(error, MEF3_ENOMEM, NULL, -1, NULL, NULL, NULL);
        status = mef3_read_samples(c->job->session, c->channel, c->segment, first, n, c->counts,
                                   note, c, error);
        if (status == MEF3_OK)
            status = append(c, run, first, n, error);
        progress_add(&c->job->bar, n);
    }
    return status;
}

/* A copy: the session's array is valid only until the next call. */
static int get_runs(struct copying *c, struct mef3_run **runs_out, size_t *n_out,
                    struct mef3_error *error)
{
    const struct mef3_run *runs;
    size_t n;

    int status = mef3_segment_runs(c->job->session, c->channel, c->segment, &runs, &n, error);
    if (status != MEF3_OK)
        return status;
    struct mef3_run *copy = malloc((n + 1) * sizeof *copy);
    if (!copy)
        return mef3_error_set(error, MEF3_ENOMEM, NULL, -1, NULL, NULL, NULL);
    if (n > 0)
        memcpy(copy, runs, n * sizeof *copy);
    *runs_out = copy;
    *n_out = n;
    return MEF3_OK;
}

static bool has_samples(const struct copying *c, const struct mef3_run *runs, size_t n)
{
    int64_t first, end;

    for (size_t i = 0; i < n; i++) {
        clip(c, &runs[i], &first, &end);
        if (first < end)
            return true;
    }
    return false;
}

/* A segment of the copy begins where one of the session does, and there is something in it. */
static int copy_segment(struct copying *c, bool *has_begun, struct mef3_error *error)
{
    const struct mef3_segment_info *info =
        mef3_segment_info(c->job->session, c->channel, c->segment);
    struct mef3_run *runs = NULL;
    struct mef3_error why;
    size_t n = 0;

    int status = get_runs(c, &runs, &n, &why);
    if (status == MEF3_ENOMEM)
        return mef3_error_set(error, MEF3_ENOMEM, NULL, -1, NULL, NULL, NULL);
    if (status != MEF3_OK) {
        copy_lose(c->job, mef3_channel_info(c->job->session, c->channel)->name, info->n_samples,
                  &why);
        return MEF3_OK;
    }
    bool is_wanted = has_samples(c, runs, n);
    if (is_wanted && *has_begun && !c->job->options->one_segment)
        status = mef3_writer_next_segment(c->job->writer, c->number, error);
    *has_begun |= is_wanted;
    for (size_t i = 0; status == MEF3_OK && i < n && !cli_interrupted(); i++)
        status = copy_run(c, &runs[i], error);
    free(runs);
    return status;
}

int copy_samples(struct copy_job *job, size_t channel, size_t number, struct mef3_error *error)
{
    const struct mef3_channel_info *info = mef3_channel_info(job->session, channel);
    struct copying c = {.job = job, .channel = channel, .number = number, .rate_hz = info->rate_hz};
    bool has_begun = false;
    int status = MEF3_OK;

    for (; status == MEF3_OK && c.segment < info->n_segments && !cli_interrupted(); c.segment++)
        status = copy_segment(&c, &has_begun, error);
    free(c.counts);
    return status;
}

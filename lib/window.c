/* window.c - a window of a channel: every sample data, gap or unreadable. */
#include <mef3/read.h>

#include <string.h>

#include "session_internal.h"

/* A call of mef3_read_window_part. Numbers count samples of the window. */
struct window {
    struct mef3_session *session;
    size_t channel;
    size_t segment; /* the one at work */
    double rate_hz;
    int64_t start_uutc;
    int64_t first; /* the part: [first, end) */
    int64_t end;
    int64_t run_shift; /* sample of the segment + this = sample of the window */
    int32_t *counts_out;
    uint8_t *truth_out; /* may be NULL */
    mef3_damage_fn *report;
    void *arg;
};

static void set_truth(const struct window *w, int64_t first, int64_t end, enum mef3_truth truth)
{
    if (w->truth_out && end > first)
        memset(w->truth_out + (first - w->first), truth, (size_t)(end - first));
}

/* A block could not be read: from the segment's count to the window's. */
static void block_is_damaged(void *arg, const struct mef3_damage *damage)
{
    const struct window *w = arg;
    struct mef3_damage here = *damage;

    here.at += w->run_shift;
    set_truth(w, here.at, here.at + here.n, MEF3_UNREADABLE);
    if (w->report)
        w->report(w->arg, &here);
}

/* A segment cannot be read at all: what nobody else has of its span is
 * unreadable. Where not even the span is known, that is said once, with the
 * first part of the window. */
static void segment_is_damaged(const struct window *w, const struct mef3_segment_info *info,
                               const struct mef3_error *why)
{
    struct mef3_damage damage = {
        .at = w->first,
        .channel = w->channel,
        .segment = w->segment,
        .block = -1,
        .error = *why,
    };

    if (info->start_uutc == MEF3_NO_TIME) {
        if (w->report && w->first == 0)
            w->report(w->arg, &damage);
        return;
    }
    int64_t first = mef3_time_to_index(info->start_uutc, w->start_uutc, w->rate_hz);
    int64_t end = mef3_time_to_index(info->end_uutc, w->start_uutc, w->rate_hz);
    if (first < w->first)
        first = w->first;
    if (end > w->end)
        end = w->end;
    if (first >= end)
        return;
    for (int64_t k = first; w->truth_out && k < end; k++)
        if (w->truth_out[k - w->first] == MEF3_GAP)
            w->truth_out[k - w->first] = MEF3_UNREADABLE;
    damage.at = first;
    damage.n = end - first;
    if (w->report)
        w->report(w->arg, &damage);
}

static int64_t index_of(const struct window *w, const struct mef3_run *run, int64_t sample)
{
    return mef3_time_to_index(run->origin_uutc, w->start_uutc, w->rate_hz) +
           (sample - run->origin_sample);
}

/* Number of the first run that ends after the window's part begins. */
static size_t first_run(const struct window *w, const struct mef3_run *runs, size_t n)
{
    size_t low = 0;

    while (low < n) {
        size_t middle = low + (n - low) / 2;
        if (index_of(w, &runs[middle], runs[middle].first_sample + runs[middle].n_samples) <=
            w->first)
            low = middle + 1;
        else
            n = middle;
    }
    return low;
}

static int read_run(struct window *w, const struct mef3_run *run, struct mef3_error *error)
{
    int64_t begin = index_of(w, run, run->first_sample);
    int64_t first = begin > w->first ? begin : w->first;
    int64_t end = begin + run->n_samples < w->end ? begin + run->n_samples : w->end;

    if (first >= end)
        return MEF3_OK;
    w->run_shift = begin - run->first_sample;
    set_truth(w, first, end, MEF3_DATA);
    return mef3_read_samples(w->session, w->channel, w->segment, first - w->run_shift,
                             (size_t)(end - first), w->counts_out + (first - w->first),
                             block_is_damaged, w, error);
}

/* Whether the part can hold anything of a segment. An index is read once, to
 * learn its span: a header's may be out of date. The channel's last segment may
 * even be growing. */
static bool may_touch(const struct window *w, const struct segment *segment)
{
    const struct mef3_channel_info *channel = mef3_channel_info(w->session, w->channel);
    int64_t start = segment->index_start_uutc;
    int64_t end = segment->index_end_uutc;

    if (w->segment + 1 == channel->n_segments || start > end)
        return true;
    return mef3_time_to_index(start, w->start_uutc, w->rate_hz) <= w->end &&
           mef3_time_to_index(end, w->start_uutc, w->rate_hz) >= w->first;
}

static int read_segment(struct window *w, struct mef3_error *error)
{
    const struct segment *segment = session_segment(w->session, w->channel, w->segment);
    const struct mef3_run *runs;
    struct mef3_error why;
    size_t n;

    if (!may_touch(w, segment))
        return MEF3_OK;
    int status = mef3_segment_runs(w->session, w->channel, w->segment, &runs, &n, &why);
    if (status == MEF3_ENOMEM) {
        if (error)
            *error = why;
        return status;
    }
    if (status != MEF3_OK) {
        segment_is_damaged(w, &segment->info, &why);
        return MEF3_OK;
    }
    for (size_t i = first_run(w, runs, n); i < n; i++) {
        /* Runs are in order of time: where two round to the same sample, the
         * later one has it. */
        if (index_of(w, &runs[i], runs[i].first_sample) >= w->end)
            break;
        status = read_run(w, &runs[i], error);
        if (status != MEF3_OK)
            return status;
    }
    return MEF3_OK;
}

/* Nothing was ever recorded. */
static void all_gaps(int32_t *counts_out, uint8_t *truth_out, size_t n)
{
    for (size_t i = 0; i < n; i++)
        counts_out[i] = MEF3_COUNT_NAN;
    if (truth_out)
        memset(truth_out, MEF3_GAP, n);
}

/* No segment can be read: there is not even a rate. */
static int channel_is_lost(const struct mef3_session *session, size_t channel,
                           struct mef3_error *error)
{
    const struct mef3_channel_info *info = mef3_channel_info(session, channel);
    const struct mef3_segment_info *first = mef3_segment_info(session, channel, 0);

    if (!first)
        return mef3_error_set(error, info->status, info->name, -1, "channel", NULL, NULL);
    if (error)
        *error = *first->error;
    return info->status;
}

int mef3_read_window_part(struct mef3_session *session, size_t channel, int64_t start_uutc,
                          int64_t end_uutc, int64_t first, size_t n, int32_t *counts_out,
                          uint8_t *truth_out, mef3_damage_fn *report, void *arg,
                          struct mef3_error *error)
{
    const struct mef3_channel_info *info = mef3_channel_info(session, channel);
    int64_t n_window;

    if (!info)
        return mef3_error_set(error, MEF3_EINVAL, NULL, -1, "channel", NULL, NULL);
    int status = mef3_channel_learn(session, channel, error);
    if (status != MEF3_OK)
        return status;
    if (info->status != MEF3_OK)
        return channel_is_lost(session, channel, error);
    if (info->n_segments == 0) {
        all_gaps(counts_out, truth_out, n);
        return MEF3_OK;
    }
    status = mef3_window_samples(start_uutc, end_uutc, info->rate_hz, &n_window);
    if (status != MEF3_OK)
        return mef3_error_set(error, status, NULL, -1, "window", NULL, NULL);
    if (first < 0 || first > n_window || n > (uint64_t)(n_window - first))
        return mef3_error_set(error, MEF3_EINVAL, NULL, -1, "range of samples", NULL, NULL);

    struct window w = {
        .session = session,
        .channel = channel,
        .rate_hz = info->rate_hz,
        .start_uutc = start_uutc,
        .first = first,
        .end = first + (int64_t)n,
        .counts_out = counts_out,
        .truth_out = truth_out,
        .report = report,
        .arg = arg,
    };
    all_gaps(counts_out, truth_out, n);
    for (; w.segment < info->n_segments; w.segment++) {
        status = read_segment(&w, error);
        if (status != MEF3_OK)
            return status;
    }
    return MEF3_OK;
}

int mef3_read_window(struct mef3_session *session, size_t channel, int64_t start_uutc,
                     int64_t end_uutc, int32_t *counts_out, uint8_t *truth_out, size_t n,
                     mef3_damage_fn *report, void *arg, struct mef3_error *error)
{
    const struct mef3_channel_info *info = mef3_channel_info(session, channel);
    int64_t n_window;

    int status = info ? mef3_channel_learn(session, channel, error) : MEF3_OK;
    if (status != MEF3_OK)
        return status;
    if (info && mef3_window_samples(start_uutc, end_uutc, info->rate_hz, &n_window) == MEF3_OK &&
        n != (uint64_t)n_window)
        return mef3_error_set(error, MEF3_EINVAL, NULL, -1, "number of samples", NULL, NULL);
    return mef3_read_window_part(session, channel, start_uutc, end_uutc, 0, n, counts_out,
                                 truth_out, report, arg, error);
}

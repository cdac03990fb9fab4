/* diff.c - two recordings, channel by channel. */
#include "diff.h"

#include <stdlib.h>
#include <string.h>

void diff_note_bad(struct diff *diff, int which, const struct mef3_error *bad)
{
    if (diff->bad_in >= 0 && (diff->bad.status != MEF3_EPASSWORD || bad->status == MEF3_EPASSWORD))
        return;
    diff->bad = *bad;
    diff->bad_in = which;
}

/* Both lists are in the order of names. */
static bool list_channels(struct diff *diff)
{
    struct mef3_session *const *s = diff->sessions;
    size_t n[2] = {mef3_session_info(s[0])->n_channels, mef3_session_info(s[1])->n_channels};

    diff->channels = calloc(n[0] + n[1] + 1, sizeof *diff->channels);
    if (!diff->channels)
        return false;
    for (size_t a = 0, b = 0; a < n[0] || b < n[1];) {
        const char *x = a < n[0] ? mef3_channel_info(s[0], a)->name : NULL;
        const char *y = b < n[1] ? mef3_channel_info(s[1], b)->name : NULL;
        int order = !x ? 1 : !y ? -1 : strcmp(x, y);
        diff->channels[diff->n++] = (struct diff_channel){
            .name = order <= 0 ? x : y,
            .numbers = {a, b},
            .only_in = order < 0   ? 0
                       : order > 0 ? 1
                                   : -1,
        };
        a += order <= 0;
        b += order >= 0;
    }
    return true;
}

static bool add_span(struct diff_channel *channel, int only_in, int64_t start_uutc,
                     int64_t end_uutc)
{
    channel->only_us[only_in] += mef3_time_difference(end_uutc, start_uutc);
    if (channel->n_spans++ >= DIFF_MOST_SPANS)
        return true;
    if (!channel->spans)
        channel->spans = malloc(DIFF_MOST_SPANS * sizeof *channel->spans);
    if (!channel->spans)
        return false;
    channel->spans[channel->n_spans - 1] = (struct diff_span){start_uutc, end_uutc, only_in};
    return true;
}

static bool has(const struct coverage *coverage, size_t at, int64_t uutc)
{
    return at < coverage->n && coverage->stretches[at].kind != STRETCH_GAP &&
           coverage->stretches[at].start_uutc <= uutc;
}

/* When something changes next, in either. */
static int64_t next_change(const struct coverage *coverage, size_t at, int64_t uutc)
{
    if (at >= coverage->n)
        return INT64_MAX;
    const struct stretch *stretch = &coverage->stretches[at];
    return stretch->start_uutc > uutc ? stretch->start_uutc : stretch->end_uutc;
}

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* A stretch of time in which nothing changes: what both have is compared, what one has is told. */
static int take_stretch(struct diff *diff, struct diff_channel *channel, const bool have[2],
                        int64_t start_uutc, int64_t end_uutc, struct mef3_error *error)
{
    double rate_hz = mef3_channel_info(diff->sessions[0], channel->numbers[0])->rate_hz;
    double length = (double)mef3_time_difference(end_uutc, start_uutc) * rate_hz;

    if (have[0] && have[1])
        return diff->with_samples ? diff_compare_samples(diff, channel, start_uutc, end_uutc, error)
                                  : MEF3_OK;
    if (!have[0] && !have[1])
        return MEF3_OK;
    if (length < 0.5e6) /* less than half a sample is rounding */
        return MEF3_OK;
    return add_span(channel, have[0] ? 0 : 1, start_uutc, end_uutc)
               ? MEF3_OK
               : mef3_error_set(error, MEF3_ENOMEM, NULL, -1, NULL, NULL, NULL);
}

static int walk_time(struct diff *diff, struct diff_channel *channel,
                     const struct coverage coverage[2], struct mef3_error *error)
{
    size_t at[2] = {0, 0};
    int64_t uutc = INT64_MIN;
    int status = MEF3_OK;

    while (status == MEF3_OK && (at[0] < coverage[0].n || at[1] < coverage[1].n)) {
        int64_t end_uutc =
            least(next_change(&coverage[0], at[0], uutc), next_change(&coverage[1], at[1], uutc));
        bool have[2];
        for (size_t k = 0; k < 2; k++)
            have[k] = has(&coverage[k], at[k], uutc);
        status = take_stretch(diff, channel, have, uutc, end_uutc, error);
        uutc = end_uutc;
        for (size_t k = 0; k < 2; k++)
            while (at[k] < coverage[k].n && coverage[k].stretches[at[k]].end_uutc <= uutc)
                at[k]++;
    }
    return status;
}

static int compare_times(struct diff *diff, struct diff_channel *channel, struct mef3_error *error)
{
    struct coverage coverage[2] = {0};
    int status = MEF3_OK;

    for (int k = 0; status == MEF3_OK && k < 2; k++) {
        status = coverage_read(diff->sessions[k], channel->numbers[k], 0, &coverage[k], error);
        channel->n_bad[k] = coverage[k].n_bad;
        if (coverage[k].n_bad > 0)
            diff_note_bad(diff, k, &coverage[k].first_bad);
    }
    double rates[2] = {mef3_channel_info(diff->sessions[0], channel->numbers[0])->rate_hz,
                       mef3_channel_info(diff->sessions[1], channel->numbers[1])->rate_hz};
    /* At different rates there is nothing to lay side by side; the field tells of it. */
    if (status == MEF3_OK && rates[0] == rates[1] && rates[0] > 0)
        status = walk_time(diff, channel, coverage, error);
    coverage_fini(&coverage[0]);
    coverage_fini(&coverage[1]);
    return status;
}

/* Whether something of the channel can be read; of a lost one the fields mean nothing. */
static bool note_lost(struct diff *diff, struct diff_channel *channel, int which)
{
    const struct mef3_channel_info *info =
        mef3_channel_info(diff->sessions[which], channel->numbers[which]);
    struct mef3_error bad;

    if (info->status != MEF3_OK && info->n_segments == 0) {
        mef3_error_set(&bad, info->status, info->name, -1, "channel", NULL, NULL);
        diff_note_bad(diff, which, &bad);
        channel->is_lost = true;
    }
    return info->status == MEF3_OK;
}

static int compare_channel(struct diff *diff, struct diff_channel *channel,
                           struct mef3_error *error)
{
    bool is_readable = true;

    if (channel->only_in >= 0)
        return MEF3_OK;
    for (int k = 0; k < 2; k++)
        is_readable = note_lost(diff, channel, k) && is_readable;
    if (is_readable && !diff_channel_fields(diff, channel))
        return mef3_error_set(error, MEF3_ENOMEM, NULL, -1, NULL, NULL, NULL);
    return compare_times(diff, channel, error);
}

int diff_run(struct diff *diff, struct mef3_error *error)
{
    uint64_t n_samples = 0;
    int status = MEF3_OK;

    diff->bad_in = -1;
    if (!list_channels(diff) || (diff->with_metadata && !diff_session_fields(diff)))
        return mef3_error_set(error, MEF3_ENOMEM, NULL, -1, NULL, NULL, NULL);
    for (size_t i = 0; i < diff->n; i++)
        if (diff->channels[i].only_in < 0)
            n_samples +=
                (uint64_t)mef3_channel_info(diff->sessions[0], diff->channels[i].numbers[0])
                    ->n_samples;
    progress_start(&diff->bar, "comparing", n_samples, PROGRESS_SAMPLES);
    for (size_t i = 0; status == MEF3_OK && i < diff->n; i++)
        status = compare_channel(diff, &diff->channels[i], error);
    progress_end(&diff->bar);
    return status;
}

bool diff_channel_is_equal(const struct diff_channel *channel)
{
    const struct diff_samples *samples = &channel->samples;

    return channel->only_in < 0 && channel->fields.n == 0 && channel->n_spans == 0 &&
           !channel->is_lost && channel->n_bad[0] == 0 && channel->n_bad[1] == 0 &&
           samples->n_different == 0 && samples->n_unreadable[0] == 0 &&
           samples->n_unreadable[1] == 0;
}

bool diff_is_equal(const struct diff *diff)
{
    bool is_equal = diff->fields.n == 0;

    for (size_t i = 0; is_equal && i < diff->n; i++)
        is_equal = diff_channel_is_equal(&diff->channels[i]);
    return is_equal;
}

static void fini_fields(struct diff_fields *fields)
{
    for (size_t i = 0; i < fields->n; i++) {
        free(fields->items[i].values[0]);
        free(fields->items[i].values[1]);
    }
}

void diff_fini(struct diff *diff)
{
    fini_fields(&diff->fields);
    for (size_t i = 0; i < diff->n; i++) {
        fini_fields(&diff->channels[i].fields);
        free(diff->channels[i].spans);
    }
    free(diff->channels);
}

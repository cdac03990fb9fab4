/* writer_append.c - samples to runs, runs to blocks. */
#include "writer.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "universal_header.h"

int writer_put_pending(struct mef3_writer *writer, struct writer_channel *channel,
                       struct mef3_error *error)
{
    if (channel->n_pending == 0)
        return MEF3_OK;
    int status = writer_put_blocks(writer, channel, channel->pending, channel->n_pending, 1, error);
    if (status == MEF3_OK)
        channel->n_pending = 0;
    return status;
}

static int64_t run_end(const struct writer_channel *channel)
{
    return mef3_index_to_time(channel->run_samples, channel->run_uutc, channel->rate_hz);
}

static bool touches(int64_t a, int64_t b)
{
    int64_t away = mef3_time_difference(a, b);

    return away >= -MEF3_RUN_TOLERANCE_US && away <= MEF3_RUN_TOLERANCE_US;
}

/* A clock that drifts, or times that jitter, put a block before the end of the one before. As long
 * as it is by less than half a sample, no sample is at the place of another. */
static bool overlaps(const struct writer_channel *channel, int64_t start_uutc)
{
    int64_t early = channel->written_until == MEF3_NO_TIME
                        ? 0
                        : mef3_time_difference(channel->written_until, start_uutc);

    return early > MEF3_RUN_TOLERANCE_US && (double)early >= 0.5e6 / channel->rate_hz;
}

/* Whether samples may be from start_uutc to end_uutc. */
static int check_times(const struct writer_channel *channel, int64_t start_uutc, int64_t end_uutc,
                       struct mef3_error *error)
{
    int64_t least = channel->negates_times ? channel->time_offset + 1 : 0;
    char expected[64], found[32];

    if (start_uutc < least)
        snprintf(expected, sizeof expected,
                 channel->time_offset ? "%lld or later, for the recording time offset"
                                      : "%lld (1970) or later",
                 (long long)least);
    else if (end_uutc > TIME_LIMIT_UUTC)
        snprintf(expected, sizeof expected, "a time before the year 38505");
    else if (overlaps(channel, start_uutc))
        snprintf(expected, sizeof expected, "%lld, where what was written ends, or later",
                 (long long)channel->written_until);
    else
        return MEF3_OK;
    snprintf(found, sizeof found, "%lld", (long long)start_uutc);
    return mef3_error_set(error, MEF3_EINVAL, channel->name, -1, "start time", expected, found);
}

/* Samples without a gap, of the run under way or, from run_uutc, of a new one. */
static int append_to_run(struct mef3_writer *writer, struct writer_channel *channel,
                         const int32_t *counts, size_t n, struct mef3_error *error)
{
    int status = MEF3_OK;

    while (status == MEF3_OK && n) {
        size_t n_whole = channel->n_pending ? 0 : n / channel->block_samples;
        size_t room = channel->block_samples - channel->n_pending;
        size_t k = n < room ? n : room;
        if (n_whole > writer->n_together)
            n_whole = writer->n_together;
        if (n_whole > 0)
            k = n_whole * channel->block_samples;
        else
            memcpy(channel->pending + channel->n_pending, counts, k * sizeof *counts);
        channel->run_samples += (int64_t)k;
        if (n_whole > 0)
            status =
                writer_put_blocks(writer, channel, counts, channel->block_samples, n_whole, error);
        else if ((channel->n_pending += (uint32_t)k) == channel->block_samples)
            status = writer_put_pending(writer, channel, error);
        counts += k;
        n -= k;
    }
    channel->written_until = run_end(channel);
    return status;
}

/* Samples without a gap that begin at start_uutc: do they go on with the run? */
static int append_piece(struct mef3_writer *writer, struct writer_channel *channel,
                        int64_t start_uutc, const int32_t *counts, size_t n,
                        struct mef3_error *error)
{
    if (channel->run_samples == 0 || !touches(start_uutc, run_end(channel))) {
        int status = writer_put_pending(writer, channel, error);
        if (status != MEF3_OK)
            return status;
        channel->run_uutc = start_uutc;
        channel->run_samples = 0;
    }
    return append_to_run(writer, channel, counts, n, error);
}

/* The fewest samples that make a gap which can be told by times, whatever they are rounded to. */
static size_t least_gap(double rate_hz)
{
    return 1 + (size_t)((MEF3_RUN_TOLERANCE_US + 1) * 1e-6 * rate_hz);
}

static size_t count_nan(const int32_t *counts, size_t n)
{
    size_t k = 0;

    while (k < n && counts[k] == MEF3_COUNT_NAN)
        k++;
    return k;
}

/* Length of what is to be stored from counts[0] on: up to the next gap. */
static size_t piece(const int32_t *counts, size_t n, size_t gap)
{
    for (size_t i = 0; i < n;) {
        size_t k = count_nan(counts + i, n - i);
        if (k >= gap)
            return i;
        i += k ? k : 1;
    }
    return n;
}

/* Where a call's samples stand: number i at the time of number `number + i` from origin_uutc on. */
struct place {
    int64_t origin_uutc;
    int64_t number;
};

static int append(struct mef3_writer *writer, struct writer_channel *channel,
                  const struct place *place, const int32_t *counts, size_t n,
                  struct mef3_error *error)
{
    size_t gap = least_gap(channel->rate_hz);
    int status = MEF3_OK;

    for (size_t i = 0; i < n && status == MEF3_OK;) {
        size_t k = count_nan(counts + i, n - i);
        if (k >= gap) {
            i += k;
            continue;
        }
        k = piece(counts + i, n - i, gap);
        int64_t at =
            mef3_index_to_time(place->number + (int64_t)i, place->origin_uutc, channel->rate_hz);
        status = append_piece(writer, channel, at, counts + i, k, error);
        i += k;
    }
    writer->is_broken |= status != MEF3_OK;
    return status;
}

/* Before n samples are appended: what could be refused is. */
static int begin(struct mef3_writer *writer, size_t number, int64_t start_uutc, size_t n,
                 struct writer_channel **channel_out, struct place *place_out,
                 struct mef3_error *error)
{
    struct writer_channel *channel = NULL;
    int64_t n_samples = n < INT64_MAX ? (int64_t)n : INT64_MAX;

    int status = writer_find_channel(writer, number, &channel, error);
    if (status == MEF3_OK && n > 0)
        status = check_times(channel, start_uutc,
                             mef3_index_to_time(n_samples, start_uutc, channel->rate_hz), error);
    if (status != MEF3_OK)
        return status;
    if (!channel->pending)
        channel->pending = malloc(channel->block_samples * sizeof *channel->pending);
    if (!channel->pending)
        return writer_no_memory(error);
    /* Times of what follows a gap are worked out from the run's beginning, not from one that
     * was rounded once already. */
    bool goes_on = channel->run_samples > 0 && touches(start_uutc, run_end(channel));
    *place_out = (struct place){
        .origin_uutc = goes_on ? channel->run_uutc : start_uutc,
        .number = goes_on ? channel->run_samples : 0,
    };
    *channel_out = channel;
    return MEF3_OK;
}

int mef3_writer_append(struct mef3_writer *writer, size_t number, int64_t start_uutc,
                       const int32_t *counts, size_t n, struct mef3_error *error)
{
    struct writer_channel *channel = NULL;
    struct place place;

    int status = begin(writer, number, start_uutc, n, &channel, &place, error);
    return status == MEF3_OK ? append(writer, channel, &place, counts, n, error) : status;
}

/* False: there is no count for it. */
static bool to_count(double value, double factor, int32_t *count_out)
{
    double x = round(value / factor);

    if (isnan(value))
        *count_out = MEF3_COUNT_NAN;
    else if (isinf(value))
        *count_out = value > 0 ? MEF3_COUNT_POS_INF : MEF3_COUNT_NEG_INF;
    else if (x > MEF3_COUNT_NEG_INF && x < MEF3_COUNT_POS_INF)
        *count_out = (int32_t)x;
    else
        return false;
    return true;
}

static int check_values(const struct writer_channel *channel, const double *values, size_t n,
                        struct mef3_error *error)
{
    char expected[96], found[64];
    int32_t count;

    for (size_t i = 0; i < n; i++) {
        if (to_count(values[i], channel->units_factor, &count))
            continue;
        double most = fabs(channel->units_factor) * (MEF3_COUNT_POS_INF - 1);
        snprintf(expected, sizeof expected, "%g to %g", -most, most);
        snprintf(found, sizeof found, "%.17g, as number %zu", values[i], i);
        return mef3_error_set(error, MEF3_EINVAL, channel->name, -1, "value", expected, found);
    }
    return MEF3_OK;
}

int mef3_writer_append_f64(struct mef3_writer *writer, size_t number, int64_t start_uutc,
                           const double *values, size_t n, struct mef3_error *error)
{
    enum { STEP = 4096 };
    struct writer_channel *channel = NULL;
    struct place place;
    int32_t counts[STEP];

    int status = begin(writer, number, start_uutc, n, &channel, &place, error);
    if (status == MEF3_OK)
        status = check_values(channel, values, n, error);
    for (size_t at = 0; at < n && status == MEF3_OK; at += STEP) {
        size_t some = n - at < STEP ? n - at : STEP;
        for (size_t i = 0; i < some; i++)
            if (!to_count(values[at + i], channel->units_factor, &counts[i]))
                counts[i] = MEF3_COUNT_NAN; /* not reached: all were checked */
        status = append(writer, channel, &place, counts, some, error);
        place.number += STEP;
    }
    return status;
}

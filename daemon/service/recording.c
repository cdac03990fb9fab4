/* recording.c - what the server knows of an open recording. */
#include "service/recording.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <mef3/time.h>

#include "base/passwords.h"

struct recording *recording_new(void)
{
    struct recording *recording = calloc(1, sizeof *recording);

    if (recording)
        LIST_INIT(&recording->waits);
    return recording;
}

void segment_forget_runs(struct segment *segment)
{
    free(segment->runs);
    free(segment->why);
    segment->runs = NULL;
    segment->why = NULL;
    segment->n_runs = 0;
}

void recording_free(struct recording *recording)
{
    if (!recording)
        return;
    for (size_t i = 0; i < recording->n_channels; i++) {
        struct channel *channel = &recording->channels[i];
        for (size_t s = 0; s < channel->n_segments; s++)
            segment_forget_runs(&channel->segments[s]);
        free(channel->segments);
        free(channel->name);
    }
    free(recording->channels);
    free(recording->names);
    free(recording->rates);
    free(recording->starts);
    free(recording->ends);
    free(recording->canonical);
    password_free(recording->password);
    free(recording);
}

/* As many channels as a worker may announce before it shows one. */
enum { MAX_CHANNELS = 65536 };

bool recording_expect(struct recording *part, size_t n_channels)
{
    if (part->channels || n_channels > MAX_CHANNELS)
        return false;
    part->channels = calloc(n_channels + 1, sizeof *part->channels);
    part->n_announced = n_channels;
    return part->channels != NULL;
}

static bool add_session(struct recording *recording, const struct answer_session *answer)
{
    if (recording->canonical ||
        strlen(answer->canonical) >= PATH_MAX) /* every job has it in its message */
        return false;
    recording->canonical = strdup(answer->canonical);
    recording->identity = answer->identity;
    recording->fingerprint = answer->fingerprint;
    return recording->canonical && recording_expect(recording, answer->n_channels);
}

static bool add_channel(struct recording *recording, const struct answer_channel *answer)
{
    if (recording->n_channels >= recording->n_announced ||
        !(answer->rate_hz >= MEF3_RATE_MIN_HZ && answer->rate_hz <= MEF3_RATE_MAX_HZ) ||
        !isfinite(answer->units_factor))
        return false;
    struct channel *channel = &recording->channels[recording->n_channels];
    *channel = (struct channel){
        .name = strdup(answer->name),
        .rate_hz = answer->rate_hz,
        .units_factor = answer->units_factor,
        .start_uutc = answer->start_uutc,
        .end_uutc = answer->end_uutc,
        .number = answer->channel,
        .stamp = answer->stamp,
    };
    recording->n_channels++;
    return channel->name != NULL;
}

/* More segments of all channels together, and more runs of a segment, than any
 * recording has: a worker that went mad must not fill the memory. */
enum { MAX_SEGMENTS = 1000000, MAX_RUNS = 1 << 20 };

static bool add_segments(struct recording *recording, struct answer_rows answer)
{
    if (recording->n_channels == 0 || answer.n == 0 ||
        answer.n > MAX_SEGMENTS - recording->n_segments)
        return false;
    struct channel *channel = &recording->channels[recording->n_channels - 1];
    if (answer.of != channel->number)
        return false;
    size_t n = channel->n_segments + answer.n;
    struct segment *segments = realloc(channel->segments, n * sizeof *segments);
    if (!segments)
        return false;
    recording->n_segments += answer.n;
    channel->segments = segments;
    while (channel->n_segments < n) {
        struct segment_row row = segment_row_unpack(&answer.rows);
        segments[channel->n_segments++] = (struct segment){
            .number = row.number, .start_uutc = row.start_uutc, .end_uutc = row.end_uutc};
    }
    return true;
}

bool recording_take_channels(struct recording *recording, struct recording *part)
{
    if (part->n_channels > recording->n_announced - recording->n_channels ||
        part->n_segments > MAX_SEGMENTS - recording->n_segments)
        return false;
    if (part->n_channels > 0)
        memcpy(recording->channels + recording->n_channels, part->channels,
               part->n_channels * sizeof *part->channels);
    recording->n_channels += part->n_channels;
    recording->n_segments += part->n_segments;
    part->n_channels = 0;
    part->n_segments = 0;
    return true;
}

bool recording_add(struct recording *recording, const struct answer *answer)
{
    switch ((enum answer_kind)answer->kind) {
    case ANSWER_SESSION:
        return add_session(recording, &answer->session);
    case ANSWER_CHANNEL:
        return add_channel(recording, &answer->channel);
    case ANSWER_SEGMENTS:
        return add_segments(recording, answer->rows);
    case ANSWER_LISTED:
    case ANSWER_RUNS:
    case ANSWER_ITEM:
    case ANSWER_DAMAGE:
    case ANSWER_BYTES:
    case ANSWER_DONE:
    case ANSWER_HELLO:
        break;
    }
    return false;
}

/* One without a time is about to be written: it comes last. */
static int64_t order_of(const struct segment *segment)
{
    return segment->start_uutc == MEF3_NO_TIME ? INT64_MAX : segment->start_uutc;
}

/* By time; by number where that says nothing. */
static int compare_segments(const void *a, const void *b)
{
    const struct segment *one = a, *other = b;

    if (order_of(one) != order_of(other))
        return order_of(one) < order_of(other) ? -1 : 1;
    return (one->number > other->number) - (one->number < other->number);
}

static int compare_channels(const void *a, const void *b)
{
    const struct channel *one = a, *other = b;

    return strcmp(one->name, other->name);
}

static bool make_lists(struct recording *recording)
{
    size_t n = recording->n_channels;

    recording->names = calloc(n, sizeof *recording->names);
    recording->rates = calloc(n, sizeof *recording->rates);
    recording->starts = calloc(n, sizeof *recording->starts);
    recording->ends = calloc(n, sizeof *recording->ends);
    return recording->names && recording->rates && recording->starts && recording->ends;
}

bool recording_finish(struct recording *recording)
{
    if (!recording->canonical || recording->n_channels == 0 || !make_lists(recording))
        return false;
    /* A worker sends them so, but for names that are shown otherwise than they
     * are written, and they are looked for by halving. */
    qsort(recording->channels, recording->n_channels, sizeof *recording->channels,
          compare_channels);
    recording->start_uutc = INT64_MAX;
    recording->end_uutc = INT64_MIN;
    for (size_t i = 0; i < recording->n_channels; i++) {
        struct channel *channel = &recording->channels[i];
        if (channel->n_segments == 0)
            return false;
        qsort(channel->segments, channel->n_segments, sizeof *channel->segments, compare_segments);
        recording->names[i] = channel->name;
        recording->rates[i] = channel->rate_hz;
        recording->starts[i] = channel->start_uutc;
        recording->ends[i] = channel->end_uutc;
        if (channel->start_uutc < recording->start_uutc)
            recording->start_uutc = channel->start_uutc;
        if (channel->end_uutc > recording->end_uutc)
            recording->end_uutc = channel->end_uutc;
    }
    return true;
}

int64_t recording_find_channel(const struct recording *recording, const char *name)
{
    size_t low = 0, high = recording->n_channels;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(name, recording->names[middle]);
        if (order == 0)
            return (int64_t)middle;
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return -1;
}

/* Longer runs are no recording, and their tiles could not be numbered. */
#define LONGEST_RUN (1ll << 44)

static bool makes_sense(const struct run_row *run)
{
    return run->first_sample >= 0 && run->n_samples > 0 && run->n_samples <= LONGEST_RUN &&
           run->origin_sample >= 0 && run->origin_sample <= run->first_sample &&
           run->first_sample <= INT64_MAX / 4;
}

bool segment_add_runs(struct segment *segment, struct answer_rows rows)
{
    size_t n = segment->n_runs + rows.n;

    if (rows.n == 0)
        return true;
    if (n > MAX_RUNS)
        return false;
    struct run_row *runs = realloc(segment->runs, n * sizeof *runs);
    if (!runs)
        return false;
    segment->runs = runs;
    while (segment->n_runs < n) {
        struct run_row run = run_row_unpack(&rows.rows);
        if (!makes_sense(&run))
            return false;
        runs[segment->n_runs++] = run;
    }
    return true;
}

void segment_set_unreadable(struct segment *segment, const char *why, uint64_t retry_at_ms)
{
    segment_forget_runs(segment);
    segment->why = strdup(why);
    segment->state = RUNS_UNREADABLE;
    segment->retry_at_ms = retry_at_ms;
}

void recording_wait(struct recording *recording, struct runs_wait *wait)
{
    wait->waiting = true;
    LIST_INSERT_HEAD(&recording->waits, wait, link);
}

void recording_stop_waiting(struct runs_wait *wait)
{
    if (!wait->waiting)
        return;
    wait->waiting = false;
    LIST_REMOVE(wait, link);
}

void recording_wake(struct recording *recording, bool in_vain)
{
    LIST_HEAD(, runs_wait) woken = LIST_HEAD_INITIALIZER(woken);
    struct runs_wait *wait;

    while ((wait = LIST_FIRST(&recording->waits))) {
        LIST_REMOVE(wait, link);
        LIST_INSERT_HEAD(&woken, wait, link);
    }
    while ((wait = LIST_FIRST(&woken))) {
        recording_stop_waiting(wait);
        wait->in_vain = in_vain;
        wait->retry(wait);
    }
}

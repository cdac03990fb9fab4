/* plan.c - from a window of a channel to the samples that stand in it. */
#include "service/plan.h"

#include <stdlib.h>
#include <string.h>

#include <mef3/time.h>

/* Clocks of header and index may differ a little. */
enum { LAG_US = 2000000 };

/* A header's end may be out of date: the writer was stopped, or is writing still.
 * So a segment may have samples until the next one begins. */
static int64_t latest_end(const struct channel *channel, size_t s)
{
    if (s + 1 == channel->n_segments)
        return INT64_MAX;
    int64_t next_uutc = channel->segments[s + 1].start_uutc;
    int64_t end_uutc = channel->segments[s].end_uutc;
    return next_uutc > end_uutc ? next_uutc : end_uutc;
}

bool plan_may_touch(const struct channel *channel, size_t s, int64_t window_uutc, int64_t end_uutc)
{
    const struct segment *segment = &channel->segments[s];

    if (segment->start_uutc > segment->end_uutc) /* says nothing that can be relied on */
        return true;
    return mef3_time_difference(segment->start_uutc, end_uutc) <= LAG_US &&
           mef3_time_difference(window_uutc, latest_end(channel, s)) <= LAG_US;
}

static struct span *make_room(struct span_list *list, size_t at)
{
    if (list->n == list->room) {
        size_t room = list->room ? 2 * list->room : 16;
        struct span *spans = realloc(list->spans, room * sizeof *spans);
        if (!spans)
            return NULL;
        list->spans = spans;
        list->room = room;
    }
    memmove(&list->spans[at + 1], &list->spans[at], (list->n - at) * sizeof *list->spans);
    list->n++;
    return &list->spans[at];
}

static void cut_front(struct span *span, int64_t to)
{
    int64_t cut = to - span->at;

    span->at = to;
    span->n -= cut;
    span->sample += cut;
}

/* Make [at, end) free of older spans; returns where a span at `at` belongs, or
 * SIZE_MAX when out of memory. */
static size_t clear(struct span_list *list, int64_t at, int64_t end)
{
    size_t i = list->n;

    while (i > 0 && list->spans[i - 1].at + list->spans[i - 1].n > at)
        i--;
    if (i < list->n && list->spans[i].at < at) {
        struct span older = list->spans[i];
        list->spans[i].n = at - older.at;
        i++;
        if (older.at + older.n > end) { /* it goes on behind the new one */
            struct span *rest = make_room(list, i);
            if (!rest)
                return SIZE_MAX;
            *rest = older;
            cut_front(rest, end);
            return i;
        }
    }
    size_t covered = i;
    while (covered < list->n && list->spans[covered].at + list->spans[covered].n <= end)
        covered++;
    if (covered > i)
        memmove(&list->spans[i], &list->spans[covered], (list->n - covered) * sizeof *list->spans);
    list->n -= covered - i;
    if (i < list->n && list->spans[i].at < end)
        cut_front(&list->spans[i], end);
    return i;
}

/* Lay a span over the older ones, as far as it is within [first, first + n). */
static bool lay(struct span_list *list, struct span span, int64_t first, int64_t n)
{
    if (span.at < first) {
        if (span.at + span.n <= first)
            return true;
        cut_front(&span, first);
    }
    if (span.at >= first + n)
        return true;
    if (span.n > first + n - span.at)
        span.n = first + n - span.at;
    size_t at = clear(list, span.at, span.at + span.n);
    struct span *place = at == SIZE_MAX ? NULL : make_room(list, at);
    if (!place)
        return false;
    *place = span;
    return true;
}

static int64_t run_index(const struct run_row *run, int64_t window_uutc, double rate_hz)
{
    return mef3_time_to_index(run->origin_uutc, window_uutc, rate_hz) +
           (run->first_sample - run->origin_sample);
}

/* The first run that ends behind `first`. */
static size_t first_run(const struct segment *segment, int64_t window_uutc, double rate_hz,
                        int64_t first)
{
    size_t low = 0, high = segment->n_runs;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct run_row *run = &segment->runs[middle];
        if (run_index(run, window_uutc, rate_hz) + run->n_samples <= first)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool lay_runs(const struct channel *channel, size_t s, int64_t window_uutc, int64_t first,
                     int64_t n, struct span_list *list)
{
    const struct segment *segment = &channel->segments[s];

    for (size_t r = first_run(segment, window_uutc, channel->rate_hz, first); r < segment->n_runs;
         r++) {
        const struct run_row *run = &segment->runs[r];
        int64_t at = run_index(run, window_uutc, channel->rate_hz);
        if (at >= first + n)
            break;
        if (!lay(list,
                 (struct span){at, run->n_samples, (uint32_t)s, (uint32_t)r, run->first_sample,
                               false},
                 first, n))
            return false;
    }
    return true;
}

bool plan_row(const struct channel *channel, int64_t window_uutc, int64_t first, int64_t n,
              struct span_list *list)
{
    list->n = 0;
    for (size_t s = 0; s < channel->n_segments; s++) {
        const struct segment *segment = &channel->segments[s];
        if (segment->state == RUNS_KNOWN) {
            if (!lay_runs(channel, s, window_uutc, first, n, list))
                return false;
        } else if (segment->start_uutc < segment->end_uutc) {
            int64_t at = mef3_time_to_index(segment->start_uutc, window_uutc, channel->rate_hz);
            int64_t end = mef3_time_to_index(segment->end_uutc, window_uutc, channel->rate_hz);
            struct span span = {at, end - at, (uint32_t)s, 0, 0, true};
            if (end > at && !lay(list, span, first, n))
                return false;
        }
    }
    return true;
}

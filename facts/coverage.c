/* coverage.c - when a channel has data: its stretches of data, its gaps, and what cannot be read.
 */
#include "coverage.h"

#include <stdlib.h>

struct list {
    struct stretch *items;
    size_t n;
    size_t room;
};

static bool add(struct list *list, int64_t start_uutc, int64_t end_uutc, enum stretch_kind kind)
{
    if (list->n == list->room) {
        size_t room = list->room ? 2 * list->room : 64;
        struct stretch *items = realloc(list->items, room * sizeof *items);
        if (!items)
            return false;
        list->items = items;
        list->room = room;
    }
    list->items[list->n++] = (struct stretch){start_uutc, end_uutc, kind};
    return true;
}

static bool add_run(struct list *list, const struct mef3_run *run, double rate_hz)
{
    int64_t before = run->first_sample - run->origin_sample;

    return add(list, mef3_index_to_time(before, run->origin_uutc, rate_hz),
               mef3_index_to_time(before + run->n_samples, run->origin_uutc, rate_hz),
               STRETCH_DATA);
}

static bool add_segment(struct mef3_session *session, size_t channel, size_t segment,
                        struct list *list, struct coverage *coverage)
{
    const struct mef3_segment_info *info = mef3_segment_info(session, channel, segment);
    const struct mef3_run *runs;
    struct mef3_error error;
    size_t n;

    int status = mef3_segment_runs(session, channel, segment, &runs, &n, &error);
    if (status == MEF3_ENOMEM)
        return false;
    if (status != MEF3_OK) {
        if (coverage->n_bad++ == 0)
            coverage->first_bad = error;
        if (info->start_uutc != MEF3_NO_TIME)
            return add(list, info->start_uutc, info->end_uutc, STRETCH_UNREADABLE);
        coverage->n_unplaced++;
        return true;
    }
    coverage->n_runs += n;
    for (size_t i = 0; i < n; i++)
        if (!add_run(list, &runs[i], info->rate_hz))
            return false;
    return true;
}

static int by_start(const void *a, const void *b)
{
    const struct stretch *x = a;
    const struct stretch *y = b;

    return (x->start_uutc > y->start_uutc) - (x->start_uutc < y->start_uutc);
}

/* The stretches, in order of their starts, with the gaps between them. */
static bool join(const struct list *from, double least_us, struct coverage *coverage,
                 struct list *to)
{
    for (size_t i = 0; i < from->n; i++) {
        const struct stretch *item = &from->items[i];
        struct stretch *last = to->n > 0 ? &to->items[to->n - 1] : NULL;
        int64_t start_uutc = item->start_uutc;
        int64_t gap_us = last ? mef3_time_difference(start_uutc, last->end_uutc) : 0;
        if (gap_us > 0 && (double)gap_us >= least_us) {
            coverage->n_gaps++;
            coverage->gap_us += gap_us;
            if (!add(to, last->end_uutc, start_uutc, STRETCH_GAP))
                return false;
        } else if (last && item->kind == last->kind) {
            if (item->end_uutc > last->end_uutc)
                last->end_uutc = item->end_uutc;
            continue;
        } else if (last) {
            start_uutc = last->end_uutc;
        }
        if (item->end_uutc > start_uutc &&
            !add(to, start_uutc, item->end_uutc, (enum stretch_kind)item->kind))
            return false;
    }
    return true;
}

int coverage_read(struct mef3_session *session, size_t channel, int64_t at_least_us,
                  struct coverage *coverage_out, struct mef3_error *error)
{
    struct coverage coverage = {0};
    struct list list = {0};
    struct list joined = {0};
    bool is_whole = true;

    int status = mef3_channel_learn(session, channel, error);
    if (status != MEF3_OK)
        return status;
    const struct mef3_channel_info *info = mef3_channel_info(session, channel);
    for (size_t i = 0; is_whole && i < info->n_segments; i++)
        is_whole = add_segment(session, channel, i, &list, &coverage);
    if (is_whole && list.n > 0) {
        double half_us = info->rate_hz > 0 ? 0.5e6 / info->rate_hz : 0;
        qsort(list.items, list.n, sizeof *list.items, by_start);
        is_whole = join(&list, half_us > (double)at_least_us ? half_us : (double)at_least_us,
                        &coverage, &joined);
    }
    free(list.items);
    if (!is_whole) {
        free(joined.items);
        return mef3_error_set(error, MEF3_ENOMEM, NULL, -1, NULL, NULL, NULL);
    }
    coverage.stretches = joined.items;
    coverage.n = joined.n;
    *coverage_out = coverage;
    return MEF3_OK;
}

void coverage_fini(struct coverage *coverage)
{
    free(coverage->stretches);
    coverage->stretches = NULL;
    coverage->n = 0;
}

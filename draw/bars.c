/* bars.c - bars and holes of a trace, from the index. */
#include <stdlib.h>

#include "facts/envelope.h"
#include "layout.h"
#include "parts.h"
#include "trace.h"

static double within(double place)
{
    return place < 0 ? 0 : place > 1 ? 1 : place;
}

static bool add_hole(const struct draw_page *page, struct draw_trace *trace, int64_t start,
                     int64_t end, bool is_damage)
{
    return trace_add_hole(
        trace, draw_columns(page->width),
        &(struct draw_hole){within(place_of(page, start)), within(place_of(page, end)), is_damage});
}

static bool add_row(const struct draw_page *page, struct draw_trace *trace,
                    const struct envelope_row *row)
{
    if (row->is_unreadable)
        return add_hole(page, trace, row->start_uutc, row->end_uutc, true);
    return trace_add_bar(trace, draw_columns(page->width),
                         &(struct draw_bar){within(place_of(page, row->start_uutc)),
                                            within(place_of(page, row->end_uutc)), row->min,
                                            row->max, false});
}

/* What no row covers is a gap; times of rows are whole microseconds, so less than a sample is
 * none. */
static bool add_rows(const struct draw_page *page, struct draw_trace *trace,
                     const struct envelope_rows *rows, double rate_hz)
{
    double least_us = rate_hz > 0 ? 1e6 / rate_hz : 0;
    int64_t at = page->start_uutc;

    for (size_t i = 0; i < rows->n; i++) {
        const struct envelope_row *row = &rows->items[i];
        if ((double)mef3_time_difference(row->start_uutc, at) > least_us &&
            !add_hole(page, trace, at, row->start_uutc, false))
            return false;
        if (!add_row(page, trace, row))
            return false;
        at = row->end_uutc > at ? row->end_uutc : at;
    }
    return (double)mef3_time_difference(page->end_uutc, at) <= least_us ||
           add_hole(page, trace, at, page->end_uutc, false);
}

/* The mean of the bars' middles, by their width. */
static double middle_of(const struct draw_trace *trace)
{
    double sum = 0, width = 0;

    for (size_t i = 0; i < trace->n_bars; i++) {
        const struct draw_bar *bar = &trace->bars[i];
        sum += (bar->end - bar->begin) * ((double)bar->low + bar->high) / 2;
        width += bar->end - bar->begin;
    }
    return width > 0 ? sum / width : 0;
}

int bars_read(struct mef3_session *session, const struct draw_page *page,
              const struct draw_channel *channel, draw_damage_fn *damaged, void *arg,
              struct draw_trace *trace, struct mef3_error *error)
{
    struct envelope envelope = {
        .session = session,
        .start_uutc = page->start_uutc,
        .end_uutc = page->end_uutc,
        .width = draw_columns(page->width),
    };
    struct envelope_rows rows = {0};
    int status = envelope_from_index(&envelope, channel->number, &rows, error);

    trace->style = DRAW_BARS;
    for (size_t k = 0; status == MEF3_OK && k < rows.n; k++)
        if (rows.items[k].is_unreadable)
            damaged(arg, channel->place, rows.items[k].start_uutc, rows.items[k].end_uutc);
    if (status == MEF3_OK && !add_rows(page, trace, &rows, channel->rate_hz))
        status = no_memory(error);
    trace->middle = middle_of(trace);
    free(rows.items);
    return status;
}

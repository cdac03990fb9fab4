/* read.c - a page, made from a recording. */
#include "parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "facts/text.h"
#include "side.h"

/* A page of all its traces has at most so many columns: some 40 MB. */
enum { MOST_COLUMNS = 1 << 20, MOST_PIXELS = 32 << 20 };

/* Sums of times within these stay times. */
static const int64_t LONGEST_US = 400 * 365 * CLOCK_DAY, FARTHEST_UUTC = INT64_MAX / 4;

int no_memory(struct mef3_error *error)
{
    return mef3_error_set(error, MEF3_ENOMEM, NULL, -1, NULL, NULL, NULL);
}

double place_of(const struct draw_page *page, int64_t uutc)
{
    return (double)mef3_time_difference(uutc, page->start_uutc) /
           (double)(page->end_uutc - page->start_uutc);
}

const char *draw_refusal(const struct draw_wanted *wanted)
{
    if (wanted->width < DRAW_LEAST_WIDTH || wanted->width > DRAW_MOST_SIDE ||
        wanted->height < DRAW_LEAST_HEIGHT || wanted->height > DRAW_MOST_SIDE)
        return "a picture is at least 320x160 pixels, and at most 16384 wide or high";
    if ((int64_t)wanted->width * wanted->height > MOST_PIXELS)
        return "a picture has at most 33554432 pixels";
    if (wanted->end_uutc <= wanted->start_uutc)
        return "the window is empty; it must end after it begins";
    if (mef3_time_difference(wanted->end_uutc, wanted->start_uutc) > LONGEST_US)
        return "the window is longer than 400 years";
    if (wanted->start_uutc < -FARTHEST_UUTC || wanted->end_uutc > FARTHEST_UUTC)
        return "the window is of a time that no recording is of";
    return NULL;
}

/* Not known is -1. */
static int by_acquisition(const void *a, const void *b, void *session)
{
    size_t x = ((const struct draw_channel *)a)->number,
           y = ((const struct draw_channel *)b)->number;
    uint64_t at_x = (uint64_t)mef3_channel_info(session, x)->acquisition_number;
    uint64_t at_y = (uint64_t)mef3_channel_info(session, y)->acquisition_number;

    return at_x != at_y ? (at_x > at_y) - (at_x < at_y) : (x > y) - (x < y);
}

void draw_sort(struct mef3_session *session, struct draw_channel *channels, size_t n)
{
    qsort_r(channels, n, sizeof *channels, by_acquisition, session);
}

/* --- What a page has whatever it is made of ----------------------------------------- */

static bool name_trace(struct draw_trace *trace, const struct mef3_channel_info *info)
{
    double micro = units_microvolts(info->units);

    trace->name = text_utf8(info->name);
    trace->side = side_of(info->name);
    trace->factor = info->units_factor * (micro > 0 ? micro : 1);
    return trace->name != NULL;
}

/* Of the first channel of which it is known. False: out of memory. */
static bool choose_unit(struct mef3_session *session, const struct draw_channel *channels, size_t n,
                        struct draw_page *page)
{
    const char *units = "";

    for (size_t i = 0; i < n && !units[0]; i++)
        units = mef3_channel_info(session, channels[i].number)->units;
    snprintf(page->unit, sizeof page->unit, "%s",
             units_microvolts(units) > 0 ? "\u00b5V"
             : units[0]                  ? units
                                         : "?");
    /* What was cut may end within a character. */
    char *whole = text_utf8(page->unit);
    if (whole && strcmp(whole, page->unit) != 0)
        strcpy(page->unit, "?");
    free(whole);
    return whole != NULL;
}

static int begin(struct mef3_session *session, const struct draw_wanted *wanted,
                 const struct draw_channel *channels, size_t n, struct draw_page *page,
                 struct mef3_error *error)
{
    const struct mef3_session_info *info = mef3_session_info(session);
    const char *refusal = draw_refusal(wanted);

    if (refusal)
        return mef3_error_set(error, MEF3_EINVAL, NULL, -1, "picture", refusal, "another one");
    if (n * (size_t)draw_columns(wanted->width) > MOST_COLUMNS)
        return mef3_error_set(error, MEF3_ELIMIT, NULL, -1, "channels times width",
                              "at most 1048576", "more: ask for fewer channels at a time");
    *page = (struct draw_page){
        .self_bytes = sizeof *page,
        .width = wanted->width,
        .height = wanted->height,
        .is_dark = wanted->is_dark,
        .is_positive_up = wanted->is_positive_up,
        .start_uutc = wanted->start_uutc,
        .end_uutc = wanted->end_uutc,
        .recording_uutc = info->start_uutc,
        .gmt_offset_s =
            info->gmt_offset_s > -86400 && info->gmt_offset_s < 86400 ? info->gmt_offset_s : 0,
        .title = text_utf8(info->name),
        .traces = calloc(n + 1, sizeof *page->traces),
    };
    if (!page->title || !page->traces)
        return no_memory(error);
    page->n_traces = n;
    for (size_t i = 0; i < n; i++)
        if (!name_trace(&page->traces[i], mef3_channel_info(session, channels[i].number)))
            return no_memory(error);
    return choose_unit(session, channels, n, page) ? MEF3_OK : no_memory(error);
}

/* What stands above the page. */
static void describe(struct draw_page *page, const char *made_of)
{
    char span[CLOCK_BYTES];

    snprintf(page->notes, sizeof page->notes,
             "%s   %.4g %s/mm   %s up   as recorded, no filters, %s",
             clock_span(page->end_uutc - page->start_uutc, span), page->scale, page->unit,
             page->is_positive_up ? "positive" : "negative", made_of);
}

static int finish(struct mef3_session *session, const struct draw_wanted *wanted,
                  struct draw_page *page, const char *made_of, struct mef3_error *error)
{
    page->scale = wanted->scale > 0 ? wanted->scale : fit_scale(page);
    describe(page, made_of);
    return events_read(session, wanted->hides_level_2, page, error);
}

/* --- The two kinds ------------------------------------------------------------------ */

int draw_read_page(struct mef3_session *session, const struct draw_wanted *wanted,
                   const struct draw_channel *channels, size_t n, draw_read_fn *read, void *arg,
                   struct draw_page *page_out, struct mef3_error *error)
{
    struct draw_page page = {0};
    int status = begin(session, wanted, channels, n, &page, error);

    for (size_t i = 0; status == MEF3_OK && i < n; i++)
        status = samples_read(&page, &channels[i], read, arg, &page.traces[i], error);
    if (status == MEF3_OK)
        status = finish(session, wanted, &page, "each trace about its mean", error);
    if (status == MEF3_OK)
        *page_out = page;
    else
        draw_page_fini(&page);
    return status;
}

int draw_read_overview(struct mef3_session *session, const struct draw_wanted *wanted,
                       const struct draw_channel *channels, size_t n, draw_damage_fn *damaged,
                       draw_done_fn *done, void *arg, struct draw_page *page_out,
                       struct mef3_error *error)
{
    struct draw_page page = {0};
    int status = begin(session, wanted, channels, n, &page, error);

    for (size_t i = 0; status == MEF3_OK && i < n; i++) {
        status = bars_read(session, &page, &channels[i], damaged, arg, &page.traces[i], error);
        done(arg, channels[i].place);
    }
    if (status == MEF3_OK)
        status = finish(session, wanted, &page,
                        "least to greatest as the index has them, cut at the lane", error);
    if (status == MEF3_OK)
        *page_out = page;
    else
        draw_page_fini(&page);
    return status;
}

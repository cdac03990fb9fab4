/* samples.c - bars and holes of a trace, from its samples. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "layout.h"
#include "parts.h"
#include "trace.h"

/* Samples that are read at a time. */
enum { PIECE = 1 << 18 };

/* A trace while its samples come. */
struct reading {
    struct draw_trace *trace;
    int columns;
    double step;    /* from sample to sample */
    double sum;     /* of counts, */
    int64_t n_data; /* so many */
    bool is_joined; /* the sample before was data */
    uint8_t hole;   /* what the sample before was, where that is no data */
    int64_t hole_at;
};

static bool end_hole(struct reading *r, int64_t at)
{
    bool is_damage = r->hole == MEF3_UNREADABLE;

    if (r->hole == MEF3_DATA)
        return true;
    return trace_add_hole(
        r->trace, r->columns,
        &(struct draw_hole){(double)r->hole_at * r->step, (double)at * r->step, is_damage});
}

/* A stored "no number" is neither data nor a hole: nothing is drawn. */
static bool add_count(struct reading *r, int64_t at, int32_t count)
{
    double place = (double)at * r->step;

    if (count == MEF3_COUNT_NAN) {
        r->is_joined = false;
        return true;
    }
    if (count != MEF3_COUNT_NEG_INF && count != MEF3_COUNT_POS_INF) {
        r->sum += count;
        r->n_data++;
    }
    struct draw_bar bar = {place, place, count, count, r->is_joined};
    r->is_joined = true;
    return trace_add_bar(r->trace, r->columns, &bar);
}

static bool add_sample(struct reading *r, int64_t at, int32_t count, uint8_t truth)
{
    if (truth != r->hole) {
        if (!end_hole(r, at))
            return false;
        r->hole = truth;
        r->hole_at = at;
    }
    if (truth == MEF3_DATA)
        return add_count(r, at, count);
    r->is_joined = false;
    return true;
}

static int read_pieces(struct reading *r, int64_t n, size_t place, draw_read_fn *read, void *arg,
                       int32_t *counts, uint8_t *truth, struct mef3_error *error)
{
    int64_t first = 0;

    do { /* once for an empty window too: what is lost is to be told */
        size_t piece = n - first < PIECE ? (size_t)(n - first) : PIECE;
        int status = read(arg, place, first, piece, counts, truth, error);
        if (status != MEF3_OK)
            return status;
        for (size_t k = 0; k < piece; k++)
            if (!add_sample(r, first + (int64_t)k, counts[k], truth[k]))
                return no_memory(error);
        first += (int64_t)piece;
    } while (first < n);
    return end_hole(r, n) ? MEF3_OK : no_memory(error);
}

/* Not even its rate is known. */
static int read_unknown(struct reading *r, const struct draw_channel *channel, draw_read_fn *read,
                        void *arg, struct mef3_error *error)
{
    int status = read(arg, channel->place, 0, 0, NULL, NULL, error);

    if (status != MEF3_OK)
        return status;
    return trace_add_hole(r->trace, r->columns, &(struct draw_hole){0, 1, channel->is_lost})
               ? MEF3_OK
               : no_memory(error);
}

int samples_read(const struct draw_page *page, const struct draw_channel *channel,
                 draw_read_fn *read, void *arg, struct draw_trace *trace, struct mef3_error *error)
{
    struct reading r = {.trace = trace, .columns = draw_columns(page->width), .hole = MEF3_DATA};

    if (channel->n == 0)
        return read_unknown(&r, channel, read, arg, error);
    r.step = 1e6 / channel->rate_hz / (double)(page->end_uutc - page->start_uutc);
    trace->style = (double)channel->n > 1.5 * r.columns ? DRAW_COLUMNS : DRAW_LINE;
    size_t room = channel->n < PIECE ? (size_t)channel->n : PIECE;
    int32_t *counts = malloc(room * sizeof *counts);
    uint8_t *truth = malloc(room);
    int status = counts && truth
                     ? read_pieces(&r, channel->n, channel->place, read, arg, counts, truth, error)
                     : no_memory(error);
    trace->middle = r.n_data > 0 ? r.sum / (double)r.n_data : 0;
    free(counts);
    free(truth);
    return status;
}

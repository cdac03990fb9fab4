/* trace.c - a trace grows, by bars and holes. */
#include "trace.h"

#include <math.h>
#include <stdlib.h>

int trace_column(double place, int columns)
{
    double column = floor(place * columns);

    return column < 0 ? 0 : column >= columns ? columns - 1 : (int)column;
}

/* Room for one more of `each` bytes; NULL: out of memory. */
static void *grow(void *items, size_t n, size_t *room, size_t each)
{
    if (n < *room)
        return items;
    size_t more = *room ? 2 * *room : 64;
    void *grown = reallocarray(items, more, each);
    if (grown)
        *room = more;
    return grown;
}

bool trace_add_bar(struct draw_trace *trace, int columns, const struct draw_bar *bar)
{
    struct draw_bar *last = trace->n_bars > 0 ? &trace->bars[trace->n_bars - 1] : NULL;

    if (last && trace->style != DRAW_LINE &&
        trace_column(last->begin, columns) == trace_column(bar->end, columns)) {
        last->end = bar->end;
        last->low = bar->low < last->low ? bar->low : last->low;
        last->high = bar->high > last->high ? bar->high : last->high;
        return true;
    }
    struct draw_bar *bars = grow(trace->bars, trace->n_bars, &trace->bars_room, sizeof *bars);
    if (!bars)
        return false;
    trace->bars = bars;
    bars[trace->n_bars++] = *bar;
    return true;
}

bool trace_add_hole(struct draw_trace *trace, int columns, const struct draw_hole *hole)
{
    for (size_t i = trace->n_holes; i > 0 && i + 2 > trace->n_holes; i--) {
        struct draw_hole *last = &trace->holes[i - 1];
        if (last->is_damage == hole->is_damage &&
            trace_column(last->end, columns) == trace_column(hole->begin, columns)) {
            last->end = hole->end;
            return true;
        }
    }
    struct draw_hole *holes = grow(trace->holes, trace->n_holes, &trace->holes_room, sizeof *holes);
    if (!holes)
        return false;
    trace->holes = holes;
    holes[trace->n_holes++] = *hole;
    return true;
}

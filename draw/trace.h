/* trace.h - a trace grows, by bars and holes, and never beyond what can be seen: what falls into
 * one column of pixels is one. */
#ifndef DRAW_TRACE_H
#define DRAW_TRACE_H

#include "page.h"

/* False: out of memory. Bars come in the order of time. Those that fit into the column of the bar
 * before become a part of it. */
bool trace_add_bar(struct draw_trace *trace, int columns, const struct draw_bar *bar);

/* The same of holes: those of a kind that begin in the column where the last of that kind ended
 * are one with it. */
bool trace_add_hole(struct draw_trace *trace, int columns, const struct draw_hole *hole);

/* The column of a place. */
int trace_column(double place, int columns);

#endif

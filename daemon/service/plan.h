/* plan.h - from a window of a channel to the samples that stand in it.
 *
 * Arithmetic only: places the runs of a channel's segments in a window by the
 * rule of mef3/time.h and says, for a part of the window, what covers it. */
#ifndef SERVICE_PLAN_H
#define SERVICE_PLAN_H

#include "service/recording.h"

/* A stretch of the window. What no span covers is a gap. */
struct span {
    int64_t at; /* in the window */
    int64_t n;
    uint32_t segment; /* place in the channel */
    uint32_t run;     /* place in the segment; meaningless when unreadable */
    int64_t sample;   /* of the segment, at `at` */
    bool unreadable;  /* the segment's index could not be read */
};

struct span_list {
    struct span *spans; /* by `at`, disjoint */
    size_t n;
    size_t room;
};

/* Whether segment number s may have samples in the window [window_uutc, end_uutc),
 * by the spans of the headers: widened, since the index has the last word. */
bool plan_may_touch(const struct channel *channel, size_t s, int64_t window_uutc, int64_t end_uutc);

/* What stands at [first, first + n) of the window that begins at window_uutc.
 * See that the segments that may touch are known, or unreadable, before: one
 * that is neither (another read may try an unreadable one again meanwhile) counts
 * as unreadable, and never as a gap. Where two claim a place the later has it.
 * False: out of memory. */
bool plan_row(const struct channel *channel, int64_t window_uutc, int64_t first, int64_t n,
              struct span_list *list);

#endif

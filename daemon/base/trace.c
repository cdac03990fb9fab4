/* trace.c - when each step of a request was done, kept and told. */
#include "base/trace.h"

#include <stddef.h>
#include <stdio.h>
#include <time.h>

#include "base/log.h"

bool trace_is_on;

enum { MOST_MARKS = 256 };

/* Of this process: one thing is looked at at a time. */
static struct {
    unsigned n_under_way;
    bool has_ended; /* and waits to be told */
    char id[40];
    uint64_t bytes_ns;
    size_t n;
    struct trace_mark marks[MOST_MARKS];
} trace;

void trace_start(void)
{
    trace_is_on = true;
    log_without_limit();
}

uint64_t trace_now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

void trace_bytes_now(void)
{
    trace.bytes_ns = trace_now_ns();
}

void trace_begin_now(void)
{
    trace_tell_now();
    if (trace.n_under_way++ == 0)
        trace.n = 0;
    if (trace.bytes_ns != 0)
        trace_mark(&(struct trace_mark){.step = "bytes", .at_ns = trace.bytes_ns});
}

void trace_mark(const struct trace_mark *mark)
{
    if ((trace.n_under_way == 0 && !trace.has_ended) || trace.n == MOST_MARKS)
        return;
    struct trace_mark *kept = &trace.marks[trace.n++];
    *kept = *mark;
    if (kept->at_ns == 0)
        kept->at_ns = trace_now_ns();
}

void trace_end_now(const char *id)
{
    if (trace.n_under_way == 0 || --trace.n_under_way > 0)
        return;
    snprintf(trace.id, sizeof trace.id, "%s", id);
    trace.has_ended = true;
}

void trace_tell_now(void)
{
    if (!trace.has_ended)
        return;
    trace.has_ended = false;
    for (const struct trace_mark *mark = trace.marks; mark < trace.marks + trace.n; mark++)
        log_info("step", LOG_WORD("id", trace.id[0] ? trace.id : NULL),
                 LOG_WORD("step", mark->step), LOG_U64_IF(mark->job > 0, "job", mark->job),
                 LOG_U64("at_ns", mark->at_ns), LOG_U64_IF(mark->n > 0, "n", mark->n),
                 LOG_U64_IF(mark->took_ns > 0, "took_ns", mark->took_ns));
}

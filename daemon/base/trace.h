/* trace.h - when each step of a request was done: --trace-request.
 *
 *   trace_begin();                 a request's bytes are understood, a job has come
 *   trace_step("planned");         a step is over; trace_job, trace_work say more of it
 *   trace_end(id);                 it has ended, but for what is still to be sent
 *   trace_tell();                  if one has: a line of the log for each step
 *
 * Steps are kept in memory till the end, so that writing lines delays none of them. Times
 * are of CLOCK_MONOTONIC, which all processes of a machine share. Where several requests
 * are under way at once their steps are told together when the last has ended: it is for
 * looking at one at a time. Without the setting a step costs a branch.
 *
 * Names of steps are spelled out in the call; docs/EVENTS.md has them all. */
#ifndef BASE_TRACE_H
#define BASE_TRACE_H

#include <stdbool.h>
#include <stdint.h>

extern bool trace_is_on;
void trace_start(void);

struct trace_mark {
    const char *step;
    uint64_t at_ns;
    uint32_t job;     /* 0: of none */
    uint64_t n;       /* how often it was done, or how many bytes; 0: is not said */
    uint64_t took_ns; /* all of them together; 0: is not said */
};

/* Bytes have come: those of the request that begins next. */
void trace_bytes_now(void);
void trace_begin_now(void);
void trace_mark(const struct trace_mark *mark); /* at_ns 0: now */
void trace_end_now(const char *id);             /* "": a job's */
void trace_tell_now(void);
uint64_t trace_now_ns(void);

#define TRACE_IF_ON(call)                       \
    do {                                        \
        if (__builtin_expect(trace_is_on, 0)) { \
            call;                               \
        }                                       \
    } while (0)

static inline void trace_bytes(void)
{
    TRACE_IF_ON(trace_bytes_now());
}

static inline void trace_begin(void)
{
    TRACE_IF_ON(trace_begin_now());
}

static inline void trace_step(const char *step)
{
    TRACE_IF_ON(trace_mark(&(struct trace_mark){.step = step}));
}

static inline void trace_job(const char *step, uint32_t job)
{
    TRACE_IF_ON(trace_mark(&(struct trace_mark){.step = step, .job = job}));
}

static inline void trace_sent(const char *step, uint64_t n)
{
    TRACE_IF_ON(trace_mark(&(struct trace_mark){.step = step, .n = n}));
}

static inline void trace_end(const char *id)
{
    TRACE_IF_ON(trace_end_now(id));
}

static inline void trace_tell(void)
{
    TRACE_IF_ON(trace_tell_now());
}

#endif

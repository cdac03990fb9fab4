/* traced.h - a function run in a process of its own, and stopped before each of its system calls.
 */
#ifndef TEST_HELP_TRACED_H
#define TEST_HELP_TRACED_H

#include <stdbool.h>
#include <stddef.h>

struct traced {
    int pid;
    size_t n_calls; /* that it has begun, the one that it stands before included */
};

typedef void traced_fn(void *arg);

/* Start fn(arg) in a child; what it shares with the caller it must share by shared memory. The
 * running test fails where processes cannot be traced. */
void traced_start(struct traced *traced, traced_fn *fn, void *arg);

/* Go on up to the next call, and stop before it. False: fn has returned, and all is over. */
bool traced_next(struct traced *traced);

/* Kill it before the call that it stands before is made. */
void traced_kill(struct traced *traced);

/* Whether that call is a pwrite of more than a byte; of such a one, do the first half, and kill.
 * No call is one where this test does not know the processor. */
bool traced_writes(const struct traced *traced);
void traced_kill_half_way(struct traced *traced);

#endif

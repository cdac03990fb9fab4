/* deadline.h - a timer that can be forgotten: libuv closes a handle later than
 * its owner goes. */
#ifndef GRPC_DEADLINE_H
#define GRPC_DEADLINE_H

#include <stdint.h>

#include <uv.h>

struct deadline;

/* Call passed(arg) once, in `ms` milliseconds; the deadline is gone by then.
 * NULL: out of memory. */
struct deadline *deadline_start(uv_loop_t *loop, uint64_t ms, void (*passed)(void *arg), void *arg);

/* NULL is allowed. */
void deadline_cancel(struct deadline *deadline);

#endif

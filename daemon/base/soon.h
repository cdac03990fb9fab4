/* soon.h - call something back once the current call has returned to the loop.
 *
 * For what must not run in the middle of another's work. A task that is already
 * waiting is not queued twice. */
#ifndef BASE_SOON_H
#define BASE_SOON_H

#include <stdbool.h>
#include <sys/queue.h>
#include <uv.h>

struct soon_task {
    TAILQ_ENTRY(soon_task) link;
    void (*run)(struct soon_task *task);
    bool queued;
};

TAILQ_HEAD(soon_list, soon_task);

struct soon {
    struct soon_list tasks;
    uv_idle_t idle; /* active while a task waits, so that the loop does not sleep */
};

int soon_init(struct soon *soon, uv_loop_t *loop);

/* Drops what waits and closes the handle; the loop must turn once more before
 * the memory goes. */
void soon_fini(struct soon *soon);

void soon_call(struct soon *soon, struct soon_task *task);
void soon_cancel(struct soon *soon, struct soon_task *task);

#endif

/* soon.c - call something back once the current call has returned to the loop. */
#include "base/soon.h"

/* Runs what waits now; what these tasks queue in turn waits for the next turn
 * of the loop, so that sockets are not starved. */
static void run_all(uv_idle_t *idle)
{
    struct soon *soon = idle->data;
    struct soon_task end = {.queued = true};
    struct soon_task *task;

    TAILQ_INSERT_TAIL(&soon->tasks, &end, link);
    while ((task = TAILQ_FIRST(&soon->tasks)) != &end) {
        soon_cancel(soon, task);
        task->run(task);
    }
    soon_cancel(soon, &end);
}

int soon_init(struct soon *soon, uv_loop_t *loop)
{
    TAILQ_INIT(&soon->tasks);
    soon->idle.data = soon;
    return uv_idle_init(loop, &soon->idle);
}

void soon_fini(struct soon *soon)
{
    TAILQ_INIT(&soon->tasks);
    uv_close((uv_handle_t *)&soon->idle, NULL);
}

void soon_call(struct soon *soon, struct soon_task *task)
{
    if (task->queued)
        return;
    task->queued = true;
    if (TAILQ_EMPTY(&soon->tasks))
        uv_idle_start(&soon->idle, run_all);
    TAILQ_INSERT_TAIL(&soon->tasks, task, link);
}

void soon_cancel(struct soon *soon, struct soon_task *task)
{
    if (!task->queued)
        return;
    task->queued = false;
    TAILQ_REMOVE(&soon->tasks, task, link);
    if (TAILQ_EMPTY(&soon->tasks))
        uv_idle_stop(&soon->idle);
}

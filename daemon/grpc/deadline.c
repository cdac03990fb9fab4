/* deadline.c - a timer that can be forgotten. */
#include "deadline.h"

#include <stdlib.h>

struct deadline {
    uv_timer_t timer;
    void (*passed)(void *arg);
    void *arg;
};

static void on_close(uv_handle_t *handle)
{
    free(handle->data);
}

static void on_timer(uv_timer_t *timer)
{
    struct deadline *deadline = timer->data;
    void (*passed)(void *arg) = deadline->passed;
    void *arg = deadline->arg;
    deadline_cancel(deadline);
    passed(arg);
}

struct deadline *deadline_start(uv_loop_t *loop, uint64_t ms, void (*passed)(void *arg), void *arg)
{
    struct deadline *deadline = malloc(sizeof *deadline);
    if (!deadline)
        return NULL;
    *deadline = (struct deadline){.passed = passed, .arg = arg};
    uv_timer_init(loop, &deadline->timer);
    deadline->timer.data = deadline;

    /* The loop's clock stands still while it works. */
    uv_update_time(loop);
    uv_timer_start(&deadline->timer, on_timer, ms, 0);
    return deadline;
}

void deadline_cancel(struct deadline *deadline)
{
    if (deadline)
        uv_close((uv_handle_t *)&deadline->timer, on_close);
}

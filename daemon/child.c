/* child.c - a process of the supervisor's: started, started again when it is
 * lost, ended. */
#include "child.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/container.h"
#include "base/log.h"

/* How long a lost process waits to be started again: nothing the first time,
 * then doubling, until it has lived for a while; and how long a worker may take
 * to see that the server has ended. */
enum { BACK_OFF_LEAST_MS = 100, BACK_OFF_MOST_MS = 5000, LIVED_WELL_MS = 10000, LEAVE_MS = 500 };

void child_init(struct child *child, uv_loop_t *loop, const struct child_ops *ops, void *owner,
                int slot)
{
    child->loop = loop;
    child->ops = ops;
    child->owner = owner;
    child->slot = slot;
    if (slot < 0)
        snprintf(child->name, sizeof child->name, "mef3d-server");
    else
        snprintf(child->name, sizeof child->name, "MefWorker-%d", slot);
    uv_timer_init(loop, &child->again);
}

static void on_again(uv_timer_t *timer)
{
    struct child *child = CONTAINER_OF(timer, struct child, again);

    child->ops->start(child);
}

void child_start_later(struct child *child)
{
    uint64_t lived_ms = uv_now(child->loop) - child->started_ms;
    uint64_t wait_ms = lived_ms >= LIVED_WELL_MS ? 0 : child->back_off_ms;

    child->back_off_ms = wait_ms == 0 ? BACK_OFF_LEAST_MS : 2 * wait_ms;
    if (child->back_off_ms > BACK_OFF_MOST_MS)
        child->back_off_ms = BACK_OFF_MOST_MS;
    uv_timer_start(&child->again, on_again, wait_ms, 0);
}

void child_stop_waiting(struct child *child)
{
    uv_timer_stop(&child->again);
}

void child_kill(struct child *child, int signal)
{
    if (child->alive)
        uv_process_kill(&child->process, signal);
}

/* As proc(5) tells: its state is the first letter behind its name's parenthesis. */
static bool is_stopped(int pid)
{
    char path[64], line[256] = "";
    const char *end;

    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    FILE *file = fopen(path, "re");
    if (!file)
        return false;
    if (!fgets(line, sizeof line, file))
        line[0] = '\0';
    fclose(file);
    end = strrchr(line, ')');
    return end && (strncmp(end, ") T", 3) == 0 || strncmp(end, ") t", 3) == 0);
}

void child_kill_stuck(struct child *child)
{
    child->is_stuck = child->alive && !is_stopped(child->process.pid);
    child_kill(child, SIGKILL);
}

static void on_leave_over(uv_timer_t *timer)
{
    child_kill(CONTAINER_OF(timer, struct child, again), SIGKILL);
}

void child_kill_later(struct child *child)
{
    uv_timer_start(&child->again, on_leave_over, LEAVE_MS, 0);
}

static void on_exit_of(uv_process_t *process, int64_t status, int signal)
{
    struct child *child = CONTAINER_OF(process, struct child, process);

    child->alive = false;
    uv_close((uv_handle_t *)process, NULL);
    child->ops->ended(child, status, signal);
}

/* Its name, the flags, "--", the roots. NULL: out of memory. */
static char **arguments_of(struct child *child, const struct child_command *command)
{
    static char end_of_flags[] = "--";
    size_t n_roots = 0, n = 0;

    while (command->roots && command->roots[n_roots])
        n_roots++;
    char **arguments = calloc(command->flags->n + n_roots + 3, sizeof *arguments);
    if (!arguments)
        return NULL;
    arguments[n++] = child->name;
    for (size_t i = 0; i < command->flags->n; i++)
        arguments[n++] = command->flags->arguments[i];
    arguments[n++] = end_of_flags;
    for (size_t i = 0; i < n_roots; i++)
        arguments[n++] = command->roots[i];
    return arguments;
}

enum { MOST_FDS = 16 };

int child_spawn(struct child *child, const struct child_command *command)
{
    uv_stdio_container_t stdio[3 + MOST_FDS] = {{.flags = UV_IGNORE},
                                                {.flags = UV_INHERIT_FD, .data.fd = STDOUT_FILENO},
                                                {.flags = UV_INHERIT_FD, .data.fd = STDERR_FILENO}};
    char **arguments = arguments_of(child, command);
    int failed = UV_ENOMEM;

    child->started_ms = uv_now(child->loop);
    if (arguments && command->n_fds <= MOST_FDS) {
        for (int i = 0; i < command->n_fds; i++)
            stdio[3 + i] =
                (uv_stdio_container_t){.flags = command->fds[i] < 0 ? UV_IGNORE : UV_INHERIT_FD,
                                       .data.fd = command->fds[i]};
        uv_process_options_t options = {.exit_cb = on_exit_of,
                                        .file = command->path,
                                        .args = arguments,
                                        .stdio_count = 3 + command->n_fds,
                                        .stdio = stdio};
        failed = uv_spawn(child->loop, &child->process, &options);
        if (failed)
            uv_close((uv_handle_t *)&child->process, NULL);
    }
    free(arguments);
    child->alive = failed == 0;
    child->is_stuck = false;
    if (failed)
        log_error("start_failed", LOG_WORD("name", child->name),
                  LOG_STR("reason", uv_strerror(failed)));
    return failed ? -1 : 0;
}

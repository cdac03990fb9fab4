/* child.h - a process of the supervisor's: started, started again when it is
 * lost, ended.
 *
 * One that is lost waits before it is started again: nothing the first time,
 * then longer and longer, until it has lived for a while. */
#ifndef DAEMON_CHILD_H
#define DAEMON_CHILD_H

#include <stdbool.h>
#include <uv.h>

#include "base/conf.h"

struct child;

struct child_ops {
    /* Its wait is over: start it again. */
    void (*start)(struct child *child);
    /* It ended by itself, by a signal, or was killed. */
    void (*ended)(struct child *child, int64_t status, int signal);
};

struct child {
    uv_process_t process;
    uv_timer_t again;
    uv_loop_t *loop;
    const struct child_ops *ops;
    void *owner; /* whose it is; for the ops */
    uint64_t started_ms;
    uint64_t back_off_ms;
    bool alive;
    bool wanted;   /* start it again when it ends */
    bool is_stuck; /* and was killed for that */
    int slot;      /* -1: the server */
    char name[24];
};

/* What a child is started with. */
struct child_command {
    const char *path;
    const struct conf_flags *flags;
    char *const *roots; /* after the flags; NULL ends them; NULL: none */
    const int *fds;     /* become 3, 4, ... in it; -1: that one is not there */
    int n_fds;
};

/* `child` is zeroed. */
void child_init(struct child *child, uv_loop_t *loop, const struct child_ops *ops, void *owner,
                int slot);

/* 0, or -1 after saying why in the log. */
int child_spawn(struct child *child, const struct child_command *command);

/* Have ops->start called after its wait. */
void child_start_later(struct child *child);
/* Not any more. */
void child_stop_waiting(struct child *child);

/* No harm when it is not alive. */
void child_kill(struct child *child, int signal);
/* SIGKILL, and note that it was stuck: one that somebody has stopped is not. */
void child_kill_stuck(struct child *child);
/* SIGKILL when it is still alive after a while. */
void child_kill_later(struct child *child);

#endif

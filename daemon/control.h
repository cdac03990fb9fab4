/* control.h - the supervisor's end of the channel to the server: what becomes of
 * the workers is told, what the server wishes is taken. */
#ifndef DAEMON_CONTROL_H
#define DAEMON_CONTROL_H

#include <stdbool.h>
#include <uv.h>

#include "ipc/control.h"

typedef void wish_fn(void *arg, const struct control_wish *wish);

struct control {
    int fd;          /* -1: there is no server */
    uv_poll_t *poll; /* on the heap: it closes later */
    wish_fn *wish;
    void *arg;
};

#define CONTROL_NONE ((struct control){.fd = -1})

/* Takes the descriptor over, also on failure: -1. */
int control_open(struct control *control, uv_loop_t *loop, int fd, wish_fn *wish, void *arg);
void control_close(struct control *control);

/* Call `wish` for what has been sent by now. */
void control_take(struct control *control);

/* -1: the server did not get it, or there is none. */
int control_tell_started(struct control *control, unsigned slot, int pid, int channel);
int control_tell_setting(struct control *control, const struct control_setting *setting);
/* Of one that was stuck, though killed, `signal` is 0. No harm when there is no server. */
void control_tell_ended(struct control *control, unsigned slot, int pid, int signal);

#endif

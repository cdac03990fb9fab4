/* alive.h - whether the server's loop turns, and who is told.
 *
 * The server says once a second that it is alive, and whether it serves: its
 * workers are there and it listens. The supervisor tells systemd what it hears,
 * so that the watchdog's ping is the server's and not the supervisor's own; and
 * a server that is silent for long is killed, which starts it again. */
#ifndef DAEMON_ALIVE_H
#define DAEMON_ALIVE_H

#include <stdbool.h>
#include <uv.h>

#include "child.h"
#include "notify.h"

struct alive {
    struct notify notify;
    struct child *server;
    uv_timer_t tick;
    unsigned silent_s; /* of seconds in which we were awake to listen */
    unsigned n_starts; /* before it served for the first time */
    bool has_served;   /* READY was told */
    bool serves;
};

/* `notify` has been initialised. */
void alive_init(struct alive *alive, uv_loop_t *loop, struct child *server);

/* The server was started: its time starts anew. */
void alive_started(struct alive *alive);

/* The server has said that it is alive. */
void alive_heard(struct alive *alive, bool serves);

/* The end has begun. */
void alive_stopping(struct alive *alive);

#endif

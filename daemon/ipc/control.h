/* control.h - what the supervisor and the server say to each other, and where
 * each process finds what it was given: every descriptor that a child gets is
 * listed here. */
#ifndef IPC_CONTROL_H
#define IPC_CONTROL_H

#include <stdint.h>

enum {
    WORKER_FD_JOBS = 3,  /* its channel to the server */
    WORKER_FD_ARENA = 4, /* writable */
    WORKER_FD_PASSWORDS = 5,

    SERVER_FD_CONTROL = 3, /* to and from the supervisor */
    SERVER_FD_ARENA = 4,   /* read-only */
    SERVER_FD_HTTP = 5,    /* when --http is given */
    SERVER_FD_LISTEN = 6,  /* and on: as many as there are addresses */
};

/* Supervisor to server. */
enum control_event_kind {
    CONTROL_STARTED = 1, /* a worker; the other end of its job channel comes with it */
    CONTROL_ENDED,       /* a worker, by itself or killed */
};

struct control_event {
    uint32_t kind;
    uint32_t slot;
    uint32_t pid;
    uint32_t by_itself; /* ENDED: 0 when somebody killed it */
};

/* Supervisor to server, told from an event by its length: a setting has changed.
 * CONF_SETTING[at], in the numbers of conf_numbers. */
struct control_setting {
    uint64_t at;
    int64_t value[2];
};

/* Server to supervisor. */
enum control_wish_kind {
    CONTROL_KILL = 1, /* that worker is stuck; start it again */
    CONTROL_MORE,     /* one worker more, if the settings allow */
    CONTROL_RETIRE,   /* that worker will end now, and is not to be started again */
    CONTROL_ALIVE,    /* its loop turns: once a second, and when it comes to serve */
};

struct control_wish {
    uint32_t kind;
    uint32_t slot; /* ALIVE: 1 when it serves */
    uint32_t pid;
};

#endif

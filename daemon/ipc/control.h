/* control.h - the supervisor's word to the server, and where each process finds
 * what it was given: every descriptor that a child gets is listed here. */
#ifndef IPC_CONTROL_H
#define IPC_CONTROL_H

#include <stdint.h>

enum {
    WORKER_FD_JOBS = 3,  /* its channel to the server */
    WORKER_FD_ARENA = 4, /* writable */
    WORKER_FD_PASSWORDS = 5,

    SERVER_FD_CONTROL = 3, /* from the supervisor */
    SERVER_FD_ARENA = 4,   /* read-only */
    SERVER_FD_HTTP = 5,    /* when --http is given */
    SERVER_FD_LISTEN = 6,  /* and on: as many as there are addresses */
};

/* A message on the control channel: a worker was started; the other end of its
 * job channel comes with it. */
struct control_worker {
    uint32_t slot;
    uint32_t pid;
};

#endif

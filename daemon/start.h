/* start.h - what the supervisor makes sure of before it starts anything: the
 * roots, the passwords, the listening sockets. What is wrong is said in one line
 * on stderr. */
#ifndef DAEMON_START_H
#define DAEMON_START_H

#include "base/conf.h"

#define START_PATH 4096
#define START_MAX_ROOTS 64
#define START_ADDRESS 80

struct start {
    char program_folder[START_PATH];  /* where the other two programs are */
    char *roots[START_MAX_ROOTS + 1]; /* absolute, links followed; NULL ends them */
    int passwords;                    /* for the workers: WORKER_FD_PASSWORDS */
    char address[START_ADDRESS];      /* "127.0.0.1:50051" */
    char http_address[START_ADDRESS];
    int listening;
    int http; /* -1: none */
};

/* 0, or -1 after saying why. */
int start_check(struct start *start_out, const struct conf *conf);

#endif

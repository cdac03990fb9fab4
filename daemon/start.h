/* start.h - what the supervisor makes sure of before it starts anything: the
 * roots, the passwords, the listening sockets. What is wrong is said in one line
 * on stderr. */
#ifndef DAEMON_START_H
#define DAEMON_START_H

#include "activation.h"
#include "address.h"
#include "base/conf.h"

#define START_PATH 4096
#define START_MAX_ROOTS 64
#define START_MAX_ADDRESSES 8

struct start {
    char program_folder[START_PATH];  /* where the other two programs are */
    char *roots[START_MAX_ROOTS + 1]; /* absolute, links followed; NULL ends them */
    int passwords;                    /* for the workers: WORKER_FD_PASSWORDS */
    struct address listen[START_MAX_ADDRESSES];
    size_t n_listen;
    struct address http; /* fd -1: none */
};

/* `given` stands in place of addresses to listen on. 0, or -1 after saying why. */
int start_check(struct start *start_out, const struct conf *conf, const struct activation *given);

/* The addresses, as one text with commas. */
void start_addresses(const struct start *start, char *text, size_t room);

/* Listen no more, and leave nothing behind; no harm when it was done. */
void start_end(struct start *start);

#endif

/* opening.h - what the two files of an opening share.
 *
 * opening.c     one request for a path: made, pulled, freed
 * open_work.c   the work that it waits for, with others that ask for the same */
#ifndef SERVICE_OPENING_H
#define SERVICE_OPENING_H

#include "service/state.h"

struct open_work;

TAILQ_HEAD(openings, opening);

struct opening {
    TAILQ_ENTRY(opening) link;
    struct service *service;
    struct client client;
    struct open_work *work; /* NULL: it is decided */
    char *path;
    char *error; /* why it was not opened, or that it was open before */
    bool has_failed;
    bool is_locked; /* which is why */
    enum outcome outcome;
    struct soon_task notify;
    ready_fn *ready;
    void *arg;
};

/* What is to be told of a path that was open before. NULL: out of memory. */
char *opening_already(const char *path);

/* Work on the same path that is under way is joined, also when all before have given it up. */
bool open_work_join(struct opening *opening, const char *password);
/* False: out of memory. */
bool open_work_start(struct opening *opening, const char *password);
/* Wait no more. */
void open_work_leave(struct opening *opening);

#endif

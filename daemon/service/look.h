/* look.h - whether an open recording changed on disk is asked of a worker. */
#ifndef SERVICE_LOOK_H
#define SERVICE_LOOK_H

#include <stdbool.h>
#include <stdint.h>

struct recording;
struct service;

enum look_found { LOOK_SAME, LOOK_CHANGED, LOOK_GONE };

struct look_ops {
    /* Whether anybody still waits; asked before a worker gets it. */
    bool (*wanted)(void *arg);
    /* The last call. */
    void (*done)(void *arg, enum look_found found);
};

/* It is not stale, and was last looked at some time ago. */
bool look_is_due(const struct recording *recording);

/* Start: `done` may be called before this returns. `path` is as the client sent it: it may
 * lead elsewhere by now. False: out of memory, and nothing is called. */
bool look_start(struct service *service, const char *path, struct recording *recording,
                const struct look_ops *ops, void *arg);

#endif

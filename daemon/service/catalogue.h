/* catalogue.h - what there is in a recording is asked of the workers, and collected.
 *
 * JOB_OPEN finds the recording and its channels. Of a small one it answers all; of a
 * large one it lists the channels, and JOB_METADATA reads the metadata of some of them
 * at a time, on as many workers as there are. */
#ifndef SERVICE_CATALOGUE_H
#define SERVICE_CATALOGUE_H

#include "service/recording.h"
#include "service/service.h"

struct catalogue;

struct catalogue_ops {
    /* Whether anybody still waits; asked before a worker gets a part of it. */
    bool (*wanted)(void *arg);
    /* The last call. `recording`, finished, is the callee's then; where it is NULL, `error`
     * is what the client is to be told, or, where that is NULL too, the outcome says why.
     * `is_locked`: with another password there would be more, or something at all. */
    void (*done)(void *arg, struct recording *recording, enum outcome outcome, const char *error,
                 bool is_locked);
};

/* Start: `done` may be called before this returns. `path` is as the client sent it; a password
 * takes the place of the workers' own. False: out of memory, and nothing is called. */
bool catalogue_start(struct service *service, uint64_t client, const char *path,
                     const char *password, const struct catalogue_ops *ops, void *arg);

#endif

/* ahead.h - read-ahead: what a client will ask for next is decoded before it asks.
 *
 * Each read belongs to a stream of requests: one client's, of the same channels of
 * the same recording, going on from where it was. What is worth reading is said by
 * ahead_policy.h at each request; it is read once the request itself needs nothing
 * more of the workers, in the lane POOL_AHEAD, a few jobs at a time, within the
 * share of the cache that is for it. What nobody wants any more is taken back. */
#ifndef SERVICE_AHEAD_H
#define SERVICE_AHEAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "base/soon.h"
#include "service/service.h"

struct ahead_stream;
struct entry;
struct recording;
struct window;

TAILQ_HEAD(ahead_streams, ahead_stream);

/* The service's. */
struct ahead {
    struct ahead_streams streams; /* the one that asked last is first */
    size_t n_streams;
    size_t n_jobs;             /* not done, and wanted; decode.c counts them */
    struct ahead_streams busy; /* which can go on now, in turn */
    struct soon_task turn;
};
void ahead_init(struct service *service);
/* When all reads are gone. */
void ahead_fini(struct service *service);

/* A read of that window begins; `page` < 0 when it is none of the entry's grid. The
 * stream that it belongs to, or NULL where nothing is read ahead. */
struct ahead_stream *ahead_enter(struct service *service, const struct client *client,
                                 const struct entry *entry, int64_t page,
                                 const struct window *window);
/* The read has all that it needs of the workers: now what comes next may be read. */
void ahead_go(struct ahead_stream *stream);
/* The read ends. `is_given_up`: it never came to ahead_go, and what comes next is
 * not wanted either. */
void ahead_leave(struct ahead_stream *stream, bool is_given_up);

/* The client has set a grid, and will read its first pages. */
void ahead_begin_grid(struct service *service, const struct client *client,
                      const struct entry *entry);

/* What was planned for a client, a recording, or the grids of one, is not wanted. */
void ahead_forget_client(struct service *service, const struct client *client);
void ahead_forget_recording(struct service *service, const struct recording *recording);
void ahead_forget_grids(struct service *service, const struct recording *recording);

/* There is a later state of a recording, which the streams go on in. */
void ahead_follow(struct service *service, const struct recording *past, struct recording *later);

/* There may be something to go on with. */
void ahead_soon(struct service *service);

#endif

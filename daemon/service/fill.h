/* fill.h - one message is filled with samples.
 *
 * A fill goes through a part of a window, row by row, and asks the cache for the
 * tiles that stand in it. Each tile's samples are copied out the moment they are
 * there, and the tile is let go: a fill holds no tile while it waits for another
 * one's memory, so fills cannot block each other, and none is held for a client
 * that reads slowly. What nobody has decoded goes to the workers. */
#ifndef SERVICE_FILL_H
#define SERVICE_FILL_H

#include "service/damage.h"
#include "service/messages.h"
#include "service/state.h"
#include "service/window.h"

enum fill_state { FILL_EMPTY, FILL_WAITING, FILL_READY, FILL_FAILED };

struct part;

struct fill {
    struct service *service;
    const struct client *client; /* for whom */
    const struct window *window;
    struct damage *damage;        /* where to tell what was unreadable, */
    struct read_figures *figures; /* and what it took */
    enum fill_state state;
    struct buffer *buffer;
    int64_t first; /* in the window */
    int64_t n;
    size_t row; /* how far it is planned: row, and place in it */
    int64_t at;
    struct { /* the unreadable stretch of the row that is not named yet */
        uint32_t segment;
        int64_t end;
        int64_t n;
    } lost;
    struct part *parts; /* planned pieces, each of one tile */
    size_t n_parts;
    size_t parts_room;
    size_t next_part;
    size_t n_waiting; /* parts whose tiles are being decoded */
    struct memory_wait memory;
    struct runs_wait runs;
    bool advancing;
    bool has_no_worker; /* why it failed; else for want of memory */
    /* How long what it asked workers for stood in the queue, which is taken to have come first. */
    uint64_t begun_ns;
    uint64_t asked_ns; /* what is under way; 0: one of it has ended */
    uint64_t queueing_ns;
    /* It is ready, or failed; not called from fill_start. */
    void (*done)(struct fill *fill);
};

/* `fill` is empty and zeroed but for service, client, window, damage,
 * figures and done. Samples
 * [first, first + n) of the window go into the buffer, which is the fill's from
 * now on. May be ready, or failed, on return. */
void fill_start(struct fill *fill, struct buffer *buffer, int64_t first, int64_t n);

/* Till when what it asked workers for stood in the queue, or UINT64_MAX: it does. */
uint64_t fill_queued_till_ns(const struct fill *fill);

/* Take the message of a ready fill, which is empty then. */
struct buffer *fill_take(struct fill *fill);

/* Give up whatever it does, and free what it holds. */
void fill_fini(struct fill *fill);

#endif

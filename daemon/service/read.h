/* read.h - what the two files of a read share.
 *
 * read.c     one request, from its first step to its last message
 * room.c     the memory of its messages: asked for, given back, lost */
#ifndef SERVICE_READ_H
#define SERVICE_READ_H

#include "service/fill.h"
#include "service/state.h"

/* Messages that are filled ahead of the one that the client is taking. */
enum { SLOTS = 2 };
enum step { STEP_LOOKUP, STEP_CHECK, STEP_FILL, STEP_WAIT, STEP_END };

struct read {
    struct service *service;
    struct client client;
    enum step at;
    enum outcome outcome;
    char *path;
    struct request request;
    struct opening *opening; /* a range opens its recording on demand */
    struct window window;
    struct ahead_stream *stream; /* of requests, this being one of them; or NULL */
    int64_t next;                /* first sample that no fill has taken */
    bool needs_no_more;          /* of the workers but what it waits for */
    bool all_taken;              /* the last message is being filled, or was */
    struct fill slots[SLOTS];    /* a ring: `oldest` is the next to be pulled */
    unsigned oldest;
    struct text error;       /* to be told in the next message, */
    enum reply_kind refusal; /* and of what kind it is */
    bool error_told;
    bool is_waited_for; /* a pull said WAIT: `ready` is owed */
    struct damage damage;
    struct read_figures figures;
    uint64_t checked_ns;     /* its window is known since then; 0: it is not */
    uint64_t waits_since_ns; /* a pull said WAIT; 0: the last one did not */
    struct holder holder;    /* of messages */
    struct soon_task resume;
    struct soon_task notify;
    ready_fn *ready;
    void *arg;
};

/* read.c: there may be more to do than there was. */
void read_go_on(struct read *read);
void read_wake(struct read *read);

/* room.c */
void room_init(struct read *read);
void room_fini(struct read *read);
/* Memory for the next message, or NULL; then it is waited for where the client has
 * nothing else to take. The step may have become STEP_END. */
struct buffer *room_ask(struct read *read, bool beyond_first);
/* As many samples of what is next as the buffer has room for. */
int64_t room_samples(const struct read *read, const struct buffer *buffer);

#endif

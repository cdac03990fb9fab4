/* messages.h - the memory of messages: within a budget, in turns, and taken back
 * from who does nothing with it.
 *
 * A *holder* (a read) holds messages: ready ones that nobody has taken yet, and
 * those on their way to its client. Its first one it waits for in line; more it
 * gets while there is plenty. When others wait, ready ones beyond the first are
 * given back, to be filled again later, and a holder whose client takes nothing
 * for long loses what it has.
 *
 * Nobody waits for this memory while holding something that others need in order
 * to give theirs back: who is in line holds no message, and no tile. */
#ifndef SERVICE_MESSAGES_H
#define SERVICE_MESSAGES_H

#include "cache/line.h"
#include "service/service.h"

/* Of samples, at most, and while there is plenty of memory: below the 4 MiB that
 * clients accept by default. */
enum { MESSAGE_BYTES = 2621440 };

LIST_HEAD(buffer_list, buffer);

struct holder {
    TAILQ_ENTRY(holder) link;
    struct service *service;
    struct buffer_list held; /* on their way to the client */
    struct memory_wait room; /* its retry is the holder's to set */
    size_t wanted;           /* bytes, while it waits */
    uint64_t moved_ms;       /* when its client last took something */
    bool is_shed;
    /* Give back the newest ready message; the only one too, if `all`. False: there
     * is none to give. */
    bool (*give_back)(struct holder *holder, bool all);
    /* The last one that was on its way has arrived. */
    void (*arrived)(struct holder *holder);
    /* It loses what it has. Not from within: the holder must stay for now. */
    void (*shed)(struct holder *holder);
};

/* A message and the memory of its samples. */
struct buffer {
    LIST_ENTRY(buffer) link; /* of those held, or kept */
    struct service *service;
    struct holder *holder; /* NULL: not on its way, or the holder is gone */
    struct message message;
    size_t charge; /* of the budget */
    size_t room;
    size_t n_moved; /* since moved_ms */
    _Alignas(64) uint8_t samples[];
};

struct messages {
    TAILQ_HEAD(, holder) holders; /* whose client took something longest ago first */
    struct buffer_list kept;      /* free ones, for the next messages; within the budget */
    size_t kept_bytes;
    size_t limit;
    size_t used;
    struct line line;
    uint64_t n_shed;
    uint64_t n_given_back;
};

void messages_init(struct messages *messages, size_t limit, struct soon *soon);
void messages_fini(struct messages *messages);

void holder_init(struct holder *holder, struct service *service);
void holder_fini(struct holder *holder);

/* Room for a message of `want` bytes, or of as many as there is memory for, but not
 * less than `least`. ASK_LATER: there is none now (beyond_first: or not plenty), see
 * messages_wait; MEF3_ELIMIT: it can never be; MEF3_ENOMEM: the machine has none. */
enum { ASK_LATER = 1 };
int messages_ask(struct holder *holder, size_t want, size_t least, bool beyond_first,
                 struct buffer **buffer_out);
/* Have holder->room.retry called when it is worth asking again. */
void messages_wait(struct holder *holder, size_t want, size_t least);
/* What was filled has become ready: others may need its memory more. */
void messages_ready(struct holder *holder);
/* It is on its way, until message_release. */
void messages_send(struct holder *holder, struct buffer *buffer);
/* An error and nothing else; NULL: out of memory. */
struct buffer *messages_error(struct holder *holder);
void buffer_give(struct buffer *buffer);

/* Once a second or so. */
void messages_tick(struct messages *messages, uint64_t now_ms);

#endif

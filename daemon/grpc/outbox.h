/* outbox.h - what a connection has yet to write, in order.
 *
 * Filled until it is full, then written until it is empty, by turns. It is
 * independent of the HTTP/2 session: a frame that is in here is written whole,
 * whatever becomes of its stream. Bounded: a frame is taken in only while there
 * is room, so that it holds less than OUTBOX_BYTES and one frame. */
#ifndef GRPC_OUTBOX_H
#define GRPC_OUTBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct body;

enum {
    OUTBOX_SPANS = 64,
    OUTBOX_SCRATCH = 8192,
    OUTBOX_BYTES = 256 << 10,
};

struct outbox {
    size_t first; /* the span that is being written */
    size_t n;     /* spans in use, written ones included */
    size_t n_scratch;
    size_t n_bytes;
    struct outbox_span {
        const uint8_t *at;
        size_t n;
        struct body *body; /* what keeps the bytes alive; NULL: they are in `scratch` */
    } spans[OUTBOX_SPANS];
    uint8_t scratch[OUTBOX_SCRATCH];
};

enum outbox_write {
    OUTBOX_WRITTEN, /* all of it */
    OUTBOX_BLOCKED, /* the socket takes no more for now */
    OUTBOX_FAILED,
};

void outbox_init(struct outbox *outbox);

/* Forget everything that is not written. */
void outbox_fini(struct outbox *outbox);

bool outbox_is_empty(const struct outbox *outbox);

/* Is there room for one more frame? */
bool outbox_has_room(const struct outbox *outbox);

/* Take in bytes that do not live on. 0, or -1: out of memory. */
int outbox_add_copy(struct outbox *outbox, const uint8_t *bytes, size_t n);

/* Take in bytes [from, from + n) of a body, uncopied. */
void outbox_add_body(struct outbox *outbox, struct body *body, size_t from, size_t n);

/* Write as much as the socket takes. */
enum outbox_write outbox_write(struct outbox *outbox, int fd);

#endif

/* body.h - one gRPC message on its way out.
 *
 * Its head (the five-byte prefix and the packed fields) is its own; the samples
 * that may follow stay where the service has them, and the service's message is
 * given back when the last reference goes: the bytes are written, or never
 * will be. */
#ifndef GRPC_BODY_H
#define GRPC_BODY_H

#include <stddef.h>
#include <stdint.h>

struct message;

struct body {
    unsigned refs;
    const struct message *message; /* NULL: none to give back */
    const uint8_t *tail;
    size_t n_tail;
    size_t n_head;
    uint8_t head[];
};

/* A body with an unwritten head and one reference. NULL: out of memory. */
struct body *body_new(size_t n_head);

struct body *body_hold(struct body *body);

/* NULL is allowed. */
void body_drop(struct body *body);

#endif

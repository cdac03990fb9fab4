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

/* Bytes of heads that wait for a client, or, in the whole, for all of them. */
struct body_account {
    size_t bytes;
    struct body_account *whole; /* NULL: it is the whole */
};

struct body {
    unsigned refs;
    const struct message *message; /* NULL: none to give back */
    const uint8_t *tail;
    size_t n_tail;
    struct body_account *account; /* NULL: none */
    size_t n_head;
    uint8_t head[];
};

/* A body with an unwritten head and one reference. NULL: out of memory. */
struct body *body_new(size_t n_head);

struct body *body_hold(struct body *body);

/* Count the body's head in an account until the body goes. */
void body_charge(struct body *body, struct body_account *account);

/* So many more bytes of it are written. */
void body_moved(const struct body *body, size_t n);

/* NULL is allowed. */
void body_drop(struct body *body);

#endif

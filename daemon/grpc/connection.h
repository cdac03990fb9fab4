/* connection.h - one client's socket and its HTTP/2 session.
 *
 * Whatever happens to a connection ends with connection_pump: it sends what
 * there is to send, waits for what there is to wait for, and closes what has
 * come to its end. A connection may be gone after it. */
#ifndef GRPC_CONNECTION_H
#define GRPC_CONNECTION_H

#include <stdbool.h>
#include <stdint.h>

#include <nghttp2/nghttp2.h>
#include <uv.h>

#include "base/endpoint.h"
#include "body.h"
#include "outbox.h"
#include "service/service.h"

struct call;
struct grpc_server;

enum connection_state {
    CONNECTION_PREFACE, /* nothing but a part of the client's preface has come */
    CONNECTION_OPEN,
    CONNECTION_LINGERING, /* all is said; the client reads it, then closes */
    CONNECTION_CLOSED,    /* only the loop still knows it */
};

struct connection {
    struct connection *next, *previous; /* of the server's connections */
    struct grpc_server *server;
    struct client client;     /* as the service knows it */
    char peer[ENDPOINT_TEXT]; /* its address, for the log */
    struct guest *guest;      /* NULL when nobody looks */
    uv_poll_t poll;
    int fd;
    enum connection_state state;
    int events;        /* what the loop waits for */
    bool blocked;      /* the socket takes no more for now */
    bool doomed;       /* cannot go on */
    bool asked;        /* a PING of ours is not answered */
    bool goaway;       /* the last GOAWAY is submitted */
    uint64_t since_ms; /* when it came into its state */
    uint64_t heard_ms;
    uint64_t asked_ms;
    uint64_t drain_ms;
    size_t n_preface;
    size_t n_lingering; /* bytes thrown away */
    nghttp2_session *session;
    struct call *calls;
    unsigned n_calls;
    struct body_account replies;
    struct outbox outbox;
};

/* Take a connected, non-blocking socket over. 0, or -1; it is closed then. */
int connection_new(struct grpc_server *server, int fd);

/* Close it now, with all its calls. */
void connection_close(struct connection *connection);

/* Say that no new calls are wanted; close when the last one has ended. */
void connection_drain(struct connection *connection);

/* A second has passed, or less. */
void connection_tick(struct connection *connection, uint64_t now_ms);

/* Send what there is to send. */
void connection_pump(struct connection *connection);

/* Close at the next pump: something failed that should not. */
void connection_doom(struct connection *connection);

struct grpc_server *connection_server(const struct connection *connection);
nghttp2_session *connection_session(const struct connection *connection);

/* For the session's callbacks. */
struct outbox *connection_outbox(struct connection *connection);
void connection_add_call(struct connection *connection, struct call *call);
void connection_remove_call(struct connection *connection, struct call *call);
/* The notice of the end has made its round trip. */
void connection_notice_seen(struct connection *connection);

#endif

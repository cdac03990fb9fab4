/* grpc.h - the door for gRPC clients: HTTP/2 on sockets, calls to the service.
 *
 * All runs on the caller's loop; no threads. h2c with prior knowledge only.
 * What a client sends is untrusted, and whatever it sends can cost it its own
 * connection and no more.
 *
 * Lifetime: the service outlives grpc_server_stop (or _free). Handles close
 * asynchronously: let the loop run once more after grpc_server_free and before
 * uv_loop_close. No call may be made from within `drained`, but for
 * grpc_server_free. */
#ifndef GRPC_GRPC_H
#define GRPC_GRPC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "base/histogram.h"

struct service;
struct grpc_server;

/* What a client can make the server hold, and how long it may be silent. */
struct grpc_limits {
    unsigned max_connections;     /* one more is accepted and closed at once */
    unsigned max_streams;         /* calls at a time of one connection */
    size_t max_request_bytes;     /* of one request message, inflated */
    size_t max_intake_bytes;      /* of requests not yet complete, all connections together */
    size_t max_reply_bytes;       /* of replies not yet taken, samples aside, of all connections */
    uint64_t request_ms;          /* for a connection's preface, and for a request, to be whole */
    uint64_t keepalive_ms;        /* silence, with calls open, after which we ask with a PING */
    uint64_t idle_keepalive_ms;   /* the same with no call open */
    uint64_t keepalive_answer_ms; /* for its answer; then the connection is closed */
};
void grpc_limits_default(struct grpc_limits *limits_out);

/* Where it is told who comes and what calls took; they outlive the server. Before the loop
 * turns. */
struct lately;
struct guests;
void grpc_server_tell(struct grpc_server *server, struct lately *lately, struct guests *guests);

/* NULL: out of memory. */
struct grpc_server *grpc_server_new(uv_loop_t *loop, struct service *service,
                                    const struct grpc_limits *limits);

/* Those that are there stay. */
void grpc_server_set_connections(struct grpc_server *server, unsigned max_connections);

/* Take a listening, non-blocking socket over and accept from it. May be called
 * for several. 0, or a negative error of libuv; the socket is closed then. */
int grpc_server_listen(struct grpc_server *server, int listening_fd);

/* Stop accepting, say NOT_SERVING and GOAWAY to everyone, let calls under way
 * come to their end; `drained` is called once, from the loop, when the last
 * connection is gone. That can take as long as a client likes: stop when
 * patience ends. */
void grpc_server_drain(struct grpc_server *server, void (*drained)(void *arg), void *arg);

/* Close everything now. */
void grpc_server_stop(struct grpc_server *server);

/* Stop, and free once the handles are closed. NULL is allowed. */
void grpc_server_free(struct grpc_server *server);

/* For tests. */
unsigned grpc_server_connections(const struct grpc_server *server);
unsigned grpc_server_calls(const struct grpc_server *server);

/* Why something was not done for a client. */
enum grpc_refusal {
    GRPC_REFUSED_CONNECTION, /* there are max_connections */
    GRPC_REFUSED_PROTOCOL,   /* no HTTP/2, or not a POST of gRPC's content-type */
    GRPC_REFUSED_METHOD,     /* no such method */
    GRPC_REFUSED_ENCODING,
    GRPC_REFUSED_MALFORMED,
    GRPC_REFUSED_SLOW,  /* the request was not whole in time */
    GRPC_REFUSED_LIMIT, /* RESOURCE_EXHAUSTED: sizes, reads, open paths, replies, memory */
    GRPC_REFUSALS,
};

enum { GRPC_STATUSES = 17 };

struct grpc_method_counters {
    const char *name;                  /* "gRPCMef3Server/OpenFile"; "unknown" */
    bool streams;                      /* its answer may be many messages */
    uint64_t ended[GRPC_STATUSES];     /* calls, by status */
    struct histogram took;             /* from its first header field to its end */
    struct histogram to_first_message; /* until that was handed to the socket */
};

struct grpc_counters {
    unsigned connections;
    unsigned calls;
    uint64_t connections_total;
    uint64_t messages;      /* of answers, sent whole */
    uint64_t message_bytes; /* what was sent of them */
    size_t intake_bytes;    /* of requests not yet complete */
    size_t intake_budget_bytes;
    size_t reply_bytes; /* of replies not yet taken, samples aside */
    size_t reply_budget_bytes;
    uint64_t refused[GRPC_REFUSALS];
    const struct grpc_method_counters *methods;
    size_t n_methods;
    const char *const *status_names; /* GRPC_STATUSES, by number */
};
struct grpc_counters grpc_counters(const struct grpc_server *server);

#endif

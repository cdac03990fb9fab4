/* http.h - /metrics, /healthz and /readyz over HTTP/1.1, for people and for what
 * watches the server.
 *
 * libmicrohttpd speaks the protocol, without threads of its own: it is called
 * from the caller's loop. Nothing but GET and HEAD is answered, no request has a
 * body, and who is slow or idle for long is shut out.
 *
 * The listening socket comes from outside and stays open until http_server_free;
 * handles close asynchronously: let the loop run once more after it. */
#ifndef HTTP_HTTP_H
#define HTTP_HTTP_H

#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "base/histogram.h"

struct guests;
struct http_server;
struct lately;
struct service;

/* Connections at a time; others wait until one is free. */
enum { HTTP_MOST_CONNECTIONS = 32 };

/* Where the pages come from. */
struct http_source {
    /* The page of *n_out bytes, which is freed here. NULL: out of memory. */
    char *(*metrics)(void *arg, size_t *n_out);
    /* Likewise /api/v1/status. */
    char *(*status)(void *arg, size_t *n_out);
    /* Why no request should be sent here now; NULL: all is well. */
    const char *(*not_ready)(void *arg);
    void *arg;
    struct service *service;
    /* Where it is told who comes and what requests took; they outlive the server. */
    struct lately *lately;
    struct guests *guests;
    const char *hosts; /* see host.h */
};

/* Requests by the hundreds of their status; the first: the client did not get all of it. */
enum { HTTP_CUT_SHORT, HTTP_CLASSES = 6 };

struct http_counters {
    unsigned connections;
    uint64_t connections_total;
    unsigned requests_active;
    uint64_t ended[HTTP_CLASSES];
    uint64_t bytes;                  /* of the bodies of answers */
    struct histogram took_recording; /* from its header fields to its end: of recordings, */
    struct histogram took_page;      /* and of all else */
};

/* Takes the listening, non-blocking socket over. `patience_ms`: what a connection
 * may take from one answer (or its begin) to the next. NULL: no memory or no
 * descriptors; the socket is the caller's still. */
struct http_server *http_server_new(uv_loop_t *loop, int listening_fd, uint64_t patience_ms,
                                    const struct http_source *source);

struct http_counters http_counters(const struct http_server *server);

/* NULL is allowed. */
void http_server_free(struct http_server *server);

#endif

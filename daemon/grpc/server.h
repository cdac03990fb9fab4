/* server.h - what the files of this room share of a server. */
#ifndef GRPC_SERVER_H
#define GRPC_SERVER_H

#include <stdbool.h>
#include <stdint.h>

#include <uv.h>

#include "body.h"
#include "framing.h"
#include "grpc.h"
#include "http2.h"

struct connection;
struct listener;

enum {
    SERVER_INBOX_BYTES = 64 << 10,
    SERVER_HEADER_LIST_BYTES = 16 << 10,
};

struct grpc_server {
    uv_loop_t *loop;
    struct service *service;
    struct grpc_limits limits;
    struct http2 http2;
    struct intake_budget intake;
    struct body_account replies;
    struct grpc_counters counters;
    struct lately *lately; /* these two: NULL when nobody looks */
    struct guests *guests;
    struct grpc_method_counters *methods; /* as METHODS; before them what is unknown */
    struct connection *connections;
    struct listener *listeners;
    uint64_t last_client;
    uint64_t last_request;
    uint64_t started_ms; /* since 1970: what tells our requests from an earlier server's */
    unsigned n_connections;
    unsigned n_calls;
    unsigned n_handles; /* that the loop knows; the server is freed after the last */
    bool ticking;
    bool draining;
    bool freed;
    void (*drained)(void *arg);
    void *drained_arg;
    uv_timer_t tick;
    uint64_t tick_ms;
    uint8_t inbox[SERVER_INBOX_BYTES]; /* what was received last, by whichever connection */
};

void server_add_connection(struct grpc_server *server, struct connection *connection);
void server_remove_connection(struct grpc_server *server, struct connection *connection);

/* More replies wait than are allowed: the client that has most of them goes. */
void server_shed_replies(struct grpc_server *server);

/* The counters of a method; NULL: not one of ours. */
struct method;
struct grpc_method_counters *server_method(struct grpc_server *server, const struct method *method);

void server_handle_closed(struct grpc_server *server);

#endif

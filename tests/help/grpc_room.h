/* grpc_room.h - a gRPC server over the service stub, and HTTP/2 clients to try it
 * with, all on one loop and in one thread: a client is a session of nghttp2 on
 * one end of a socket pair, and a test decides when it reads and writes. */
#ifndef TESTS_HELP_GRPC_ROOM_H
#define TESTS_HELP_GRPC_ROOM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <nghttp2/nghttp2.h>
#include <uv.h>

#include "grpc/grpc.h"
#include "service_stub.h"

struct room {
    uv_loop_t loop;
    struct service *service;
    struct grpc_server *server;
};

/* limits NULL: the defaults. */
void room_open(struct room *room, const struct grpc_limits *limits);

/* Stops the server, and fails the test when anything is left over. */
void room_close(struct room *room);

/* What came back for one call. */
struct answer {
    int32_t stream_id;
    int http_status;
    int grpc_status; /* -1: none came */
    char message[1100];
    char damage[4200];
    bool accept_encoding;
    bool closed;
    uint32_t error; /* with which it was closed */
    unsigned n_header_blocks;
    unsigned n_data_frames;
    size_t largest_frame;
    uint8_t *bytes; /* of all DATA frames */
    size_t n;
    size_t room;
    const uint8_t *request; /* still to be sent */
    size_t n_request;
    bool keeps_open; /* no END_STREAM after the request */
};

enum { ROOM_ANSWERS = 128 };

struct room_client {
    struct room *room;
    int fd; /* -1: closed by the server, or by client_close */
    nghttp2_session *session;
    bool deaf;            /* reads nothing from its socket */
    bool gone;            /* the server closed the connection */
    size_t bytes_a_write; /* 0: as many as there are */
    unsigned n_goaway;
    uint32_t goaway_error;
    unsigned n_pongs;
    unsigned n_pings;
    struct answer answers[ROOM_ANSWERS];
    size_t n_answers;
    uint8_t *raw; /* a client without a session: what it received */
    size_t n_raw;
};

/* window 0: HTTP/2's own 65,535, else the stream's and the connection's; the
 * largest frame 0: 16,384. */
struct room_client *client_open(struct room *room, uint32_t window, uint32_t max_frame);

/* Without a session: for bytes of a test's own. */
struct room_client *client_open_raw(struct room *room);
void client_write(struct room_client *client, const void *bytes, size_t n);

void client_close(struct room_client *client);

/* Begin a call: POST, application/grpc, and what `more` says (may be NULL); a
 * field of `more` replaces the usual one. The request, prefix and all, must
 * outlive the call. */
struct answer *client_call(struct room_client *client, const char *path, const uint8_t *request,
                           size_t n, const nghttp2_nv *more, size_t n_more);
struct answer *client_call_open(struct room_client *client, const char *path);

nghttp2_nv room_field(const char *name, const char *value);

/* One turn of the loop and of these clients. */
void room_turn(struct room *room, struct room_client *client, struct room_client *other);

/* Turns until the condition holds; fails the test after some seconds. */
#define room_until(room, client, other, condition)              \
    do {                                                        \
        uint64_t begin_ = uv_hrtime();                          \
        while (!(condition)) {                                  \
            if (uv_hrtime() - begin_ > UINT64_C(20000000000))   \
                fail_msg("waited in vain for: %s", #condition); \
            room_turn((room), (client), (other));               \
        }                                                       \
    } while (0)

/* Requests, prefix and all, in `out`; their length. */
size_t room_path_request(uint8_t *out, const char *path);
size_t room_page_request(uint8_t *out, const char *path, unsigned page);
size_t room_range_request(uint8_t *out, const char *path, int64_t start_uutc, int64_t seconds);

/* The gRPC messages in bytes[0 .. n): number `k`. False: there are fewer. */
bool room_message(const uint8_t *bytes, size_t n, unsigned k, const uint8_t **message_out,
                  size_t *n_out);

#endif

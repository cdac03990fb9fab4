/* call.h - one call: an HTTP/2 stream from its first header field to its trailers.
 *
 * What comes from the session's callbacks goes in by call_header ... call_end;
 * an answer is *pulled* when the session has room for it, so that a client that
 * does not read makes nothing. Freeing a call, at any time, stops the
 * service's work for it at once. */
#ifndef GRPC_CALL_H
#define GRPC_CALL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <nghttp2/nghttp2.h>
#include <uv.h>

#include "fault.h"
#include "framing.h"
#include "metadata.h"
#include "note.h"
#include "service/service.h"

struct body;
struct connection;
struct method;
struct outbox;

struct call;

/* The next message of an answer: PULL_HERE leaves it in call->body (and sets
 * call->pull to NULL when it is the last); PULL_END leaves the end in call->end. */
typedef enum pull call_pull_fn(struct call *call);

/* Leaves the only message in call->body; `error`, where it is not NULL, is what it says.
 * False: see *fault_out. */
typedef bool call_answer_fn(struct call *call, const char *path, const char *error,
                            struct fault *fault_out);

enum call_state {
    CALL_HEADERS, /* its header fields are coming */
    CALL_REQUEST, /* its request message is */
    CALL_WORKING, /* no answer yet, or not all of it */
    CALL_ENDED,   /* trailers or a reset are submitted */
};

/* Of call->watched, where it is not a health status. */
enum { CALL_WATCHES_NOTHING_YET = -1 };

struct call {
    struct call *next, *previous; /* of the connection's calls */
    struct connection *connection;
    struct client client; /* the connection's, with the request's password */
    char *password;       /* NULL: none; wiped */
    int32_t stream_id;
    enum call_state state;
    uint64_t began_ms; /* waiting for a request to be whole, and to be taken */
    uint64_t began_ns;

    size_t header_bytes;
    int http_status; /* 200, or why this is no gRPC call */
    bool is_grpc;
    bool is_post;
    bool bad_timeout;
    bool bad_encoding;
    bool bad_password;
    bool has_timeout;
    uint64_t timeout_ms;
    enum encoding encoding;
    const struct method *method; /* NULL: not one of ours */
    struct intake intake;
    struct backlog backlog; /* of a call that takes many requests */
    bool requests_ended;
    bool open_ended; /* may go on for as long as its client likes: the server's end ends it */
    struct deadline *deadline;

    /* The answer: from one of these, by `pull`; NULL once the last message is
     * in `body`. */
    call_pull_fn *pull;
    struct opening *opening;
    struct read *read;
    char *file_path;
    call_answer_fn *answer; /* once `opening` has looked at the recording */
    int64_t seconds;        /* of a page, for that */
    int watched;            /* a health watch: the status that was said last */
    bool service_known;

    bool answering;    /* the answer's header fields are submitted */
    struct body *body; /* the message under way */
    bool has_sent;     /* a message */
    size_t n_sent;     /* of its bytes */
    struct fault end;
    struct note note;
};

/* NULL: out of memory. */
struct call *call_new(struct connection *connection, int32_t stream_id);
void call_free(struct call *call);

void call_header(struct call *call, const uint8_t *name, size_t n_name, const uint8_t *value,
                 size_t n_value);
void call_headers_end(struct call *call);
/* Does it say itself, by nghttp2_session_consume_stream, how much of the bytes
 * that came it has taken? */
bool call_consumes(const struct call *call);
void call_data(struct call *call, const uint8_t *bytes, size_t n);
void call_end(struct call *call);

/* The service, the deadline or the server has news: go on. The caller pumps
 * the connection afterwards. */
void call_go_on(struct call *call);

/* The service's `ready`: go on, and pump. */
void call_ready(void *call);

/* Of a call that takes many requests: the next one, inflated, for the caller to
 * use before anything else is done with the call. PULL_END: see call->end. */
enum pull call_next_request(struct call *call, const uint8_t **request_out, size_t *n_out);

/* Has a request been on its way, or waiting to be taken, for so long? */
bool call_is_late(const struct call *call, uint64_t now_ms, uint64_t patience_ms);

/* End with this status as soon as can be. */
void call_fail(struct call *call, enum rpc_status status, const char *text);

/* The session asks how much of a DATA frame of at most `room` bytes there is;
 * a value of nghttp2's read callback. Then it takes as much into the outbox. */
ssize_t call_produce(struct call *call, size_t room, uint32_t *flags_out);
void call_take(struct call *call, size_t n, struct outbox *outbox);

#endif

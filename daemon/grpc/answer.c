/* answer.c - what a call tells its HTTP/2 stream. */
#include "answer.h"

#include <stdio.h>
#include <string.h>

#include <nghttp2/nghttp2.h>

#include "call.h"
#include "connection.h"
#include "http2.h"

enum {
    MAX_MESSAGE = 1024, /* grpc-message, encoded */
    MAX_DAMAGE = 4096,
    MAX_FIELDS = 5,
    FIELD_OVERHEAD = 32, /* as header lists are counted */
};

/* The fields of one header block. */
struct fields {
    nghttp2_nv nv[MAX_FIELDS];
    size_t n;
    char status[12];
    char message[MAX_MESSAGE];
    char damage[MAX_DAMAGE];
};

static void add(struct fields *fields, const char *name, const char *value, size_t n, uint8_t flags)
{
    union {
        const char *in;
        uint8_t *out;
    } same_name = {.in = name}, same_value = {.in = value};
    fields->nv[fields->n++] = (nghttp2_nv){same_name.out, same_value.out, strlen(name), n, flags};
}

static void add_text(struct fields *fields, const char *name, const char *value)
{
    add(fields, name, value, strlen(value), NGHTTP2_NV_FLAG_NONE);
}

static void add_end(struct fields *fields, const struct fault *end)
{
    snprintf(fields->status, sizeof fields->status, "%d", (int)end->status);
    add_text(fields, "grpc-status", fields->status);
    if (end->text[0]) {
        size_t n = metadata_message(end->text, fields->message, sizeof fields->message);
        add(fields, "grpc-message", fields->message, n, NGHTTP2_NV_FLAG_NONE);
    }
}

/* As much of the text as the client's limit for header lists leaves room for. */
static void add_damage(struct fields *fields, nghttp2_session *session, const char *damage)
{
    static const char name[] = "mef3-damage";

    uint32_t limit =
        nghttp2_session_get_remote_settings(session, NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE);
    size_t used = sizeof name - 1 + FIELD_OVERHEAD;
    for (size_t i = 0; i < fields->n; i++)
        used += fields->nv[i].namelen + fields->nv[i].valuelen + FIELD_OVERHEAD;
    if (used >= limit)
        return;

    size_t room = limit - used < MAX_DAMAGE ? limit - used : MAX_DAMAGE;
    size_t n = metadata_printable(damage, fields->damage, room);
    if (n > 0)
        add(fields, name, fields->damage, n, NGHTTP2_NV_FLAG_NO_INDEX);
}

static nghttp2_session *session_of(const struct call *call)
{
    return connection_session(call->connection);
}

/* Only memory can be short here: then the connection cannot go on. */
static void check(const struct call *call, int status)
{
    if (status != 0)
        connection_doom(call->connection);
}

void answer_begin(struct call *call)
{
    struct fields fields = {.n = 0};
    add_text(&fields, ":status", "200");
    add_text(&fields, "content-type", "application/grpc");
    add_text(&fields, "grpc-accept-encoding", METADATA_ENCODINGS);

    nghttp2_data_provider provider = http2_data_provider();
    check(call, nghttp2_submit_response(session_of(call), call->stream_id, fields.nv, fields.n,
                                        &provider));
}

void answer_resume(struct call *call)
{
    /* It says so when the stream was not waiting; that is no failure. */
    (void)nghttp2_session_resume_data(session_of(call), call->stream_id);
}

void answer_end(struct call *call, const char *damage)
{
    struct fields fields = {.n = 0};
    add_end(&fields, &call->end);
    if (damage[0])
        add_damage(&fields, session_of(call), damage);
    check(call, nghttp2_submit_trailer(session_of(call), call->stream_id, fields.nv, fields.n));
}

void answer_refuse(struct call *call)
{
    struct fields fields = {.n = 0};
    char http_status[12];
    snprintf(http_status, sizeof http_status, "%d", call->http_status);
    add_text(&fields, ":status", http_status);
    add_text(&fields, "content-type", "application/grpc");
    add_end(&fields, &call->end);
    if (call->end.status == RPC_UNIMPLEMENTED)
        add_text(&fields, "grpc-accept-encoding", METADATA_ENCODINGS);
    check(call,
          nghttp2_submit_response(session_of(call), call->stream_id, fields.nv, fields.n, NULL));
}

void answer_reset(struct call *call, uint32_t http2_error)
{
    check(call, nghttp2_submit_rst_stream(session_of(call), NGHTTP2_FLAG_NONE, call->stream_id,
                                          http2_error));
}

bool answer_can_go_on(struct call *call)
{
    return nghttp2_session_get_remote_window_size(session_of(call)) > 0 &&
           nghttp2_session_get_stream_remote_window_size(session_of(call), call->stream_id) > 0;
}

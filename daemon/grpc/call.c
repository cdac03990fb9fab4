/* call.c - one call: an HTTP/2 stream from its first header field to its trailers. */
#include "call.h"

#include <stdlib.h>
#include <string.h>

#include "answer.h"
#include "base/guests.h"
#include "body.h"
#include "connection.h"
#include "deadline.h"
#include "methods.h"
#include "outbox.h"
#include "server.h"

/* gRPC libraries send well under a kilobyte. */
enum { MAX_HEADER_BYTES = SERVER_HEADER_LIST_BYTES, HEADER_OVERHEAD = 32 };

struct call *call_new(struct connection *connection, int32_t stream_id)
{
    struct call *call = malloc(sizeof *call);
    if (!call)
        return NULL;

    struct grpc_server *server = connection_server(connection);
    *call = (struct call){
        .connection = connection,
        .client = connection->client,
        .stream_id = stream_id,
        .began_ms = uv_now(server->loop),
        .began_ns = uv_hrtime(),
        .http_status = 200,
        .end = {RPC_OK, ""},
        .note.number = ++server->last_request,
    };
    guest_calls(connection->guest);
    intake_init(&call->intake, &server->intake, server->limits.max_request_bytes);
    backlog_init(&call->backlog, &server->intake);
    return call;
}

/* Give up all that the call holds of others. */
static void stop_work(struct call *call)
{
    if (call->read) {
        read_figures(call->read, &call->note.figures);
        call->note.has_figures = true;
    }
    deadline_cancel(call->deadline);
    opening_free(call->opening);
    read_free(call->read);
    body_drop(call->body);
    intake_fini(&call->intake);
    backlog_fini(&call->backlog);
    call->deadline = NULL;
    call->opening = NULL;
    call->read = NULL;
    call->body = NULL;
    call->pull = NULL;
}

static uint64_t age_us(const struct call *call)
{
    return (uv_hrtime() - call->began_ns) / 1000;
}

static void count_refusal(const struct call *call)
{
    enum rpc_status status = call->end.status;
    uint64_t *refused = connection_server(call->connection)->counters.refused;

    if (call->http_status != 200)
        refused[GRPC_REFUSED_PROTOCOL]++;
    else if (status == RPC_UNIMPLEMENTED)
        refused[call->method ? GRPC_REFUSED_ENCODING : GRPC_REFUSED_METHOD]++;
    else if (status == RPC_INVALID_ARGUMENT)
        refused[GRPC_REFUSED_MALFORMED]++;
    else if (status == RPC_RESOURCE_EXHAUSTED)
        refused[GRPC_REFUSED_LIMIT]++;
}

static void count_end(const struct call *call)
{
    struct grpc_method_counters *method =
        server_method(connection_server(call->connection), call->method);

    if (call->http_status == 200)
        method->ended[call->state == CALL_ENDED ? call->end.status : RPC_CANCELLED]++;
    if (call->state == CALL_ENDED)
        count_refusal(call);
    histogram_add(&method->took, age_us(call));
}

void call_free(struct call *call)
{
    if (!call)
        return;
    count_end(call);
    stop_work(call);
    note_end(call);
    guest_has_called(call->connection->guest);
    free(call->file_path);
    if (call->password)
        explicit_bzero(call->password, PASSWORD_ROOM);
    free(call->password);
    free(call);
}

static bool is(const uint8_t *bytes, size_t n, const char *text)
{
    return n == strlen(text) && memcmp(bytes, text, n) == 0;
}

/* Two of them would say which is meant as little as a malformed one. */
static void take_password(struct call *call, const uint8_t *value, size_t n, bool is_base64)
{
    if (call->password) {
        call->bad_password = true;
        return;
    }
    call->password = malloc(PASSWORD_ROOM);
    call->bad_password = !call->password || !password_of_field(value, n, is_base64, call->password);
    if (!call->bad_password && call->password[0])
        call->client.password = call->password;
}

void call_header(struct call *call, const uint8_t *name, size_t n_name, const uint8_t *value,
                 size_t n_value)
{
    if (call->state != CALL_HEADERS)
        return; /* trailers: nothing in them matters here */
    call->header_bytes += n_name + n_value + HEADER_OVERHEAD;
    if (call->header_bytes > MAX_HEADER_BYTES)
        return;

    if (is(name, n_name, ":path")) {
        call->method = method_find(value, n_value);
    } else if (is(name, n_name, ":method")) {
        call->is_post = is(value, n_value, "POST");
    } else if (is(name, n_name, "content-type")) {
        call->is_grpc = metadata_is_grpc(value, n_value);
    } else if (is(name, n_name, "grpc-timeout")) {
        call->has_timeout = metadata_timeout(value, n_value, &call->timeout_ms);
        call->bad_timeout = !call->has_timeout;
    } else if (is(name, n_name, "grpc-encoding")) {
        call->bad_encoding = !metadata_encoding(value, n_value, &call->encoding);
    } else if (is(name, n_name, "mef3-password")) {
        take_password(call, value, n_value, false);
    } else if (is(name, n_name, "mef3-password-bin")) {
        take_password(call, value, n_value, true);
    }
}

static void on_deadline(void *arg)
{
    struct call *call = arg;
    struct connection *connection = call->connection;
    call->deadline = NULL;
    call_fail(call, RPC_DEADLINE_EXCEEDED, "the deadline has passed");
    connection_pump(connection);
}

static bool takes_many(const struct call *call)
{
    return call->method && !call->method->start;
}

void call_headers_end(struct call *call)
{
    if (call->state != CALL_HEADERS)
        return;
    call->state = CALL_REQUEST;

    if (call->header_bytes > MAX_HEADER_BYTES) {
        call_fail(call, RPC_RESOURCE_EXHAUSTED, "the header fields are too large");
    } else if (!call->is_post) {
        call->http_status = 405;
        call_fail(call, RPC_INTERNAL, "a call is a POST");
    } else if (!call->is_grpc) {
        call->http_status = 415;
        call_fail(call, RPC_INTERNAL, "the content-type is not application/grpc");
    } else if (!call->method) {
        call_fail(call, RPC_UNIMPLEMENTED, "no such method");
    } else if (call->bad_timeout) {
        call_fail(call, RPC_INVALID_ARGUMENT, "grpc-timeout is malformed");
    } else if (call->bad_encoding) {
        call_fail(call, RPC_UNIMPLEMENTED, "grpc-encoding is not known here");
    } else if (call->bad_password) {
        call_fail(call, RPC_INVALID_ARGUMENT, "mef3-password is malformed");
    } else if (call->has_timeout && call->timeout_ms == 0) {
        call_fail(call, RPC_DEADLINE_EXCEEDED, "the deadline has passed");
    } else if (call->has_timeout) {
        struct grpc_server *server = connection_server(call->connection);
        call->deadline = deadline_start(server->loop, call->timeout_ms, on_deadline, call);
        if (!call->deadline)
            call_fail(call, RPC_RESOURCE_EXHAUSTED, "out of memory");
    }
    if (call->state == CALL_REQUEST && takes_many(call)) {
        call->state = CALL_WORKING;
        call->pull = call->method->pull_many;
        call->open_ended = true;
        guest_asks(call->connection->guest, note_method(call), "");
    }
}

bool call_consumes(const struct call *call)
{
    return call->state == CALL_WORKING && takes_many(call);
}

void call_data(struct call *call, const uint8_t *bytes, size_t n)
{
    struct fault fault;
    if (call_consumes(call)) {
        if (backlog_is_empty(&call->backlog))
            call->began_ms = uv_now(connection_server(call->connection)->loop);
        if (backlog_add(&call->backlog, bytes, n, &fault))
            call_go_on(call);
        else
            call_fail(call, fault.status, fault.text);
    } else if (call->state == CALL_REQUEST && !intake_feed(&call->intake, bytes, n, &fault)) {
        call_fail(call, fault.status, fault.text);
    }
}

/* Small: each is a name. */
enum { ONE_OF_MANY_BYTES = 16 << 10 };

enum pull call_next_request(struct call *call, const uint8_t **request_out, size_t *n_out)
{
    struct grpc_server *server = connection_server(call->connection);
    size_t n_taken;

    intake_fini(&call->intake); /* of the one before */
    intake_init(&call->intake, &server->intake, ONE_OF_MANY_BYTES);
    switch (backlog_next(&call->backlog, &call->intake, &n_taken, &call->end)) {
    case BACKLOG_TAKEN:
        call->began_ms = uv_now(server->loop);
        (void)nghttp2_session_consume_stream(connection_session(call->connection), call->stream_id,
                                             n_taken);
        return intake_end(&call->intake, call->encoding, request_out, n_out, &call->end) ? PULL_HERE
                                                                                         : PULL_END;
    case BACKLOG_WRONG:
        return PULL_END;
    case BACKLOG_NOT_WHOLE:
        break;
    }
    if (!call->requests_ended && !server->draining)
        return PULL_WAIT;
    if (!call->requests_ended)
        call->end = (struct fault){RPC_UNAVAILABLE, "the server is shutting down"};
    else if (!backlog_is_empty(&call->backlog))
        call->end = (struct fault){RPC_INVALID_ARGUMENT, "the request message is cut short"};
    else
        call->end = (struct fault){RPC_OK, ""};
    return PULL_END;
}

bool call_is_late(const struct call *call, uint64_t now_ms, uint64_t patience_ms)
{
    bool owes =
        call->state <= CALL_REQUEST || (call_consumes(call) && !backlog_is_empty(&call->backlog));

    return owes && now_ms - call->began_ms >= patience_ms;
}

void call_end(struct call *call)
{
    if (call_consumes(call)) {
        call->requests_ended = true;
        call_go_on(call);
        return;
    }
    if (call->state != CALL_REQUEST)
        return;

    const uint8_t *request;
    size_t n;
    struct fault fault = {RPC_INTERNAL, "out of memory"};
    if (!intake_end(&call->intake, call->encoding, &request, &n, &fault) ||
        !call->method->start(call, request, n, &fault)) {
        call_fail(call, fault.status, fault.text);
        return;
    }
    guest_asks(call->connection->guest, note_method(call),
               call->note.session ? call->note.session : "");
    intake_fini(&call->intake);
    call->state = CALL_WORKING;
    call_go_on(call);
}

/* Pull until there is a message under way. PULL_END: call->end says how. */
static enum pull fill(struct call *call)
{
    if (call->body)
        return PULL_HERE;
    call->n_sent = 0;
    enum pull pulled = call->pull(call);
    note_waits(&call->note, pulled == PULL_WAIT);
    return pulled;
}

void call_go_on(struct call *call)
{
    if (call->state != CALL_WORKING)
        return;
    if (call->answering) {
        answer_resume(call);
        return;
    }
    switch (fill(call)) {
    case PULL_WAIT:
        break;
    case PULL_HERE:
        call->answering = true;
        answer_begin(call);
        break;
    case PULL_END:
        call_fail(call, call->end.status, call->end.text);
        break;
    }
}

/* Its client takes nothing. Where the socket is full too, the message would stay
 * in the outbox: then the connection goes. */
static void shed(struct call *call)
{
    struct connection *connection = call->connection;
    call_fail(call, RPC_RESOURCE_EXHAUSTED,
              "the client takes next to nothing, and others wait for the memory");
    if (connection->blocked)
        connection_doom(connection);
}

void call_ready(void *arg)
{
    struct call *call = arg;
    struct connection *connection = call->connection;
    if (call->read && read_is_shed(call->read))
        shed(call);
    else
        call_go_on(call);
    connection_pump(connection);
}

/* As clients translate it back. */
static uint32_t reset_code(enum rpc_status status)
{
    if (status == RPC_DEADLINE_EXCEEDED)
        return NGHTTP2_CANCEL;
    return status == RPC_RESOURCE_EXHAUSTED ? NGHTTP2_ENHANCE_YOUR_CALM : NGHTTP2_INTERNAL_ERROR;
}

void call_fail(struct call *call, enum rpc_status status, const char *text)
{
    if (call->state == CALL_ENDED)
        return;
    call->end = (struct fault){status, text};

    if (!call->answering) {
        call->state = CALL_ENDED;
        answer_refuse(call);
        stop_work(call);
        return;
    }

    /* Trailers can follow a whole message and nothing else, and the session
     * asks for them only while the client's window is open. */
    bool cut = call->body && call->n_sent > 0;
    stop_work(call);
    if (cut || !answer_can_go_on(call)) {
        call->state = CALL_ENDED;
        answer_reset(call, reset_code(status));
    } else {
        call->pull = method_pull_end;
        answer_resume(call);
    }
}

static void finish(struct call *call)
{
    call->state = CALL_ENDED;
    answer_end(call, call->read ? read_damage(call->read) : "");
    stop_work(call);
}

ssize_t call_produce(struct call *call, size_t room, uint32_t *flags_out)
{
    if (call->state != CALL_WORKING)
        return NGHTTP2_ERR_DEFERRED;

    size_t left = 0;
    switch (fill(call)) {
    case PULL_WAIT:
        return NGHTTP2_ERR_DEFERRED;
    case PULL_HERE:
        left = call->body->n_head + call->body->n_tail - call->n_sent;
        *flags_out |= NGHTTP2_DATA_FLAG_NO_COPY;
        if (left <= room && !call->pull)
            *flags_out |= NGHTTP2_DATA_FLAG_EOF | NGHTTP2_DATA_FLAG_NO_END_STREAM;
        break;
    case PULL_END:
        *flags_out |= NGHTTP2_DATA_FLAG_EOF | NGHTTP2_DATA_FLAG_NO_END_STREAM;
        finish(call);
        break;
    }
    return (ssize_t)(left < room ? left : room);
}

void call_take(struct call *call, size_t n, struct outbox *outbox)
{
    struct grpc_server *server = connection_server(call->connection);

    outbox_add_body(outbox, call->body, call->n_sent, n);
    call->n_sent += n;
    server->counters.message_bytes += n;
    guest_takes(call->connection->guest, n);
    if (!call->has_sent)
        histogram_add(&server_method(server, call->method)->to_first_message, age_us(call));
    call->has_sent = true;
    call->note.n_bytes += n;
    if (call->n_sent < call->body->n_head + call->body->n_tail)
        return;

    server->counters.messages++;
    body_drop(call->body);
    call->body = NULL;
    call->note.n_messages++;
    if (!call->pull) {
        call->end = (struct fault){RPC_OK, ""};
        finish(call);
    }
}

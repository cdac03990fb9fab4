/* connection.c - one client's socket and its HTTP/2 session. */
#include "connection.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/endpoint.h"
#include "base/guests.h"
#include "base/trace.h"
#include "call.h"
#include "http2.h"
#include "server.h"

enum {
    READS_A_TURN = 4,
    BYTES_A_TURN = 8 << 20,
    /* More frames than this to send, none of them DATA: a client that does not
     * read what it makes us say is not listened to until it does. */
    MAX_QUEUED_FRAMES = 1000,
    LINGER_MS = 1000,
    LINGER_BYTES = 1 << 20,
    /* At the end of the server: what a client is given beyond two round trips to
     * answer, and again to read. One that is idle may not even look. */
    DRAIN_MS = 100,
};

static void on_poll(uv_poll_t *poll, int status, int events);

struct grpc_server *connection_server(const struct connection *connection)
{
    return connection->server;
}

nghttp2_session *connection_session(const struct connection *connection)
{
    return connection->session;
}

struct outbox *connection_outbox(struct connection *connection)
{
    return &connection->outbox;
}

void connection_doom(struct connection *connection)
{
    connection->doomed = true;
}

void connection_add_call(struct connection *connection, struct call *call)
{
    call->previous = NULL;
    call->next = connection->calls;
    if (call->next)
        call->next->previous = call;
    connection->calls = call;
    connection->n_calls++;
    connection->server->n_calls++;
}

void connection_remove_call(struct connection *connection, struct call *call)
{
    if (call->previous)
        call->previous->next = call->next;
    else
        connection->calls = call->next;
    if (call->next)
        call->next->previous = call->previous;
    connection->n_calls--;
    connection->server->n_calls--;
}

/* --- Birth and death ----------------------------------------------------------- */

static void set_options(int fd, const struct grpc_limits *limits)
{
    /* Neither is there for a socket of another family; nor is it missed. */
    int on = 1;
    unsigned patience_ms = (unsigned)(limits->keepalive_ms + limits->keepalive_answer_ms);
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    (void)setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &patience_ms, sizeof patience_ms);
}

int connection_new(struct grpc_server *server, int fd)
{
    struct connection *connection = malloc(sizeof *connection);
    if (!connection)
        goto fail;

    uint64_t now_ms = uv_now(server->loop);
    memset(connection, 0, offsetof(struct connection, outbox));
    connection->server = server;
    connection->client.number = ++server->last_client;
    connection->replies.whole = &server->replies;
    connection->fd = fd;
    connection->since_ms = connection->heard_ms = now_ms;
    outbox_init(&connection->outbox);
    if (http2_session_new(&server->http2, connection, &server->limits, &connection->session) < 0)
        goto fail;
    if (uv_poll_init(server->loop, &connection->poll, fd) < 0)
        goto fail;
    connection->poll.data = connection;

    endpoint_peer(fd, connection->peer);
    set_options(fd, &server->limits);
    connection->guest = guests_enter(server->guests, connection->peer, "grpc");
    server_add_connection(server, connection);
    connection->events = UV_READABLE;
    if (uv_poll_start(&connection->poll, UV_READABLE, on_poll) < 0)
        connection_close(connection);
    return 0;

fail:
    if (connection)
        nghttp2_session_del(connection->session);
    free(connection);
    close(fd);
    return -1;
}

static void on_close(uv_handle_t *handle)
{
    struct connection *connection = handle->data;
    struct grpc_server *server = connection->server;
    free(connection);
    server_handle_closed(server);
}

/* The session and all its calls end; what is in the outbox stays. */
static void end_session(struct connection *connection)
{
    while (connection->calls) {
        struct call *call = connection->calls;
        connection_remove_call(connection, call);
        call_free(call);
    }
    service_forget_client(connection->server->service, &connection->client);
    nghttp2_session_del(connection->session);
    connection->session = NULL;
}

void connection_close(struct connection *connection)
{
    if (connection->state == CONNECTION_CLOSED)
        return;
    connection->state = CONNECTION_CLOSED;
    end_session(connection);
    outbox_fini(&connection->outbox);
    guest_leave(connection->guest);
    server_remove_connection(connection->server, connection);
    uv_close((uv_handle_t *)&connection->poll, on_close);
    close(connection->fd);
}

static void watch(struct connection *connection, int events)
{
    if (events == connection->events)
        return;
    connection->events = events;
    if (events == 0)
        uv_poll_stop(&connection->poll);
    else if (uv_poll_start(&connection->poll, events, on_poll) < 0)
        connection_close(connection);
}

/* How long a client is waited for while the server ends. What is too short for
 * it costs no call: the last GOAWAY says which were taken. */
static uint64_t drain_patience_ms(const struct connection *connection)
{
    struct tcp_info info = {0};
    socklen_t n = sizeof info;

    if (getsockopt(connection->fd, IPPROTO_TCP, TCP_INFO, &info, &n) < 0)
        return DRAIN_MS;
    return DRAIN_MS + 2 * (uint64_t)info.tcpi_rtt / 1000;
}

/* Closing a socket with unread bytes in it would take back what was said. */
static void linger(struct connection *connection)
{
    end_session(connection);
    connection->state = CONNECTION_LINGERING;
    connection->since_ms = uv_now(connection->server->loop);
    shutdown(connection->fd, SHUT_WR);
    watch(connection, UV_READABLE);
}

/* --- Out ----------------------------------------------------------------------- */

/* Ask the session for frames while there is room for one. */
static void fill(struct connection *connection)
{
    while (!connection->doomed && outbox_has_room(&connection->outbox)) {
        const uint8_t *bytes;
        ssize_t n = nghttp2_session_mem_send(connection->session, &bytes);
        if (n == 0)
            return;
        if (n < 0 || outbox_add_copy(&connection->outbox, bytes, (size_t)n) < 0)
            connection->doomed = true;
    }
}

/* Fill and write by turns. False: it gave way to others with work left. */
static bool send_all(struct connection *connection)
{
    size_t n_bytes = 0;
    while (!connection->blocked && !connection->doomed) {
        if (outbox_is_empty(&connection->outbox))
            fill(connection);
        if (outbox_is_empty(&connection->outbox))
            break;
        if (n_bytes >= BYTES_A_TURN)
            return false;
        n_bytes += connection->outbox.n_bytes;
        switch (outbox_write(&connection->outbox, connection->fd)) {
        case OUTBOX_WRITTEN:
            break;
        case OUTBOX_BLOCKED:
            connection->blocked = true;
            break;
        case OUTBOX_FAILED:
            connection->doomed = true;
            break;
        }
    }
    return true;
}

void connection_pump(struct connection *connection)
{
    if (connection->state == CONNECTION_PREFACE && connection->doomed) {
        connection_close(connection);
        return;
    }
    if (connection->state != CONNECTION_OPEN)
        return;

    bool all = send_all(connection);
    trace_tell();
    nghttp2_session *session = connection->session;
    if (connection->doomed) {
        connection_close(connection);
        return;
    }
    if (all && !connection->blocked && !nghttp2_session_want_read(session) &&
        !nghttp2_session_want_write(session)) {
        linger(connection);
        return;
    }

    bool listens = nghttp2_session_get_outbound_queue_size(session) < MAX_QUEUED_FRAMES;
    watch(connection,
          (listens ? UV_READABLE : 0) | (all && !connection->blocked ? 0 : UV_WRITABLE));
}

/* --- In ------------------------------------------------------------------------ */

/* Whoever speaks another HTTP gets an answer that it can show. */
static void refuse_preface(struct connection *connection, const uint8_t *bytes, size_t n)
{
    static const char answer[] = "HTTP/1.1 505 HTTP Version Not Supported\r\n"
                                 "Content-Type: text/plain\r\n"
                                 "Content-Length: 53\r\n"
                                 "Connection: close\r\n"
                                 "\r\n"
                                 "This port speaks gRPC: HTTP/2 with prior knowledge.\r\n";

    connection->server->counters.refused[GRPC_REFUSED_PROTOCOL]++;
    bool is_text = n > 0 && connection->n_preface == 0;
    for (size_t i = 0; is_text && i < n && i < 3; i++)
        is_text = bytes[i] >= 'A' && bytes[i] <= 'Z';
    if (!is_text ||
        send(connection->fd, answer, sizeof answer - 1, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
        connection->doomed = true;
    else
        linger(connection);
}

/* Nothing is said before the client has said "PRI". */
static bool check_preface(struct connection *connection, const uint8_t *bytes, size_t n)
{
    size_t left = NGHTTP2_CLIENT_MAGIC_LEN - connection->n_preface;
    size_t part = n < left ? n : left;
    if (memcmp(bytes, &NGHTTP2_CLIENT_MAGIC[connection->n_preface], part) != 0) {
        refuse_preface(connection, bytes, n);
        return false;
    }
    connection->n_preface += part;
    if (connection->n_preface == NGHTTP2_CLIENT_MAGIC_LEN)
        connection->state = CONNECTION_OPEN;
    return true;
}

static void take_in(struct connection *connection, const uint8_t *bytes, size_t n)
{
    if (connection->state == CONNECTION_LINGERING) {
        connection->n_lingering += n;
        connection->doomed = connection->n_lingering > LINGER_BYTES;
        return;
    }
    if (connection->state == CONNECTION_PREFACE && !check_preface(connection, bytes, n))
        return;
    if (nghttp2_session_mem_recv(connection->session, bytes, n) < 0)
        connection->doomed = true;
}

static void receive(struct connection *connection)
{
    struct grpc_server *server = connection->server;
    for (int i = 0; i < READS_A_TURN && !connection->doomed; i++) {
        ssize_t n = recv(connection->fd, server->inbox, sizeof server->inbox, MSG_DONTWAIT);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
            return;
        if (n <= 0) {
            connection->doomed = true;
            return;
        }
        trace_bytes();
        connection->heard_ms = uv_now(server->loop);
        connection->asked = false;
        take_in(connection, server->inbox, (size_t)n);
        if ((size_t)n < sizeof server->inbox)
            return;
    }
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
    struct connection *connection = poll->data;
    if (status < 0) {
        connection_close(connection);
        return;
    }
    if (events & UV_WRITABLE) {
        /* What was sent has arrived: the client is there, if slow. */
        if (connection->blocked)
            connection->heard_ms = uv_now(connection->server->loop);
        connection->blocked = false;
    }
    if (events & UV_READABLE)
        receive(connection);
    if (connection->doomed && connection->state == CONNECTION_LINGERING)
        connection_close(connection);
    else
        connection_pump(connection);
}

/* --- Time ---------------------------------------------------------------------- */

void connection_drain(struct connection *connection)
{
    if (connection->state == CONNECTION_PREFACE) {
        connection_close(connection);
        return;
    }
    if (connection->state != CONNECTION_OPEN)
        return;

    connection->drain_ms = uv_now(connection->server->loop);
    if (nghttp2_submit_shutdown_notice(connection->session) != 0)
        connection->doomed = true;
    for (struct call *call = connection->calls; call; call = call->next)
        if (call->open_ended)
            call_go_on(call);
    connection_pump(connection);
}

/* The notice has made its round trip: calls that are not here by now have seen it. */
static void submit_goaway(struct connection *connection)
{
    if (connection->goaway)
        return;
    connection->goaway = true;
    int32_t last = nghttp2_session_get_last_proc_stream_id(connection->session);
    if (nghttp2_submit_goaway(connection->session, NGHTTP2_FLAG_NONE, last, NGHTTP2_NO_ERROR, NULL,
                              0) != 0)
        connection->doomed = true;
}

void connection_notice_seen(struct connection *connection)
{
    if (connection->server->draining)
        submit_goaway(connection);
}

static void check_calls(struct connection *connection, uint64_t now_ms)
{
    uint64_t patience_ms = connection->server->limits.request_ms;
    for (struct call *call = connection->calls; call; call = call->next) {
        if (!call_is_late(call, now_ms, patience_ms))
            continue;
        connection->server->counters.refused[GRPC_REFUSED_SLOW]++;
        if (call->state == CALL_HEADERS)
            connection->doomed = true;
        else
            call_fail(call, RPC_DEADLINE_EXCEEDED, "the request did not come in time");
    }
}

static void check_alive(struct connection *connection, uint64_t now_ms)
{
    const struct grpc_limits *limits = &connection->server->limits;
    uint64_t patience_ms =
        connection->n_calls > 0 ? limits->keepalive_ms : limits->idle_keepalive_ms;
    if (connection->asked) {
        uint64_t since_ms = connection->heard_ms > connection->asked_ms ? connection->heard_ms
                                                                        : connection->asked_ms;
        if (now_ms - since_ms >= limits->keepalive_answer_ms)
            connection->doomed = true;
    } else if (now_ms - connection->heard_ms >= patience_ms) {
        connection->asked = true;
        connection->asked_ms = now_ms;
        if (nghttp2_submit_ping(connection->session, NGHTTP2_FLAG_NONE, NULL) != 0)
            connection->doomed = true;
    }
}

static uint64_t linger_ms(const struct connection *connection)
{
    return connection->server->draining ? drain_patience_ms(connection) : LINGER_MS;
}

void connection_tick(struct connection *connection, uint64_t now_ms)
{
    switch (connection->state) {
    case CONNECTION_PREFACE:
        if (now_ms - connection->since_ms >= connection->server->limits.request_ms) {
            connection->server->counters.refused[GRPC_REFUSED_SLOW]++;
            connection_close(connection);
        }
        return;
    case CONNECTION_LINGERING:
        if (now_ms - connection->since_ms >= linger_ms(connection))
            connection_close(connection);
        return;
    case CONNECTION_CLOSED:
        return;
    case CONNECTION_OPEN:
        break;
    }
    check_calls(connection, now_ms);
    check_alive(connection, now_ms);
    if (connection->server->draining && !connection->goaway &&
        now_ms - connection->drain_ms >= drain_patience_ms(connection))
        submit_goaway(connection);
    connection_pump(connection);
}

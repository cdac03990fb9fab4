/* server.c - listening sockets, the list of connections, the end of them. */
#include "server.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "connection.h"
#include "methods.h"
#include "note.h"

enum {
    ACCEPTS_A_TURN = 64,
    MAX_TICK_MS = 1000,
    DRAIN_TICK_MS = 20,
};

struct listener {
    struct listener *next;
    struct grpc_server *server;
    uv_poll_t poll;
    int fd;
    bool paused;
};

static void on_listener(uv_poll_t *poll, int status, int events);

void grpc_limits_default(struct grpc_limits *limits_out)
{
    *limits_out = (struct grpc_limits){
        .max_connections = 256,
        .max_streams = 100,
        .max_request_bytes = 256 << 10,
        .max_intake_bytes = 32 << 20,
        .max_reply_bytes = 64 << 20,
        .request_ms = 10000,
        .keepalive_ms = 60000,
        .idle_keepalive_ms = 600000,
        .keepalive_answer_ms = 20000,
    };
}

/* --- Connections ---------------------------------------------------------------- */

static void on_tick(uv_timer_t *timer);

static void tick_while_needed(struct grpc_server *server)
{
    bool needed = server->n_connections > 0;
    for (struct listener *listener = server->listeners; listener; listener = listener->next)
        needed = needed || listener->paused;
    if (needed == server->ticking)
        return;
    server->ticking = needed;
    if (needed)
        uv_timer_start(&server->tick, on_tick, server->tick_ms, server->tick_ms);
    else
        uv_timer_stop(&server->tick);
}

void server_add_connection(struct grpc_server *server, struct connection *connection)
{
    connection->next = server->connections;
    if (connection->next)
        connection->next->previous = connection;
    server->connections = connection;
    server->n_connections++;
    server->counters.connections_total++;
    server->n_handles++;
    tick_while_needed(server);
}

void server_remove_connection(struct grpc_server *server, struct connection *connection)
{
    if (connection->previous)
        connection->previous->next = connection->next;
    else
        server->connections = connection->next;
    if (connection->next)
        connection->next->previous = connection->previous;
    server->n_connections--;
    if (!server->freed)
        tick_while_needed(server);
}

static void say_drained(struct grpc_server *server)
{
    if (!server->drained || server->n_connections > 0)
        return;
    void (*drained)(void *arg) = server->drained;
    server->drained = NULL;
    drained(server->drained_arg);
}

void server_handle_closed(struct grpc_server *server)
{
    server->n_handles--;
    if (server->freed && server->n_handles == 0) {
        http2_fini(&server->http2);
        free(server->methods);
        free(server);
        return;
    }
    if (!server->freed)
        say_drained(server);
}

static void each_connection(struct grpc_server *server,
                            void (*visit)(struct connection *connection))
{
    struct connection *next;
    for (struct connection *at = server->connections; at; at = next) {
        next = at->next;
        visit(at);
    }
}

static void tick_connection(struct connection *connection)
{
    connection_tick(connection, uv_now(connection->server->loop));
}

void server_shed_replies(struct grpc_server *server)
{
    struct connection *most = server->connections;
    for (struct connection *at = most; at; at = at->next)
        if (at->replies.bytes > most->replies.bytes)
            most = at;
    if (most)
        connection_doom(most); /* closed when it is pumped, at the next tick */
}

static void on_tick(uv_timer_t *timer)
{
    struct grpc_server *server = timer->data;
    each_connection(server, tick_connection);
    for (struct listener *listener = server->listeners; listener; listener = listener->next)
        if (listener->paused && uv_poll_start(&listener->poll, UV_READABLE, on_listener) == 0)
            listener->paused = false;
    tick_while_needed(server);
}

/* --- Listening ------------------------------------------------------------------ */

static void refuse_connection(struct grpc_server *server, int fd)
{
    server->counters.refused[GRPC_REFUSED_CONNECTION]++;
    log_warn("connection_refused", LOG_U64("connections", server->n_connections));
    note_refused_connection(server->lately, fd);
    close(fd);
}

static void on_listener(uv_poll_t *poll, int status, int events)
{
    (void)status;
    (void)events;
    struct listener *listener = poll->data;
    struct grpc_server *server = listener->server;
    for (int i = 0; i < ACCEPTS_A_TURN; i++) {
        int fd = accept4(listener->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0) {
            if (server->n_connections < server->limits.max_connections)
                (void)connection_new(server, fd);
            else
                refuse_connection(server, fd);
        } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
            return;
        } else if (errno != EINTR && errno != ECONNABORTED) {
            /* No descriptors are left, most likely. The socket stays readable:
             * asking again at once would be a busy loop. */
            listener->paused = true;
            uv_poll_stop(&listener->poll);
            tick_while_needed(server);
            return;
        }
    }
}

static void on_listener_closed(uv_handle_t *handle)
{
    struct listener *listener = handle->data;
    struct grpc_server *server = listener->server;
    free(listener);
    server_handle_closed(server);
}

static void close_listeners(struct grpc_server *server)
{
    while (server->listeners) {
        struct listener *listener = server->listeners;
        server->listeners = listener->next;
        uv_close((uv_handle_t *)&listener->poll, on_listener_closed);
        close(listener->fd);
    }
}

void grpc_server_set_connections(struct grpc_server *server, unsigned max_connections)
{
    server->limits.max_connections = max_connections;
}

int grpc_server_listen(struct grpc_server *server, int listening_fd)
{
    int status = UV_ENOMEM;
    struct listener *listener = malloc(sizeof *listener);
    if (!listener)
        goto fail;
    *listener = (struct listener){.server = server, .fd = listening_fd};
    status = uv_poll_init(server->loop, &listener->poll, listening_fd);
    if (status < 0)
        goto fail;

    listener->poll.data = listener;
    listener->next = server->listeners;
    server->listeners = listener;
    server->n_handles++;
    status = uv_poll_start(&listener->poll, UV_READABLE, on_listener);
    if (status == 0)
        return 0;
    server->listeners = listener->next;
    uv_close((uv_handle_t *)&listener->poll, on_listener_closed);
    close(listening_fd);
    return status;

fail:
    free(listener);
    close(listening_fd);
    return status;
}

/* --- Life ------------------------------------------------------------------------ */

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static struct grpc_method_counters *new_method_counters(void)
{
    struct grpc_method_counters *methods = calloc(N_METHODS + 1, sizeof *methods);

    if (!methods)
        return NULL;
    methods[0].name = "unknown";
    for (size_t i = 0; i < N_METHODS; i++) {
        methods[i + 1].name = METHODS[i].path + 1;
        methods[i + 1].streams = METHODS[i].streams;
    }
    return methods;
}

struct grpc_method_counters *server_method(struct grpc_server *server, const struct method *method)
{
    return &server->methods[method ? method - METHODS + 1 : 0];
}

static uint64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

struct grpc_server *grpc_server_new(uv_loop_t *loop, struct service *service,
                                    const struct grpc_limits *limits)
{
    struct grpc_server *server = malloc(sizeof *server);
    if (!server)
        return NULL;
    *server = (struct grpc_server){
        .loop = loop,
        .service = service,
        .limits = *limits,
        .intake = {.limit = limits->max_intake_bytes},
        .n_handles = 1,
        .started_ms = now_ms(),
    };
    server->methods = new_method_counters();
    if (!server->methods || http2_init(&server->http2) < 0) {
        free(server->methods);
        free(server);
        return NULL;
    }

    uint64_t shortest_ms = least(least(limits->request_ms, limits->keepalive_answer_ms),
                                 least(limits->keepalive_ms, limits->idle_keepalive_ms));
    server->tick_ms = least(shortest_ms / 4 + 1, MAX_TICK_MS);
    uv_timer_init(loop, &server->tick);
    server->tick.data = server;
    return server;
}

void grpc_server_tell(struct grpc_server *server, struct lately *lately, struct guests *guests)
{
    server->lately = lately;
    server->guests = guests;
}

static void on_drain_tick(uv_timer_t *timer)
{
    struct grpc_server *server = timer->data;
    server->ticking = false;
    tick_while_needed(server);
    say_drained(server);
}

void grpc_server_drain(struct grpc_server *server, void (*drained)(void *arg), void *arg)
{
    if (server->draining)
        return;
    server->draining = true;
    server->drained = drained;
    server->drained_arg = arg;
    close_listeners(server);
    each_connection(server, connection_drain);

    server->tick_ms = least(server->tick_ms, DRAIN_TICK_MS);
    /* Never from within this call, and from the loop even when there was
     * nobody to wait for. */
    uv_timer_start(&server->tick, on_drain_tick, 0, 0);
}

void grpc_server_stop(struct grpc_server *server)
{
    close_listeners(server);
    each_connection(server, connection_close);
}

static void on_tick_closed(uv_handle_t *handle)
{
    server_handle_closed(handle->data);
}

void grpc_server_free(struct grpc_server *server)
{
    if (!server || server->freed)
        return;
    server->freed = true;
    grpc_server_stop(server);
    uv_close((uv_handle_t *)&server->tick, on_tick_closed);
}

unsigned grpc_server_connections(const struct grpc_server *server)
{
    return server->n_connections;
}

unsigned grpc_server_calls(const struct grpc_server *server)
{
    return server->n_calls;
}

struct grpc_counters grpc_counters(const struct grpc_server *server)
{
    struct grpc_counters counters = server->counters;

    counters.connections = server->n_connections;
    counters.calls = server->n_calls;
    counters.intake_bytes = server->intake.used;
    counters.intake_budget_bytes = server->limits.max_intake_bytes;
    counters.reply_bytes = server->replies.bytes;
    counters.reply_budget_bytes = server->limits.max_reply_bytes;
    counters.methods = server->methods;
    counters.n_methods = N_METHODS + 1;
    counters.status_names = GRPC_STATUS_NAMES;
    return counters;
}

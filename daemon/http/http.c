/* http.c - HTTP/1.1: connections, and requests on them, by libmicrohttpd on our loop. */
#include "http.h"

#include <errno.h>
#include <microhttpd.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/endpoint.h"
#include "base/guests.h"
#include "http/api.h"
#include "http/exchange.h"
#include "http/host.h"

enum {
    REQUEST_BYTES =
        256 << 10, /* its line (1,024 channels have room) and header fields, and the answer's */
    TICK_MS = 1000,
};

/* Of other numbers than gRPC's are. */
#define HTTP_CLIENTS (UINT64_C(1) << 63)

/* A connection, and since when it owes us a request or we owe it the rest of an
 * answer. */
struct visitor {
    TAILQ_ENTRY(visitor) link;
    int fd;
    uint64_t since_ms;
    struct guest *guest;
    char peer[ENDPOINT_TEXT];
};

TAILQ_HEAD(visitors, visitor);

struct http_server {
    uv_loop_t *loop;
    struct MHD_Daemon *daemon;
    struct http_source source;
    struct tally tally;
    uint64_t patience_ms;
    struct visitors visitors;
    size_t n_visitors;
    uint64_t last_client;
    int listening_fd;
    uv_poll_t listening; /* active while one more may come */
    uv_poll_t poll;      /* of libmicrohttpd's epoll descriptor */
    uv_timer_t again;    /* when libmicrohttpd wants to be called without an event */
    uv_timer_t tick;     /* while there are visitors, or nobody could be let in */
    bool is_ending;
    int n_handles; /* that the loop knows; the server is freed after the last */
};

static void drive(struct http_server *server);

/* --- Requests ------------------------------------------------------------------- */

static bool has_body(struct MHD_Connection *connection)
{
    const char *length =
        MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_CONTENT_LENGTH);

    return (length && strcmp(length, "0") != 0) ||
           MHD_lookup_connection_value(connection, MHD_HEADER_KIND,
                                       MHD_HTTP_HEADER_TRANSFER_ENCODING);
}

static struct visitor *visitor_of(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

    return info ? info->socket_context : NULL;
}

static struct exchange *exchange_new(struct http_server *server, struct MHD_Connection *connection,
                                     const char *path, bool is_head)
{
    struct exchange *exchange = calloc(1, sizeof *exchange);
    const struct visitor *visitor = visitor_of(connection);

    if (!exchange)
        return NULL;
    *exchange = (struct exchange){
        .server = server,
        .source = &server->source,
        .connection = connection,
        .path = path,
        .client = {.number = HTTP_CLIENTS | ++server->last_client},
        .tally = {.tally = &server->tally,
                  .guest = visitor ? visitor->guest : NULL,
                  .peer = visitor ? visitor->peer : "",
                  .is_head = is_head},
    };
    tally_begin(&exchange->tally, path,
                MHD_lookup_connection_value(connection, MHD_GET_ARGUMENT_KIND, "recording"));
    return exchange;
}

enum MHD_Result exchange_rest(struct exchange *exchange)
{
    exchange->is_resting = true;
    MHD_suspend_connection(exchange->connection);
    return MHD_YES;
}

void exchange_wake(void *arg)
{
    struct exchange *exchange = arg;

    if (!exchange->is_resting)
        return;
    exchange->is_resting = false;
    MHD_resume_connection(exchange->connection);
    drive(exchange->server);
}

static const char NOT_OURS[] =
    "The server is not known by the name in Host. Use its address or localhost, or allow the name: "
    "--http-host NAME, or MEF3D_HTTP_HOST.";
static const char OF_ANOTHER_SITE[] = "A page of another site asks for this.";

static const char *field(const struct exchange *exchange, const char *name)
{
    return MHD_lookup_connection_value(exchange->connection, MHD_HEADER_KIND, name);
}

static bool is_meant_for_us(const struct exchange *exchange)
{
    return host_is_ours(field(exchange, MHD_HTTP_HEADER_HOST), exchange->source->hosts);
}

/* A page of another site may link to us (navigate); it could read nothing of what it has loaded
 * from here, but would give us work and see how long that takes. */
static bool is_of_another_site(const struct exchange *exchange)
{
    const char *site = field(exchange, "Sec-Fetch-Site"), *mode = field(exchange, "Sec-Fetch-Mode");

    return site && strcmp(site, "cross-site") == 0 && !(mode && strcmp(mode, "navigate") == 0);
}

/* Called once when the header fields are there: an answer then closes the
 * connection after it, which is right for what we refuse. And once more when the
 * request is whole, and after each rest. */
static enum MHD_Result on_request(void *arg, struct MHD_Connection *connection, const char *path,
                                  const char *method, const char *version, const char *upload,
                                  size_t *n_upload, void **seen)
{
    struct http_server *server = arg;
    struct exchange *exchange = *seen;
    bool is_new = !exchange;

    (void)version;
    (void)upload;
    (void)n_upload;
    if (is_new)
        *seen = exchange =
            exchange_new(server, connection, path, strcmp(method, MHD_HTTP_METHOD_HEAD) == 0);
    if (!exchange)
        return MHD_NO;
    if (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0)
        return exchange_say(exchange, MHD_HTTP_METHOD_NOT_ALLOWED, "Only GET and HEAD.\n");
    if (has_body(connection))
        return exchange_say(exchange, MHD_HTTP_CONTENT_TOO_LARGE, "No request has a body here.\n");
    if (is_new)
        return MHD_YES;
    if (!exchange->route) {
        exchange->route = route_find(exchange->path = path);
        if (exchange->route && !exchange->route->is_open && !is_meant_for_us(exchange))
            return exchange_problem(exchange, MHD_HTTP_MISDIRECTED_REQUEST, NOT_OURS);
        if (exchange->route && !exchange->route->is_open && is_of_another_site(exchange))
            return exchange_problem(exchange, MHD_HTTP_FORBIDDEN, OF_ANOTHER_SITE);
        if (!exchange_take_password(exchange))
            return exchange_problem(exchange, MHD_HTTP_BAD_REQUEST, "mef3-password is malformed");
    }
    return exchange->route
               ? exchange->route->answer(exchange)
               : exchange_problem(exchange, MHD_HTTP_NOT_FOUND, "There is nothing at this path.");
}

/* --- Visitors ------------------------------------------------------------------- */

static void on_pending(uv_poll_t *poll, int status, int events);

/* Let the next one in, if there may be one more. */
static void listen_on(struct http_server *server)
{
    if (server->is_ending)
        return;
    if (server->n_visitors < HTTP_MOST_CONNECTIONS)
        uv_poll_start(&server->listening, UV_READABLE, on_pending);
    else
        uv_poll_stop(&server->listening);
}

static void on_tick(uv_timer_t *timer)
{
    struct http_server *server = timer->data;
    uint64_t now_ms = uv_now(server->loop);
    struct visitor *visitor;

    if (server->n_visitors == 0)
        uv_timer_stop(timer);
    listen_on(server);
    /* libmicrohttpd then sees the end of it, and closes. */
    TAILQ_FOREACH(visitor, &server->visitors, link)
        if (now_ms - visitor->since_ms >= server->patience_ms)
            shutdown(visitor->fd, SHUT_RDWR);
}

static void need_ticks(struct http_server *server)
{
    if (!uv_is_active((uv_handle_t *)&server->tick))
        uv_timer_start(&server->tick, on_tick, TICK_MS, TICK_MS);
}

static void on_connection(void *arg, struct MHD_Connection *connection, void **context,
                          enum MHD_ConnectionNotificationCode what)
{
    struct http_server *server = arg;
    struct visitor *visitor = *context;

    if (what == MHD_CONNECTION_NOTIFY_STARTED) {
        const union MHD_ConnectionInfo *info =
            MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
        visitor = info ? malloc(sizeof *visitor) : NULL;
        *context = visitor;
        if (!visitor) {
            if (info)
                shutdown(info->connect_fd, SHUT_RDWR);
            return;
        }
        *visitor = (struct visitor){.fd = info->connect_fd, .since_ms = uv_now(server->loop)};
        endpoint_peer(visitor->fd, visitor->peer);
        visitor->guest = guests_enter(server->tally.guests, visitor->peer, "http");
        server->tally.counters.connections_total++;
        TAILQ_INSERT_TAIL(&server->visitors, visitor, link);
        server->n_visitors++;
        need_ticks(server);
    } else if (visitor) {
        TAILQ_REMOVE(&server->visitors, visitor, link);
        server->n_visitors--;
        guest_leave(visitor->guest);
        free(visitor);
        listen_on(server);
    }
}

static void on_answered(void *arg, struct MHD_Connection *connection, void **seen,
                        enum MHD_RequestTerminationCode how)
{
    struct http_server *server = arg;
    struct visitor *visitor = visitor_of(connection);
    struct exchange *exchange = *seen;

    if (exchange) {
        tally_end(&exchange->tally, exchange->asking, exchange->read,
                  exchange->is_answered && how == MHD_REQUEST_TERMINATED_COMPLETED_OK);
        asking_free(exchange->asking);
        samples_free(exchange->samples);
        export_free(exchange->export);
    }
    if (exchange)
        explicit_bzero(exchange->password, sizeof exchange->password);
    free(exchange);
    *seen = NULL;
    if (visitor)
        visitor->since_ms = uv_now(server->loop);
}

/* --- Life ------------------------------------------------------------------------ */

static void on_again(uv_timer_t *timer)
{
    drive(timer->data);
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
    (void)status;
    (void)events;
    drive(poll->data);
}

static void drive(struct http_server *server)
{
    MHD_UNSIGNED_LONG_LONG wait_ms;

    MHD_run(server->daemon);
    if (MHD_get_timeout(server->daemon, &wait_ms) == MHD_YES)
        uv_timer_start(&server->again, on_again, wait_ms, 0);
    else
        uv_timer_stop(&server->again);
}

/* One at a time: the others wait with the kernel, beyond the most until somebody
 * goes. (libmicrohttpd's own listening forgets them when all who are there go at
 * once: it listens again only at an event that comes after.) */
static void on_pending(uv_poll_t *poll, int status, int events)
{
    struct http_server *server = poll->data;
    int fd = accept4(server->listening_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    struct sockaddr_storage nobody = {.ss_family = AF_UNSPEC};

    (void)status;
    (void)events;
    if (fd < 0 && errno != EAGAIN && errno != EINTR && errno != ECONNABORTED) {
        uv_poll_stop(&server->listening); /* no descriptor: the next tick tries again */
        need_ticks(server);
    }
    if (fd < 0)
        return;
    MHD_add_connection(server->daemon, fd, (struct sockaddr *)&nobody, sizeof nobody);
    listen_on(server);
    drive(server);
}

static struct MHD_Daemon *start_daemon(struct http_server *server)
{
    struct MHD_OptionItem options[] = {
        {MHD_OPTION_CONNECTION_LIMIT, HTTP_MOST_CONNECTIONS, NULL},
        {MHD_OPTION_CONNECTION_MEMORY_LIMIT, REQUEST_BYTES, NULL},
        {MHD_OPTION_NOTIFY_CONNECTION, (intptr_t)on_connection, server},
        {MHD_OPTION_NOTIFY_COMPLETED, (intptr_t)on_answered, server},
        {MHD_OPTION_END, 0, NULL},
    };

    return MHD_start_daemon(MHD_USE_EPOLL | MHD_USE_NO_LISTEN_SOCKET | MHD_ALLOW_SUSPEND_RESUME, 0,
                            NULL, NULL, on_request, server, MHD_OPTION_ARRAY, options,
                            MHD_OPTION_END);
}

static void on_closed(uv_handle_t *handle)
{
    struct http_server *server = handle->data;

    if (--server->n_handles == 0)
        free(server);
}

struct http_server *http_server_new(uv_loop_t *loop, int listening_fd, uint64_t patience_ms,
                                    const struct http_source *source)
{
    struct http_server *server = malloc(sizeof *server);

    if (!server)
        return NULL;
    *server = (struct http_server){.loop = loop,
                                   .source = *source,
                                   .tally = {.lately = source->lately, .guests = source->guests},
                                   .patience_ms = patience_ms,
                                   .listening_fd = listening_fd};
    TAILQ_INIT(&server->visitors);
    server->daemon = start_daemon(server);
    if (!server->daemon)
        goto fail;
    const union MHD_DaemonInfo *info =
        MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_EPOLL_FD);
    if (!info || uv_poll_init(loop, &server->listening, listening_fd) < 0)
        goto fail;
    server->listening.data = server;
    server->n_handles = 1;
    if (uv_poll_init(loop, &server->poll, info->epoll_fd) < 0)
        goto fail;
    uv_timer_init(loop, &server->again);
    uv_timer_init(loop, &server->tick);
    server->n_handles = 4;
    server->poll.data = server->again.data = server->tick.data = server;
    uv_poll_start(&server->poll, UV_READABLE, on_poll);
    listen_on(server);
    return server;

fail:
    if (server->daemon)
        MHD_stop_daemon(server->daemon);
    if (server->n_handles == 0)
        free(server);
    else
        uv_close((uv_handle_t *)&server->listening, on_closed);
    return NULL;
}

struct http_counters http_counters(const struct http_server *server)
{
    struct http_counters counters = server->tally.counters;

    counters.connections = (unsigned)server->n_visitors;
    return counters;
}

void http_server_free(struct http_server *server)
{
    if (!server)
        return;
    /* The loop must forget the descriptor before it is closed; the timers are
     * used until the last connection is. */
    server->is_ending = true;
    uv_close((uv_handle_t *)&server->poll, on_closed);
    uv_close((uv_handle_t *)&server->listening, on_closed);
    close(server->listening_fd);
    MHD_stop_daemon(server->daemon);
    uv_close((uv_handle_t *)&server->again, on_closed);
    uv_close((uv_handle_t *)&server->tick, on_closed);
}

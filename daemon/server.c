/* server.c - mef3d-server: talks to clients.
 *
 * One event loop, no threads, no locks. It is born with a listening socket, the
 * arena to read, and a channel on which the supervisor hands it workers. It
 * opens no file. */
#include <malloc.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include <uv.h>

#include "base/conf.h"
#include "base/guests.h"
#include "base/lately.h"
#include "base/log.h"
#include "base/sandbox.h"
#include "base/soon.h"
#include "base/trace.h"
#include "cache/cache.h"
#include "grpc/grpc.h"
#include "http/http.h"
#include "http/metrics.h"
#include "http/status.h"
#include "ipc/arena.h"
#include "ipc/channel.h"
#include "ipc/control.h"
#include "pool/pool.h"
#include "service/service.h"
#include "supervised.h"

/* A message's memory has pages of its own, so that it goes back to the machine when
 * it is freed: malloc would raise its threshold otherwise. */
enum { OWN_PAGES = 128 << 10, TICK_MS = 1000 };

/* What is added to a recording is to be seen within two seconds. */
enum { LOOK_MS = 1000 };

/* Of what --cache leaves beside the arena, indices may have a quarter. */
enum { INDEX_SHARE = 4 };

struct server {
    struct conf conf;
    uv_loop_t loop;
    uv_poll_t control;
    uv_signal_t terminate;
    uv_timer_t patience;
    uv_timer_t tick;
    struct soon soon;
    struct cache *cache;
    size_t beside_arena; /* of what --cache allows */
    struct pool *pool;
    struct service *service;
    struct grpc_server *grpc;
    struct http_server *http; /* NULL: none was asked for, as of what follows */
    struct status_history *history;
    struct lately *lately;
    struct guests *guests;
    double started_s;
};

/* The loop turns. Whether it also serves: it listens from before its first turn
 * on, so that is a matter of workers. A supervisor that does not listen now will
 * be told again. */
static void tell_alive(struct server *server)
{
    supervised_tell_alive(pool_counters(server->pool).workers >= (size_t)server->conf.workers.min);
}

/* As many connections as descriptors suffice for, after those of workers, old
 * and new: a client must not be able to take a worker's place. */
static unsigned most_connections(const struct server *server)
{
    enum { OWN_DESCRIPTORS = 16 + HTTP_MOST_CONNECTIONS };
    struct rlimit limit;
    rlim_t wanted = (rlim_t)server->conf.max_connections;
    rlim_t others = OWN_DESCRIPTORS + 2 * (rlim_t)server->conf.workers.max;

    if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
        return (unsigned)wanted;
    limit.rlim_cur = limit.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &limit) < 0 || wanted + others <= limit.rlim_cur)
        return (unsigned)wanted;
    rlim_t most = limit.rlim_cur > others ? limit.rlim_cur - others : 1;
    log_warn("connections_limited", LOG_U64("to", most), LOG_U64("descriptors", limit.rlim_cur));
    return (unsigned)most;
}

static struct service_parts parts_of(struct server *server)
{
    return (struct service_parts){
        .cache = server->cache,
        .pool = server->pool,
        .soon = &server->soon,
        .message_bytes = server->beside_arena - server->beside_arena / INDEX_SHARE,
        .index_bytes = server->beside_arena / INDEX_SHARE,
        .cache_ttl_ms = (uint64_t)server->conf.cache_ttl_ms,
        .max_open = (size_t)server->conf.max_open,
        .max_reads = (size_t)server->conf.max_reads,
        .ahead_pages = (unsigned)server->conf.n_prefetch,
        .ahead_ranges = (unsigned)server->conf.prefetch_ahead_windows,
        .behind_ranges = (unsigned)server->conf.prefetch_behind_windows,
        .look_ms = LOOK_MS,
        .damage_is_error = server->conf.damage == CONF_DAMAGE_ERROR,
    };
}

/* When all workers have been busy for so long one more is started, and one that
 * has had nothing to do for so long is ended. */
enum { BUSY_MS = 100, IDLE_MS = 60000 };

static void use_pool_settings(struct server *server)
{
    const struct conf *conf = &server->conf;

    pool_set_limits(server->pool, &(struct pool_limits){
                                      .job_ms = (uint64_t)conf->job_timeout_ms,
                                      .wait_ms = (uint64_t)conf->worker_wait_ms,
                                      .least = (size_t)conf->workers.min,
                                      .most = (size_t)conf->workers.max,
                                      .busy_ms = BUSY_MS,
                                      .idle_ms = IDLE_MS,
                                  });
}

/* What uses a setting at the moment that it matters finds it in conf. */
static void change_setting(struct server *server, const struct control_setting *message)
{
    const struct conf_numbers numbers = {{message->value[0], message->value[1]}};

    if (message->at >= CONF_N ||
        !conf_set_numbers(&server->conf, &CONF_SETTING[message->at], &numbers))
        return;
    use_pool_settings(server);
    const struct service_parts parts = parts_of(server);
    service_change(server->service, &parts);
    grpc_server_set_connections(server->grpc, most_connections(server));
    log_least((enum log_level)server->conf.log_level);
}

static void add_worker(struct server *server, const struct control_event *event, int channel)
{
    if (channel < 0 || pool_add_worker(server->pool, channel, event->slot, event->pid) < 0)
        log_error("worker_refused", LOG_U64("slot", event->slot), LOG_U64("pid", event->pid));
}

static void on_joined(void *arg, unsigned slot, uint32_t pid)
{
    log_debug("worker_joined", LOG_U64("slot", slot), LOG_U64("pid", pid));
    tell_alive(arg);
}

/* A worker was started or has ended, or a setting has changed. Without the
 * supervisor there is nothing to go on for. */
static void on_control(uv_poll_t *poll, int status, int events)
{
    struct server *server = poll->data;
    union {
        struct control_event event;
        struct control_setting setting;
    } message;
    int channel;
    int n = channel_receive(SERVER_FD_CONTROL, &message, sizeof message, &channel);

    (void)status;
    (void)events;
    if (n == (int)sizeof message.setting) {
        change_setting(server, &message.setting);
        return;
    }
    if (n != (int)sizeof message.event) {
        log_error("supervisor_gone", LOG_I64("received", n));
        _exit(1);
    }
    if (message.event.kind == CONTROL_STARTED)
        add_worker(server, &message.event, channel);
    else if (message.event.kind == CONTROL_ENDED)
        pool_worker_ended(server->pool, message.event.slot, message.event.pid,
                          message.event.by_itself != 0);
}

static double clock_s(clockid_t clock)
{
    struct timespec now;

    clock_gettime(clock, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* What the rooms have counted, for a page. */
struct counted {
    struct cache_counters cache;
    struct pool_counters pool;
    struct grpc_counters grpc;
    struct http_counters http;
    struct service_counters service;
    struct metrics_from from;
};

static void count(const struct server *server, struct counted *counted_out)
{
    struct counted *counted = counted_out;

    counted->cache = cache_counters(server->cache);
    counted->pool = pool_counters(server->pool);
    counted->grpc = grpc_counters(server->grpc);
    counted->http = http_counters(server->http);
    counted->service = service_counters(server->service);
    counted->from = (struct metrics_from){
        .cache = &counted->cache,
        .pool = &counted->pool,
        .grpc = &counted->grpc,
        .http = &counted->http,
        .service = &counted->service,
        .started_s = server->started_s,
        .cpu_s = clock_s(CLOCK_PROCESS_CPUTIME_ID),
    };
}

static char *make_metrics(void *arg, size_t *n_out)
{
    struct counted counted;

    count(arg, &counted);
    return metrics_page(&counted.from, n_out);
}

static char *make_status(void *arg, size_t *n_out)
{
    const struct server *server = arg;
    const struct status_from rooms = {server->pool, server->service, server->lately,
                                      server->guests};
    struct counted counted;

    count(server, &counted);
    return status_page(server->history, &rooms, &counted.from, clock_s(CLOCK_REALTIME), n_out);
}

static void on_tick(uv_timer_t *timer)
{
    struct server *server = timer->data;

    tell_alive(server);
    log_flush();
    service_tick(server->service);
    if (server->history) {
        struct counted counted;
        count(server, &counted);
        status_history_tick(server->history, &counted.from, clock_s(CLOCK_REALTIME));
    }
}

static void on_drained(void *arg)
{
    struct server *server = arg;

    uv_stop(&server->loop);
}

static void on_patience_over(uv_timer_t *timer)
{
    struct server *server = timer->data;

    log_warn("drain_cut_short", LOG_U64("connections", grpc_server_connections(server->grpc)));
    uv_stop(&server->loop);
}

/* Finish what is under way. A signal to the whole group comes twice, once more
 * from the supervisor: which signal ends it all at once is the supervisor's to
 * say, with SIGKILL. */
static void on_terminate(uv_signal_t *signal, int number)
{
    struct server *server = signal->data;

    if (uv_is_active((uv_handle_t *)&server->patience))
        return;
    log_info("draining", LOG_I64("signal", number),
             LOG_U64("connections", grpc_server_connections(server->grpc)));
    uv_timer_start(&server->patience, on_patience_over, (uint64_t)server->conf.drain_ms + 1, 0);
    grpc_server_drain(server->grpc, on_drained, server);
}

static const char *not_ready(void *arg)
{
    const struct server *server = arg;

    if (uv_is_active((const uv_handle_t *)&server->patience))
        return "draining\n";
    return pool_counters(server->pool).workers > 0 ? NULL : "no workers\n";
}

static int start_http(struct server *server)
{
    enum { PATIENCE_MS = 30000 };

    if (!server->conf.http[0])
        return 0;
    server->started_s = clock_s(CLOCK_REALTIME);
    server->history = status_history_new();
    server->lately = lately_new();
    server->guests = guests_new();
    if (!server->history || !server->lately || !server->guests)
        return -1;
    grpc_server_tell(server->grpc, server->lately, server->guests);
    const struct http_source source = {
        .metrics = make_metrics,
        .status = make_status,
        .not_ready = not_ready,
        .arg = server,
        .service = server->service,
        .lately = server->lately,
        .guests = server->guests,
        .hosts = server->conf.http_host,
    };
    server->http = http_server_new(&server->loop, SERVER_FD_HTTP, PATIENCE_MS, &source);
    return server->http ? 0 : -1;
}

/* How many there are, their kind says. */
static int listen_all(struct server *server)
{
    int listens;
    socklen_t n = sizeof listens;
    int fd = SERVER_FD_LISTEN;

    for (; getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &n) == 0 && listens; fd++)
        if (grpc_server_listen(server->grpc, fd) < 0)
            return -1;
    return fd > SERVER_FD_LISTEN ? 0 : -1;
}

static int start_service(struct server *server)
{
    size_t arena_bytes;
    const int32_t *arena = arena_map_read(SERVER_FD_ARENA, &arena_bytes);
    struct grpc_limits limits;

    if (!arena)
        return -1;
    server->cache = cache_new(arena, arena_bytes, &server->soon);
    server->pool = pool_new(&server->loop);
    if (!server->cache || !server->pool)
        return -1;
    server->beside_arena = (size_t)server->conf.cache_bytes - arena_bytes;
    supervised_crew(server->pool, on_joined, server);
    use_pool_settings(server);
    const struct service_parts parts = parts_of(server);
    server->service = service_new(&parts);
    if (!server->service)
        return -1;
    grpc_limits_default(&limits);
    limits.max_connections = most_connections(server);
    server->grpc = grpc_server_new(&server->loop, server->service, &limits);
    return server->grpc ? listen_all(server) : -1;
}

static int start_handles(struct server *server)
{
    if (uv_loop_init(&server->loop) < 0 || soon_init(&server->soon, &server->loop) < 0 ||
        uv_poll_init(&server->loop, &server->control, SERVER_FD_CONTROL) < 0 ||
        uv_timer_init(&server->loop, &server->patience) < 0 ||
        uv_timer_init(&server->loop, &server->tick) < 0 ||
        uv_signal_init(&server->loop, &server->terminate) < 0)
        return -1;
    server->tick.data = server->control.data = server->patience.data = server->terminate.data =
        server;
    uv_timer_start(&server->tick, on_tick, TICK_MS, TICK_MS);
    uv_poll_start(&server->control, UV_READABLE, on_control);
    return uv_signal_start(&server->terminate, on_terminate, SIGTERM);
}

static void stop(struct server *server)
{
    http_server_free(server->http);
    status_history_free(server->history);
    server->history = NULL;
    grpc_server_free(server->grpc);
    pool_free(server->pool);
    service_free(server->service);
    cache_free(server->cache);
    soon_fini(&server->soon);
    uv_close((uv_handle_t *)&server->control, NULL);
    uv_close((uv_handle_t *)&server->patience, NULL);
    uv_close((uv_handle_t *)&server->tick, NULL);
    uv_close((uv_handle_t *)&server->terminate, NULL);
    uv_run(&server->loop, UV_RUN_DEFAULT);
    uv_loop_close(&server->loop);
    lately_free(server->lately);
    guests_free(server->guests);
}

int main(int argc, char **argv)
{
    static struct server server;

    if (conf_read_flags(&server.conf, argc, argv) < 0)
        return 2;
    log_start("server", (enum log_level)server.conf.log_level);
    log_use((enum log_format)server.conf.log_format);
    if (server.conf.trace_request == CONF_TRACE_ON)
        trace_start();
    prctl(PR_SET_NAME, "mef3d-server");
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    signal(SIGINT, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    signal(SIGPIPE, SIG_IGN);
    mallopt(M_MMAP_THRESHOLD, OWN_PAGES);
    if (start_handles(&server) < 0 || start_service(&server) < 0 || start_http(&server) < 0) {
        log_error("server_start_failed", LOG_STR("reason", "no arena or no memory"));
        return 1;
    }
    if (sandbox_enter(SANDBOX_SERVER, NULL, 0) < 0)
        return 1;
    uv_run(&server.loop, UV_RUN_DEFAULT);
    stop(&server);
    log_info("stopped", LOG_I64("pid", getpid()));
    log_end();
    return 0;
}

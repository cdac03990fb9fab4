/* fuzz_http2.c - a client's bytes, whatever they are, into a connection.
 *
 * The first byte of the input: bit 0, a preface and SETTINGS come before the
 * rest; bit 1, the service takes a while; bits 2 and 3, in how large pieces the
 * rest is sent. */
#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "grpc/connection.h"
#include "grpc/grpc.h"
#include "help/service_stub.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static uv_loop_t loop;
static struct service *service;
static struct grpc_server *server;

static void finish(void)
{
    grpc_server_free(server);
    uv_run(&loop, UV_RUN_DEFAULT);
    service_stub_free(service);
    uv_loop_close(&loop);
}

static void prepare(void)
{
    static bool prepared;
    struct grpc_limits limits;

    if (prepared)
        return;
    prepared = true;
    uv_loop_init(&loop);
    service = service_stub_new(&loop, 3);
    service->message_bytes = 20000;
    service->page_seconds = 10;
    service->damage = "ch000: block 1";
    grpc_limits_default(&limits);
    log_start("fuzz", LOG_ERROR);
    server = grpc_server_new(&loop, service, &limits);
    atexit(finish);
}

static void listen_to(int fd)
{
    uint8_t answer[65536];
    while (recv(fd, answer, sizeof answer, MSG_DONTWAIT) > 0)
        continue;
}

/* False: the server has closed the connection. */
static bool say(int fd, const void *bytes, size_t n)
{
    ssize_t sent;
    do {
        sent = send(fd, bytes, n, MSG_NOSIGNAL | MSG_DONTWAIT);
        uv_run(&loop, UV_RUN_NOWAIT);
        listen_to(fd);
    } while (sent < 0 && errno == EAGAIN);
    return sent == (ssize_t)n;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    static const char preface[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0";
    enum { PREFACE = sizeof preface - 1 };
    static const size_t pieces[] = {1 << 16, 1000, 61, 7};

    if (n == 0 || n > 1 << 16)
        return 0;
    prepare();
    uint8_t how = *bytes++;
    n--;
    service->delays = how & 2;

    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends) < 0)
        abort();
    if (connection_new(server, ends[1]) < 0)
        abort();
    bool open = !(how & 1) || say(ends[0], preface, PREFACE);
    size_t piece = pieces[how >> 2 & 3];
    while (open && n > 0) {
        size_t part = n < piece ? n : piece;
        open = say(ends[0], bytes, part);
        bytes += part;
        n -= part;
    }
    for (int i = 0; i < 3; i++) {
        uv_run(&loop, UV_RUN_NOWAIT);
        listen_to(ends[0]);
    }
    close(ends[0]);

    while (grpc_server_connections(server) > 0)
        uv_run(&loop, UV_RUN_NOWAIT);
    if (service->n_reads || service->n_openings || service->n_messages || grpc_server_calls(server))
        abort();
    return 0;
}

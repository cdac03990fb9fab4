/* floor_server.c - the transport's own floor: the daemon's gRPC room over a
 * service that answers from memory, so that what it takes is not ours to save.
 *
 *   PORT=50051 build/bench/floor_server [CHANNELS [RATE START_UUTC SECONDS]]
 *
 * PORT 0 takes a free one; the line on stdout says which. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "grpc/grpc.h"
#include "help/service_stub.h"

static struct grpc_server *server;

static void on_drained(void *arg)
{
    uv_loop_t *loop = arg;
    uv_stop(loop);
}

static void on_signal(uv_signal_t *handle, int number)
{
    (void)number;
    grpc_server_drain(server, on_drained, handle->loop);
}

static int listen_on(uint16_t port)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    int on = 1;

    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(fd, (struct sockaddr *)&address, length) < 0 || listen(fd, 128) < 0 ||
        getsockname(fd, (struct sockaddr *)&address, &length) < 0) {
        close(fd);
        return -1;
    }
    printf("listening on 127.0.0.1:%d\n", ntohs(address.sin_port));
    fflush(stdout);
    return fd;
}

/* The recording that is pretended. */
static void set_facts(struct service *service, double rate_hz, int64_t start_uutc, int64_t seconds)
{
    service->rate_hz = rate_hz;
    service->start_uutc = start_uutc;
    service->seconds = seconds;
    for (size_t i = 0; i < service->n_channels; i++) {
        service->rates[i] = rate_hz;
        service->starts[i] = start_uutc;
        service->ends[i] = start_uutc + seconds * 1000000;
    }
}

int main(int argc, char **argv)
{
    const char *port = getenv("PORT");
    int n_channels = argc > 1 ? atoi(argv[1]) : 64;
    int fd = listen_on((uint16_t)(port ? atoi(port) : 50051));
    if (fd < 0 || n_channels < 1) {
        fprintf(stderr, "floor_server: cannot listen, or no channels\n");
        return 2;
    }

    uv_loop_t *loop = uv_default_loop();
    struct service *service = service_stub_new(loop, (size_t)n_channels);
    struct grpc_limits limits;
    if (argc > 4)
        set_facts(service, atof(argv[2]), atoll(argv[3]), atoll(argv[4]));
    grpc_limits_default(&limits);
    server = grpc_server_new(loop, service, &limits);
    if (!server || grpc_server_listen(server, fd) < 0)
        return 2;

    uv_signal_t signals[2];
    uv_signal_init(loop, &signals[0]);
    uv_signal_init(loop, &signals[1]);
    uv_signal_start(&signals[0], on_signal, SIGTERM);
    uv_signal_start(&signals[1], on_signal, SIGINT);
    uv_run(loop, UV_RUN_DEFAULT);

    grpc_server_free(server);
    uv_close((uv_handle_t *)&signals[0], NULL);
    uv_close((uv_handle_t *)&signals[1], NULL);
    uv_run(loop, UV_RUN_DEFAULT);
    service_stub_free(service);
    return uv_loop_close(loop) == 0 ? 0 : 1;
}

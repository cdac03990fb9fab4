/* endpoint.c - an address of a socket, as people write it. */
#include "base/endpoint.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>

static void spell(const struct sockaddr_storage *address, socklen_t n, char text[ENDPOINT_TEXT])
{
    const struct sockaddr_in *v4 = (const void *)address;
    const struct sockaddr_in6 *v6 = (const void *)address;
    const struct sockaddr_un *local = (const void *)address;
    char host[INET6_ADDRSTRLEN] = "";
    size_t path = offsetof(struct sockaddr_un, sun_path);

    if (address->ss_family == AF_INET && inet_ntop(AF_INET, &v4->sin_addr, host, sizeof host))
        snprintf(text, ENDPOINT_TEXT, "%s:%u", host, ntohs(v4->sin_port));
    else if (address->ss_family == AF_INET6 &&
             inet_ntop(AF_INET6, &v6->sin6_addr, host, sizeof host))
        snprintf(text, ENDPOINT_TEXT, "[%s]:%u", host, ntohs(v6->sin6_port));
    else if (address->ss_family == AF_UNIX && n > path && local->sun_path[0])
        snprintf(text, ENDPOINT_TEXT, "unix:%.*s", (int)(n - path), local->sun_path);
    else
        snprintf(text, ENDPOINT_TEXT, "%s", address->ss_family == AF_UNIX ? "unix" : "unknown");
}

void endpoint_own(int fd, char text[ENDPOINT_TEXT])
{
    struct sockaddr_storage address = {.ss_family = AF_UNSPEC};
    socklen_t n = sizeof address;

    (void)getsockname(fd, (struct sockaddr *)&address, &n);
    spell(&address, n, text);
}

void endpoint_peer(int fd, char text[ENDPOINT_TEXT])
{
    struct sockaddr_storage address = {.ss_family = AF_UNSPEC};
    socklen_t n = sizeof address;

    (void)getpeername(fd, (struct sockaddr *)&address, &n);
    spell(&address, n, text);
}

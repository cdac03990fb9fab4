/* notify.c - the supervisor's word to whoever started it. */
#include "notify.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* How often a ping is expected, of this process. */
static uint64_t watchdog_us(void)
{
    const char *interval = getenv("WATCHDOG_USEC");
    const char *pid = getenv("WATCHDOG_PID");
    char *end;

    if (!interval || (pid && strtoll(pid, NULL, 10) != getpid()))
        return 0;
    unsigned long long us = strtoull(interval, &end, 10);
    return end != interval && *end == '\0' ? us : 0;
}

/* A connected socket, or -1. "@name" is one without a file. */
static int connect_to(const char *name)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t n = strlen(name);

    if ((name[0] != '/' && name[0] != '@') || n < 2 || n >= sizeof address.sun_path) {
        errno = EINVAL;
        return -1;
    }
    memcpy(address.sun_path, name, n);
    if (name[0] == '@')
        address.sun_path[0] = '\0';
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    if (connect(fd, (const struct sockaddr *)&address,
                (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n)) == 0)
        return fd;
    int failure = errno;
    close(fd);
    errno = failure;
    return -1;
}

int notify_init(struct notify *notify_out)
{
    const char *name = getenv("NOTIFY_SOCKET");
    struct notify notify = {.fd = -1, .watchdog_us = watchdog_us()};

    if (name && name[0]) {
        notify.fd = connect_to(name);
        if (notify.fd < 0) {
            fprintf(stderr, "mef3d: environment: NOTIFY_SOCKET '%s': %s\n", name, strerror(errno));
            return -1;
        }
    }
    unsetenv("NOTIFY_SOCKET");
    unsetenv("WATCHDOG_USEC");
    unsetenv("WATCHDOG_PID");
    *notify_out = notify;
    return 0;
}

void notify_send(const struct notify *notify, const char *state)
{
    if (notify->fd >= 0)
        (void)send(notify->fd, state, strlen(state), MSG_NOSIGNAL | MSG_DONTWAIT);
}

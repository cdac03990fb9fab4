/* activation.c - listening sockets that were opened for us. */
#include "activation.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { FIRST_FD = 3 };

/* -1 when it is not a number from 0 to `most`. */
static long number_in(const char *name, long most)
{
    const char *text = getenv(name);
    char *end;

    if (!text || !text[0])
        return -1;
    errno = 0;
    long number = strtol(text, &end, 10);
    return errno || *end || number < 0 || number > most ? -1 : number;
}

static int option_of(int fd, int option)
{
    int value = -1;
    socklen_t n = sizeof value;

    return getsockopt(fd, SOL_SOCKET, option, &value, &n) < 0 ? -1 : value;
}

/* As the server wants it: it never waits in accept, and only it inherits it. */
static int take(int fd)
{
    if (option_of(fd, SO_ACCEPTCONN) != 1 || option_of(fd, SO_TYPE) != SOCK_STREAM) {
        fprintf(stderr,
                "mef3d: environment: LISTEN_FDS: descriptor %d is no listening stream socket\n",
                fd);
        return -1;
    }
    int flags = fcntl(fd, F_GETFL);
    if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0 ||
        fcntl(fd, F_SETFD, FD_CLOEXEC) < 0) {
        fprintf(stderr, "mef3d: environment: LISTEN_FDS: descriptor %d: %s\n", fd, strerror(errno));
        return -1;
    }
    return 0;
}

/* Whether the next name of "a:b:c" is `name`; *names moves on. */
static bool next_is(const char **names, const char *name)
{
    size_t n = strcspn(*names, ":");
    bool is = n == strlen(name) && strncmp(*names, name, n) == 0;

    *names += n + ((*names)[n] == ':');
    return is;
}

int activation_take(struct activation *activation_out)
{
    struct activation activation = {.http = -1};
    const char *names = getenv("LISTEN_FDNAMES");
    bool for_us = number_in("LISTEN_PID", 1L << 30) == getpid();
    long n = for_us ? number_in("LISTEN_FDS", ACTIVATION_MOST) : 0;

    if (n < 0) {
        fprintf(stderr, "mef3d: environment: LISTEN_FDS '%s': a number up to %d is wanted\n",
                getenv("LISTEN_FDS") ? getenv("LISTEN_FDS") : "", ACTIVATION_MOST);
        return -1;
    }
    for (int fd = FIRST_FD; fd < FIRST_FD + (int)n; fd++) {
        bool is_http = names && next_is(&names, "http");
        if (take(fd) < 0)
            return -1;
        if (is_http && activation.http < 0)
            activation.http = fd;
        else
            activation.grpc[activation.n_grpc++] = fd;
    }
    unsetenv("LISTEN_PID");
    unsetenv("LISTEN_FDS");
    unsetenv("LISTEN_FDNAMES");
    *activation_out = activation;
    return 0;
}

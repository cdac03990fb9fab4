/* address.c - where to listen: HOST:PORT, [HOST]:PORT or unix:PATH, opened. */
#include "address.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { BACKLOG = 512, SOCKET_MASK = 0117 /* 0660 */ };

static const char UNIX[] = "unix:";

__attribute__((format(printf, 2, 3))) static int fail(const struct address_wish *wish,
                                                      const char *format, ...)
{
    va_list values;

    fprintf(stderr, "mef3d: --%s '%s': ", wish->name, wish->text);
    va_start(values, format);
    vfprintf(stderr, format, values);
    va_end(values);
    fputc('\n', stderr);
    return -1;
}

/* What can be done about it. */
static int fail_to_listen(const struct address_wish *wish, const char *where, int failure)
{
    const char *advice = "";

    if (failure == EADDRINUSE)
        advice = "; another process listens there: choose another address, or PORT";
    else if (failure == EADDRNOTAVAIL)
        advice = "; this machine has no such address";
    else if (failure == EACCES && strncmp(wish->text, UNIX, strlen(UNIX)) == 0)
        advice = "; mef3d must be allowed to write to the folder";
    else if (failure == EACCES)
        advice = "; a port below 1024 is for processes with the capability CAP_NET_BIND_SERVICE";
    else if (failure == ENOENT)
        advice = "; make the folder first";
    return fail(wish, "cannot listen on %s: %s%s", where, strerror(failure), advice);
}

static struct address *add(struct address *addresses, size_t *n, int fd)
{
    struct address *address = &addresses[(*n)++];

    *address = (struct address){.fd = fd};
    return address;
}

/* -1 with errno. */
static int listen_at(int family, const struct sockaddr *at, socklen_t n, bool only_ipv6)
{
    int yes = 1;
    int fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    if (fd < 0)
        return -1;
    if (family != AF_UNIX)
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (only_ipv6)
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &yes, sizeof yes);
    if (bind(fd, at, n) == 0 && listen(fd, BACKLOG) == 0)
        return fd;
    int failure = errno;
    close(fd);
    errno = failure;
    return -1;
}

/* A socket that nobody listens on any more was left by a process that was killed. */
static void remove_stale(const struct sockaddr_un *at)
{
    struct stat facts;

    if (lstat(at->sun_path, &facts) < 0 || !S_ISSOCK(facts.st_mode))
        return;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return;
    if (connect(fd, (const struct sockaddr *)at, sizeof *at) < 0 && errno == ECONNREFUSED)
        unlink(at->sun_path);
    close(fd);
}

static int open_unix(const struct address_wish *wish, struct address *addresses, size_t *n)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    const char *path = wish->text + strlen(UNIX);
    struct stat facts;

    if (!*path || strlen(path) >= sizeof at.sun_path)
        return fail(wish, "give unix:PATH, with a path of at most %zu bytes",
                    sizeof at.sun_path - 1);
    strcpy(at.sun_path, path);
    remove_stale(&at);
    /* Born with its mode: nobody else gets in before a chmod. */
    mode_t mask = umask(SOCKET_MASK);
    int fd = listen_at(AF_UNIX, (const struct sockaddr *)&at, sizeof at, false);
    int failure = errno;
    umask(mask);
    if (fd < 0)
        return fail_to_listen(wish, wish->text, failure);
    struct address *address = add(addresses, n, fd);
    snprintf(address->text, sizeof address->text, "%s", wish->text);
    if (lstat(path, &facts) == 0) {
        address->device = facts.st_dev;
        address->inode = facts.st_ino;
    }
    return 0;
}

static bool is_port(const char *text)
{
    size_t n = strspn(text, "0123456789");

    return n > 0 && n < 6 && text[n] == '\0' && atoi(text) <= 65535;
}

/* "127.0.0.1:50051" or "[::1]:50051" into its two parts. */
static int split(const struct address_wish *wish, char host[64], char port[8])
{
    const char *colon = strrchr(wish->text, ':');
    const char *from = wish->text;
    size_t n = colon ? (size_t)(colon - wish->text) : 0;
    bool in_brackets = n >= 2 && *from == '[' && colon[-1] == ']';

    if (in_brackets) {
        from++;
        n -= 2;
    }
    if (n == 0 || n >= 64 || !is_port(colon + 1) || (!in_brackets && memchr(from, ':', n)))
        return fail(wish,
                    "give ADDRESS:PORT, such as 127.0.0.1:50051 or [::1]:50051, with a port up "
                    "to 65535, or unix:PATH");
    memcpy(host, from, n);
    host[n] = '\0';
    strcpy(port, colon + 1);
    return 0;
}

static int open_found(const struct address_wish *wish, const struct addrinfo *at,
                      struct address *addresses, size_t *n)
{
    bool is_ipv6 = at->ai_family == AF_INET6;
    char host[NI_MAXHOST], port[NI_MAXSERV], text[ADDRESS_TEXT];

    if (getnameinfo(at->ai_addr, at->ai_addrlen, host, sizeof host, port, sizeof port,
                    NI_NUMERICHOST | NI_NUMERICSERV) != 0)
        return fail(wish, "it has no number");
    snprintf(text, sizeof text, is_ipv6 ? "[%.100s]:%.8s" : "%.100s:%.8s", host, port);
    int fd = listen_at(at->ai_family, at->ai_addr, at->ai_addrlen, is_ipv6 && !wish->is_alone);
    if (fd < 0 && (errno == EADDRNOTAVAIL || errno == EAFNOSUPPORT) && at->ai_next)
        return 0; /* of a name's addresses this machine has but some */
    if (fd < 0)
        return fail_to_listen(wish, text, errno);
    strcpy(add(addresses, n, fd)->text, text);
    return 0;
}

static int open_tcp(const struct address_wish *wish, struct address *addresses, size_t most,
                    size_t *n)
{
    char host[64], port[8];
    struct addrinfo hints = {.ai_family = AF_UNSPEC,
                             .ai_socktype = SOCK_STREAM,
                             .ai_flags = AI_NUMERICSERV | AI_PASSIVE};
    struct addrinfo *found;
    int result = 0;

    if (split(wish, host, port) < 0)
        return -1;
    if (wish->port)
        snprintf(port, sizeof port, "%u", wish->port);
    int failed = getaddrinfo(host, port, &hints, &found);
    if (failed)
        return fail(wish, "%s", gai_strerror(failed));
    for (const struct addrinfo *at = found; at && *n < most && result == 0; at = at->ai_next)
        result = open_found(wish, at, addresses, n);
    freeaddrinfo(found);
    return result;
}

int address_open(const struct address_wish *wish, struct address *addresses, size_t most, size_t *n)
{
    if (*n == most)
        return fail(wish, "more than %zu addresses", most);
    if (strncmp(wish->text, UNIX, strlen(UNIX)) == 0)
        return open_unix(wish, addresses, n);
    return open_tcp(wish, addresses, most, n);
}

void address_close(struct address *address)
{
    const char *path = address->text + strlen(UNIX);
    struct stat facts;

    if (address->fd >= 0)
        close(address->fd);
    address->fd = -1;
    if (address->inode && lstat(path, &facts) == 0 && facts.st_dev == address->device &&
        facts.st_ino == address->inode)
        unlink(path);
}

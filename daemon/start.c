/* start.c - what the supervisor makes sure of before it starts anything. */
#include "start.h"

#include <arpa/inet.h>
#include <errno.h>
#include <libgen.h>
#include <netdb.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "secrets.h"

#define FAIL(...) (fprintf(stderr, "mef3d: " __VA_ARGS__), fputc('\n', stderr), -1)

static int find_programs(struct start *start)
{
    ssize_t n = readlink("/proc/self/exe", start->program_folder, START_PATH - 1);

    if (n < 0)
        return FAIL("cannot find its own program: %s", strerror(errno));
    start->program_folder[n] = '\0';
    /* dirname gives a pointer into what it was given. */
    dirname(start->program_folder);
    return 0;
}

static int check_roots(struct start *start, const struct conf *conf)
{
    char folder[CONF_PATH];
    struct stat facts;

    for (size_t i = 0; conf_item(conf->root, i, folder); i++) {
        if (i == START_MAX_ROOTS)
            return FAIL("more than %d roots", START_MAX_ROOTS);
        start->roots[i] = realpath(folder, NULL);
        if (!start->roots[i] || stat(start->roots[i], &facts) < 0)
            return FAIL("root '%s': %s", folder, strerror(errno));
        if (!S_ISDIR(facts.st_mode))
            return FAIL("root '%s': not a folder", folder);
    }
    return 0;
}

static bool is_port(const char *text)
{
    size_t n = strspn(text, "0123456789");

    return n > 0 && n < 6 && text[n] == '\0' && atoi(text) <= 65535;
}

/* "127.0.0.1:50051" or "[::1]:50051" into its two parts. */
static int split(const char *flag, const char *address, char host[64], char port[8])
{
    const char *colon = strrchr(address, ':');
    const char *from = address;
    size_t n = colon ? (size_t)(colon - address) : 0;

    if (n >= 2 && address[0] == '[' && colon[-1] == ']') {
        from++;
        n -= 2;
    }
    if (n == 0 || n >= 64 || !is_port(colon + 1))
        return FAIL("--%s '%s': give ADDRESS:PORT, such as 127.0.0.1:50051 or [::1]:50051, "
                    "with a port up to 65535",
                    flag, address);
    memcpy(host, from, n);
    host[n] = '\0';
    strcpy(port, colon + 1);
    return 0;
}

static int listen_on(const struct addrinfo *at)
{
    int yes = 1;
    int fd = socket(at->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    if (fd < 0)
        return -1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(fd, at->ai_addr, at->ai_addrlen) == 0 && listen(fd, 512) == 0)
        return fd;
    int failure = errno;
    close(fd);
    errno = failure;
    return -1;
}

/* `port` comes from the address, or from elsewhere when it is not 0. The address
 * as it is to be shown goes to `shown`. */
static int open_address(const char *flag, const char *address, uint16_t port_instead,
                        char shown[START_ADDRESS])
{
    char host[64], port[8];
    struct addrinfo hints = {.ai_family = AF_UNSPEC,
                             .ai_socktype = SOCK_STREAM,
                             .ai_flags = AI_NUMERICSERV | AI_PASSIVE};
    struct addrinfo *found;

    if (split(flag, address, host, port) < 0)
        return -1;
    if (port_instead)
        snprintf(port, sizeof port, "%u", (unsigned)port_instead);
    int failed = getaddrinfo(host, port, &hints, &found);
    if (failed)
        return FAIL("--%s '%s': %s", flag, address, gai_strerror(failed));
    int fd = listen_on(found);
    snprintf(shown, START_ADDRESS, found->ai_family == AF_INET6 ? "[%s]:%s" : "%s:%s", host, port);
    freeaddrinfo(found);
    if (fd >= 0)
        return fd;
    return FAIL("cannot listen on %s: %s%s%s", shown, strerror(errno),
                errno == EADDRINUSE ? "; is another server running? Choose --" : "",
                errno == EADDRINUSE ? flag : "");
}

static int start_listening(struct start *start, const struct conf *conf)
{
    start->http = -1;
    start->listening = open_address("listen", conf->listen, (uint16_t)conf->port, start->address);
    if (start->listening < 0 || !conf->http[0])
        return start->listening;
    start->http = open_address("http", conf->http, 0, start->http_address);
    return start->http;
}

int start_check(struct start *start, const struct conf *conf)
{
    if (find_programs(start) < 0 || check_roots(start, conf) < 0 ||
        (start->passwords = secrets_read(conf->password_file)) < 0 ||
        start_listening(start, conf) < 0)
        return -1;
    return 0;
}

/* host.c - whether a request is meant for us, as its Host says. */
#include "http/host.h"

#include <arpa/inet.h>
#include <string.h>
#include <strings.h>

enum { NAME_ROOM = 256 };

/* The name without its port, and without the dot that may end it. False: it is no name. */
static bool take_name(const char *host, char name[NAME_ROOM])
{
    size_t n = host[0] == '[' ? strcspn(host, "]") + 1 : strcspn(host, ":");
    const char *port = host + (n < strlen(host) ? n : strlen(host));

    if (n == 0 || n >= NAME_ROOM || (port[0] && port[0] != ':') ||
        (port[0] && port[1 + strspn(port + 1, "0123456789")]))
        return false;
    memcpy(name, host, n);
    n -= name[n - 1] == '.';
    name[n] = '\0';
    return n > 0;
}

static bool is_address(char *name)
{
    unsigned char address[sizeof(struct in6_addr)];
    size_t n = strlen(name);

    if (inet_pton(AF_INET, name, address) == 1)
        return true;
    if (name[0] != '[' || name[n - 1] != ']')
        return false;
    name[n - 1] = '\0';
    return inet_pton(AF_INET6, name + 1, address) == 1;
}

static bool is_listed(const char *name, const char *names)
{
    size_t n = strlen(name);

    for (const char *at = names; *at; at += at[0] == '\n') {
        size_t length = strcspn(at, "\n");
        if (length == n && strncasecmp(at, name, n) == 0)
            return true;
        at += length;
    }
    return false;
}

bool host_is_ours(const char *host, const char *names)
{
    char name[NAME_ROOM];

    if (!host)
        return true;
    if (!take_name(host, name))
        return false;
    return strcasecmp(name, "localhost") == 0 || is_listed(name, names) || is_address(name);
}

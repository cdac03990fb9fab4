/* start.c - what the supervisor makes sure of before it starts anything. */
#include "start.h"

#include <errno.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/endpoint.h"
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

static int check_path_map(const struct conf *conf)
{
    char item[CONF_PATH];

    for (size_t i = 0; conf_item(conf->path_map, i, item); i++) {
        const char *to = strchr(item, '=');
        if (item[0] != '/' || !to || to[1] != '/')
            return FAIL("--path-map '%s': give FROM=TO, two absolute paths, such as /=/host_root",
                        item);
    }
    return 0;
}

/* Sockets that were opened for us stand in place of all addresses. */
static int take_given(struct start *start, const struct activation *given)
{
    if (given->n_grpc == 0 || given->n_grpc > START_MAX_ADDRESSES)
        return FAIL("environment: LISTEN_FDS: give from one to %d sockets, and one named http for "
                    "the pages if they are wanted; not %zu",
                    START_MAX_ADDRESSES, given->n_grpc);
    for (size_t i = 0; i < given->n_grpc; i++) {
        start->listen[i].fd = given->grpc[i];
        endpoint_own(given->grpc[i], start->listen[i].text);
    }
    start->n_listen = given->n_grpc;
    start->http.fd = given->http;
    endpoint_own(given->http, start->http.text);
    return 0;
}

static int start_listening(struct start *start, const struct conf *conf,
                           const struct activation *given)
{
    if (given->n_grpc > 0 || given->http >= 0)
        return take_given(start, given);
    char text[CONF_PATH];
    size_t n_http = 0;

    for (size_t i = 0; conf_item(conf->listen, i, text); i++)
        if (address_open(&(struct address_wish){.name = "listen",
                                                .text = text,
                                                .port = (uint16_t)conf->port,
                                                .is_alone = !strchr(conf->listen, '\n')},
                         start->listen, START_MAX_ADDRESSES, &start->n_listen) < 0)
            return -1;
    if (start->n_listen == 0)
        return FAIL("--listen: give at least one address, such as 127.0.0.1:50051");
    if (!conf->http[0])
        return 0;
    return address_open(
        &(struct address_wish){.name = "http", .text = conf->http, .is_alone = true}, &start->http,
        1, &n_http);
}

int start_check(struct start *start, const struct conf *conf, const struct activation *given)
{
    start->http.fd = -1;
    if (find_programs(start) < 0 || check_roots(start, conf) < 0 || check_path_map(conf) < 0 ||
        (start->passwords = secrets_read(conf->password_file)) < 0)
        return -1;
    if (start_listening(start, conf, given) == 0)
        return 0;
    start_end(start);
    return -1;
}

void start_addresses(const struct start *start, char *text, size_t room)
{
    size_t n = 0;

    text[0] = '\0';
    for (size_t i = 0; i < start->n_listen && n < room; i++)
        n += (size_t)snprintf(text + n, room - n, "%s%s", i ? "," : "", start->listen[i].text);
}

void start_end(struct start *start)
{
    for (size_t i = 0; i < start->n_listen; i++)
        address_close(&start->listen[i]);
    address_close(&start->http);
}

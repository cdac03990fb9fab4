/* secrets.c - the passwords that the supervisor is given, for the workers alone. */
#include "secrets.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/passwords.h"

#define FAIL(...) (fprintf(stderr, "mef3d: " __VA_ARGS__), fputc('\n', stderr), -1)

struct room {
    char bytes[PASSWORDS_MOST_BYTES];
    size_t n;
};

static int check_file(int fd, const char *path)
{
    struct stat facts;

    if (fstat(fd, &facts) < 0)
        return FAIL("--password-file '%s': %s", path, strerror(errno));
    if (!S_ISREG(facts.st_mode))
        return FAIL("--password-file '%s': not a file", path);
    if (facts.st_mode & 077)
        return FAIL("--password-file '%s': others than its owner have access (mode %04o): "
                    "chmod 600 it",
                    path, (unsigned)facts.st_mode & 07777);
    return 0;
}

/* Leaves room for the line that the environment adds. */
static int read_all(int fd, const char *path, struct room *room)
{
    size_t most = sizeof room->bytes - PASSWORD_ROOM - 8;

    while (room->n <= most) {
        ssize_t n = read(fd, room->bytes + room->n, most + 1 - room->n);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return FAIL("--password-file '%s': %s", path, strerror(errno));
        if (n == 0)
            return 0;
        room->n += (size_t)n;
    }
    return FAIL("--password-file '%s': longer than %zu bytes", path, most);
}

static int read_file(const char *path, struct room *room)
{
    struct passwords passwords = {.list = room->bytes};
    size_t line;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

    if (fd < 0)
        return FAIL("--password-file '%s': %s", path, strerror(errno));
    int failed = check_file(fd, path) < 0 || read_all(fd, path, room) < 0;
    close(fd);
    if (failed)
        return -1;
    passwords.n = room->n;
    const char *why = passwords_check(&passwords, &line);
    if (why)
        return FAIL("--password-file '%s': line %zu: %s", path, line, why);
    return 0;
}

/* For what no line of the file fits. */
static int take_variable(struct room *room)
{
    char *value = getenv("MEF3_PASSWORD");
    size_t n = value ? strlen(value) : 0;
    bool fits = n < PASSWORD_ROOM && (!value || !strpbrk(value, "\r\n"));

    if (n > 0 && fits)
        room->n += (size_t)snprintf(room->bytes + room->n, sizeof room->bytes - room->n,
                                    "\n*\t%s\n", value);
    if (value)
        explicit_bzero(value, n);
    unsetenv("MEF3_PASSWORD");
    return fits ? 0 : FAIL("MEF3_PASSWORD: too long, or of several lines");
}

int secrets_read(const char *file)
{
    static struct room room;
    int fd = -1;

    room.n = 0;
    if ((!file[0] || read_file(file, &room) == 0) && take_variable(&room) == 0) {
        fd = passwords_share(&(struct passwords){room.bytes, room.n});
        if (fd < 0)
            fprintf(stderr, "mef3d: cannot keep the passwords: %s\n", strerror(errno));
    }
    explicit_bzero(&room, sizeof room);
    return fd;
}

/* passwords.c - the passwords of recordings, as a list of patterns. */
#include "base/passwords.h"

#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/character.h"

/* A line in its parts; the list is where they stand. */
struct line {
    const char *pattern;
    size_t n_pattern; /* 0: nothing stands here */
    const char *password;
    size_t n_password;
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* Of the line at *at; moves on to the next one. */
static struct line next_line(const char **at, const char *end)
{
    struct line line = {.pattern = *at};
    const char *newline = memchr(*at, '\n', (size_t)(end - *at));
    const char *stop = newline ? newline : end;

    *at = newline ? newline + 1 : end;
    if (stop > line.pattern && stop[-1] == '\r')
        stop--;
    while (line.pattern < stop && is_blank(*line.pattern))
        line.pattern++;
    if (line.pattern < stop && *line.pattern == '#')
        return line;
    const char *p = line.pattern;
    while (p < stop && !is_blank(*p))
        p += *p == '\\' && p + 1 < stop ? 2 : 1;
    line.n_pattern = (size_t)(p - line.pattern);
    while (p < stop && is_blank(*p))
        p++;
    line.password = p;
    line.n_password = (size_t)(stop - p);
    return line;
}

static const char *what_is_wrong(const struct line *line)
{
    if (line->n_pattern >= PATH_MAX)
        return "the pattern is too long";
    if (line->n_password == 0)
        return "a line is PATTERN PASSWORD; one password for all recordings is written: * PASSWORD";
    if (line->n_password >= PASSWORD_ROOM)
        return "the password is too long";
    if (memchr(line->pattern, '\0', (size_t)(line->password + line->n_password - line->pattern)))
        return "it has a zero byte";
    return NULL;
}

const char *passwords_check(const struct passwords *passwords, size_t *line_out)
{
    const char *at = passwords->list;
    const char *end = at + passwords->n;
    const char *why = NULL;

    for (*line_out = 1; !why && at < end; *line_out += !why) {
        struct line line = next_line(&at, end);
        if (line.n_pattern > 0)
            why = what_is_wrong(&line);
    }
    return why;
}

static bool fits(const struct line *line, const char *path, const char *root)
{
    char pattern[PATH_MAX];
    size_t n_root = strcmp(root, "/") == 0 ? 0 : strlen(root);
    const char *name = strrchr(path, '/');

    memcpy(pattern, line->pattern, line->n_pattern);
    pattern[line->n_pattern] = '\0';
    return fnmatch(pattern, path, 0) == 0 ||
           (strlen(path) > n_root && fnmatch(pattern, path + n_root + 1, 0) == 0) ||
           (name && fnmatch(pattern, name + 1, 0) == 0);
}

bool passwords_find(const struct passwords *passwords, const char *path, const char *root,
                    char password_out[PASSWORD_ROOM])
{
    const char *at = passwords->list;
    const char *end = at + passwords->n;

    while (at < end) {
        struct line line = next_line(&at, end);
        if (line.n_pattern == 0 || what_is_wrong(&line) || !fits(&line, path, root))
            continue;
        memcpy(password_out, line.password, line.n_password);
        password_out[line.n_password] = '\0';
        return true;
    }
    return false;
}

bool password_equals(const char *a, const char *b)
{
    size_t n_a = a ? strnlen(a, PASSWORD_ROOM) : 0;
    size_t n_b = b ? strnlen(b, PASSWORD_ROOM) : 0;
    volatile unsigned char differs = n_a != n_b || !a != !b;

    for (size_t i = 0; i < PASSWORD_ROOM; i++)
        differs |= (unsigned char)((i < n_a ? a[i] : 0) ^ (i < n_b ? b[i] : 0));
    return differs == 0;
}

void password_free(char *password)
{
    if (password)
        explicit_bzero(password, strlen(password));
    free(password);
}

int passwords_share(const struct passwords *passwords)
{
    int fd = memfd_create("mef3d-passwords", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    size_t done = 0;

    if (fd < 0)
        return -1;
    while (done < passwords->n) {
        ssize_t n = write(fd, passwords->list + done, passwords->n - done);
        if (n < 0 && errno != EINTR)
            goto fail;
        done += n > 0 ? (size_t)n : 0;
    }
    if (fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) == 0)
        return fd;

fail:
    close(fd);
    return -1;
}

struct passwords passwords_take(int fd)
{
    struct passwords none = {"", 0};
    struct stat facts;

    if (fstat(fd, &facts) < 0 || facts.st_size <= 0 || facts.st_size > PASSWORDS_MOST_BYTES)
        return none;
    size_t n = (size_t)facts.st_size;
    char *list = mmap(NULL, n, PROT_READ, MAP_PRIVATE, fd, 0);
    if (list == MAP_FAILED)
        return none;
    madvise(list, n, MADV_DONTDUMP);
    return (struct passwords){list, n};
}

/* -1: none of the alphabet. */
static int base64_digit(uint8_t c)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *at = c ? strchr(digits, c) : NULL;

    return at ? (int)(at - digits) : -1;
}

/* Padded or not, as gRPC has it. False: malformed, or too long. */
static bool base64_read(const uint8_t *value, size_t n, char *out, size_t room, size_t *n_out)
{
    uint32_t bits = 0;
    size_t done = 0;

    if (n % 4 == 0)
        for (int i = 0; i < 2 && n > 0 && value[n - 1] == '='; i++)
            n--;
    for (size_t i = 0; i < n; i++) {
        int digit = base64_digit(value[i]);
        if (digit < 0)
            return false;
        bits = bits << 6 | (uint32_t)digit;
        if (i % 4 == 0)
            continue;
        if (done == room)
            return false;
        out[done++] = (char)(bits >> (6 - 2 * (i % 4)) & 0xFF);
    }
    *n_out = done;
    return n % 4 != 1;
}

bool password_of_field(const void *field, size_t n, bool is_base64,
                       char password_out[PASSWORD_ROOM])
{
    const uint8_t *value = field;
    char password[PASSWORD_ROOM] = "";
    bool is_good;

    if (is_base64) {
        is_good = base64_read(value, n, password, sizeof password - 1, &n);
    } else {
        is_good = n < sizeof password;
        if (is_good)
            memcpy(password, value, n);
    }
    is_good = is_good && !memchr(password, '\0', n) && characters_are_valid(password, n);
    if (is_good)
        memcpy(password_out, password, sizeof password);
    explicit_bzero(password, sizeof password);
    return is_good;
}

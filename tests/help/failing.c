/* failing.c - calls of the C library that fail when they are told to. */
#include "help/failing.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/evp.h>

static enum failing_kind failing_kind;
static long first_failing, n_asked, n_in_use;
static bool has_begun, stays_full, half_written;

void failing_begin(enum failing_kind kind, long first, bool stays)
{
    failing_kind = kind;
    first_failing = first;
    stays_full = stays;
    half_written = false;
    n_asked = n_in_use = 0;
    has_begun = true;
}

bool failing_end(void)
{
    has_begun = false;
    return n_asked > first_failing;
}

long failing_leaks(void)
{
    return n_in_use;
}

static bool is_next(enum failing_kind kind)
{
    return has_begun && failing_kind == kind && n_asked++ == first_failing;
}

static void *counted(void *memory)
{
    n_in_use += has_begun && memory;
    return memory;
}

/* A call that wants room on the disk. */
static bool is_full(void)
{
    if (!is_next(FAILING_FILES) && !half_written &&
        !(has_begun && stays_full && failing_kind == FAILING_FILES && n_asked > first_failing))
        return false;
    half_written = false;
    errno = ENOSPC;
    return true;
}

/* clang-format off */
#define WRAP(type, name, ...) type __real_##name(__VA_ARGS__); type __wrap_##name(__VA_ARGS__); \
    type __wrap_##name(__VA_ARGS__)
/* clang-format on */

WRAP(void *, malloc, size_t n)
{
    return is_next(FAILING_MEMORY) ? NULL : counted(__real_malloc(n));
}

WRAP(void *, calloc, size_t n, size_t bytes)
{
    return is_next(FAILING_MEMORY) ? NULL : counted(__real_calloc(n, bytes));
}

WRAP(void *, realloc, void *memory, size_t n)
{
    if (is_next(FAILING_MEMORY))
        return NULL;
    return memory ? __real_realloc(memory, n) : counted(__real_realloc(NULL, n));
}

WRAP(char *, strdup, const char *text)
{
    return is_next(FAILING_MEMORY) ? NULL : counted(__real_strdup(text));
}

WRAP(char *, strndup, const char *text, size_t n)
{
    return is_next(FAILING_MEMORY) ? NULL : counted(__real_strndup(text, n));
}

WRAP(void, free, void *memory)
{
    n_in_use -= has_begun && memory;
    __real_free(memory);
}

__attribute__((format(printf, 2, 0))) static int print(char **text_out, const char *format,
                                                       va_list values)
{
    int n = is_next(FAILING_MEMORY) ? -1 : vasprintf(text_out, format, values);

    counted(n < 0 ? NULL : *text_out);
    return n;
}

__attribute__((format(printf, 2, 3))) int __wrap_asprintf(char **text_out, const char *format, ...);
int __wrap_asprintf(char **text_out, const char *format, ...)
{
    va_list values;

    va_start(values, format);
    int n = print(text_out, format, values);
    va_end(values);
    return n;
}

/* What asprintf is called with -D_FORTIFY_SOURCE. */
__attribute__((format(printf, 3, 4))) int __wrap___asprintf_chk(char **text_out, int flag,
                                                                const char *format, ...);
int __wrap___asprintf_chk(char **text_out, int flag, const char *format, ...)
{
    va_list values;

    (void)flag;
    va_start(values, format);
    int n = print(text_out, format, values);
    va_end(values);
    return n;
}

WRAP(EVP_CIPHER_CTX *, EVP_CIPHER_CTX_new, void)
{
    return is_next(FAILING_MEMORY) ? NULL : counted(__real_EVP_CIPHER_CTX_new());
}

WRAP(void, EVP_CIPHER_CTX_free, EVP_CIPHER_CTX *cipher)
{
    n_in_use -= has_begun && cipher;
    __real_EVP_CIPHER_CTX_free(cipher);
}

/* Files: the library is built with 64-bit offsets, which has names of its own. */
int __real_open64(const char *path, int flags, ...);
int __wrap_open64(const char *path, int flags, ...);
int __wrap_open64(const char *path, int flags, ...)
{
    va_list values;

    va_start(values, flags);
    mode_t mode = flags & O_CREAT ? va_arg(values, mode_t) : 0;
    va_end(values);
    if ((flags & O_CREAT) && is_full())
        return -1;
    if (!(flags & O_CREAT) && is_next(FAILING_FILES)) {
        errno = EIO;
        return -1;
    }
    return __real_open64(path, flags, mode);
}

WRAP(ssize_t, pread64, int fd, void *bytes, size_t n, off_t at)
{
    if (is_next(FAILING_FILES)) {
        errno = EIO;
        return -1;
    }
    return __real_pread64(fd, bytes, n, at);
}

WRAP(ssize_t, pwrite64, int fd, const void *bytes, size_t n, off_t at)
{
    if (!is_full())
        return __real_pwrite64(fd, bytes, n, at);
    if (n < 2)
        return -1;
    half_written = true; /* and what is asked for next fails */
    return __real_pwrite64(fd, bytes, n / 2, at);
}

WRAP(int, mkdir, const char *path, mode_t mode)
{
    return is_full() ? -1 : __real_mkdir(path, mode);
}

WRAP(int, rename, const char *from, const char *to)
{
    return is_full() ? -1 : __real_rename(from, to);
}

/* Nobody looks at what the disk has, and disks are slow. */
WRAP(int, fsync, int fd)
{
    (void)fd;
    return is_full() ? -1 : 0;
}

WRAP(int, ftruncate64, int fd, off_t length)
{
    return is_next(FAILING_FILES) ? -1 : __real_ftruncate64(fd, length);
}

/* It is closed all the same. */
WRAP(int, close, int fd)
{
    int status = __real_close(fd);

    return is_full() ? -1 : status;
}

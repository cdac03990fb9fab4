/* source_disk.c - what sources on disk share: errno to status, bytes of a file, where it lies. */
#include "source_disk.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int source_disk_status(int number)
{
    switch (number) {
    case ENOENT:
    case ENOTDIR:
    case ENAMETOOLONG:
        return MEF3_ENOENT;
    case ELOOP: /* links in a circle: there is something, and it is no file */
        return MEF3_EFORMAT;
    case EACCES:
    case EPERM:
        return MEF3_EACCES;
    case ENOMEM:
        return MEF3_ENOMEM;
    default:
        return MEF3_EIO;
    }
}

int source_disk_check_place(int fd, const char *confine)
{
    char link[64];
    char place[4096];

    if (!confine)
        return MEF3_OK;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t got = readlink(link, place, sizeof place);
    if (got < 0)
        return source_disk_status(errno);
    size_t n = strlen(confine);
    while (n > 0 && confine[n - 1] == '/')
        n--;
    if ((size_t)got == sizeof place || (size_t)got < n || memcmp(place, confine, n) != 0)
        return MEF3_EACCES;
    if ((size_t)got > n && place[n] != '/')
        return MEF3_EACCES;
    return MEF3_OK;
}

int source_disk_read(int fd, uint64_t offset, void *bytes_out, size_t n, size_t *n_out)
{
    char *to = bytes_out;
    size_t done = 0;

    if (offset > INT64_MAX - n)
        return MEF3_EINVAL;
    while (done < n) {
        ssize_t got = pread(fd, to + done, n - done, (off_t)(offset + done));
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return source_disk_status(errno);
        if (got == 0)
            break;
        done += (size_t)got;
    }
    *n_out = done;
    return MEF3_OK;
}

int source_disk_name(const char *path, const char *suffix, char *name_out, size_t room)
{
    size_t n_suffix = strlen(suffix);
    size_t end = strlen(path);

    while (end > 0 && path[end - 1] == '/')
        end--;
    size_t begin = end;
    while (begin > 0 && path[begin - 1] != '/')
        begin--;
    size_t n = end - begin;
    if (n <= n_suffix || memcmp(path + end - n_suffix, suffix, n_suffix) != 0)
        return MEF3_EFORMAT;
    snprintf(name_out, room, "%.*s", (int)(n - n_suffix), path + begin);
    return MEF3_OK;
}

/* writer_files.c - the writer's files: bytes to disk and, to be changed, back. */
#include "writer.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FOLDER_MODE = 0777, FILE_MODE = 0666 };

int writer_files_fail(struct mef3_error *error, const char *file, const char *what)
{
    int number = errno;
    char found[96];
    int status = number == EACCES || number == EPERM || number == EROFS ? MEF3_EACCES
                 : number == ENOENT                                     ? MEF3_ENOENT
                                                                        : MEF3_EIO;

    snprintf(found, sizeof found, "%m");
    return mef3_error_set(error, status, file, -1, what, NULL, found);
}

void writer_files_inner(const struct writer_channel *channel, const char *type,
                        char inner_out[WRITER_INNER_BYTES])
{
    const char *name = channel->name;

    snprintf(inner_out, WRITER_INNER_BYTES, "%s.timd/%s-%06d.segd/%s-%06d.%s", name, name,
             channel->segment, name, channel->segment, type);
}

/* Open a file of the channel's segment; -1: *status_out says why not. */
static int open_file(const struct mef3_writer *writer, const char *inner, int flags,
                     int *status_out, struct mef3_error *error)
{
    char path[PATH_MAX];
    int n = snprintf(path, sizeof path, "%s/%s", writer->path, inner);
    int fd = -1;

    if (n < 0 || n >= PATH_MAX)
        errno = ENAMETOOLONG;
    else
        fd = open(path, flags | O_CLOEXEC, FILE_MODE);
    if (fd < 0)
        *status_out = writer_files_fail(error, inner, "opening for writing");
    return fd;
}

/* What was done with an open file is done now, or has failed as errno says. */
static int end_file(int fd, bool is_fine, const char *inner, const char *what,
                    struct mef3_error *error)
{
    int number = errno;

    /* Some file systems tell only now that the disk is full. */
    if (close(fd) != 0 && is_fine)
        return writer_files_fail(error, inner, what);
    errno = number;
    return is_fine ? MEF3_OK : writer_files_fail(error, inner, what);
}

bool writer_files_put_all(int fd, uint64_t offset, const uint8_t *bytes, size_t n)
{
    while (n) {
        ssize_t written = pwrite(fd, bytes, n, (off_t)offset);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return false;
        bytes += written;
        offset += (uint64_t)written;
        n -= (size_t)written;
    }
    return true;
}

int writer_files_put(const struct mef3_writer *writer, const struct writer_channel *channel,
                     const char *type, uint64_t offset, const uint8_t *bytes, size_t n,
                     struct mef3_error *error)
{
    char inner[WRITER_INNER_BYTES];
    int status;

    writer_files_inner(channel, type, inner);
    int fd = open_file(writer, inner, O_WRONLY, &status, error);
    if (fd < 0)
        return status;
    return end_file(fd, writer_files_put_all(fd, offset, bytes, n), inner, "writing", error);
}

int writer_files_get(const struct mef3_writer *writer, const struct writer_channel *channel,
                     const char *type, uint8_t *bytes_out, size_t n, struct mef3_error *error)
{
    char inner[WRITER_INNER_BYTES];
    int status;
    size_t got = 0;
    ssize_t some = 1;

    writer_files_inner(channel, type, inner);
    int fd = open_file(writer, inner, O_RDONLY, &status, error);
    if (fd < 0)
        return status;
    while (got < n && some > 0) {
        some = pread(fd, bytes_out + got, n - got, (off_t)got);
        if (some < 0 && errno == EINTR)
            some = 1;
        else if (some > 0)
            got += (size_t)some;
    }
    status = end_file(fd, some >= 0, inner, "reading", error);
    if (status == MEF3_OK && got < n)
        status = mef3_error_set(error, MEF3_ETRUNCATED, inner, (int64_t)got, NULL, NULL, NULL);
    return status;
}

int writer_files_cut(const struct mef3_writer *writer, const struct writer_channel *channel,
                     const char *type, uint64_t length, struct mef3_error *error)
{
    char inner[WRITER_INNER_BYTES];
    int status;

    writer_files_inner(channel, type, inner);
    int fd = open_file(writer, inner, O_WRONLY, &status, error);
    if (fd < 0)
        return status;
    return end_file(fd, ftruncate(fd, (off_t)length) == 0, inner, "cutting off", error);
}

int writer_files_sync(const struct mef3_writer *writer, const struct writer_channel *channel,
                      const char *type, struct mef3_error *error)
{
    char inner[WRITER_INNER_BYTES];
    int status;

    if (!writer->durable)
        return MEF3_OK;
    writer_files_inner(channel, type, inner);
    int fd = open_file(writer, inner, O_WRONLY, &status, error);
    if (fd < 0)
        return status;
    return end_file(fd, fsync(fd) == 0, inner, "writing to the disk", error);
}

bool writer_files_write(const struct mef3_writer *writer, const char *path, const uint8_t *bytes,
                        size_t n)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, FILE_MODE);

    if (fd < 0)
        return false;
    bool is_fine = writer_files_put_all(fd, 0, bytes, n) && (!writer->durable || fsync(fd) == 0);
    return end_file(fd, is_fine, NULL, NULL, NULL) == MEF3_OK;
}

bool writer_files_sync_folder(const struct mef3_writer *writer, const char *path)
{
    if (!writer->durable)
        return true;
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return false;
    /* Some file systems know nothing of the kind. */
    bool is_fine = fsync(fd) == 0 || errno == EINVAL;
    return end_file(fd, is_fine, NULL, NULL, NULL) == MEF3_OK;
}

int writer_files_replace(const struct mef3_writer *writer, const struct writer_channel *channel,
                         const uint8_t metadata[META_BYTES], struct mef3_error *error)
{
    char inner[WRITER_INNER_BYTES], path[PATH_MAX], path_new[PATH_MAX];

    writer_files_inner(channel, "tmet", inner);
    int n = snprintf(path_new, sizeof path_new, "%s/%s.new", writer->path, inner);
    if (n < 0 || n >= PATH_MAX)
        return mef3_error_set(error, MEF3_ELIMIT, inner, -1, "path", NULL, NULL);
    snprintf(path, sizeof path, "%.*s", n - (int)sizeof ".new" + 1, path_new);
    if (!writer_files_write(writer, path_new, metadata, META_BYTES) ||
        rename(path_new, path) != 0) {
        int status = writer_files_fail(error, inner, "writing");
        unlink(path_new);
        return status;
    }
    *strrchr(path, '/') = '\0';
    if (!writer_files_sync_folder(writer, path))
        return writer_files_fail(error, inner, "writing to the disk");
    return MEF3_OK;
}

static int lock_session(struct mef3_writer *writer, struct mef3_error *error)
{
    writer->lock_fd = open(writer->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (writer->lock_fd < 0)
        return writer_files_fail(error, NULL, "opening the folder");
    /* Where there are no locks, whoever writes must see to it. */
    if (flock(writer->lock_fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK)
        return mef3_error_set(error, MEF3_EACCES, NULL, -1, "session", "no other writer", "one");
    return MEF3_OK;
}

/* So that the session's folder is still there, too. */
static int sync_parent(const struct mef3_writer *writer, struct mef3_error *error)
{
    char path[PATH_MAX];
    int n = snprintf(path, sizeof path, "%s/..", writer->path);

    if (n < 0 || n >= PATH_MAX)
        return mef3_error_set(error, MEF3_ELIMIT, NULL, -1, "path", NULL, NULL);
    return writer_files_sync_folder(writer, path)
               ? MEF3_OK
               : writer_files_fail(error, NULL, "writing to the disk");
}

int writer_files_session(struct mef3_writer *writer, struct mef3_error *error)
{
    if (writer->is_new && mkdir(writer->path, FOLDER_MODE) != 0) {
        if (errno == EEXIST)
            return mef3_error_set(error, MEF3_EINVAL, NULL, -1, "output folder", "a new one",
                                  "one that exists");
        return writer_files_fail(error, NULL, "making the folder");
    }
    int status = lock_session(writer, error);
    if (status == MEF3_OK && writer->is_new)
        status = sync_parent(writer, error);
    if (status != MEF3_OK && writer->is_new)
        rmdir(writer->path);
    return status;
}

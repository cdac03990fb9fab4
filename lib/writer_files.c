/* writer_files.c - the writer's folders and files: bytes to disk, and their removal. */
#include "writer.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FOLDER_MODE = 0777, FILE_MODE = 0666 };

static int fail(struct mef3_error *error, const char *file, const char *what)
{
    int number = errno;
    char found[96];
    int status = number == EACCES || number == EPERM || number == EROFS ? MEF3_EACCES
                 : number == ENOENT                                     ? MEF3_ENOENT
                                                                        : MEF3_EIO;

    snprintf(found, sizeof found, "%m");
    return mef3_error_set(error, status, file, -1, what, NULL, found);
}

static bool path_fits(int written)
{
    return written >= 0 && written < PATH_MAX;
}

/* The part below the session's folder: "Cz.timd/Cz-000000.segd/Cz-000000.tdat". */
static void inner_path(const struct writer_channel *channel, int32_t segment, const char *type,
                       char *path, size_t room)
{
    const char *name = channel->name;

    snprintf(path, room, "%s.timd/%s-%06d.segd/%s-%06d.%s", name, name, segment, name, segment,
             type);
}

static bool segment_path(const struct mef3_writer *writer, const struct writer_channel *channel,
                         int32_t segment, char path[PATH_MAX])
{
    return path_fits(snprintf(path, PATH_MAX, "%s/%s.timd/%s-%06d.segd", writer->path,
                              channel->name, channel->name, segment));
}

int writer_files_session(const struct mef3_writer *writer, struct mef3_error *error)
{
    if (mkdir(writer->path, FOLDER_MODE) == 0)
        return MEF3_OK;
    if (errno == EEXIST)
        return mef3_error_set(error, MEF3_EINVAL, NULL, -1, "output folder", "a new one",
                              "one that exists");
    return fail(error, NULL, "making the folder");
}

int writer_files_channel(const struct mef3_writer *writer, const struct writer_channel *channel,
                         struct mef3_error *error)
{
    char path[PATH_MAX];

    if (!path_fits(snprintf(path, sizeof path, "%s/%s.timd", writer->path, channel->name)))
        return mef3_error_set(error, MEF3_ELIMIT, channel->name, -1, "path", NULL, NULL);
    if (mkdir(path, FOLDER_MODE) != 0)
        return fail(error, channel->name, "making the channel's folder");
    return MEF3_OK;
}

int writer_files_segment(const struct mef3_writer *writer, const struct writer_channel *channel,
                         struct mef3_error *error)
{
    char path[PATH_MAX];

    if (!segment_path(writer, channel, channel->segment, path)) {
        errno = ENAMETOOLONG;
        return fail(error, channel->name, "making the segment's folder");
    }
    if (mkdir(path, FOLDER_MODE) != 0)
        return fail(error, channel->name, "making the segment's folder");
    return MEF3_OK;
}

static bool put_all(int fd, uint64_t offset, const uint8_t *bytes, size_t n)
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
    char inner[4 * WRITER_NAME_BYTES], path[PATH_MAX];

    inner_path(channel, channel->segment, type, inner, sizeof inner);
    if (!path_fits(snprintf(path, sizeof path, "%s/%s", writer->path, inner)))
        return mef3_error_set(error, MEF3_ELIMIT, inner, -1, "path", NULL, NULL);
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, FILE_MODE);
    if (fd < 0)
        return fail(error, inner, "opening for writing");
    if (!put_all(fd, offset, bytes, n)) {
        int status = fail(error, inner, "writing");
        close(fd);
        return status;
    }
    /* Some file systems tell only now that the disk is full. */
    if (close(fd) != 0)
        return fail(error, inner, "writing");
    return MEF3_OK;
}

static void remove_segment(const struct mef3_writer *writer, const struct writer_channel *channel,
                           int32_t segment)
{
    static const char *const types[] = {"tmet", "tidx", "tdat"};
    char inner[4 * WRITER_NAME_BYTES], path[PATH_MAX];

    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        inner_path(channel, segment, types[i], inner, sizeof inner);
        if (path_fits(snprintf(path, sizeof path, "%s/%s", writer->path, inner)))
            unlink(path);
    }
    if (segment_path(writer, channel, segment, path))
        rmdir(path);
}

void writer_files_remove(const struct mef3_writer *writer, const struct writer_channel *channel)
{
    char path[PATH_MAX];

    if (!channel) {
        rmdir(writer->path);
        return;
    }
    for (int32_t i = 0; i <= channel->segment; i++)
        remove_segment(writer, channel, i);
    if (path_fits(snprintf(path, sizeof path, "%s/%s.timd", writer->path, channel->name)))
        rmdir(path);
}

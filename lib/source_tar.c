/* source_tar.c - a session's bytes from an uncompressed tar, read where they lie. */
#include "source_tar.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "source_disk.h"

static const char SUFFIX[] = ".mefd.tar";

/* An archive on disk, and what it was when its members were found. */
struct disk {
    int fd;
    off_t bytes;
    struct timespec changed;
};

struct archive {
    struct tar_input input;
    struct tar tar;
    struct disk disk; /* fd -1: it is elsewhere */
};

static int disk_read(void *self, uint64_t offset, void *bytes_out, size_t n, size_t *n_out)
{
    const struct disk *disk = self;

    return source_disk_read(disk->fd, offset, bytes_out, n, n_out);
}

/* Whether its members may be where they were found. */
static int disk_check(const struct disk *disk)
{
    struct stat st;

    if (fstat(disk->fd, &st) < 0)
        return source_disk_status(errno);
    return st.st_size == disk->bytes && st.st_mtim.tv_sec == disk->changed.tv_sec &&
                   st.st_mtim.tv_nsec == disk->changed.tv_nsec
               ? MEF3_OK
               : MEF3_ECHANGED;
}

static int archive_list(void *self, const char *folder, mef3_name_fn *each, void *arg)
{
    const struct archive *archive = self;

    return tar_list(&archive->tar, folder, each, arg);
}

static int archive_open(void *self, const char *path, void **file_out, uint64_t *bytes_out)
{
    const struct archive *archive = self;
    struct tar_member *member = tar_find(&archive->tar, path);
    int status = archive->disk.fd < 0 ? MEF3_OK : disk_check(&archive->disk);

    if (status != MEF3_OK)
        return status;
    if (!member || member->is_folder)
        return tar_is_folder(&archive->tar, path) ? MEF3_EFORMAT : MEF3_ENOENT;
    *file_out = member;
    *bytes_out = member->bytes;
    return MEF3_OK;
}

static int archive_read(void *self, void *file, uint64_t offset, void *bytes_out, size_t n,
                        size_t *n_out)
{
    const struct archive *archive = self;
    const struct tar_member *member = file;
    uint64_t left = offset < member->bytes ? member->bytes - offset : 0;

    if (n > left)
        n = (size_t)left;
    *n_out = 0;
    return n > 0
               ? archive->input.read(archive->input.self, member->at + offset, bytes_out, n, n_out)
               : MEF3_OK;
}

static int archive_length(void *self, void *file, uint64_t *bytes_out)
{
    const struct tar_member *member = file;

    (void)self;
    *bytes_out = member->bytes;
    return MEF3_OK;
}

static void archive_close(void *self, void *file)
{
    (void)self;
    (void)file;
}

static void archive_free(void *self)
{
    struct archive *archive = self;

    if (archive->disk.fd >= 0)
        close(archive->disk.fd);
    tar_fini(&archive->tar);
    free(archive);
}

static const struct mef3_source_ops archive_ops = {
    .list = archive_list,
    .open = archive_open,
    .read = archive_read,
    .length = archive_length,
    .close = archive_close,
    .free = archive_free,
};

/* Find the members of *archive, which is freed when that fails. */
static int begin(struct archive *archive, const char *path, struct mef3_source *source_out,
                 struct mef3_error *error)
{
    struct mef3_source source = {.ops = &archive_ops, .self = archive};
    int status = MEF3_OK;

    if (source_disk_name(path, SUFFIX, source.name, sizeof source.name) != MEF3_OK)
        status = mef3_error_set(error, MEF3_EFORMAT, path, -1, "name",
                                "an archive named *.mefd.tar", "another");
    if (status == MEF3_OK)
        status = tar_open(&archive->input, path, &archive->tar, error);
    if (status != MEF3_OK) {
        archive_free(archive);
        return status;
    }
    /* Files within a session may have its name: it is the one from when they were archived. */
    if (archive->tar.folder[0])
        status = source_disk_name(archive->tar.folder, ".mefd", source.name, sizeof source.name);
    *source_out = source;
    return status;
}

int source_tar_over(const struct tar_input *input, const char *path, struct mef3_source *source_out,
                    struct mef3_error *error)
{
    struct archive *archive = calloc(1, sizeof *archive);

    if (!archive)
        return mef3_error_set(error, MEF3_ENOMEM, path, -1, NULL, NULL, NULL);
    archive->input = *input;
    archive->disk.fd = -1;
    return begin(archive, path, source_out, error);
}

/* O_NONBLOCK: a pipe put in a file's place must not keep us waiting. */
static int open_disk(const char *path, const char *confine, struct disk *disk_out,
                     struct mef3_error *error)
{
    struct stat st;

    if (stat(path, &st) < 0)
        return mef3_error_set(error, source_disk_status(errno), path, -1, NULL, NULL, NULL);
    if (!S_ISREG(st.st_mode))
        return mef3_error_set(error, MEF3_EFORMAT, path, -1, NULL, "a tar file",
                              S_ISDIR(st.st_mode) ? "a folder" : "something else");
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        return mef3_error_set(error, source_disk_status(errno), path, -1, NULL, NULL, NULL);
    int status = source_disk_check_place(fd, confine);
    if (status == MEF3_OK && fstat(fd, &st) < 0)
        status = source_disk_status(errno);
    if (status == MEF3_OK && !S_ISREG(st.st_mode))
        status = MEF3_ECHANGED;
    if (status != MEF3_OK) {
        close(fd);
        return mef3_error_set(error, status, path, -1, NULL, NULL, NULL);
    }
    *disk_out = (struct disk){fd, st.st_size, st.st_mtim};
    return MEF3_OK;
}

int mef3_source_tar(const char *path, const char *confine, struct mef3_source *source_out,
                    struct mef3_error *error)
{
    struct archive *archive = calloc(1, sizeof *archive);

    if (!archive)
        return mef3_error_set(error, MEF3_ENOMEM, path, -1, NULL, NULL, NULL);
    int status = open_disk(path, confine, &archive->disk, error);
    if (status != MEF3_OK) {
        free(archive);
        return status;
    }
    archive->input = (struct tar_input){
        .self = &archive->disk, .bytes = (uint64_t)archive->disk.bytes, .read = disk_read};
    return begin(archive, path, source_out, error);
}

int mef3_source_path(const char *path, const char *confine, struct mef3_source *source_out,
                     struct mef3_error *error)
{
    char name[sizeof source_out->name];

    if (source_disk_name(path, SUFFIX, name, sizeof name) == MEF3_OK)
        return mef3_source_tar(path, confine, source_out, error);
    return mef3_source_folder(path, confine, source_out, error);
}

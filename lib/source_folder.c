/* source_folder.c - a session's bytes from a folder on disk. */
#include <mef3/source.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "source_disk.h"

struct folder {
    int fd;
    char *confine; /* NULL: anywhere */
};

struct file {
    int fd;
};

/* What is beneath the folder, with no link on the way, is beneath `confine` as the folder is,
 * and need not be asked where it lies: asking costs more than opening. -1: it is not so, or
 * this kernel cannot say. */
static int open_without_links(const struct folder *folder, const char *path, int flags)
{
    struct open_how how = {
        .flags = (unsigned)flags,
        .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS,
    };

    return (int)syscall(SYS_openat2, folder->fd, path, &how, sizeof how);
}

static int open_beneath(const struct folder *folder, const char *path, int flags, int *fd_out)
{
    flags |= O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
    int there = folder->confine && path[0] ? open_without_links(folder, path, flags) : -1;

    if (there >= 0) {
        *fd_out = there;
        return MEF3_OK;
    }
    /* O_NONBLOCK: a pipe put in a file's place must not keep us waiting. */
    int fd = openat(folder->fd, path[0] ? path : ".", flags);

    if (fd < 0)
        return source_disk_status(errno);
    int status = source_disk_check_place(fd, folder->confine);
    if (status != MEF3_OK) {
        close(fd);
        return status;
    }
    *fd_out = fd;
    return MEF3_OK;
}

static bool entry_is_folder(int folder_fd, const struct dirent *entry)
{
    struct stat st;

    if (entry->d_type != DT_UNKNOWN && entry->d_type != DT_LNK)
        return entry->d_type == DT_DIR;
    return fstatat(folder_fd, entry->d_name, &st, 0) == 0 && S_ISDIR(st.st_mode);
}

static int folder_list(void *self, const char *path, mef3_name_fn *each, void *arg)
{
    int fd = -1;
    int status = open_beneath(self, path, O_DIRECTORY, &fd);

    if (status != MEF3_OK)
        return status;
    DIR *dir = fdopendir(fd);
    if (!dir) {
        status = source_disk_status(errno);
        close(fd);
        return status;
    }
    for (;;) {
        errno = 0;
        const struct dirent *entry = readdir(dir);
        if (!entry) {
            status = errno ? source_disk_status(errno) : MEF3_OK;
            break;
        }
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        status = each(arg, entry->d_name, entry_is_folder(dirfd(dir), entry));
        if (status != 0)
            break;
    }
    closedir(dir);
    return status;
}

static int length_of(int fd, uint64_t *bytes_out)
{
    struct stat st;

    if (fstat(fd, &st) < 0)
        return source_disk_status(errno);
    if (!S_ISREG(st.st_mode))
        return MEF3_EFORMAT;
    *bytes_out = (uint64_t)st.st_size;
    return MEF3_OK;
}

static int folder_open(void *self, const char *path, void **file_out, uint64_t *bytes_out)
{
    uint64_t bytes;
    int fd = -1;
    int status = open_beneath(self, path, 0, &fd);

    if (status != MEF3_OK)
        return status;
    status = length_of(fd, &bytes);
    struct file *file = status == MEF3_OK ? malloc(sizeof *file) : NULL;
    if (!file) {
        close(fd);
        return status == MEF3_OK ? MEF3_ENOMEM : status;
    }
    file->fd = fd;
    *file_out = file;
    *bytes_out = bytes;
    return MEF3_OK;
}

static int folder_read(void *self, void *arg, uint64_t offset, void *bytes_out, size_t n,
                       size_t *n_out)
{
    const struct file *file = arg;

    (void)self;
    return source_disk_read(file->fd, offset, bytes_out, n, n_out);
}

static int folder_length(void *self, void *arg, uint64_t *bytes_out)
{
    const struct file *file = arg;

    (void)self;
    return length_of(file->fd, bytes_out);
}

static void folder_close(void *self, void *arg)
{
    struct file *file = arg;

    (void)self;
    close(file->fd);
    free(file);
}

static void folder_free(void *self)
{
    struct folder *folder = self;

    close(folder->fd);
    free(folder->confine);
    free(folder);
}

static const struct mef3_source_ops folder_ops = {
    .list = folder_list,
    .open = folder_open,
    .read = folder_read,
    .length = folder_length,
    .close = folder_close,
    .free = folder_free,
};

int mef3_source_folder(const char *path, const char *confine, struct mef3_source *source_out,
                       struct mef3_error *error)
{
    struct mef3_source source = {.ops = &folder_ops};
    struct stat st;

    bool is_there = stat(path, &st) == 0;
    if (!is_there && errno != ELOOP)
        return mef3_error_set(error, source_disk_status(errno), path, -1, NULL, NULL, NULL);
    if (!is_there || !S_ISDIR(st.st_mode))
        return mef3_error_set(error, MEF3_EFORMAT, path, -1, NULL, "a folder",
                              is_there ? "a file" : "links in a circle");
    if (source_disk_name(path, ".mefd", source.name, sizeof source.name) != MEF3_OK)
        return mef3_error_set(error, MEF3_EFORMAT, path, -1, "name", "a folder named *.mefd",
                              "another");

    struct folder *folder = calloc(1, sizeof *folder);
    if (!folder)
        return mef3_error_set(error, MEF3_ENOMEM, path, -1, NULL, NULL, NULL);
    int status = MEF3_ENOMEM;
    folder->fd = -1;
    if (confine && !(folder->confine = strdup(confine)))
        goto fail;
    status = MEF3_OK;
    folder->fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder->fd < 0)
        status = source_disk_status(errno);
    else
        status = source_disk_check_place(folder->fd, folder->confine);
    if (status != MEF3_OK)
        goto fail;
    source.self = folder;
    *source_out = source;
    return MEF3_OK;

fail:
    if (folder->fd >= 0)
        close(folder->fd);
    free(folder->confine);
    free(folder);
    return mef3_error_set(error, status, path, -1, NULL, NULL, NULL);
}

/* writer_record_files.c - the pair of files that records are in, open and locked.
 *
 * Whoever adds to a .rdat holds a lock on it (flock), for as long as it takes. It is the file's
 * and not the session's, so that notes are added to a session that somebody records. */
#define _GNU_SOURCE 1 /* renameat2 */

#include "writer_records.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/rand.h>

enum { FILE_MODE = 0666 };

/* The path of a file of the pair. With `hidden`, of one beside it with a dot before its name,
 * which no reader takes for one. */
static bool file_path(const struct mef3_writer *writer, const struct writer_records *r,
                      const char *type, const char *hidden, char path[PATH_MAX])
{
    const char *slash = strrchr(r->stem, '/');
    int folder = slash ? (int)(slash - r->stem) + 1 : 0;
    int n = snprintf(path, PATH_MAX, "%s/%.*s%s%s.%s%s", writer->path, folder, r->stem,
                     hidden ? "." : "", r->stem + folder, type, hidden ? hidden : "");

    if (n >= 0 && n < PATH_MAX)
        return true;
    errno = ENAMETOOLONG;
    return false;
}

static int fail(const struct writer_records *r, const char *type, const char *what,
                struct mef3_error *error)
{
    char name[SOURCE_PATH_MAX + 8];

    snprintf(name, sizeof name, "%s.%s", r->stem, type);
    return writer_files_fail(error, name, what);
}

/* Give a new file its name, unless another has it. Where a file cannot have two names at once, two
 * writers that both make it at the same moment are not told from one another. */
static bool name_it(const char *hidden, const char *path)
{
    if (link(hidden, path) == 0)
        return unlink(hidden) == 0;
    if (errno != EPERM && errno != ENOTSUP && errno != ENOSYS)
        return false;
    if (access(path, F_OK) == 0) {
        errno = EEXIST;
        return false;
    }
    return rename(hidden, path) == 0;
}

/* A new file of a header, which nobody sees before it is whole. False: errno; EEXIST: another
 * writer was faster. */
static bool make(const struct mef3_writer *writer, const struct writer_records *r, const char *type,
                 const uint8_t header[UH_BYTES])
{
    char hidden[PATH_MAX], path[PATH_MAX], suffix[24];
    uint64_t random;

    errno = EIO;
    if (RAND_bytes((uint8_t *)&random, sizeof random) != 1)
        return false;
    snprintf(suffix, sizeof suffix, ".%016" PRIx64, random);
    if (!file_path(writer, r, type, suffix, hidden) || !file_path(writer, r, type, NULL, path))
        return false;
    int fd = open(hidden, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, FILE_MODE);
    if (fd < 0)
        return false;
    bool is_fine =
        writer_files_put_all(fd, 0, header, UH_BYTES) && (!writer->durable || fsync(fd) == 0);
    is_fine &= close(fd) == 0;
    if (is_fine && name_it(hidden, path))
        return true;
    int number = errno;
    unlink(hidden);
    errno = number;
    return false;
}

/* -1: errno says why. */
static int open_or_make(const struct mef3_writer *writer, const struct writer_records *r,
                        const char *type, const uint8_t header[UH_BYTES], bool *is_made_out)
{
    char path[PATH_MAX];

    if (!file_path(writer, r, type, NULL, path))
        return -1;
    int fd = open(path, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
    if (fd >= 0 || errno != ENOENT)
        return fd;
    *is_made_out = make(writer, r, type, header);
    if (!*is_made_out && errno != EEXIST)
        return -1;
    return open(path, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
}

int record_files_open(const struct mef3_writer *writer, const struct writer_records *r,
                      struct record_files *files_out, bool *is_made_out, struct mef3_error *error)
{
    struct record_files files = {.writer = writer, .r = r, .index = -1};
    bool is_index_made = false;

    files.data = open_or_make(writer, r, "rdat", r->data_header, is_made_out);
    if (files.data < 0)
        return fail(r, "rdat", "opening for writing", error);
    while (flock(files.data, LOCK_EX) != 0)
        if (errno != EINTR) /* where there are no locks, whoever writes must see to it */
            break;
    files.index = open_or_make(writer, r, "ridx", r->index_header, &is_index_made);
    if (files.index < 0) {
        int status = fail(r, "ridx", "opening for writing", error);
        record_files_close(&files);
        return status;
    }
    *files_out = files;
    return MEF3_OK;
}

void record_files_close(struct record_files *files)
{
    if (files->index >= 0)
        close(files->index);
    if (files->data >= 0)
        close(files->data); /* lets go of the lock */
    files->data = files->index = -1;
}

int record_files_length(const struct record_files *files, uint64_t *data_out, uint64_t *index_out,
                        struct mef3_error *error)
{
    struct stat data, index;

    if (fstat(files->data, &data) != 0 || fstat(files->index, &index) != 0)
        return fail(files->r, "rdat", "asking for its length", error);
    *data_out = (uint64_t)data.st_size;
    *index_out = (uint64_t)index.st_size;
    return MEF3_OK;
}

/* Behind `end`; what was there of a write that broke off goes. */
static bool put(const struct record_files *files, int fd, uint64_t end, const uint8_t *bytes,
                size_t n)
{
    return ftruncate(fd, (off_t)end) == 0 && writer_files_put_all(fd, end, bytes, n) &&
           (!files->writer->durable || fdatasync(fd) == 0);
}

/* As it was, when what there was no room for has failed. If not even that can be done: a part of
 * a record is told from a whole one. */
static int take_back(const struct record_files *files, const char *type, struct mef3_error *error)
{
    int status = fail(files->r, type, "writing", error);

    if (ftruncate(files->data, (off_t)files->r->data_bytes) == 0 &&
        ftruncate(files->index, (off_t)files->r->index_bytes) == 0)
        return status;
    return status;
}

static bool put_header(const struct record_files *files, int fd, const uint8_t header[UH_BYTES])
{
    return writer_files_put_all(fd, 0, header, UH_BYTES) &&
           (!files->writer->durable || fsync(fd) == 0);
}

static bool sync_folder(const struct record_files *files)
{
    char path[PATH_MAX];

    if (!file_path(files->writer, files->r, "rdat", NULL, path))
        return false;
    *strrchr(path, '/') = '\0';
    return writer_files_sync_folder(files->writer, path);
}

int record_files_append(const struct record_files *files, const struct record_bytes *bytes,
                        const struct writer_records *r_now, struct mef3_error *error)
{
    const struct writer_records *r = files->r;

    if (!put(files, files->data, r->data_bytes, bytes->data, bytes->n_data))
        return take_back(files, "rdat", error);
    if (!put(files, files->index, r->index_bytes, bytes->index, bytes->n_index))
        return take_back(files, "ridx", error);
    if (!put_header(files, files->index, r_now->index_header))
        return fail(r, "ridx", "writing", error);
    if (!put_header(files, files->data, r_now->data_header))
        return fail(r, "rdat", "writing", error);
    return sync_folder(files) ? MEF3_OK : fail(r, "rdat", "writing to the disk", error);
}

void record_files_remove(const struct mef3_writer *writer, const struct writer_records *r)
{
    char path[PATH_MAX];

    if (file_path(writer, r, "ridx", NULL, path))
        unlink(path);
    if (file_path(writer, r, "rdat", NULL, path))
        unlink(path);
}

/* cmd_extract.c - `mef3 extract`: a session from its tar file into a folder. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli.h"
#include "files.h"
#include "new_folder.h"
#include "progress.h"

struct extraction {
    struct mef3_source *source;
    const char *path; /* of the archive */
    const char *to;   /* the new folder */
    int fd;           /* the file that is being written */
    int error;        /* errno of what could not be written; 0: none */
    uint64_t bytes;
    struct progress bar;
};

static bool put_bytes(void *arg, const void *bytes, size_t n)
{
    struct extraction *e = arg;
    const char *at = bytes;

    e->bytes += n;
    progress_add(&e->bar, n);
    while (n > 0 && e->error == 0) {
        ssize_t written = write(e->fd, at, n);
        if (written < 0 && errno != EINTR)
            e->error = errno;
        if (written > 0) {
            at += written;
            n -= (size_t)written;
        }
    }
    return e->error == 0 && !cli_interrupted();
}

/* Paths of an archive's members are clean: none leads out of the new folder, in which there was
 * nothing, no link either. */
static int put_file(struct extraction *e, const char *inner, const char *path,
                    struct mef3_error *error)
{
    const struct mef3_source *source = e->source;
    bool is_left_out;
    uint64_t bytes;
    void *file;
    int status = source->ops->open(source->self, inner, &file, &bytes);

    if (status != MEF3_OK)
        return mef3_error_set(error, status, inner, -1, NULL, NULL, NULL);
    e->fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
    if (e->fd < 0)
        e->error = errno;
    else
        status = files_read(source, file, inner, bytes, put_bytes, e, &is_left_out, error);
    /* Some filing systems tell only now that the disk is full. */
    if (e->fd >= 0 && close(e->fd) != 0 && e->error == 0)
        e->error = errno;
    source->ops->close(source->self, file);
    return status;
}

/* MEF3_OK also when writing failed or it was interrupted: the caller asks. */
static int put_all(struct extraction *e, const struct files *files, struct mef3_error *error)
{
    int status = MEF3_OK;

    for (size_t i = 0; i < files->n && status == MEF3_OK && e->error == 0; i++) {
        const struct files_entry *entry = &files->items[i];
        char *path;
        if (cli_interrupted())
            break;
        if (asprintf(&path, "%s/%s", e->to, entry->path) < 0)
            return mef3_error_set(error, MEF3_ENOMEM, entry->path, -1, NULL, NULL, NULL);
        if (!entry->is_folder)
            status = put_file(e, entry->path, path, error);
        else if (mkdir(path, 0777) != 0)
            e->error = errno;
        free(path);
    }
    return status;
}

static int extract(struct extraction *e, const struct files *files, const char *place)
{
    struct new_folder folder;
    struct mef3_error error;

    if (!new_folder_open(place, &folder))
        return errno == EEXIST
                   ? cli_fail(CLI_IO, "%s: exists already; remove it, or name another", place)
                   : cli_fail(CLI_IO, "%s: cannot be written: %s; check the folder it is to be in",
                              place, strerror(errno));
    e->to = folder.temporary;
    progress_start(&e->bar, "unpacking", 0, PROGRESS_BYTES);
    int status = put_all(e, files, &error);
    progress_end(&e->bar);
    bool is_whole = status == MEF3_OK && e->error == 0 && !cli_interrupted();
    if (!new_folder_close(&folder, is_whole))
        e->error = errno;
    if (status != MEF3_OK)
        return cli_fail_error(&error, e->path, NULL);
    if (e->error)
        return cli_fail(CLI_IO, "%s: cannot be written: %s; check the disk", place,
                        strerror(e->error));
    if (!is_whole)
        return cli_fail(CLI_IO, "%s: interrupted, nothing is left of it; start anew", place);
    printf("%s: %zu files and folders, %llu bytes in them\n", place, files->n,
           (unsigned long long)e->bytes);
    return CLI_FINE;
}

static int extract_from(const char *path, const char *place)
{
    struct mef3_source source;
    struct extraction e = {.source = &source, .path = path};
    struct mef3_error error;
    struct files files = {0};
    int status = mef3_source_tar(path, NULL, &source, &error);

    if (status != MEF3_OK) {
        error.file[0] = '\0'; /* it is the path, which is said anyway */
        return cli_fail_error(&error, path, NULL);
    }
    status = files_list(&source, &files, &error);
    int exit_status =
        status == MEF3_OK ? extract(&e, &files, place) : cli_fail_error(&error, path, NULL);
    files_free(&files);
    mef3_source_fini(&source);
    return exit_status;
}

static bool names_a_session(const char *place)
{
    size_t n = strlen(place);

    while (n > 0 && place[n - 1] == '/')
        n--;
    return n > 5 && memcmp(place + n - 5, ".mefd", 5) == 0;
}

static int run(const struct cli_command *self, int argc, char **argv)
{
    static const struct option longs[] = {{0}};

    if (cli_option(self, argc, argv, "", longs) != -1)
        return CLI_USAGE;
    int n = argc - optind;
    if (n < 1 || n > 2)
        return cli_wrong_use(self, "one archive is wanted, and where to write to");
    const char *path = argv[optind];
    size_t n_path = strlen(path);
    char *place = n == 2 ? strdup(argv[optind + 1])
                         : strndup(path, n_path > 4 ? n_path - 4 : 0); /* without ".tar" */
    if (!place)
        return cli_fail(CLI_IO, "out of memory; try again with more");
    cli_catch_interrupts();
    int exit_status = n == 1 || names_a_session(place)
                          ? extract_from(path, place)
                          : cli_wrong_use(self, "the output folder's name must end in .mefd");
    free(place);
    return exit_status;
}

const struct cli_command cmd_extract = {
    .name = "extract",
    .arguments = "SESSION.mefd.tar [OUT.mefd]",
    .summary = "unpack a recording from its tar file into a folder",
    .help = "OUT.mefd is a new folder; SESSION.mefd beside the archive where none is named. It "
            "appears\n"
            "when all is in it. Whatever the archive says, nothing is written anywhere else; what\n"
            "begins with a dot, and what lies beside the recording in the archive, is left out.\n",
    .run = run,
};

/* cmd_archive.c - `mef3 archive`: a session in one tar file. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli.h"
#include "files.h"
#include "output.h"
#include "progress.h"
#include "tar_write.h"

static bool ends_in(const char *path, const char *suffix)
{
    size_t n = strlen(path), n_suffix = strlen(suffix);

    return n > n_suffix && strcmp(path + n - n_suffix, suffix) == 0;
}

/* Who opens a session reads its metadata, then its indices: they come first, together. Writers of
 * recordings change them last, so that what is read of the data later is never less than they say.
 */
static int rank_of(const struct files_entry *entry)
{
    static const char *const suffixes[] = {".tmet", ".vmet", ".tidx", ".ridx", ".vidx"};
    enum { N = sizeof suffixes / sizeof suffixes[0] };

    for (int i = 0; i < N && !entry->is_folder; i++)
        if (ends_in(entry->path, suffixes[i]))
            return i + 1;
    return entry->is_folder ? 0 : N + 1;
}

static int by_rank_and_path(const void *a, const void *b)
{
    const struct files_entry *x = a, *y = b;
    int difference = rank_of(x) - rank_of(y);

    return difference ? difference : strcmp(x->path, y->path);
}

/* What is written: beneath the folder SESSION.mefd. */
struct archive {
    const struct mef3_source *source;
    const char *path; /* of the session, as the user named it */
    FILE *to;
    uint64_t bytes; /* of contents so far */
    struct progress bar;
};

static bool put_bytes(void *arg, const void *bytes, size_t n)
{
    struct archive *archive = arg;

    archive->bytes += n;
    progress_add(&archive->bar, n);
    return fwrite(bytes, 1, n, archive->to) == n && !cli_interrupted();
}

static bool put_header(const struct archive *archive, const struct files_entry *entry,
                       uint64_t bytes)
{
    char *path;

    if (asprintf(&path, "%s.mefd/%s%s", archive->source->name, entry ? entry->path : "",
                 entry && entry->is_folder ? "/" : "") < 0)
        return false;
    bool is_put = tar_write_header(archive->to, path, bytes, !entry || entry->is_folder);
    free(path);
    return is_put;
}

static int put_file(struct archive *archive, const struct files_entry *entry,
                    struct mef3_error *error)
{
    const struct mef3_source *source = archive->source;
    bool is_left_out = false;
    uint64_t bytes;
    void *file;
    int status = source->ops->open(source->self, entry->path, &file, &bytes);

    if (status != MEF3_OK)
        return mef3_error_set(error, status, entry->path, -1, NULL, NULL, NULL);
    if (!put_header(archive, entry, bytes))
        status = mef3_error_set(error, MEF3_ENOMEM, entry->path, -1, NULL, NULL, NULL);
    if (status == MEF3_OK)
        status =
            files_read(source, file, entry->path, bytes, put_bytes, archive, &is_left_out, error);
    source->ops->close(source->self, file);
    tar_write_padding(archive->to, bytes);
    return status;
}

/* MEF3_OK also when writing failed or it was interrupted: the caller asks. */
static int put_all(struct archive *archive, const struct files *files, struct mef3_error *error)
{
    int status = MEF3_OK;

    if (!put_header(archive, NULL, 0))
        return mef3_error_set(error, MEF3_ENOMEM, NULL, -1, NULL, NULL, NULL);
    for (size_t i = 0; status == MEF3_OK && i < files->n; i++) {
        if (cli_interrupted() || ferror(archive->to))
            return MEF3_OK;
        if (!files->items[i].is_folder)
            status = put_file(archive, &files->items[i], error);
        else if (!put_header(archive, &files->items[i], 0))
            status = mef3_error_set(error, MEF3_ENOMEM, files->items[i].path, -1, NULL, NULL, NULL);
    }
    tar_write_end(archive->to);
    return status;
}

static int write_archive(struct archive *archive, const struct files *files, const char *place)
{
    struct output output;
    struct mef3_error error;
    bool is_file = strcmp(place, "-") != 0;

    if (!output_open(place, &output))
        return cli_fail(CLI_IO, "%s: cannot be written: %s; check folder and disk", place,
                        strerror(errno));
    archive->to = output.file;
    progress_start(&archive->bar, "writing", 0, PROGRESS_BYTES);
    int status = put_all(archive, files, &error);
    progress_end(&archive->bar);
    bool is_whole = output_close(&output, status == MEF3_OK && !cli_interrupted());
    if (status != MEF3_OK)
        return cli_fail_error(&error, archive->path, NULL);
    if (cli_interrupted())
        return cli_fail(CLI_IO, "%s: interrupted%s; start anew", place,
                        is_file ? ", nothing is left of it" : "");
    if (!is_whole)
        return cli_fail(CLI_IO, "%s: cannot be written: %s; check the disk", place,
                        strerror(errno));
    if (is_file)
        printf("%s: %zu files and folders, %llu bytes in them\n", place, files->n,
               (unsigned long long)archive->bytes);
    return CLI_FINE;
}

/* Where to write to, in *place_out, to be freed; the exit status where that cannot be. */
static int choose_place(const struct cli_command *self, const char *path, const char *given,
                        char **place_out)
{
    size_t n = strlen(path);
    struct stat facts;

    while (n > 0 && path[n - 1] == '/')
        n--;
    bool is_folder = n > 5 && memcmp(path + n - 5, ".mefd", 5) == 0;
    if (!given && !is_folder)
        return cli_wrong_use(self, "an output file is needed");
    if (given && strcmp(given, "-") != 0 && !ends_in(given, ".mefd.tar"))
        return cli_wrong_use(self, "the output file's name must end in .mefd.tar");
    if (given && strcmp(given, "-") == 0 && isatty(STDOUT_FILENO))
        return cli_fail(CLI_USAGE, "a terminal cannot show an archive; name a file, or pipe it on");
    char *place = NULL;
    if ((given ? asprintf(&place, "%s", given) : asprintf(&place, "%.*s.tar", (int)n, path)) < 0)
        return cli_fail(CLI_IO, "out of memory; try again with more");
    if (strcmp(place, "-") != 0 && lstat(place, &facts) == 0) {
        int exit_status = cli_fail(CLI_IO, "%s: exists already; remove it, or name another", place);
        free(place);
        return exit_status;
    }
    *place_out = place;
    return CLI_FINE;
}

static int archive_to(const char *path, const char *place)
{
    struct archive archive = {.path = path};
    struct mef3_source source;
    struct mef3_error error;
    struct files files = {0};
    int status = mef3_source_path(path, NULL, &source, &error);

    if (status != MEF3_OK) {
        error.file[0] = '\0'; /* it is the path, which is said anyway */
        return cli_fail_error(&error, path, "name a SESSION.mefd that can be read");
    }
    status = files_list(&source, &files, &error);
    if (status == MEF3_OK && files.n > 1)
        qsort(files.items, files.n, sizeof *files.items, by_rank_and_path);
    archive.source = &source;
    int exit_status = status == MEF3_OK ? write_archive(&archive, &files, place)
                                        : cli_fail_error(&error, path, NULL);
    files_free(&files);
    mef3_source_fini(&source);
    return exit_status;
}

static int run(const struct cli_command *self, int argc, char **argv)
{
    static const struct option longs[] = {{0}};
    char *place = NULL;

    if (cli_option(self, argc, argv, "", longs) != -1)
        return CLI_USAGE;
    int n = argc - optind;
    if (n < 1 || n > 2)
        return cli_wrong_use(self, "one recording is wanted, and where to write to");
    int exit_status = choose_place(self, argv[optind], n == 2 ? argv[optind + 1] : NULL, &place);
    if (exit_status != CLI_FINE)
        return exit_status;
    cli_catch_interrupts();
    exit_status = archive_to(argv[optind], place);
    free(place);
    return exit_status;
}

const struct cli_command cmd_archive = {
    .name = "archive",
    .arguments = "SESSION [OUT.mefd.tar]",
    .summary = "put a recording into one file, which is read as it is",
    .help =
        "OUT.mefd.tar is a new file; SESSION.mefd.tar beside SESSION.mefd where none is named; -\n"
        "is standard output. It is a plain, uncompressed tar, which any tar program unpacks, and\n"
        "mef3, mef3d and mef3io read as it is. The same recording makes the same bytes:\n"
        "times and owners of files are left out, and so is what begins with a dot.\n",
    .run = run,
};

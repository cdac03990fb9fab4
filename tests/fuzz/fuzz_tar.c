/* fuzz_tar.c - a tar of any bytes: its members found, listed and read, and the session in it.
 *
 * An input is a byte (1: make the checksum of each header true) and the archive. */
#include <stdlib.h>
#include <string.h>

#include <mef3/session.h>

#include "help/tar_maker.h"
#include "source_tar.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

enum { BLOCK = 512, AT_MAGIC = 257, MOST_PATH = 4096 };

struct archive {
    uint8_t *bytes;
    size_t n;
    size_t n_read; /* of contents, in all */
};

static void require(bool condition)
{
    if (!condition)
        abort();
}

static int read_archive(void *self, uint64_t offset, void *bytes_out, size_t n, size_t *n_out)
{
    const struct archive *archive = self;

    require(n > 0 && offset < archive->n); /* nothing beyond its end is asked for */
    *n_out = n < archive->n - offset ? n : archive->n - (size_t)offset;
    memcpy(bytes_out, archive->bytes + offset, *n_out);
    return MEF3_OK;
}

/* Whatever stands where a header may. */
static void seal(const struct archive *archive)
{
    for (size_t at = 0; archive->n - at >= BLOCK; at += BLOCK)
        if (memcmp(archive->bytes + at + AT_MAGIC, "ustar", 5) == 0)
            tar_maker_seal(archive->bytes + at);
}

static void check_name(const char *name)
{
    require(name[0] && strlen(name) <= 255 && !strchr(name, '/'));
    require(strcmp(name, ".") != 0 && strcmp(name, "..") != 0);
}

/* One folder's listing. The path is one for all: they may be a thousand deep. */
struct walk {
    const struct mef3_source *source;
    struct archive *archive;
    char *path;     /* of the folder; 4096 bytes */
    char last[256]; /* the name before this one */
};

/* Not made part of each_name, whose frames are many. */
static __attribute__((noinline)) void read_file(const struct walk *walk, const char *path)
{
    const struct mef3_source *source = walk->source;
    uint8_t piece[4096];
    uint64_t bytes, length;
    size_t got;
    void *file;

    require(source->ops->open(source->self, path, &file, &bytes) == MEF3_OK);
    require(bytes <= walk->archive->n);
    require(source->ops->length(source->self, file, &length) == MEF3_OK && length == bytes);
    for (uint64_t at = 0; at < bytes; at += got) {
        require(source->ops->read(source->self, file, at, piece, sizeof piece, &got) == MEF3_OK);
        require(got == (bytes - at < sizeof piece ? bytes - at : sizeof piece));
    }
    require(source->ops->read(source->self, file, bytes, piece, 1, &got) == MEF3_OK && got == 0);
    source->ops->close(source->self, file);
    /* Members do not overlap. */
    walk->archive->n_read += (size_t)bytes;
    require(walk->archive->n_read <= walk->archive->n);
}

static int each_name(void *arg, const char *name, bool is_folder)
{
    struct walk *walk = arg;
    struct walk inner = {walk->source, walk->archive, walk->path, ""};
    char *end = walk->path + strlen(walk->path);
    uint64_t bytes;
    void *file;

    check_name(name);
    require(strcmp(name, walk->last) != 0);
    strcpy(walk->last, name);
    require(strlen(walk->path) + strlen(name) + 2 <= MOST_PATH);
    strcpy(end, end > walk->path ? "/" : "");
    strcat(end, name);
    if (!is_folder) {
        read_file(walk, walk->path);
    } else {
        require(walk->source->ops->open(walk->source->self, walk->path, &file, &bytes) ==
                MEF3_EFORMAT);
        /* What is being listed must not change. */
        char *folder = strdup(walk->path);
        require(folder);
        require(walk->source->ops->list(walk->source->self, folder, each_name, &inner) == MEF3_OK);
        free(folder);
    }
    *end = '\0';
    return 0;
}

/* The session, if it is one. Its bytes are another target's affair. */
static void open_session(struct mef3_source *source)
{
    struct mef3_session *session;
    struct mef3_error error;

    if (mef3_session_open(source, NULL, &session, &error) != MEF3_OK)
        return;
    for (size_t i = 0; i < mef3_session_info(session)->n_channels; i++)
        require(mef3_channel_info(session, i)->name[0]);
    mef3_session_close(session);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    struct archive archive = {0};
    struct mef3_source source = {0};
    struct mef3_error error;
    char text[1024];

    if (n < 1)
        return 0;
    archive.n = n - 1;
    archive.bytes = malloc(archive.n + 1);
    require(archive.bytes);
    memcpy(archive.bytes, bytes + 1, archive.n);
    if (bytes[0] & 1)
        seal(&archive);
    struct tar_input input = {.self = &archive, .bytes = archive.n, .read = read_archive};
    int status = source_tar_over(&input, "x.mefd.tar", &source, &error);
    if (status == MEF3_OK) {
        char path[MOST_PATH] = "";
        struct walk walk = {&source, &archive, path, ""};
        require(source.ops->list(source.self, "", each_name, &walk) == MEF3_OK);
        require(source.name[0] && !strchr(source.name, '/'));
        open_session(&source);
    } else {
        require(!source.ops && error.status == status && error.offset <= (int64_t)archive.n);
        mef3_error_text(&error, text, sizeof text);
    }
    free(archive.bytes);
    return 0;
}

/* files.c - all files of a session, through its source. */
#include "files.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A session has folders of channels, and in those of segments. */
enum { DEEPEST = 8, PIECE = 1 << 20 };

struct listing {
    struct files files;
    const char *folder;
};

void files_free(struct files *files)
{
    for (size_t i = 0; i < files->n; i++)
        free(files->items[i].path);
    free(files->items);
    *files = (struct files){0};
}

static int add_name(void *arg, const char *name, bool is_folder)
{
    struct listing *listing = arg;
    struct files *files = &listing->files;
    char *path;

    if (name[0] == '.')
        return MEF3_OK;
    if (files->n == files->room) {
        size_t room = files->room ? 2 * files->room : 64;
        struct files_entry *items = realloc(files->items, room * sizeof *items);
        if (!items)
            return MEF3_ENOMEM;
        files->items = items;
        files->room = room;
    }
    if (asprintf(&path, "%s%s%s", listing->folder, listing->folder[0] ? "/" : "", name) < 0)
        return MEF3_ENOMEM;
    files->items[files->n++] = (struct files_entry){path, is_folder};
    return MEF3_OK;
}

static int depth_of(const char *path)
{
    int depth = 0;

    for (; *path; path++)
        depth += *path == '/';
    return depth;
}

int files_list(const struct mef3_source *source, struct files *files_out, struct mef3_error *error)
{
    struct listing listing = {.folder = ""};
    int status = source->ops->list(source->self, "", add_name, &listing);

    /* What is found in a folder is added at the end, and its turn comes. */
    for (size_t i = 0; status == MEF3_OK && i < listing.files.n; i++) {
        if (!listing.files.items[i].is_folder)
            continue;
        listing.folder = listing.files.items[i].path;
        status = depth_of(listing.folder) < DEEPEST
                     ? source->ops->list(source->self, listing.folder, add_name, &listing)
                     : MEF3_ELIMIT;
    }
    if (status != MEF3_OK) {
        mef3_error_set(error, status, listing.folder, -1, NULL, NULL, NULL);
        files_free(&listing.files);
        return status;
    }
    *files_out = listing.files;
    return MEF3_OK;
}

int files_read(const struct mef3_source *source, void *file, const char *path, uint64_t n,
               files_bytes_fn *take, void *arg, bool *is_left_out, struct mef3_error *error)
{
    uint8_t *piece = malloc(PIECE);
    int status = piece ? MEF3_OK : MEF3_ENOMEM;
    uint64_t at = 0;

    *is_left_out = false;
    while (status == MEF3_OK && at < n && !*is_left_out) {
        size_t wanted = n - at < PIECE ? (size_t)(n - at) : PIECE;
        size_t got = 0;
        status = source->ops->read(source->self, file, at, piece, wanted, &got);
        if (status == MEF3_OK && got < wanted)
            status = MEF3_ECHANGED;
        if (status == MEF3_OK)
            *is_left_out = !take(arg, piece, got);
        at += got;
    }
    free(piece);
    return status == MEF3_OK ? status
                             : mef3_error_set(error, status, path, (int64_t)at, NULL, NULL, NULL);
}

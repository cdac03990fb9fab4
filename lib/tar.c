/* tar.c - the files of a session in an uncompressed tar: where each begins, how long it is. */
#define _GNU_SOURCE 1 /* qsort_r */

#include "tar.h"

#include <stdlib.h>
#include <string.h>

#include "tar_header.h"
#include "tar_walk.h"

/* Where an item stands to a path: before it, there, in it (it is a folder then), behind. */
enum place { BEFORE = -1, THERE, BENEATH, BEYOND };

static const char *path_of(const struct tar *tar, size_t i)
{
    return tar->paths + tar->items[i].path;
}

/* "/" comes before any other byte. */
static int rank(char c)
{
    return c == '/' ? 1 : c == '\0' ? 0 : (unsigned char)c + 1;
}

static enum place place_of(const char *item, const char *path, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (item[i] != path[i])
            return rank(item[i]) < rank(path[i]) ? BEFORE : BEYOND;
    return item[n] == '\0' ? THERE : item[n] == '/' ? BENEATH : BEYOND;
}

/* The first item whose place is `least` or later. */
static size_t first_with(const struct tar *tar, const char *path, size_t n, enum place least)
{
    size_t low = 0, high = tar->n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (place_of(path_of(tar, middle), path, n) < least)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

struct tar_member *tar_find(const struct tar *tar, const char *path)
{
    size_t n = strlen(path);
    size_t i = first_with(tar, path, n, THERE);

    return i < tar->n && place_of(path_of(tar, i), path, n) == THERE ? &tar->items[i] : NULL;
}

bool tar_is_folder(const struct tar *tar, const char *path)
{
    size_t n = strlen(path);
    size_t i = first_with(tar, path, n, THERE);
    enum place place = i < tar->n ? place_of(path_of(tar, i), path, n) : BEYOND;

    return n == 0 || place == BENEATH || (place == THERE && tar->items[i].is_folder);
}

int tar_list(const struct tar *tar, const char *folder, mef3_name_fn *each, void *arg)
{
    size_t n = strlen(folder);
    size_t i = n > 0 ? first_with(tar, folder, n, BENEATH) : 0;
    size_t end = n > 0 ? first_with(tar, folder, n, BEYOND) : tar->n;
    size_t skipped = n > 0 ? n + 1 : 0;
    char name[TAR_PART_MAX + 1];

    if (!tar_is_folder(tar, folder))
        return MEF3_ENOENT;
    while (i < end) {
        const char *path = path_of(tar, i);
        size_t n_name = strcspn(path + skipped, "/");
        bool is_folder = path[skipped + n_name] == '/' || tar->items[i].is_folder;
        memcpy(name, path + skipped, n_name);
        name[n_name] = '\0';
        int status = each(arg, name, is_folder);
        if (status != 0)
            return status;
        i = first_with(tar, path, skipped + n_name, BEYOND);
    }
    return MEF3_OK;
}

/* The later one of the same path stands behind. */
static int by_path(const void *a, const void *b, void *arg)
{
    const struct tar_member *x = a, *y = b;
    const char *paths = arg;
    const char *s = paths + x->path, *t = paths + y->path;

    for (; *s && *s == *t; s++)
        t++;
    if (*s != *t)
        return rank(*s) - rank(*t);
    return (x->at > y->at) - (x->at < y->at);
}

static int refuse(const char *name, struct mef3_error *error, const char *expected,
                  const char *found)
{
    return mef3_error_set(error, MEF3_EFORMAT, name, -1, "names of members", expected, found);
}

/* Sort, and leave of each path the last. MEF3_EFORMAT: something is both file and folder. */
static int settle(struct tar *tar, const char *name, struct mef3_error *error)
{
    size_t kept = 0;

    if (tar->n > 1)
        qsort_r(tar->items, tar->n, sizeof *tar->items, by_path, tar->paths);
    for (size_t i = 0; i < tar->n; i++) {
        const struct tar_member *before = kept > 0 ? &tar->items[kept - 1] : NULL;
        const char *above = before ? tar->paths + before->path : "";
        enum place place = before ? place_of(path_of(tar, i), above, strlen(above)) : BEYOND;
        if ((place == BENEATH && !before->is_folder) ||
            (place == THERE && before->is_folder != tar->items[i].is_folder))
            return refuse(name, error, "a file or a folder", above);
        if (place == THERE)
            kept--;
        tar->items[kept++] = tar->items[i];
    }
    tar->n = kept;
    return MEF3_OK;
}

static bool ends_in(const char *name, size_t n, const char *suffix)
{
    size_t n_suffix = strlen(suffix);

    return n > n_suffix && name[0] != '.' && memcmp(name + n - n_suffix, suffix, n_suffix) == 0;
}

/* Bytes of the path up to the end of the first folder whose name ends so; 0: none. */
static size_t to_folder(const char *path, bool is_folder, const char *suffix)
{
    for (size_t at = 0;;) {
        size_t n = strcspn(path + at, "/");
        bool is_inner = path[at + n] == '/';
        if ((is_inner || is_folder) && ends_in(path + at, n, suffix))
            return at + n;
        if (!is_inner)
            return 0;
        at += n + 1;
    }
}

static bool is_channel(const char *path, bool is_folder)
{
    return to_folder(path, is_folder, ".timd") > 0 || to_folder(path, is_folder, ".vidd") > 0;
}

/* The only folder at the top, where it is no channel and holds something. */
static size_t find_lone_folder(const struct tar *tar, const char **path_out)
{
    size_t n_lone = 0;
    size_t n;

    for (size_t i = 0; i < tar->n; i = first_with(tar, path_of(tar, i), n, BEYOND)) {
        const char *path = path_of(tar, i);
        n = strcspn(path, "/");
        if ((path[n] != '/' && !tar->items[i].is_folder) || path[0] == '.')
            continue;
        if (n_lone > 0 || ends_in(path, n, ".timd") || ends_in(path, n, ".vidd"))
            return 0;
        n_lone = n;
        *path_out = path;
    }
    return n_lone;
}

/* The session's folder: *path_out begins with it. */
static int find_folder(const struct tar *tar, const char *name, const char **path_out,
                       size_t *n_out, struct mef3_error *error)
{
    const char *found = "";
    size_t n_found = 0;

    for (size_t i = 0; i < tar->n; i++) {
        const char *path = path_of(tar, i);
        size_t n = to_folder(path, tar->items[i].is_folder, ".mefd");
        if (n == 0)
            continue;
        if (n_found > 0 && (n != n_found || memcmp(path, found, n) != 0))
            return refuse(name, error, "one session", "more than one folder *.mefd");
        found = path;
        n_found = n;
    }
    *n_out = n_found > 0 ? n_found : find_lone_folder(tar, &found);
    *path_out = found;
    return MEF3_OK;
}

/* Keep what is in the session's folder, by its path from there. */
static int enter(struct tar *tar, const char *name, struct mef3_error *error)
{
    const char *folder = "";
    size_t n = 0, kept = 0;
    int status = find_folder(tar, name, &folder, &n, error);

    if (status != MEF3_OK || n == 0)
        return status;
    size_t last = n;
    while (last > 0 && folder[last - 1] != '/')
        last--;
    if (ends_in(folder + last, n - last, ".mefd")) {
        memcpy(tar->folder, folder + last, n - last);
        tar->folder[n - last] = '\0';
    }
    for (size_t i = 0; i < tar->n; i++) {
        const char *path = path_of(tar, i);
        enum place place = place_of(path, folder, n);
        if (place != BENEATH && place != THERE && is_channel(path, tar->items[i].is_folder))
            return refuse(name, error, "one session", "a channel beside its folder");
        if (place != BENEATH)
            continue;
        tar->items[kept] = tar->items[i];
        tar->items[kept++].path += n + 1;
    }
    tar->n = kept;
    return MEF3_OK;
}

int tar_open(const struct tar_input *input, const char *name, struct tar *tar_out,
             struct mef3_error *error)
{
    struct tar tar = {0};
    int status = tar_walk(input, name, &tar, error);

    if (status == MEF3_OK)
        status = settle(&tar, name, error);
    if (status == MEF3_OK)
        status = enter(&tar, name, error);
    if (status != MEF3_OK) {
        tar_fini(&tar);
        return status;
    }
    *tar_out = tar;
    return MEF3_OK;
}

void tar_fini(struct tar *tar)
{
    free(tar->items);
    free(tar->paths);
    memset(tar, 0, sizeof *tar);
}

/* ls_find.c - the recordings beneath a folder: folders *.mefd, and tar files *.mefd.tar. */
#include "ls.h"

#include <errno.h>
#include <fts.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Deeper than any collection, and soon enough where somebody has made a well of folders. */
enum { DEEPEST = 64 };

static bool ends_in(const char *name, const char *end)
{
    size_t n = strlen(name);
    size_t m = strlen(end);

    return n > m && strcmp(name + n - m, end) == 0;
}

static bool add(struct ls_list *list, const char *path)
{
    if (list->n == list->room) {
        size_t room = list->room ? 2 * list->room : 64;
        struct ls_facts *items = realloc(list->items, room * sizeof *items);
        if (!items)
            return false;
        list->items = items;
        list->room = room;
    }
    char *copy = strdup(strncmp(path, "./", 2) == 0 && path[2] ? path + 2 : path);
    if (!copy)
        return false;
    list->items[list->n++] = (struct ls_facts){.path = copy};
    return true;
}

static bool cannot_list(struct ls_list *list, const FTSENT *entry)
{
    if (list->n_unreadable++ > 0)
        return true;
    list->unreadable_errno = entry->fts_errno;
    list->unreadable = strdup(entry->fts_path);
    return list->unreadable != NULL;
}

/* Links are followed here, and nowhere else. */
static bool is_recording(const FTSENT *entry)
{
    bool is_tar = ends_in(entry->fts_name, ".mefd.tar");
    struct stat st;

    if (!is_tar && !ends_in(entry->fts_name, ".mefd"))
        return false;
    if (entry->fts_info == FTS_SL)
        return stat(entry->fts_accpath, &st) == 0 &&
               (is_tar ? S_ISREG(st.st_mode) : S_ISDIR(st.st_mode));
    return entry->fts_info == (is_tar ? FTS_F : FTS_D);
}

static bool take(struct ls_list *list, FTS *walk, FTSENT *entry)
{
    if (is_recording(entry)) {
        fts_set(walk, entry, FTS_SKIP);
        return add(list, entry->fts_path);
    }
    switch (entry->fts_info) {
    case FTS_D:
        if (entry->fts_level >= DEEPEST)
            fts_set(walk, entry, FTS_SKIP);
        return true;
    case FTS_DNR:
    case FTS_ERR:
    case FTS_NS:
        return cannot_list(list, entry);
    default:
        return true;
    }
}

static int by_name(const FTSENT **a, const FTSENT **b)
{
    return strcmp((*a)->fts_name, (*b)->fts_name);
}

bool ls_find(struct ls_list *list, const char *folder)
{
    size_t n = strlen(folder);
    char *root = strdup(folder);
    bool is_whole = root != NULL;

    if (!root)
        return false;
    while (n > 1 && root[n - 1] == '/') /* else paths beneath it begin with two */
        root[--n] = '\0';
    char *roots[] = {root, NULL};
    FTS *walk = fts_open(roots, FTS_PHYSICAL | FTS_COMFOLLOW | FTS_NOCHDIR, by_name);
    for (FTSENT *entry; walk && is_whole && (errno = 0, entry = fts_read(walk));)
        is_whole = take(list, walk, entry);
    if (!walk || errno == ENOMEM)
        is_whole = false;
    if (walk)
        fts_close(walk);
    free(root);
    return is_whole;
}

void ls_fini(struct ls_list *list)
{
    for (size_t i = 0; i < list->n; i++)
        free(list->items[i].path);
    free(list->items);
    free(list->unreadable);
}

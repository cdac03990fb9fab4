/* tell_list.c - which recordings there are beneath the roots. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/character.h"
#include "decode/tell.h"

/* More is no folder of recordings that a person looks through. */
enum { MOST_FOUND = 20000, MOST_ENTRIES = 1000000, MOST_DEPTH = 16 };

struct walk {
    const struct roots *roots;
    const char *wanted; /* what a path must contain, letters large or small */
    json_t *found;      /* NULL: out of memory */
    size_t n_entries;
    bool is_cut;
    char path[PATH_MAX]; /* from the root on */
};

static void add(struct walk *walk)
{
    char canonical[PATH_MAX], text[ANSWER_TEXT];
    const char *root;

    /* The first root that has it serves it, so a path is told once; and one that leads out
     * of all roots is not told. */
    if (roots_resolve(walk->roots, walk->path, canonical, &root, text, sizeof text) != MEF3_OK)
        return;
    if (json_array_size(walk->found) == MOST_FOUND) {
        walk->is_cut = true;
        return;
    }
    json_t *row = json_pack("{s:s}", "path", walk->path);
    if (!row || json_array_append_new(walk->found, row) != 0) {
        json_decref(walk->found);
        walk->found = NULL;
    }
}

/* A name that is not UTF-8 can be asked for by nobody. */
static bool is_text(const char *name)
{
    size_t n = strlen(name), length = 1;

    for (; n > 0 && length > 0; name += length, n -= length)
        length = character_length((const uint8_t *)name, n);
    return length > 0;
}

static bool ends_with(const char *name, const char *suffix)
{
    size_t n = strlen(name), n_suffix = strlen(suffix);

    return n > n_suffix && strcmp(name + n - n_suffix, suffix) == 0;
}

static void walk_folder(struct walk *walk, int folder, size_t n_path, unsigned depth);

/* A folder, or a link to one, or a tar file. */
static bool may_be_one(const struct dirent *entry)
{
    return entry->d_type == DT_DIR || entry->d_type == DT_LNK || entry->d_type == DT_UNKNOWN ||
           (entry->d_type == DT_REG && ends_with(entry->d_name, ".mefd.tar"));
}

/* A name in a folder: a recording, or a folder in which there may be some. Links to folders
 * are not followed, but that a recording may be one: so a walk ends. */
static void visit(struct walk *walk, int folder, const char *name, size_t n_path, unsigned depth)
{
    int n =
        snprintf(walk->path + n_path, sizeof walk->path - n_path, "%s%s", n_path ? "/" : "", name);

    if (n < 0 || (size_t)n >= sizeof walk->path - n_path || !is_text(name))
        return;
    if (ends_with(name, ".mefd") || ends_with(name, ".mefd.tar")) {
        if (strcasestr(walk->path, walk->wanted))
            add(walk);
        return;
    }
    if (depth == MOST_DEPTH) {
        walk->is_cut = true;
        return;
    }
    int fd = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
    if (fd >= 0)
        walk_folder(walk, fd, n_path + (size_t)n, depth + 1);
}

/* Takes the descriptor. A folder that cannot be read is passed over. */
static void walk_folder(struct walk *walk, int folder, size_t n_path, unsigned depth)
{
    DIR *stream = fdopendir(folder);
    struct dirent *entry;

    if (!stream) {
        close(folder);
        return;
    }
    while (walk->found && (entry = readdir(stream))) {
        if (entry->d_name[0] == '.' || !may_be_one(entry))
            continue;
        if (++walk->n_entries > MOST_ENTRIES) {
            walk->is_cut = true;
            break;
        }
        visit(walk, folder, entry->d_name, n_path, depth);
    }
    closedir(stream);
}

static int by_path(const void *a, const void *b)
{
    json_t *const *x = a;
    json_t *const *y = b;

    return strcmp(json_string_value(json_object_get(*x, "path")),
                  json_string_value(json_object_get(*y, "path")));
}

/* In order of path, each once. */
static json_t *sorted(json_t *found)
{
    size_t n = json_array_size(found);
    json_t **rows = calloc(n + 1, sizeof *rows), *list = rows ? json_array() : NULL;

    for (size_t i = 0; list && i < n; i++)
        rows[i] = json_array_get(found, i);
    if (list && n > 1)
        qsort(rows, n, sizeof *rows, by_path);
    for (size_t i = 0; list && i < n; i++) {
        if (i > 0 && by_path(&rows[i - 1], &rows[i]) == 0)
            continue;
        if (json_array_append(list, rows[i]) != 0) {
            json_decref(list);
            list = NULL;
        }
    }
    free(rows);
    json_decref(found);
    return list;
}

json_t *tell_list(const struct roots *roots, const struct job_question *question)
{
    struct walk walk = {.roots = roots, .wanted = question->text, .found = json_array()};

    for (size_t i = 0; walk.found && i < roots->n; i++) {
        int fd = open(roots->folders[i], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fd >= 0)
            walk_folder(&walk, fd, 0, 0);
    }
    json_t *list = walk.found ? sorted(walk.found) : NULL;
    return json_pack("{s:o*,s:b}", "recordings", list, "truncated", walk.is_cut);
}

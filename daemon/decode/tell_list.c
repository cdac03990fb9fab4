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

/* A walk is bounded, and so is an answer: the next one goes on where it ends. */
enum { MOST_ENTRIES = 1000000, MOST_DEPTH = 16, MOST_BYTES = 8 << 20 };

struct walk {
    const struct roots *roots;
    size_t root;        /* the one that is walked through */
    const char *wanted; /* what a path must contain, letters large or small */
    const char *after;
    char **found; /* the least paths behind it, in no order: up to twice as many as are wanted */
    size_t n, most;
    size_t n_all; /* that contain what is wanted */
    size_t n_entries;
    bool is_cut;
    bool out_of_memory;
    char path[PATH_MAX]; /* from the root on */
};

static int by_path(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* In order, and no more than `most` and the one after these. */
static void keep_least(struct walk *walk)
{
    if (walk->n > 1)
        qsort(walk->found, walk->n, sizeof *walk->found, by_path);
    while (walk->n > walk->most + 1)
        free(walk->found[--walk->n]);
}

/* The first root that has it serves it, so a path is told once. */
static bool is_of_an_earlier_root(const struct walk *walk)
{
    char path[PATH_MAX];
    struct stat facts;

    for (size_t i = 0; i < walk->root; i++) {
        int n = snprintf(path, sizeof path, "%s/%s", walk->roots->folders[i], walk->path);
        if (n > 0 && (size_t)n < sizeof path && stat(path, &facts) == 0)
            return true;
    }
    return false;
}

static void add(struct walk *walk)
{
    char canonical[PATH_MAX], text[ANSWER_TEXT];
    const char *root;

    /* One that leads out of all roots is not told. */
    if (is_of_an_earlier_root(walk) ||
        roots_resolve(walk->roots, walk->path, canonical, &root, text, sizeof text) != MEF3_OK)
        return;
    walk->n_all++;
    if (strcmp(walk->path, walk->after) <= 0)
        return;
    if (walk->n == 2 * (walk->most + 1))
        keep_least(walk);
    char *path = strdup(walk->path);
    if (path)
        walk->found[walk->n++] = path;
    else
        walk->out_of_memory = true;
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

    /* A name that is not UTF-8 can be asked for by nobody. */
    if (n < 0 || (size_t)n >= sizeof walk->path - n_path ||
        !characters_are_valid(name, strlen(name)))
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
    while (!walk->out_of_memory && (entry = readdir(stream))) {
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

/* As many as an answer has room for, in order. */
static json_t *page_of(struct walk *walk)
{
    json_t *list = json_array();
    size_t n = 0, bytes = 0;

    keep_least(walk);
    for (; list && n < walk->n && n < walk->most && bytes < MOST_BYTES; n++) {
        bytes += strlen(walk->found[n]);
        if (json_array_append_new(list, json_pack("{s:s}", "path", walk->found[n])) != 0) {
            json_decref(list);
            list = NULL;
        }
    }
    return json_pack("{s:o*,s:I,s:s?,s:b}", "recordings", list, "total", (json_int_t)walk->n_all,
                     "next", n < walk->n ? walk->found[n - 1] : NULL, "truncated", walk->is_cut);
}

json_t *tell_list(const struct roots *roots, const struct job_question *question)
{
    struct walk walk = {.roots = roots,
                        .wanted = question->text,
                        .after = question->after,
                        .most = question->width > 0 ? question->width : 1};
    json_t *page = NULL;

    walk.found = calloc(2 * (walk.most + 1), sizeof *walk.found);
    for (; walk.found && walk.root < roots->n; walk.root++) {
        int fd = open(roots->folders[walk.root], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fd >= 0)
            walk_folder(&walk, fd, 0, 0);
    }
    if (walk.found && !walk.out_of_memory)
        page = page_of(&walk);
    for (size_t i = 0; i < walk.n; i++)
        free(walk.found[i]);
    free(walk.found);
    return page;
}

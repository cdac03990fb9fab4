/* roots.c - which paths may be read: what lies beneath the roots, links followed. */
#include "decode/roots.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <mef3/status.h>

static bool ends_in(const char *path, const char *suffix)
{
    size_t n = strlen(path), n_suffix = strlen(suffix);

    return n >= n_suffix && strcmp(path + n - n_suffix, suffix) == 0;
}

/* A session is a folder, or one in a tar file. */
static bool is_archive(const char *path)
{
    return ends_in(path, ".mefd.tar");
}

static bool has_suffix(const char *path)
{
    return ends_in(path, ".mefd") || is_archive(path);
}

static const char *root_of(const struct roots *roots, const char *canonical)
{
    for (size_t i = 0; i < roots->n; i++) {
        size_t n = strlen(roots->folders[i]);
        if (strcmp(roots->folders[i], "/") == 0 || (strncmp(canonical, roots->folders[i], n) == 0 &&
                                                    (canonical[n] == '/' || canonical[n] == '\0')))
            return roots->folders[i];
    }
    return NULL;
}

/* How many bytes of `path` the folder `from` is, which has `n`; -1: it does not
 * lie there. */
static int beneath(const char *path, const char *from, size_t n)
{
    while (n > 0 && from[n - 1] == '/')
        n--;
    return strncmp(path, from, n) == 0 && (path[n] == '/' || path[n] == '\0') ? (int)n : -1;
}

/* The path as the map has it. False: too long. */
static bool map(const char *lines, const char *path, char mapped[PATH_MAX])
{
    const char *to = "";
    int n_to = 0, n_from = -1;

    for (const char *line = lines ? lines : ""; *line;) {
        size_t n = strcspn(line, "\n"), n_before = strcspn(line, "=");
        int n_beneath = n_before < n ? beneath(path, line, n_before) : -1;
        if (n_beneath > n_from) {
            n_from = n_beneath;
            to = line + n_before + 1;
            n_to = (int)(n - n_before - 1);
        }
        line += n + (line[n] == '\n');
    }
    int n = snprintf(mapped, PATH_MAX, "%.*s%s", n_to, to, path + (n_from > 0 ? n_from : 0));
    return n >= 0 && n < PATH_MAX;
}

/* 0, or the errno that realpath left. */
static int find(const struct roots *roots, const char *path, char canonical_out[PATH_MAX])
{
    char joined[PATH_MAX];
    int failure = ENOENT;

    if (path[0] == '/') {
        if (!map(roots->path_map, path, joined))
            return ENAMETOOLONG;
        return realpath(joined, canonical_out) ? 0 : errno;
    }
    for (size_t i = 0; path[0] && i < roots->n; i++) {
        int n = snprintf(joined, sizeof joined, "%s/%s", roots->folders[i], path);
        if (n < 0 || (size_t)n >= sizeof joined)
            return ENAMETOOLONG;
        if (realpath(joined, canonical_out))
            return 0;
        if (errno != ENOENT)
            failure = errno;
    }
    return failure;
}

static int missing(const char *path, char *text, size_t room)
{
    snprintf(text, room, "File does not exist: %s", path);
    return MEF3_ENOENT;
}

int roots_resolve(const struct roots *roots, const char *path, char canonical_out[PATH_MAX],
                  const char **root_out, char *text, size_t room)
{
    char canonical[PATH_MAX];
    struct stat facts;
    int failure = find(roots, path, canonical);

    if (failure == ENOENT || failure == ENOTDIR)
        return missing(path, text, room);
    if (failure) {
        snprintf(text, room, "%s: %s", strerror(failure), path); /* "Permission denied: ..." */
        return failure == EACCES ? MEF3_EACCES : MEF3_EIO;
    }
    const char *root = root_of(roots, canonical);
    if (!root) {
        /* Of what lies outside, nothing is told but that recordings are refused. */
        if (!has_suffix(canonical))
            return missing(path, text, room);
        snprintf(text, room, "Path is outside the folders that this server serves: %s", path);
        return MEF3_EACCES;
    }
    if (!has_suffix(canonical)) {
        snprintf(text, room, "Session path must end with .mefd suffix!");
        return MEF3_EFORMAT;
    }
    if (stat(canonical, &facts) < 0)
        return missing(path, text, room);
    if (is_archive(canonical) ? !S_ISREG(facts.st_mode) : !S_ISDIR(facts.st_mode)) {
        snprintf(text, room, "Not a session %s: %s", is_archive(canonical) ? "archive" : "folder",
                 path);
        return MEF3_EFORMAT;
    }
    strcpy(canonical_out, canonical);
    *root_out = root;
    return MEF3_OK;
}

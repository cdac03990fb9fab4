/* roots.h - which paths may be read: what lies beneath the roots, links followed. */
#ifndef DECODE_ROOTS_H
#define DECODE_ROOTS_H

#include <limits.h>
#include <stddef.h>

struct roots {
    const char *const *folders; /* absolute, links followed */
    size_t n;
    /* "FROM=TO" lines: where an absolute path begins with the folder FROM, it is
     * looked for at TO instead (the longest FROM counts). NULL: none. */
    const char *path_map;
};

/* Where a recording, its folder or tar file, really is. `path` is what a client sent: absolute,
 * or relative to a root (the first that has it). What the path map makes of it
 * must lie beneath a root.
 * On success *root_out is the root that it lies beneath. On failure the status
 * says what is wrong and `text` (room for text_room) says it to the client. */
int roots_resolve(const struct roots *roots, const char *path, char canonical_out[PATH_MAX],
                  const char **root_out, char *text, size_t text_room);

#endif

/* new_folder.c - a folder that appears when all that is in it was written. */
#include "new_folder.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool new_folder_open(const char *place, struct new_folder *folder_out)
{
    struct new_folder folder = {0};
    size_t n = strlen(place);
    struct stat facts;

    while (n > 1 && place[n - 1] == '/')
        n--;
    folder.place = strndup(place, n);
    if (!folder.place || asprintf(&folder.temporary, "%s.XXXXXX", folder.place) < 0) {
        free(folder.place);
        errno = ENOMEM;
        return false;
    }
    bool exists = lstat(folder.place, &facts) == 0;
    if (exists)
        errno = EEXIST;
    if (exists || !mkdtemp(folder.temporary)) {
        int error = errno;
        free(folder.place);
        free(folder.temporary);
        errno = error;
        return false;
    }
    *folder_out = folder;
    return true;
}

static int remove_one(const char *path, const struct stat *facts, int type, struct FTW *walk)
{
    (void)facts;
    (void)type;
    (void)walk;
    return remove(path);
}

/* mkdtemp lets nobody else in; a folder of the user's own making would follow the umask. */
static bool put_in_place(const struct new_folder *folder)
{
    mode_t mask = umask(0);

    umask(mask);
    if (chmod(folder->temporary, 0777 & ~mask) != 0)
        return false;
    if (renameat2(AT_FDCWD, folder->temporary, AT_FDCWD, folder->place, RENAME_NOREPLACE) == 0)
        return true;
    /* Some filing systems cannot promise that; rename replaces an empty folder, no other. */
    return (errno == EINVAL || errno == ENOSYS) && rename(folder->temporary, folder->place) == 0;
}

bool new_folder_close(struct new_folder *folder, bool keep)
{
    bool is_there = keep && put_in_place(folder);
    int error = errno;

    if (!is_there)
        nftw(folder->temporary, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    free(folder->place);
    free(folder->temporary);
    errno = error;
    return is_there || !keep;
}

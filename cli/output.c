/* output.c - where a command writes: standard output, or a file that appears whole. */
#include "output.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool output_open(const char *path, struct output *output_out)
{
    struct output output = {.file = stdout};

    if (path && strcmp(path, "-") != 0) {
        if (asprintf(&output.temporary, "%s.XXXXXX", path) < 0)
            return false;
        output.path = path;
        int fd = mkstemp(output.temporary);
        output.file = fd >= 0 ? fdopen(fd, "w") : NULL;
        if (!output.file) {
            int error = errno;
            if (fd >= 0) {
                close(fd);
                unlink(output.temporary);
            }
            free(output.temporary);
            errno = error;
            return false;
        }
        /* mkstemp lets nobody else read it; a file of the user's own making
         * would follow the umask. */
        mode_t mask = umask(0);
        umask(mask);
        fchmod(fd, 0666 & ~mask);
    }
    *output_out = output;
    return true;
}

bool output_close(struct output *output, bool keep)
{
    bool is_fine = fflush(output->file) == 0 && !ferror(output->file);
    int error = errno;

    if (output->path) {
        if (fclose(output->file) != 0) {
            error = errno;
            is_fine = false;
        }
        if (is_fine && keep && rename(output->temporary, output->path) != 0) {
            error = errno;
            is_fine = false;
        }
        if (!is_fine || !keep)
            unlink(output->temporary);
        free(output->temporary);
    }
    errno = error;
    return is_fine;
}

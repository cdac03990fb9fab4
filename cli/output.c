/* output.c - where a command writes: standard output, or a file that appears whole. */
#include "output.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A new file beside `place`, which it is to replace. */
static FILE *open_temporary(const char *place, char **temporary_out)
{
    char *temporary;

    if (asprintf(&temporary, "%s.XXXXXX", place) < 0)
        return NULL;
    int fd = mkstemp(temporary);
    FILE *file = fd >= 0 ? fdopen(fd, "w") : NULL;
    if (!file) {
        int error = errno;
        if (fd >= 0) {
            close(fd);
            unlink(temporary);
        }
        free(temporary);
        errno = error;
        return NULL;
    }
    /* mkstemp lets nobody else read it; a file of the user's own making would
     * follow the umask. */
    mode_t mask = umask(0);
    umask(mask);
    fchmod(fd, 0666 & ~mask);
    *temporary_out = temporary;
    return file;
}

bool output_open(const char *path, struct output *output_out)
{
    struct output output = {.file = stdout};
    struct stat st;

    if (!path || strcmp(path, "-") == 0) {
        *output_out = output;
        return true;
    }
    bool exists = stat(path, &st) == 0;
    if (exists && !S_ISREG(st.st_mode)) {
        /* A device or a pipe is written to; to replace it would destroy it. */
        output.file = fopen(path, "we");
    } else {
        /* A link stays one: what it leads to is replaced. */
        output.place = exists ? realpath(path, NULL) : strdup(path);
        output.file = output.place ? open_temporary(output.place, &output.temporary) : NULL;
    }
    if (!output.file) {
        free(output.place);
        return false;
    }
    *output_out = output;
    return true;
}

bool output_close(struct output *output, bool keep)
{
    bool is_fine = fflush(output->file) == 0 && !ferror(output->file);
    int error = errno;

    if (output->file != stdout && fclose(output->file) != 0) {
        error = errno;
        is_fine = false;
    }
    if (output->temporary) {
        if (is_fine && keep && rename(output->temporary, output->place) != 0) {
            error = errno;
            is_fine = false;
        }
        if (!is_fine || !keep)
            unlink(output->temporary);
    }
    free(output->temporary);
    free(output->place);
    errno = error;
    return is_fine;
}

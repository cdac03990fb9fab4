/* output.c - where a command writes: standard output, or a file that appears whole. */
#include "output.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Files that are being written, for the signal handler, which has nothing but a global to find
 * them by. Changed only while its signals are held back. */
struct output_pending {
    struct output_pending *next;
    char path[];
};
static struct output_pending *volatile pending;

static const int SIGNALS[] = {SIGINT, SIGTERM, SIGHUP};

static void hold_signals(sigset_t *before_out)
{
    sigset_t set;

    sigemptyset(&set);
    for (size_t i = 0; i < sizeof SIGNALS / sizeof *SIGNALS; i++)
        sigaddset(&set, SIGNALS[i]);
    sigprocmask(SIG_BLOCK, &set, before_out);
}

/* Nothing half-written stays; then the signal does what it would have done. */
static void remove_and_end(int number)
{
    for (struct output_pending *file = pending; file; file = file->next)
        unlink(file->path);
    signal(number, SIG_DFL);
    raise(number);
}

/* A command that has its own way to end (cli_catch_interrupts), and a caller who has said that a
 * signal means nothing (nohup), keep theirs. */
static void watch_signals(void)
{
    struct sigaction action = {.sa_handler = remove_and_end};
    struct sigaction before;

    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < sizeof SIGNALS / sizeof *SIGNALS; i++) {
        sigaddset(&action.sa_mask, SIGNALS[i]);
        if (sigaction(SIGNALS[i], NULL, &before) == 0 && before.sa_handler == SIG_DFL)
            sigaction(SIGNALS[i], &action, NULL);
    }
}

static void forget(struct output_pending *file)
{
    sigset_t before;

    hold_signals(&before);
    if (pending == file)
        pending = file->next;
    for (struct output_pending *at = pending; at; at = at->next)
        if (at->next == file)
            at->next = file->next;
    sigprocmask(SIG_SETMASK, &before, NULL);
    free(file);
}

/* A new file beside `place`, which it is to replace; -1: errno says why. */
static int make_temporary(const char *place, struct output_pending **pending_out)
{
    struct output_pending *file = malloc(sizeof *file + strlen(place) + sizeof ".XXXXXX");
    sigset_t before;

    if (!file)
        return -1;
    strcpy(stpcpy(file->path, place), ".XXXXXX");
    watch_signals();
    hold_signals(&before);
    int fd = mkostemp(file->path, O_CLOEXEC);
    if (fd >= 0) {
        file->next = pending;
        pending = file;
    }
    sigprocmask(SIG_SETMASK, &before, NULL);
    if (fd < 0) {
        free(file);
        return -1;
    }
    /* mkstemp lets nobody else read it; a file of the user's own making would
     * follow the umask. */
    mode_t mask = umask(0);
    umask(mask);
    fchmod(fd, 0666 & ~mask);
    *pending_out = file;
    return fd;
}

static FILE *open_temporary(const char *place, struct output_pending **pending_out)
{
    int fd = make_temporary(place, pending_out);
    FILE *file = fd >= 0 ? fdopen(fd, "w") : NULL;

    if (fd >= 0 && !file) {
        int error = errno;
        close(fd);
        unlink((*pending_out)->path);
        forget(*pending_out);
        errno = error;
    }
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

bool output_leaves_terminal(const struct output *output)
{
    int fd = fileno(output->file);
    struct stat st;

    if (output->file == stdout) /* what it is piped into may be a pager */
        return fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
    return !isatty(fd);
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
        const char *temporary = output->temporary->path;
        if (is_fine && keep && rename(temporary, output->place) != 0) {
            error = errno;
            is_fine = false;
        }
        if (!is_fine || !keep)
            unlink(temporary);
        forget(output->temporary);
    }
    free(output->place);
    errno = error;
    return is_fine;
}

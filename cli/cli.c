/* cli.c - what the subcommands of `mef3` share: exit statuses, failures, options. */
#include "cli.h"

#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nearest.h"
#include "progress.h"

int cli_fail(enum cli_exit exit_status, const char *format, ...)
{
    char text[8192];
    va_list values;

    va_start(values, format);
    vsnprintf(text, sizeof text, format, values);
    va_end(values);
    progress_make_room();
    fprintf(stderr, "mef3: %s\n", cli_clean(text));
    return exit_status;
}

struct reaction {
    enum cli_exit exit_status;
    const char *advice;
};

static struct reaction reaction_to(int status)
{
    switch (status) {
    case MEF3_EINVAL:
        return (struct reaction){CLI_USAGE, "see mef3 --help"};
    case MEF3_ENOENT:
        return (struct reaction){CLI_IO, "check the path"};
    case MEF3_EACCES:
        return (struct reaction){CLI_IO, "check the permissions"};
    case MEF3_EPASSWORD:
        return (struct reaction){CLI_IO, "give it by --password-file or MEF3_PASSWORD"};
    case MEF3_EFORMAT:
    case MEF3_EUNSUPPORTED:
        return (struct reaction){CLI_IO, "check that it is a MEF 3.0 session"};
    case MEF3_ETRUNCATED:
    case MEF3_ECRC:
    case MEF3_EDAMAGED:
        return (struct reaction){CLI_DAMAGED, "copy it again from its origin"};
    case MEF3_ECHANGED:
        return (struct reaction){CLI_IO, "try again"};
    default:
        return (struct reaction){CLI_IO, "check memory and disk, then try again"};
    }
}

int cli_fail_error(const struct mef3_error *error, const char *path, const char *advice)
{
    struct reaction reaction = reaction_to(error->status);
    char text[1024];

    return cli_fail(reaction.exit_status, "%s: %s; %s", path,
                    mef3_error_text(error, text, sizeof text), advice ? advice : reaction.advice);
}

int cli_wrong_use(const struct cli_command *self, const char *what)
{
    return cli_fail(CLI_USAGE, "%s: %s; usage: mef3 %s %s", self->name, what, self->name,
                    self->arguments);
}

/* The option of that name, or the nearest to it, or NULL. `n` bytes of it count. */
static const struct option *find_option(const struct option *longs, const char *name, size_t n)
{
    struct nearest nearest;

    nearest_start(&nearest, name, n);
    for (size_t i = 0; longs[i].name; i++)
        nearest_try(&nearest, longs[i].name, i);
    return nearest.is_found ? &longs[nearest.number] : NULL;
}

int cli_option(const struct cli_command *self, int argc, char **argv, const char *shorts,
               const struct option *longs)
{
    char what[512];

    opterr = 0;
    int option = getopt_long(argc, argv, shorts, longs, NULL);
    if (option != '?')
        return option;
    const char *text = argv[optind - 1];
    size_t n = strncmp(text, "--", 2) == 0 ? strcspn(text + 2, "=") : 0;
    const struct option *near = n > 0 ? find_option(longs, text + 2, n) : NULL;
    if (near && strlen(near->name) == n && strncmp(near->name, text + 2, n) == 0)
        snprintf(what, sizeof what, "the option --%s %s", near->name,
                 near->has_arg == no_argument ? "takes no value" : "wants a value");
    else if (near)
        snprintf(what, sizeof what, "cannot make sense of the option %.200s; did you mean --%s?",
                 text, near->name);
    else
        snprintf(what, sizeof what, "cannot make sense of the option %.200s", text);
    cli_wrong_use(self, what);
    return '?';
}

bool cli_number(const char *text, double least, double most, double *number_out)
{
    char *end;

    errno = 0;
    double number = strtod(text, &end);
    if (errno || end == text || *end || !isfinite(number) || number < least || number > most)
        return false;
    *number_out = number;
    return true;
}

bool cli_whole(const char *text, int64_t least, int64_t most, int64_t *number_out)
{
    char *end;

    errno = 0;
    long long number = strtoll(text, &end, 10);
    if (errno || end == text || *end || number < least || number > most)
        return false;
    *number_out = number;
    return true;
}

/* A signal handler has nothing but a global to write to. */
static volatile sig_atomic_t interrupted;

static void note_interrupt(int number)
{
    (void)number;
    interrupted = 1;
}

void cli_catch_interrupts(void)
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
    struct sigaction action = {.sa_handler = note_interrupt};

    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        sigaction(numbers[i], &action, NULL);
}

bool cli_interrupted(void)
{
    return interrupted;
}

/* main.c - the command `mef3`: finds the subcommand and runs it. */
#include <mef3/mef3.h>

#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "help.h"
#include "nearest.h"
#include "recording.h"

/* In the order in which the help shows them. */
/* clang-format off */
const struct cli_command *const cli_commands[] = {
    &cmd_ls,
    &cmd_info,
    &cmd_cat,
    &cmd_plot,
    &cmd_overview,
    &cmd_gaps,
    &cmd_records,
    &cmd_note,
    &cmd_diff,
    &cmd_verify,
    &cmd_repair,
    &cmd_copy,
    &cmd_import,
    &cmd_export,
    &cmd_archive,
    &cmd_extract,
    &cmd_demo,
    &cmd_top,
    NULL,
};
/* clang-format on */

static int unknown(const char *name)
{
    struct nearest nearest;

    nearest_start(&nearest, name, strlen(name));
    for (size_t i = 0; cli_commands[i]; i++)
        nearest_try(&nearest, cli_commands[i]->name, i);
    if (nearest.is_found)
        return cli_fail(CLI_USAGE, "there is no command \"%s\"; did you mean mef3 %s?", name,
                        cli_commands[nearest.number]->name);
    return cli_fail(CLI_USAGE, "there is no command \"%s\"; see mef3 --help", name);
}

static bool asks_for_help(int argc, char **argv)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (strcmp(argv[i], "--help") == 0)
            return true;
    return false;
}

/* Of `make reference`. */
static int print_reference(const char *kind)
{
    static const struct {
        const char *kind;
        void (*print)(FILE *to);
    } row[] = {{"man", help_print_man},
               {"bash", help_print_bash},
               {"zsh", help_print_zsh},
               {"fish", help_print_fish}};

    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        if (strcmp(row[i].kind, kind) == 0) {
            row[i].print(stdout);
            return CLI_FINE;
        }
    }
    return cli_fail(CLI_USAGE, "--print-reference takes man, bash, zsh or fish");
}

/* Of shells that complete a channel's name. */
static int print_channels(const char *path)
{
    int exit_status;
    struct mef3_session *session = recording_open_lazy(path, "", &exit_status);

    if (!session)
        return exit_status;
    for (size_t i = 0; i < mef3_session_info(session)->n_channels; i++)
        if (!strpbrk(mef3_channel_info(session, i)->name, "\n"))
            puts(mef3_channel_info(session, i)->name);
    mef3_session_close(session);
    return CLI_FINE;
}

static int print_help(const char *name)
{
    if (!name)
        help_print_overview(stdout);
    else if (help_find(name))
        help_print(stdout, help_find(name));
    else
        return unknown(name);
    return CLI_FINE;
}

static int dispatch(int argc, char **argv)
{
    static const char reference[] = "--print-reference=";

    if (argc < 2)
        return cli_fail(CLI_USAGE, "a command is missing; see mef3 --help");

    const char *name = argv[1];
    if (strcmp(name, "--version") == 0) {
        printf("mef3 %s\n", mef3_version());
        return CLI_FINE;
    }
    if (strcmp(name, "--help") == 0 || strcmp(name, "help") == 0)
        return print_help(argc > 2 ? argv[2] : NULL);
    if (strncmp(name, reference, strlen(reference)) == 0)
        return print_reference(name + strlen(reference));
    if (strcmp(name, "--print-channels") == 0 && argc == 3)
        return print_channels(argv[2]);

    const struct cli_command *command = help_find(name);
    if (!command)
        return unknown(name);
    if (asks_for_help(argc - 1, argv + 1))
        return print_help(name);
    return command->run(command, argc - 1, argv + 1);
}

int main(int argc, char **argv)
{
    /* A reader that has seen enough ends us without a word. */
    signal(SIGPIPE, SIG_DFL);
    /* How wide characters are. Texts are UTF-8 here whatever the user's locale is. */
    setlocale(LC_CTYPE, "C.UTF-8");

    int exit_status = dispatch(argc, argv);

    /* A full disk shows only now: what was said to be fine was not written. */
    if ((fflush(stdout) != 0 || ferror(stdout)) && exit_status <= CLI_DAMAGED)
        return cli_fail(CLI_IO, "standard output: cannot be written; check the disk or pipe");
    return exit_status;
}

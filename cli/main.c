/* main.c - the command `mef3`: finds the subcommand and runs it. */
#include <mef3/mef3.h>

#include <stdio.h>
#include <string.h>

#include "cli.h"

/* In the order in which the help shows them. */
static const struct cli_command *const commands[] = {
    &cmd_info, &cmd_cat, &cmd_records, &cmd_note, &cmd_copy, &cmd_verify, &cmd_repair, &cmd_demo,
};

enum { N_COMMANDS = sizeof commands / sizeof commands[0] };

static void print_overview(FILE *to)
{
    fputs("usage: mef3 COMMAND ...\n"
          "\n"
          "Reads and writes MEF 3.0 recordings.\n"
          "\n",
          to);
    for (size_t i = 0; i < N_COMMANDS; i++)
        fprintf(to, "  mef3 %-8s %s\n", commands[i]->name, commands[i]->summary);
    fputs("  mef3 help     what a command can do: mef3 help COMMAND\n"
          "\n"
          "  --help        this text\n"
          "  --version     the version\n"
          "\n"
          "Exit status: 0 fine; 1 something in the recording is damaged; 2 wrong use;\n"
          "3 cannot read or write.\n",
          to);
}

static int print_help(const struct cli_command *command)
{
    printf("usage: mef3 %s %s\n\n%s.\n\n%s", command->name, command->arguments, command->summary,
           command->help);
    return CLI_FINE;
}

static const struct cli_command *find(const char *name)
{
    for (size_t i = 0; i < N_COMMANDS; i++)
        if (strcmp(commands[i]->name, name) == 0)
            return commands[i];
    return NULL;
}

static int unknown(const char *name)
{
    return cli_fail(CLI_USAGE, "there is no command \"%s\"; see mef3 --help", name);
}

static bool asks_for_help(int argc, char **argv)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (strcmp(argv[i], "--help") == 0)
            return true;
    return false;
}

static int dispatch(int argc, char **argv)
{
    if (argc < 2)
        return cli_fail(CLI_USAGE, "a command is missing; see mef3 --help");

    const char *name = argv[1];
    if (strcmp(name, "--version") == 0) {
        printf("mef3 %s\n", mef3_version());
        return CLI_FINE;
    }
    if (strcmp(name, "--help") == 0 || (strcmp(name, "help") == 0 && argc == 2)) {
        print_overview(stdout);
        return CLI_FINE;
    }
    if (strcmp(name, "help") == 0)
        return find(argv[2]) ? print_help(find(argv[2])) : unknown(argv[2]);

    const struct cli_command *command = find(name);
    if (!command)
        return unknown(name);
    if (asks_for_help(argc - 1, argv + 1))
        return print_help(command);
    return command->run(command, argc - 1, argv + 1);
}

int main(int argc, char **argv)
{
    int exit_status = dispatch(argc, argv);

    /* A full disk shows only now: what was said to be fine was not written. */
    if (fflush(stdout) != 0 || ferror(stdout)) {
        int failed = cli_fail(CLI_IO, "standard output: cannot be written; check the disk or pipe");
        return exit_status == CLI_FINE ? failed : exit_status;
    }
    return exit_status;
}

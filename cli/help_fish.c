/* help_fish.c - completion for fish, from the table of commands. */
#include "help.h"

#include <string.h>

static const char HEAD[] = "# Completion of mef3 for fish. Made by: make reference\n"
                           "\n"
                           "# Channels of the recording that is named on the line.\n"
                           "function __mef3_channels\n"
                           "    for word in (commandline -opc)\n"
                           "        if string match -qr '\\.mefd(/|\\.tar)?$' -- $word\n"
                           "            mef3 --print-channels $word 2>/dev/null\n"
                           "            return\n"
                           "        end\n"
                           "    end\n"
                           "end\n"
                           "\n";

/* Within '...'. */
static void put_quoted(FILE *to, const char *text)
{
    fputc('\'', to);
    for (; *text; text++) {
        if (*text == '\'' || *text == '\\')
            fputc('\\', to);
        fputc(*text, to);
    }
    fputc('\'', to);
}

static void put_action(FILE *to, const char *argument)
{
    if (help_is_words(argument)) {
        fputs(" -x -a '", to);
        for (; *argument; argument++)
            fputc(*argument == '|' ? ' ' : *argument, to);
        fputc('\'', to);
    } else if (strcmp(argument, "NAME") == 0) {
        fputs(" -x -a '(__mef3_channels)'", to);
    } else if (strstr(argument, "FILE") || strstr(argument, "FOLDER")) {
        fputs(" -r -F", to);
    } else if (argument[0]) {
        fputs(" -x", to);
    }
}

static void put_command(FILE *to, const struct cli_command *command)
{
    struct help_options options;

    fprintf(to, "\ncomplete -c mef3 -n __fish_use_subcommand -f -a %s -d ", command->name);
    put_quoted(to, command->summary);
    fputc('\n', to);
    help_options(command, &options);
    for (size_t i = 0; i < options.n; i++) {
        const struct help_option *option = &options.items[i];
        fprintf(to, "complete -c mef3 -n '__fish_seen_subcommand_from %s'", command->name);
        if (option->letter)
            fprintf(to, " -s %c", option->letter);
        if (option->name[0])
            fprintf(to, " -l %s", option->name);
        put_action(to, option->argument);
        fputs(" -d ", to);
        put_quoted(to, option->text);
        fputc('\n', to);
    }
}

void help_print_fish(FILE *to)
{
    fputs(HEAD, to);
    fputs("complete -c mef3 -n __fish_use_subcommand -f -l help -d 'what there is'\n"
          "complete -c mef3 -n __fish_use_subcommand -f -l version -d 'the version'\n",
          to);
    for (const struct cli_command *const *at = cli_commands; *at; at++)
        put_command(to, *at);
    fputs("\ncomplete -c mef3 -n __fish_use_subcommand -f -a help -d 'what a command can do'\n"
          "complete -c mef3 -n '__fish_seen_subcommand_from help' -f -a '",
          to);
    for (const struct cli_command *const *at = cli_commands; *at; at++)
        fprintf(to, "%s%s", at == cli_commands ? "" : " ", (*at)->name);
    fputs("'\n", to);
}

/* help_bash.c - completion for bash, from the table of commands. */
#include "help.h"

#include <string.h>

static const char HEAD[] =
    "# Completion of mef3 for bash. Made by: make reference\n"
    "\n"
    "# The words of a list that begin with what is typed.\n"
    "_mef3_words()\n"
    "{\n"
    "    mapfile -t COMPREPLY < <(compgen -W \"$1\" -- \"$cur\")\n"
    "}\n"
    "\n"
    "# Folders, and recordings that are a file; not what is inside of a recording.\n"
    "_mef3_recordings()\n"
    "{\n"
    "    [[ $cur == *.mefd/* ]] && return\n"
    "    compopt -o filenames 2> /dev/null\n"
    "    mapfile -t COMPREPLY < <(compgen -d -- \"$cur\"; compgen -f -X '!*.mefd.tar' -- "
    "\"$cur\")\n"
    "}\n"
    "\n"
    "# Whatever readline completes by itself: files.\n"
    "_mef3_files()\n"
    "{\n"
    "    compopt -o default 2> /dev/null\n"
    "}\n"
    "\n"
    "# Channels of the recording that is named on the line.\n"
    "_mef3_channels()\n"
    "{\n"
    "    local word session= name typed=${cur//\\\\/}\n"
    "    for word in \"${COMP_WORDS[@]:2}\"; do\n"
    "        word=${word//\\\\/}\n"
    "        [[ $word == *.mefd || $word == *.mefd/ || $word == *.mefd.tar ]] && session=$word\n"
    "    done\n"
    "    [[ $session ]] || return\n"
    "    while IFS= read -r name; do\n"
    "        [[ $name == \"$typed\"* ]] && COMPREPLY+=(\"$(printf %q \"$name\")\")\n"
    "    done < <(\"${COMP_WORDS[0]}\" --print-channels \"${session/#\\~/$HOME}\" 2> /dev/null)\n"
    "}\n"
    "\n"
    "_mef3()\n"
    "{\n"
    "    local cur=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}\n"
    "    local command=${COMP_WORDS[1]} options=\n"
    "    COMPREPLY=()\n"
    "    # --format=csv is three words to bash.\n"
    "    if [[ $cur == = ]]; then\n"
    "        cur=\n"
    "    elif [[ $before == = ]]; then\n"
    "        before=${COMP_WORDS[COMP_CWORD - 2]}\n"
    "    fi\n";

static void put_commands(FILE *to)
{
    for (const struct cli_command *const *at = cli_commands; *at; at++)
        fprintf(to, "%s ", (*at)->name);
    fputs("help", to);
}

/* What completes an option's argument. */
static void put_action(FILE *to, const char *argument)
{
    if (help_is_words(argument)) {
        fputs("_mef3_words '", to);
        for (; *argument; argument++)
            fputc(*argument == '|' ? ' ' : *argument, to);
        fputs("'", to);
    } else if (strcmp(argument, "NAME") == 0) {
        fputs("_mef3_channels", to);
    } else if (strstr(argument, "FILE") || strstr(argument, "FOLDER")) {
        fputs("_mef3_files", to);
    } else {
        fputs(":", to);
    }
}

static void put_arguments(FILE *to, const struct cli_command *command,
                          const struct help_options *options)
{
    for (size_t i = 0; i < options->n; i++) {
        const struct help_option *option = &options->items[i];
        if (!option->argument[0])
            continue;
        fputs("    ", to);
        if (option->letter)
            fprintf(to, "%s:-%c%s", command->name, option->letter, option->name[0] ? " | " : "");
        if (option->name[0])
            fprintf(to, "%s:--%s", command->name, option->name);
        fputs(")\n        ", to);
        put_action(to, option->argument);
        fputs("\n        return\n        ;;\n", to);
    }
}

static void put_options(FILE *to, const struct cli_command *command,
                        const struct help_options *options)
{
    fprintf(to, "    %s) options='", command->name);
    for (size_t i = 0; i < options->n; i++) {
        const struct help_option *option = &options->items[i];
        const char *blank = i > 0 ? " " : "";
        if (option->letter)
            fprintf(to, "%s-%c%s", blank, option->letter, option->name[0] ? " " : "");
        if (option->name[0])
            fprintf(to, "%s--%s", option->letter ? "" : blank, option->name);
    }
    fputs("' ;;\n", to);
}

/* A file is wanted in the first place, and no recording. */
static bool takes_file(const struct cli_command *command)
{
    return strncmp(command->arguments, "FILE", 4) == 0;
}

void help_print_bash(FILE *to)
{
    struct help_options options;

    fputs(HEAD, to);
    fputs("    if ((COMP_CWORD == 1)); then\n        _mef3_words '", to);
    put_commands(to);
    fputs(" --help --version'\n        return\n    fi\n    case $command:$before in\n", to);
    for (const struct cli_command *const *at = cli_commands; *at; at++) {
        help_options(*at, &options);
        put_arguments(to, *at, &options);
    }
    fputs("    esac\n    case $command in\n", to);
    for (const struct cli_command *const *at = cli_commands; *at; at++) {
        help_options(*at, &options);
        put_options(to, *at, &options);
    }
    fputs("    help)\n        _mef3_words '", to);
    put_commands(to);
    fputs(
        "'\n        return\n        ;;\n    esac\n"
        "    if [[ $cur == -* ]]; then\n        _mef3_words \"$options\"\n        return\n    fi\n"
        "    case $command in\n",
        to);
    for (const struct cli_command *const *at = cli_commands; *at; at++)
        if (takes_file(*at))
            fprintf(to, "    %s) _mef3_files ;;\n", (*at)->name);
    fputs("    *) _mef3_recordings ;;\n    esac\n}\ncomplete -F _mef3 mef3\n", to);
}

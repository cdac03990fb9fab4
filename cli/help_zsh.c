/* help_zsh.c - completion for zsh, from the table of commands. */
#include "help.h"

#include <string.h>

static const char HEAD[] =
    "#compdef mef3\n"
    "# Completion of mef3 for zsh. Made by: make reference\n"
    "\n"
    "# Channels of the recording that is named on the line.\n"
    "_mef3_channels() {\n"
    "    local -a sessions names\n"
    "    sessions=(${(M)words:#*.mefd(|/|.tar)})\n"
    "    (( $#sessions )) || return 1\n"
    "    names=(${(f)\"$(_call_program channels mef3 --print-channels ${(q)${(Q)sessions[1]}} "
    "2>/dev/null)\"})\n"
    "    compadd -a names\n"
    "}\n"
    "\n"
    "# Folders, and recordings that are a file.\n"
    "_mef3_recordings() {\n"
    "    _files -g '*.mefd.tar(-.)' || _files -/\n"
    "}\n"
    "\n"
    "_mef3() {\n"
    "    local curcontext=$curcontext state line\n"
    "    local -a commands\n"
    "    commands=(\n";

/* Within '...', and where _arguments would read marks of its own. */
static void put_escaped(FILE *to, const char *text)
{
    for (; *text; text++) {
        if (*text == '\'')
            fputs("'\\'", to);
        else if (strchr("[]:\\", *text))
            fputc('\\', to);
        fputc(*text, to);
    }
}

static void put_action(FILE *to, const char *argument)
{
    fputs(":", to);
    put_escaped(to, help_is_words(argument) ? "word" : argument);
    fputs(":", to);
    if (help_is_words(argument)) {
        fputc('(', to);
        for (; *argument; argument++)
            fputc(*argument == '|' ? ' ' : *argument, to);
        fputc(')', to);
    } else if (strcmp(argument, "NAME") == 0) {
        fputs("_mef3_channels", to);
    } else if (strstr(argument, "FILE") || strstr(argument, "FOLDER")) {
        fputs("_files", to);
    } else {
        fputc(' ', to);
    }
}

/* '*--channel[words]:NAME:action': any number of times. */
static void put_spec(FILE *to, const char *dashes, const char *name,
                     const struct help_option *option)
{
    fprintf(to, "                '*%s%s[", dashes, name);
    put_escaped(to, option->text);
    fputs("]", to);
    if (option->argument[0])
        put_action(to, option->argument);
    fputs("' \\\n", to);
}

static void put_command(FILE *to, const struct cli_command *command)
{
    struct help_options options;
    bool takes_file = strncmp(command->arguments, "FILE", 4) == 0;

    help_options(command, &options);
    fprintf(to, "        %s)\n            _arguments \\\n", command->name);
    for (size_t i = 0; i < options.n; i++) {
        const struct help_option *option = &options.items[i];
        char letter[2] = {option->letter};
        if (option->letter)
            put_spec(to, "-", letter, option);
        if (option->name[0])
            put_spec(to, "--", option->name, option);
    }
    fprintf(to, "                '*:%s'\n            ;;\n",
            takes_file ? "file:_files" : "recording:_mef3_recordings");
}

void help_print_zsh(FILE *to)
{
    fputs(HEAD, to);
    for (const struct cli_command *const *at = cli_commands; *at; at++) {
        fprintf(to, "        '%s:", (*at)->name);
        put_escaped(to, (*at)->summary);
        fputs("'\n", to);
    }
    fputs("        'help:what a command can do'\n"
          "    )\n"
          "    _arguments -C '(- *)--help[what there is]' '(- *)--version[the version]' \\\n"
          "        '1:command:->command' '*::argument:->argument'\n"
          "    case $state in\n"
          "    command)\n"
          "        _describe command commands\n"
          "        ;;\n"
          "    argument)\n"
          "        case $words[1] in\n",
          to);
    for (const struct cli_command *const *at = cli_commands; *at; at++)
        put_command(to, *at);
    fputs("        help)\n"
          "            _describe command commands\n"
          "            ;;\n"
          "        esac\n"
          "        ;;\n"
          "    esac\n"
          "}\n"
          "\n"
          "_mef3 \"$@\"\n",
          to);
}

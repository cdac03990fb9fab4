/* help.c - what the commands say of themselves, on a terminal. */
#include "help.h"

#include <string.h>

enum { COLUMNS = 80, HANG = 4, DOES_AT = 44 };

const struct cli_command *help_find(const char *name)
{
    for (const struct cli_command *const *at = cli_commands; *at; at++)
        if (strcmp((*at)->name, name) == 0)
            return *at;
    return NULL;
}

/* Where a usage line may be broken: at a blank outside of brackets. */
static size_t count_word(const char *text)
{
    int depth = 0;
    size_t n = 0;

    for (; text[n] && (depth > 0 || text[n] != ' '); n++)
        depth += (text[n] == '[') - (text[n] == ']');
    return n;
}

static void print_usage(FILE *to, const struct cli_command *command)
{
    size_t at = (size_t)fprintf(to, "usage: mef3 %s", command->name);
    size_t indent = at + 1;

    for (const char *text = command->arguments; *text;) {
        size_t n = count_word(text);
        if (at + 1 + n > COLUMNS) {
            fprintf(to, "\n%*s", (int)indent - 1, "");
            at = indent - 1;
        }
        fprintf(to, " %.*s", (int)n, text);
        at += 1 + n;
        text += n + (text[n] == ' ');
    }
    fputc('\n', to);
}

static void print_example(FILE *to, const struct cli_example *example)
{
    size_t n = strlen(example->line);

    if (2 + n + 2 <= DOES_AT && DOES_AT + strlen(example->does) <= COLUMNS)
        fprintf(to, "  %-*s%s\n", DOES_AT - 2, example->line, example->does);
    else
        fprintf(to, "  %s\n      %s\n", example->line, example->does);
}

void help_print(FILE *to, const struct cli_command *command)
{
    print_usage(to, command);
    fprintf(to, "\n%s.\n\n%s", command->summary, command->help);
    if (!command->examples)
        return;
    fputs("\nFor example:\n", to);
    for (const struct cli_example *example = command->examples; example->line; example++)
        print_example(to, example);
}

void help_print_overview(FILE *to)
{
    fputs("usage: mef3 COMMAND ...\n"
          "\n"
          "Reads, writes and compares MEF 3.0 recordings.\n"
          "\n",
          to);
    for (const struct cli_command *const *at = cli_commands; *at; at++)
        fprintf(to, "  mef3 %-8s %s\n", (*at)->name, (*at)->summary);
    fputs("  mef3 help     what a command can do: mef3 help COMMAND\n"
          "\n"
          "For example:\n",
          to);
    for (const struct cli_command *const *at = cli_commands; *at; at++)
        if ((*at)->examples)
            print_example(to, (*at)->examples);
    fputs("\n"
          "  --help        this text, or that of a command: mef3 COMMAND --help\n"
          "  --version     the version\n"
          "\n"
          "The password of an encrypted recording is the first line of --password-file, or\n"
          "the variable MEF3_PASSWORD. Exit status: 0 fine; 1 something in the recording is\n"
          "damaged (mef3 diff: the two are different); 2 wrong use; 3 cannot read or write.\n",
          to);
}

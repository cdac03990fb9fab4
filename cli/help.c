/* help.c - what the commands say of themselves, on a terminal. */
#include "help.h"

#include <ctype.h>
#include <string.h>

enum { COLUMNS = 80, DOES_AT = 44, MOST_TERM = 25 };

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

/* Words in lines of at most COLUMNS; the first begins where `at` says, all others at `indent`. */
static void print_wrapped(FILE *to, const char *text, int at, int indent)
{
    bool is_first = true;

    for (size_t n; *text; text += n + (text[n] == ' ')) {
        n = strcspn(text, " ");
        if (!is_first && at + 1 + (int)n > COLUMNS) {
            fprintf(to, "\n%*s", indent, "");
            at = indent;
            is_first = true;
        }
        fprintf(to, "%s%.*s", is_first ? "" : " ", (int)n, text);
        at += (int)n + (is_first ? 0 : 1);
        is_first = false;
    }
    fputc('\n', to);
}

/* Words of items stand in a column, as far to the left as all but long terms allow. */
static int words_at(const struct cli_command *command)
{
    struct help_piece piece;
    int widest = 0;

    for (const char *at = command->help; help_next(&at, &piece);) {
        int n = (int)strlen(piece.term);
        if (n > widest && n <= MOST_TERM)
            widest = n;
    }
    return 2 + widest + 2;
}

static void print_item(FILE *to, const struct help_piece *piece, int column)
{
    int n = 2 + (int)strlen(piece->term);

    fprintf(to, "  %s", piece->term);
    if (!piece->text[0]) {
        fputc('\n', to);
        return;
    }
    if (n + 2 > column)
        fprintf(to, "\n%*s", column, "");
    else
        fprintf(to, "%*s", column - n, "");
    print_wrapped(to, piece->text, column, column);
}

static void print_pieces(FILE *to, const struct cli_command *command)
{
    struct help_piece piece;
    int column = words_at(command);
    bool after_item = false;
    bool is_first = true;

    for (const char *at = command->help; help_next(&at, &piece); is_first = false) {
        bool is_item = piece.term[0];
        if (!is_first && !(is_item && after_item))
            fputc('\n', to);
        if (is_item)
            print_item(to, &piece, column);
        else
            print_wrapped(to, piece.text, 0, 0);
        after_item = is_item;
    }
}

static void print_example(FILE *to, const struct help_example *example)
{
    size_t n = strlen(example->line);

    if (2 + n + 2 <= DOES_AT && DOES_AT + strlen(example->does) <= COLUMNS)
        fprintf(to, "  %-*s%s\n", DOES_AT - 2, example->line, example->does);
    else
        fprintf(to, "  %s\n      %s\n", example->line, example->does);
}

void help_print(FILE *to, const struct cli_command *command)
{
    const struct help_example *example = help_example_next(command, NULL);

    print_usage(to, command);
    fprintf(to, "\n%c%s.\n\n", toupper((unsigned char)command->summary[0]), command->summary + 1);
    print_pieces(to, command);
    if (example)
        fputs("\nFor example:\n", to);
    for (; example; example = help_example_next(command, example))
        print_example(to, example);
}

static void print_summary(FILE *to, const struct cli_command *command)
{
    enum { AT = 17 };
    char summary[256];

    snprintf(summary, sizeof summary, "%c%s", tolower((unsigned char)command->summary[0]),
             command->summary + 1);
    fprintf(to, "  mef3 %-9s ", command->name);
    print_wrapped(to, summary, AT, AT);
}

void help_print_overview(FILE *to)
{
    fputs("usage: mef3 COMMAND ...\n"
          "\n"
          "Reads, writes, checks and compares MEF 3.0 recordings.\n"
          "\n",
          to);
    for (const struct cli_command *const *at = cli_commands; *at; at++)
        print_summary(to, *at);
    fputs("  mef3 help     what a command can do: mef3 help COMMAND\n"
          "\n"
          "For example:\n",
          to);
    for (const struct cli_command *const *at = cli_commands; *at; at++)
        if (help_example_next(*at, NULL))
            print_example(to, help_example_next(*at, NULL));
    fputs("\n"
          "  --help        this text, or that of a command: mef3 COMMAND --help\n"
          "  --version     the version\n"
          "\n"
          "The password of an encrypted recording is the first line of --password-file, or\n"
          "the variable MEF3_PASSWORD. Exit status: 0 fine; 1 something in the recording is\n"
          "damaged (mef3 diff: the two are different); 2 wrong use; 3 cannot read or write.\n",
          to);
}

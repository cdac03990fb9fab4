/* help_read.c - the lines of a command's help, taken apart: items, paragraphs, options. */
#include "help.h"

#include <ctype.h>
#include <string.h>

/* Add n bytes, a blank before them where there is something already; what does not fit is left. */
static void append(char *to, size_t room, const char *text, size_t n)
{
    size_t used = strlen(to);
    size_t blank = used > 0;

    if (n == 0 || used + blank + 1 >= room)
        return;
    if (n > room - 1 - used - blank)
        n = room - 1 - used - blank;
    if (blank)
        to[used++] = ' ';
    memcpy(to + used, text, n);
    to[used + n] = '\0';
}

static size_t line_length(const char *text)
{
    return strcspn(text, "\n");
}

static const char *next_line(const char *text)
{
    size_t n = line_length(text);

    return text + n + (text[n] == '\n');
}

/* "  TERM  words": the term's end is two blanks. */
static void read_head(const char *line, struct help_piece *piece)
{
    size_t length = line_length(line);
    size_t n = 2;

    while (n < length && strncmp(line + n, "  ", 2) != 0)
        n++;
    append(piece->term, sizeof piece->term, line + 2, n - 2);
    n += strspn(line + n, " ");
    append(piece->text, sizeof piece->text, line + n, length - n);
}

bool help_next(const char **at, struct help_piece *piece_out)
{
    const char *line = *at;

    piece_out->term[0] = piece_out->text[0] = '\0';
    while (*line == '\n')
        line++;
    if (!*line)
        return false;
    bool is_item = strspn(line, " ") == 2;
    if (is_item) {
        read_head(line, piece_out);
        line = next_line(line);
    }
    for (; *line && *line != '\n'; line = next_line(line)) {
        size_t blanks = strspn(line, " ");
        if (blanks == 2 || (is_item && blanks < 2))
            break;
        append(piece_out->text, sizeof piece_out->text, line + blanks, line_length(line) - blanks);
    }
    *at = line;
    return true;
}

bool help_is_words(const char *argument)
{
    return islower((unsigned char)argument[0]) || isdigit((unsigned char)argument[0]);
}

static struct help_option *option_named(struct help_options *options, char letter, const char *name)
{
    for (size_t i = 0; i < options->n; i++) {
        struct help_option *option = &options->items[i];
        if (name[0] ? strcmp(option->name, name) == 0 : option->letter == letter)
            return option;
    }
    return NULL;
}

static void add_option(struct help_options *options, const struct help_option *option)
{
    struct help_option *known = option_named(options, option->letter, option->name);

    if (!known && options->n < HELP_MOST_OPTIONS)
        options->items[options->n++] = *option;
    else if (known && help_is_words(option->argument)) {
        size_t n = strlen(known->argument);
        append(known->argument, sizeof known->argument, option->argument, strlen(option->argument));
        known->argument[n] = '|';
        known->text[0] = '\0'; /* what was said is of one of the words */
        append(known->text, sizeof known->text, known->argument, strlen(known->argument));
    }
}

/* As much of an option's text as a list of completions has room for: up to a mark, or some words.
 */
static size_t brief(const char *text)
{
    enum { ENOUGH = 60 };
    size_t n = strcspn(text, ";:,(");

    for (const char *stop = text; (stop = strstr(stop, ". ")) && stop < text + n; stop++)
        n = (size_t)(stop - text);
    if (n <= ENOUGH)
        return n - (n > 0 && text[n - 1] == ' ');
    for (n = ENOUGH; n > 0 && text[n] != ' '; n--)
        ;
    return n;
}

/* "-c, --channel NAME": one option; "--from T, --to T": two. */
static void add_term(struct help_options *options, const struct help_piece *piece)
{
    struct help_option option = {0};

    for (const char *at = piece->term; *at;) {
        const char *comma = strstr(at, ", "); /* "--type T[,T]..." is one */
        size_t n = comma ? (size_t)(comma - at) : strlen(at);
        size_t n_dashes = strspn(at, "-");
        size_t n_name = strcspn(at + n_dashes, " ,=");
        const char *argument = at + n_dashes + n_name;
        if (n_dashes == 1)
            option.letter = at[1];
        else
            append(option.name, sizeof option.name, at + n_dashes, n_name);
        if (*argument == ' ' || *argument == '=')
            append(option.argument, sizeof option.argument, argument + 1,
                   (size_t)(at + n - argument - 1));
        at += n + strspn(at + n, ", ");
        if (option.name[0] || option.argument[0] || !*at) {
            append(option.text, sizeof option.text, piece->text, brief(piece->text));
            add_option(options, &option);
            option = (struct help_option){0};
        }
    }
}

void help_options(const struct cli_command *command, struct help_options *options_out)
{
    static const struct help_option help = {.name = "help", .text = "what the command can do"};
    struct help_piece piece;

    options_out->n = 0;
    for (const char *at = command->help; help_next(&at, &piece);)
        if (piece.term[0] == '-')
            add_term(options_out, &piece);
    add_option(options_out, &help);
}

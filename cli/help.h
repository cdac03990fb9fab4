/* help.h - what the commands say of themselves: on a terminal, as a man page, as shell completions.
 *
 * All of it is read from the table of commands. The lines of a command's `help` are
 *
 *     "  -c, --channel NAME     this channel; again for more"      an item: two blanks, what it is
 *                                                                 about, two blanks, words
 *     "                         (and what goes on with it)"        further words: more than two
 * blanks "Words that stand alone."                                    a paragraph, up to an empty
 * line
 *
 * An item that begins with "-" is of options, several with ", " between them. What an option takes
 * is a name in capitals (NAME, FILE, FOLDER, T), or else the words that it may be: csv|f64. */
#ifndef CLI_HELP_H
#define CLI_HELP_H

#include <stdbool.h>
#include <stdio.h>

#include "cli.h"

/* All commands, in the order in which the help shows them; ended by NULL. */
extern const struct cli_command *const cli_commands[];

const struct cli_command *help_find(const char *name);

/* mef3 --help, and mef3 help COMMAND. */
void help_print_overview(FILE *to);
void help_print(FILE *to, const struct cli_command *command);

/* A line that somebody could type, and what it does: words without a full stop. */
struct help_example {
    const char *command;
    const char *line;
    const char *does;
};
/* Those of all commands, a command's beside each other; ended by {0}. */
extern const struct help_example help_examples[];

/* The first of a command's examples that comes after `after` (NULL: at all), or NULL. */
const struct help_example *help_example_next(const struct cli_command *command,
                                             const struct help_example *after);

/* An item or a paragraph. */
struct help_piece {
    char term[128]; /* "": a paragraph */
    char text[4096];
};
/* The piece that begins at *at, which then is at the next one. False: there is none. */
bool help_next(const char **at, struct help_piece *piece_out);

/* An option, and all that it may take. */
struct help_option {
    char letter;        /* 0: none */
    char name[32];      /* without "--"; "": none */
    char argument[128]; /* "": takes nothing; "NAME", "csv|f64|f32" */
    char text[160];     /* the beginning of what is said of it */
};
enum { HELP_MOST_OPTIONS = 64 };
struct help_options {
    struct help_option items[HELP_MOST_OPTIONS];
    size_t n;
};
/* Those of a command, --help included. */
void help_options(const struct cli_command *command, struct help_options *options_out);

/* The argument is a list of words, and no name of what is to be given. */
bool help_is_words(const char *argument);

void help_print_man(FILE *to);
void help_print_bash(FILE *to);
void help_print_zsh(FILE *to);
void help_print_fish(FILE *to);

#endif

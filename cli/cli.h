/* cli.h - what the subcommands of `mef3` share: exit statuses, failures, options.
 *
 * A subcommand is a file cmd_<name>.c with one `struct cli_command`, listed in
 * main.c. It gets its own argv (argv[0] is its name); main.c has already dealt
 * with --help. Results go to stdout; a failure is one line on stderr that says
 * what, where, and what to do. */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include <getopt.h>
#include <stdbool.h>

#include <mef3/status.h>

enum cli_exit {
    CLI_FINE = 0,
    CLI_DAMAGED = 1,   /* something in the recording is damaged; the rest was written */
    CLI_DIFFERENT = 1, /* of `mef3 diff` alone: the two are not the same */
    CLI_USAGE = 2,     /* wrong use */
    CLI_IO = 3,        /* cannot read or write */
};

/* Help, man page and shell completion are made of these: whatever a command says here is in all of
 * them (help.h has how `help` is read; examples are in help_examples.c). */
struct cli_command {
    const char *name;
    const char *arguments; /* "SESSION [--json]" */
    const char *summary;   /* one line, without a full stop */
    const char *help;      /* lines about the options, each ended by a newline */
    int (*run)(const struct cli_command *self, int argc, char **argv);
};

extern const struct cli_command cmd_info;
extern const struct cli_command cmd_cat;
extern const struct cli_command cmd_records;
extern const struct cli_command cmd_note;
extern const struct cli_command cmd_copy;
extern const struct cli_command cmd_demo;
extern const struct cli_command cmd_repair;
extern const struct cli_command cmd_verify;
extern const struct cli_command cmd_export;
extern const struct cli_command cmd_import;
extern const struct cli_command cmd_archive;
extern const struct cli_command cmd_extract;
extern const struct cli_command cmd_diff;
extern const struct cli_command cmd_gaps;
extern const struct cli_command cmd_ls;
extern const struct cli_command cmd_top;
extern const struct cli_command cmd_plot;
extern const struct cli_command cmd_overview;

/* Print "mef3: <text>" as one line on stderr and return `exit_status`. */
int cli_fail(enum cli_exit exit_status, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The same for a failure of the library. `path` is what the user named, `advice`
 * what to do about it (NULL: what is usual for the status). Returns CLI_DAMAGED
 * for damage, CLI_USAGE for MEF3_EINVAL and CLI_IO for all else. */
int cli_fail_error(const struct mef3_error *error, const char *path, const char *advice);

/* What a person can read safely: control characters, which a terminal would
 * obey, and what is no UTF-8 become "?". Changes `text`, which never gets longer,
 * and returns it. cli_fail does so by itself. */
char *cli_clean(char *text);

/* getopt_long, but a wrong option is told of on stderr, with the command's
 * usage and the option that may have been meant; the answer is then '?', and the command returns
 * CLI_USAGE. Operands may stand among the options; at -1, they begin at argv[optind]. */
int cli_option(const struct cli_command *self, int argc, char **argv, const char *shorts,
               const struct option *longs);

/* Wrong operands: print `what` and the usage, return CLI_USAGE. */
int cli_wrong_use(const struct cli_command *self, const char *what);

/* A finite number in [least, most]; false when the text is anything else. */
bool cli_number(const char *text, double least, double most, double *number_out);

/* A whole number in [least, most], decimal. */
bool cli_whole(const char *text, int64_t least, int64_t most, int64_t *number_out);

/* From now on SIGINT, SIGTERM and SIGHUP only make cli_interrupted() true, so
 * that a command that writes can remove what it wrote. */
void cli_catch_interrupts(void);
bool cli_interrupted(void);

#endif

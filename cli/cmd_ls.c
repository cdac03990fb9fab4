/* cmd_ls.c - `mef3 ls`: the recordings beneath a folder, a line each. */
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "ls.h"
#include "progress.h"
#include "recording.h"

static int find_all(struct ls_list *list, char **folders)
{
    bool is_whole = *folders || ls_find(list, ".");

    for (; is_whole && *folders; folders++)
        is_whole = ls_find(list, *folders);
    return is_whole ? CLI_FINE : cli_fail(CLI_IO, "out of memory; name fewer folders");
}

static void look_at_all(struct ls_list *list, const char *password)
{
    struct progress bar;

    progress_start(&bar, "looking", list->n, PROGRESS_THINGS);
    for (size_t i = 0; i < list->n; i++) {
        ls_look(&list->items[i], password);
        progress_add(&bar, 1);
    }
    progress_end(&bar);
}

/* One line about what could not be read or is damaged; the exit status. */
static int conclude(const struct ls_list *list)
{
    const struct ls_facts *first = NULL;
    size_t n = 0;
    char text[1024];

    if (list->n_unreadable > 0)
        return cli_fail(CLI_IO, "%s: %s%s; check the path and the permissions", list->unreadable,
                        strerror(list->unreadable_errno),
                        list->n_unreadable > 1 ? ", and others likewise" : "");
    for (size_t i = 0; i < list->n; i++) {
        const struct ls_facts *facts = &list->items[i];
        if (facts->error.status == MEF3_OK || (facts->is_open && !facts->is_damaged))
            continue;
        if (n++ == 0 || (first->is_open && !facts->is_open))
            first = facts;
    }
    if (n == 0)
        return CLI_FINE;
    mef3_error_text(&first->error, text, sizeof text);
    return cli_fail(first->is_open ? CLI_DAMAGED : CLI_IO,
                    "%zu of %zu recordings are damaged: %s: %s; mef3 verify says more", n, list->n,
                    first->path, text);
}

static int run(const struct cli_command *self, int argc, char **argv)
{
    static const struct option longs[] = {
        {"json", no_argument, NULL, 'j'},
        {"password-file", required_argument, NULL, 'p'},
        {0},
    };
    char password[RECORDING_PASSWORD_BYTES];
    const char *password_file = NULL;
    struct ls_list list = {0};
    bool as_json = false;
    int exit_status = CLI_FINE;

    for (int option; (option = cli_option(self, argc, argv, "", longs)) != -1;) {
        if (option == '?')
            return CLI_USAGE;
        if (option == 'j')
            as_json = true;
        else
            password_file = optarg;
    }
    exit_status = recording_password(password_file, password);
    if (exit_status == CLI_FINE)
        exit_status = find_all(&list, argv + optind);
    if (exit_status == CLI_FINE) {
        look_at_all(&list, password);
        bool is_printed = as_json ? ls_print_json(stdout, &list) : ls_print_text(stdout, &list);
        exit_status =
            is_printed ? conclude(&list) : cli_fail(CLI_IO, "out of memory; name fewer folders");
    }
    explicit_bzero(password, sizeof password);
    ls_fini(&list);
    return exit_status;
}

const struct cli_command cmd_ls = {
    .name = "ls",
    .arguments = "[FOLDER]... [--json] [--password-file FILE]",
    .summary = "the recordings beneath a folder, a line each",
    .help = "Without FOLDER: those beneath the current one. Links are followed to recordings,\n"
            "not to other folders. Of each channel the first and the last segment are looked\n"
            "at, so that damage elsewhere is not told of (mef3 verify does).\n"
            "\n"
            "  --json                 for programs\n" RECORDING_PASSWORD_HELP,
    .run = run,
};

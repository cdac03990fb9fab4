/* cmd_gaps.c - `mef3 gaps`: when each channel has data. */
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "gaps.h"
#include "progress.h"
#include "recording.h"

enum form { FORM_TEXT, FORM_JSON, FORM_CSV };

struct options {
    const char *path;
    const char **names;
    size_t n_names;
    const char *password_file;
    int64_t at_least_us;
    enum form form;
};

/* o->names has room for argc. */
static int read_options(const struct cli_command *self, int argc, char **argv, struct options *o)
{
    enum { AT_LEAST = 1, CSV, JSON, PASSWORD_FILE };
    static const struct option longs[] = {
        {"at-least", required_argument, NULL, AT_LEAST},
        {"channel", required_argument, NULL, 'c'},
        {"csv", no_argument, NULL, CSV},
        {"json", no_argument, NULL, JSON},
        {"password-file", required_argument, NULL, PASSWORD_FILE},
        {0},
    };
    double seconds;

    for (int option; (option = cli_option(self, argc, argv, "c:", longs)) != -1;) {
        if (option == '?')
            return CLI_USAGE;
        if (option == 'c')
            o->names[o->n_names++] = optarg;
        else if (option == CSV || option == JSON)
            o->form = option == CSV ? FORM_CSV : FORM_JSON;
        else if (option == PASSWORD_FILE)
            o->password_file = optarg;
        else if (!cli_number(optarg, 0, 1e9, &seconds))
            return cli_wrong_use(self, "--at-least takes a number of seconds");
        else
            o->at_least_us = (int64_t)(seconds * 1e6 + 0.5);
    }
    if (argc - optind != 1)
        return cli_wrong_use(self, "one recording is wanted");
    o->path = argv[optind];
    return CLI_FINE;
}

static bool gaps_init(struct gaps *gaps, struct mef3_session *session, size_t n)
{
    *gaps = (struct gaps){
        .session = session,
        .n = n,
        .chosen = calloc(n + 1, sizeof *gaps->chosen),
        .coverage = calloc(n + 1, sizeof *gaps->coverage),
        .group_of = calloc(n + 1, sizeof *gaps->group_of),
        .shown = calloc(n + 1, sizeof *gaps->shown),
    };
    return gaps->chosen && gaps->coverage && gaps->group_of && gaps->shown;
}

static void gaps_fini(struct gaps *gaps)
{
    groups_fini(&gaps->groups);
    free(gaps->chosen);
    free(gaps->coverage);
    free(gaps->group_of);
    free(gaps->shown);
}

static int choose(const struct options *o, struct gaps *gaps)
{
    for (size_t i = 0; i < gaps->n; i++) {
        gaps->chosen[i] = i;
        int status = o->n_names > 0
                         ? recording_channel(gaps->session, o->path, o->names[i], &gaps->chosen[i])
                         : CLI_FINE;
        if (status != CLI_FINE)
            return status;
        gaps->shown[i] = mef3_channel_info(gaps->session, gaps->chosen[i])->name;
    }
    return CLI_FINE;
}

static int read_all(const struct options *o, struct gaps *gaps)
{
    struct mef3_error error;
    struct progress bar;
    int status = MEF3_OK;

    progress_start(&bar, "reading indices", gaps->n, PROGRESS_THINGS);
    for (size_t i = 0; status == MEF3_OK && i < gaps->n; i++) {
        struct coverage *coverage = &gaps->coverage[i];
        status = coverage_read(gaps->session, gaps->chosen[i], o->at_least_us, coverage, &error);
        if (status == MEF3_OK &&
            !groups_add(&gaps->groups, coverage->stretches,
                        coverage->n * sizeof *coverage->stretches, i, &gaps->group_of[i]))
            status = mef3_error_set(&error, MEF3_ENOMEM, NULL, -1, NULL, NULL, NULL);
        coverage_fini(coverage);
        progress_add(&bar, 1);
    }
    progress_end(&bar);
    return status == MEF3_OK ? CLI_FINE : cli_fail_error(&error, o->path, NULL);
}

/* One line about what cannot be read; the exit status. */
static int conclude(const struct options *o, const struct gaps *gaps)
{
    const struct mef3_error *first = NULL;
    size_t n_bad = 0;
    char text[1024];

    for (size_t i = 0; i < gaps->n; i++) {
        const struct coverage *coverage = &gaps->coverage[i];
        if (coverage->n_bad > 0 && (!first || first->status == MEF3_EPASSWORD))
            first = &coverage->first_bad;
        n_bad += coverage->n_bad;
        const struct mef3_channel_info *info = mef3_channel_info(gaps->session, gaps->chosen[i]);
        if (info->status != MEF3_OK && info->n_segments == 0)
            return cli_fail(CLI_DAMAGED, "%s: channel %s: %s; check the permissions", o->path,
                            info->name, mef3_status_text(info->status));
    }
    if (n_bad == 0)
        return CLI_FINE;
    mef3_error_text(first, text, sizeof text);
    if (first->status == MEF3_EPASSWORD)
        return cli_fail(CLI_IO,
                        "%s: %zu segments are locked: %s; give the password by --password-file "
                        "or MEF3_PASSWORD",
                        o->path, n_bad, text);
    return cli_fail(CLI_DAMAGED,
                    "%s: %zu segments cannot be read: %s; copy the recording again from its "
                    "origin",
                    o->path, n_bad, text);
}

static int show(const struct options *o, const struct gaps *gaps)
{
    bool is_fine = true;

    if (o->form == FORM_CSV)
        gaps_print_csv(stdout, gaps);
    else if (o->form == FORM_JSON)
        is_fine = gaps_print_json(stdout, gaps);
    else
        is_fine = gaps_print_text(stdout, gaps);
    return is_fine ? conclude(o, gaps)
                   : cli_fail(CLI_IO, "%s: out of memory; choose channels with -c", o->path);
}

static int find_gaps(const struct options *o, struct mef3_session *session)
{
    struct gaps gaps;
    int status = CLI_FINE;

    if (!gaps_init(&gaps, session,
                   o->n_names > 0 ? o->n_names : mef3_session_info(session)->n_channels))
        status = cli_fail(CLI_IO, "%s: out of memory; choose channels with -c", o->path);
    if (status == CLI_FINE)
        status = choose(o, &gaps);
    if (status == CLI_FINE)
        status = read_all(o, &gaps);
    if (status == CLI_FINE)
        status = show(o, &gaps);
    gaps_fini(&gaps);
    return status;
}

static int run(const struct cli_command *self, int argc, char **argv)
{
    struct options o = {.names = calloc((size_t)argc + 1, sizeof *o.names)};
    char password[RECORDING_PASSWORD_BYTES];
    struct mef3_session *session = NULL;
    int status;

    if (!o.names)
        return cli_fail(CLI_IO, "out of memory; try again with more");
    status = read_options(self, argc, argv, &o);
    if (status == CLI_FINE)
        status = recording_password(o.password_file, password);
    if (status == CLI_FINE && (session = recording_open_lazy(o.path, password, &status)))
        status = find_gaps(&o, session);
    explicit_bzero(password, sizeof password);
    mef3_session_close(session);
    free(o.names);
    return status;
}

const struct cli_command cmd_gaps = {
    .name = "gaps",
    .arguments = "SESSION [-c NAME]... [--at-least S] [--json | --csv] [--password-file FILE]",
    .summary = "when each channel has data, and when it has none",
    .help = "Channels with the same gaps share a table. Metadata and indices tell; a damaged\n"
            "block shows only when it is read (mef3 verify, mef3 cat).\n"
            "\n"
            "  -c, --channel NAME     this channel; again for more; without it, all\n"
            "  --at-least S           pass over gaps of less than S seconds; without it, over\n"
            "                         those of less than half a sample\n"
            "  --csv                  a line a stretch: channel, data or gap or unreadable,\n"
            "                         start and end (uUTC), length in seconds\n"
            "  --json                 for programs\n" RECORDING_PASSWORD_HELP,
    .run = run,
};

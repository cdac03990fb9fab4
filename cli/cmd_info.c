/* cmd_info.c - `mef3 info`: what a recording holds. */
#include <stdlib.h>

#include "cli.h"
#include "facts/session_json.h"
#include "info.h"
#include "json.h"
#include "recording.h"

/* One line about what is damaged or locked; the exit status. */
static int conclude(const struct mef3_session *session, const char *path,
                    const struct coverage *coverage)
{
    const struct mef3_session_info *info = mef3_session_info(session);
    const struct mef3_error *first = NULL;
    size_t n_bad = 0;
    char text[1024];

    for (size_t i = 0; i < info->n_channels; i++) {
        const struct mef3_channel_info *channel = mef3_channel_info(session, i);
        if (coverage[i].n_bad > 0 && (!first || first->status == MEF3_EPASSWORD))
            first = &coverage[i].first_bad;
        n_bad += coverage[i].n_bad;
        if (channel->status != MEF3_OK && channel->n_segments == 0)
            return cli_fail(CLI_DAMAGED, "%s: channel %s: %s; check the permissions", path,
                            channel->name, mef3_status_text(channel->status));
    }
    if (n_bad == 0)
        return CLI_FINE;
    mef3_error_text(first, text, sizeof text);
    if (first->status == MEF3_EPASSWORD)
        return cli_fail(CLI_IO,
                        "%s: %zu segments are locked: %s; give the password by --password-file "
                        "or MEF3_PASSWORD",
                        path, n_bad, text);
    return cli_fail(CLI_DAMAGED,
                    "%s: %zu segments cannot be read: %s; copy the recording again from its "
                    "origin",
                    path, n_bad, text);
}

static int show(struct mef3_session *session, const char *path, bool as_json)
{
    size_t n = mef3_session_info(session)->n_channels;
    struct coverage *coverage = calloc(n + 1, sizeof *coverage);
    bool is_fine = coverage != NULL;
    struct mef3_error error;
    int exit_status;

    for (size_t i = 0; is_fine && i < n; i++) {
        is_fine = coverage_read(session, i, 0, &coverage[i], &error) == MEF3_OK;
        if (is_fine)
            coverage_fini(&coverage[i]); /* the numbers are enough here */
    }
    if (is_fine && as_json)
        is_fine = json_print(stdout, session_json(session, coverage));
    else if (is_fine)
        is_fine = info_print_text(stdout, session, coverage);
    exit_status = is_fine ? conclude(session, path, coverage)
                          : cli_fail(CLI_IO, "%s: out of memory; try again with more", path);
    free(coverage);
    return exit_status;
}

static int run(const struct cli_command *self, int argc, char **argv)
{
    static const struct option longs[] = {
        {"json", no_argument, NULL, 'j'},
        {"password-file", required_argument, NULL, 'p'},
        {0},
    };
    const char *password_file = NULL;
    bool as_json = false;
    int exit_status;

    for (int option; (option = cli_option(self, argc, argv, "", longs)) != -1;) {
        switch (option) {
        case 'j':
            as_json = true;
            break;
        case 'p':
            password_file = optarg;
            break;
        default:
            return CLI_USAGE;
        }
    }
    if (argc - optind != 1)
        return cli_wrong_use(self, "one recording is wanted");
    struct mef3_session *session = recording_open(argv[optind], password_file, &exit_status);
    if (!session)
        return exit_status;
    exit_status = show(session, argv[optind], as_json);
    mef3_session_close(session);
    return exit_status;
}

const struct cli_command cmd_info = {
    .name = "info",
    .arguments = "SESSION [--json] [--password-file FILE]",
    .summary = "what a recording holds: channels, rates, span, gaps, encryption",
    .help = "  --json                 for programs\n" RECORDING_PASSWORD_HELP,
    .run = run,
};

/* cmd_repair.c - `mef3 repair`: save what can be saved into a new recording. */
#include "cli.h"
#include "recording.h"
#include "repair.h"

/* The exit status of a repair that was written. */
static int conclude(const struct repair *repair)
{
    size_t n_lost = repair->n_losses + repair->n_lost_records;

    /* A rate that was worked out, or a factor that nobody knows, is a loss too. */
    for (size_t i = 0; i < repair->n_channels; i++) {
        const struct repaired_channel *channel = &repair->channels[i];
        n_lost += channel->n_lost_records;
        n_lost += !channel->is_written || !channel->facts.is_factor_known;
    }
    return n_lost > 0 ? CLI_DAMAGED : CLI_FINE;
}

static int repair_session(struct repair *repair, bool as_json)
{
    const struct mef3_session_info *info = mef3_session_info(repair->session);
    struct mef3_error error;

    if (info->n_locked > 0)
        return cli_fail(CLI_IO,
                        "%s: %zu segments are locked; give the password by --password-file or "
                        "MEF3_PASSWORD",
                        repair->path, info->n_locked);
    cli_catch_interrupts();
    int status = repair_run(repair, &error);
    if (cli_interrupted())
        return cli_fail(CLI_IO, "%s: interrupted, and removed again; start anew", repair->out);
    if (status != MEF3_OK)
        return cli_fail_error(&error, repair->out,
                              status == MEF3_EINVAL ? "name a new folder NAME.mefd" : NULL);
    if (!as_json)
        repair_print(stdout, repair);
    else if (!repair_print_json(stdout, repair))
        return cli_fail(CLI_IO, "%s: out of memory for the report; it is written", repair->out);
    return conclude(repair);
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
    if (argc - optind != 2)
        return cli_wrong_use(self, "a recording and a new folder are wanted");
    struct repair repair = {.path = argv[optind], .out = argv[optind + 1]};
    repair.session = recording_open(repair.path, password_file, &exit_status);
    if (!repair.session)
        return exit_status;
    exit_status = repair_session(&repair, as_json);
    repair_fini(&repair);
    mef3_session_close(repair.session);
    return exit_status;
}

const struct cli_command cmd_repair = {
    .name = "repair",
    .arguments = "SESSION OUT.mefd [--json] [--password-file FILE]",
    .summary = "save what can be saved of a damaged recording into a new one",
    .help =
        "SESSION stays as it is. Every block with a right checksum is found by going through\n"
        "the data, with or without an index; where metadata are lost, the rate is taken from\n"
        "another segment, or worked out from the times of the blocks (the units factor is 1\n"
        "then). What is lost becomes a gap, a line of the report, and a record of type SyLg in\n"
        "OUT.mefd, which is encrypted as SESSION is.\n"
        "\n"
        "  --json                 the report for programs\n" RECORDING_PASSWORD_HELP "\n"
        "Exit status: 0 nothing was lost; 1 something was; 3 nothing could be written.\n",
    .run = run,
};

/* cmd_diff.c - `mef3 diff`: what makes one recording another. */
#include "cli.h"
#include "diff.h"
#include "recording.h"

struct options {
    const char *paths[2];
    const char *password_files[2];
    bool as_json;
    bool only_metadata;
    bool only_samples;
};

static int read_options(const struct cli_command *self, int argc, char **argv, struct options *o)
{
    enum { JSON = 1, METADATA, SAMPLES, PASSWORD_FILE, PASSWORD_FILE_B };
    static const struct option longs[] = {
        {"json", no_argument, NULL, JSON},
        {"metadata", no_argument, NULL, METADATA},
        {"samples", no_argument, NULL, SAMPLES},
        {"password-file", required_argument, NULL, PASSWORD_FILE},
        {"password-file-b", required_argument, NULL, PASSWORD_FILE_B},
        {0},
    };

    for (int option; (option = cli_option(self, argc, argv, "", longs)) != -1;) {
        if (option == '?')
            return CLI_USAGE;
        if (option == JSON)
            o->as_json = true;
        else if (option == METADATA)
            o->only_metadata = true;
        else if (option == SAMPLES)
            o->only_samples = true;
        else
            o->password_files[option == PASSWORD_FILE_B] = optarg;
    }
    if (argc - optind != 2)
        return cli_wrong_use(self, "two recordings are wanted");
    if (o->only_metadata && o->only_samples)
        return cli_wrong_use(self, "either --metadata or --samples; without them, both");
    o->paths[0] = argv[optind];
    o->paths[1] = argv[optind + 1];
    if (!o->password_files[1])
        o->password_files[1] = o->password_files[0];
    return CLI_FINE;
}

static int conclude(const struct diff *diff)
{
    char text[1024];

    if (diff->bad_in < 0)
        return diff_is_equal(diff) ? CLI_FINE : CLI_DIFFERENT;
    mef3_error_text(&diff->bad, text, sizeof text);
    if (diff->bad.status == MEF3_EPASSWORD)
        return cli_fail(CLI_IO,
                        "%s: locked: %s; give the password by --password-file, "
                        "--password-file-b or MEF3_PASSWORD",
                        diff->paths[diff->bad_in], text);
    return cli_fail(CLI_DAMAGED,
                    "%s: what cannot be read was not compared: %s; mef3 verify says more",
                    diff->paths[diff->bad_in], text);
}

static int compare(const struct options *o, struct diff *diff)
{
    struct mef3_error error;

    if (diff_run(diff, &error) != MEF3_OK) {
        return cli_fail_error(&error, o->paths[0], NULL);
    }
    bool is_printed = o->as_json ? diff_print_json(stdout, diff) : diff_print_text(stdout, diff);
    return is_printed ? conclude(diff) : cli_fail(CLI_IO, "out of memory; try again with more");
}

static int run(const struct cli_command *self, int argc, char **argv)
{
    struct options o = {0};
    int exit_status = read_options(self, argc, argv, &o);

    if (exit_status != CLI_FINE)
        return exit_status;
    struct diff diff = {
        .paths = {o.paths[0], o.paths[1]},
        .with_metadata = !o.only_samples,
        .with_samples = !o.only_metadata,
    };
    diff.sessions[0] = recording_open(o.paths[0], o.password_files[0], &exit_status);
    if (diff.sessions[0])
        diff.sessions[1] = recording_open(o.paths[1], o.password_files[1], &exit_status);
    if (diff.sessions[1])
        exit_status = compare(&o, &diff);
    diff_fini(&diff);
    mef3_session_close(diff.sessions[0]);
    mef3_session_close(diff.sessions[1]);
    return exit_status;
}

const struct cli_command cmd_diff = {
    .name = "diff",
    .arguments = "A B [--metadata | --samples] [--json] [--password-file FILE] "
                 "[--password-file-b FILE]",
    .summary = "what makes one recording another: fields, times, samples",
    .help = "What was recorded is compared, not how it is stored: segments, blocks and\n"
            "encryption make no difference. The exit status is 0 when the two are equal, and\n"
            "1 when they are different or when something could not be read and so was not\n"
            "compared.\n"
            "\n"
            "  --metadata             fields and times only, which is quick\n"
            "  --samples              times and samples only; an anonymised copy has the same\n"
            "  --json                 for programs\n"
            "  --password-file FILE   the password of both is the first line of FILE;\n"
            "                         without it, the variable MEF3_PASSWORD\n"
            "  --password-file-b FILE\n"
            "                         that of B, where it has another\n",
    .run = run,
};

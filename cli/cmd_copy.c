/* cmd_copy.c - `mef3 copy`: a recording written anew, with other blocks, passwords, channels, times
 * or names. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "copy.h"
#include "recording.h"

static int read_options(const struct cli_command *self, int argc, char **argv,
                        struct copy_options *o)
{
    enum { FROM = 1, TO, BLOCK, ONE, ANON, NAME, KEEP, START, OFFSET, PLAIN, PASSWORD, NEW };
    static const double MOST_S = 1e12;
    static const struct option longs[] = {
        {"channel", required_argument, NULL, 'c'},
        {"from", required_argument, NULL, FROM},
        {"to", required_argument, NULL, TO},
        {"block", required_argument, NULL, BLOCK},
        {"one-segment", no_argument, NULL, ONE},
        {"anonymise", no_argument, NULL, ANON},
        {"anonymize", no_argument, NULL, ANON},
        {"name", required_argument, NULL, NAME},
        {"keep-records", no_argument, NULL, KEEP},
        {"start", required_argument, NULL, START},
        {"time-offset", required_argument, NULL, OFFSET},
        {"plain", no_argument, NULL, PLAIN},
        {"password-file", required_argument, NULL, PASSWORD},
        {"new-password-file", required_argument, NULL, NEW},
        {0},
    };
    const char **text[] = {[FROM] = &o->from,
                           [TO] = &o->to,
                           [NAME] = &o->name,
                           [START] = &o->start,
                           [PASSWORD] = &o->password_file,
                           [NEW] = &o->new_password_file};
    bool *flag[] = {[ONE] = &o->one_segment,
                    [ANON] = &o->anonymise,
                    [KEEP] = &o->keeps_records,
                    [PLAIN] = &o->plain};

    for (int option; (option = cli_option(self, argc, argv, "c:", longs)) != -1;) {
        if (option == '?')
            return CLI_USAGE;
        if (option == 'c')
            o->names[o->n_names++] = optarg;
        else if (option == BLOCK && !cli_whole(optarg, 1, MEF3_RED_MAX_SAMPLES, &o->block_samples))
            return cli_wrong_use(self, "--block takes samples, from 1 to 33554432");
        else if (option == OFFSET && !cli_number(optarg, -MOST_S, MOST_S, &o->time_offset_s))
            return cli_wrong_use(self, "--time-offset takes seconds");
        else if (option == OFFSET)
            o->has_time_offset = true;
        else if (option == ONE || option == ANON || option == KEEP || option == PLAIN)
            *flag[option] = true;
        else if (option != BLOCK)
            *text[option] = optarg;
    }
    if (argc - optind != 2)
        return cli_wrong_use(self, "a recording and a new folder are wanted");
    o->path = argv[optind];
    o->out = argv[optind + 1];
    if (o->start && o->has_time_offset)
        return cli_wrong_use(self, "--start and --time-offset say the same in two ways");
    if ((o->name || o->keeps_records) && !o->anonymise)
        return cli_wrong_use(self, "--name and --keep-records are of --anonymise");
    if (o->plain && o->new_password_file)
        return cli_wrong_use(self, "--plain and --new-password-file contradict each other");
    return CLI_FINE;
}

static int choose_channels(struct copy_job *job)
{
    const struct copy_options *o = job->options;
    size_t n = o->n_names > 0 ? o->n_names : mef3_session_info(job->session)->n_channels;

    job->channels = calloc(n + 1, sizeof *job->channels);
    if (!job->channels)
        return cli_fail(CLI_IO, "%s: out of memory; try again with more", o->path);
    job->n_channels = n;
    for (size_t i = 0; i < n; i++) {
        job->channels[i] = i;
        int exit_status = o->n_names > 0 ? recording_channel(job->session, o->path, o->names[i],
                                                             &job->channels[i])
                                         : CLI_FINE;
        for (size_t k = 0; exit_status == CLI_FINE && k < i; k++)
            if (job->channels[k] == job->channels[i])
                exit_status = cli_fail(CLI_USAGE, "%s: channel %s is named twice; name it once",
                                       o->path, o->names[i]);
        if (exit_status != CLI_FINE)
            return exit_status;
    }
    return CLI_FINE;
}

static int choose_times(struct copy_job *job)
{
    const struct copy_options *o = job->options;
    int64_t start = mef3_session_info(job->session)->start_uutc;

    job->from_uutc = job->to_uutc = MEF3_NO_TIME;
    int exit_status = recording_time("--from", o->from, start, &job->from_uutc);
    if (exit_status == CLI_FINE)
        exit_status = recording_time("--to", o->to, start, &job->to_uutc);
    if (exit_status == CLI_FINE && job->from_uutc != MEF3_NO_TIME && job->to_uutc != MEF3_NO_TIME &&
        job->to_uutc < job->from_uutc)
        exit_status =
            cli_fail(CLI_USAGE, "the window ends before it begins; give --from before --to");
    return exit_status == CLI_FINE ? copy_choose_shift(job) : exit_status;
}

/* What was secret is not to lie open by an oversight, nor to be lost. */
static int check_secrets(const struct copy_job *job)
{
    const struct copy_options *o = job->options;
    const struct mef3_session_info *info = mef3_session_info(job->session);

    for (size_t i = 0; i < job->n_channels; i++) {
        const struct mef3_channel_info *channel = mef3_channel_info(job->session, job->channels[i]);
        if (channel->status == MEF3_EPASSWORD)
            return cli_fail(CLI_IO,
                            "%s: channel %s is locked; give the password by --password-file or "
                            "MEF3_PASSWORD",
                            o->path, channel->name);
    }
    if (info->times_relative && !o->anonymise)
        return cli_fail(CLI_IO,
                        "%s: section 3, with the subject and how times are stored, is locked; give "
                        "the password of level 2, or --anonymise",
                        o->path);
    if (info->encrypted && !o->plain && !o->new_password_file)
        return cli_fail(CLI_USAGE,
                        "%s is encrypted; say with --new-password-file how the copy is to be, or "
                        "--plain that it is not",
                        o->path);
    return CLI_FINE;
}

static int copy_channel(struct copy_job *job, size_t channel, struct mef3_error *error)
{
    const struct mef3_channel_info *info = mef3_channel_info(job->session, channel);
    struct mef3_writer_channel to;
    size_t number;

    if (info->rate_hz == 0) { /* nothing of it can be read, not even how it was recorded */
        const struct mef3_segment_info *segment = mef3_segment_info(job->session, channel, 0);
        struct mef3_error why;
        mef3_error_set(&why, info->status == MEF3_OK ? MEF3_ENOENT : info->status, info->name, -1,
                       "segments", NULL, "none that can be read");
        copy_lose(job, info->name, 0, segment && segment->error ? segment->error : &why);
        return MEF3_OK;
    }
    copy_describe_channel(job, channel, &to);
    int status = mef3_writer_add_channel(job->writer, &to, &number, error);
    if (status == MEF3_OK)
        status = copy_samples(job, channel, number, error);
    if (status == MEF3_OK && !cli_interrupted())
        status = copy_records(job, channel, number, error);
    return status;
}

static int copy_all(struct copy_job *job, struct mef3_error *error)
{
    uint64_t total = 0;
    int status = MEF3_OK;

    for (size_t i = 0; i < job->n_channels; i++)
        total += (uint64_t)mef3_channel_info(job->session, job->channels[i])->n_samples;
    progress_start(&job->bar, "copying", total, PROGRESS_SAMPLES);
    for (size_t i = 0; status == MEF3_OK && i < job->n_channels && !cli_interrupted(); i++)
        status = copy_channel(job, job->channels[i], error);
    progress_end(&job->bar);
    if (status == MEF3_OK && !cli_interrupted())
        status = copy_records(job, MEF3_SESSION_RECORDS, MEF3_SESSION_RECORDS, error);
    return status;
}

static int conclude(const struct copy_job *job)
{
    const struct copy_losses *lost = &job->losses;
    const char *out = job->options->out;
    char text[1024];

    printf("%s: %zu channels, %" PRId64 " samples, %zu records\n", out, job->n_channels,
           job->n_samples, job->n_records);
    if (job->n_left_out > 0)
        printf("%zu records were left out, being words; --keep-records copies them\n",
               job->n_left_out);
    if (!lost->has_first)
        return CLI_FINE;
    mef3_error_text(&lost->first, text, sizeof text);
    return cli_fail(CLI_DAMAGED,
                    "%s: %" PRId64 " samples in %zu places and %zu records could not be copied, "
                    "the first%s%s: %s; copy the recording again from its origin",
                    job->options->path, lost->n_samples, lost->n_places, lost->n_records,
                    lost->channel[0] ? " in channel " : "", lost->channel, text);
}

static int write_copy(struct copy_job *job, const struct mef3_writer_options *options)
{
    const char *out = job->options->out;
    struct mef3_error error;

    if (mef3_writer_create(out, options, &job->writer, &error) != MEF3_OK)
        return cli_fail_error(&error, out,
                              error.status == MEF3_EINVAL ? "name a new folder NAME.mefd" : NULL);
    cli_catch_interrupts();
    int status = copy_all(job, &error);
    bool is_interrupted = cli_interrupted();
    if (status != MEF3_OK || is_interrupted)
        mef3_writer_abort(job->writer);
    else
        status = mef3_writer_finish(job->writer, &error);
    if (status != MEF3_OK)
        return cli_fail_error(&error, out, NULL);
    if (is_interrupted)
        return cli_fail(CLI_IO, "%s: interrupted, and removed again; start anew", out);
    return conclude(job);
}

static int copy_session(struct copy_job *job, char passwords[2][RECORDING_PASSWORD_BYTES])
{
    struct mef3_writer_options options;

    int exit_status = choose_channels(job);
    if (exit_status == CLI_FINE)
        exit_status = check_secrets(job);
    if (exit_status == CLI_FINE)
        exit_status = choose_times(job);
    if (exit_status != CLI_FINE)
        return exit_status;
    copy_describe(job, &options);
    options.password_1 = passwords[0][0] ? passwords[0] : NULL;
    options.password_2 = passwords[1][0] ? passwords[1] : NULL;
    job->n_passwords = (options.password_1 != NULL) + (options.password_2 != NULL);
    return write_copy(job, &options);
}

/* Level 1, and on a second line level 2. */
static int read_passwords(const char *path, char passwords[2][RECORDING_PASSWORD_BYTES])
{
    FILE *file = path ? fopen(path, "re") : NULL;

    if (!path)
        return CLI_FINE;
    for (int i = 0; file && i < 2; i++) {
        if (!fgets(passwords[i], RECORDING_PASSWORD_BYTES, file))
            passwords[i][0] = '\0';
        passwords[i][strcspn(passwords[i], "\r\n")] = '\0';
    }
    int number = errno;
    if (file)
        fclose(file);
    if (!file || !passwords[0][0])
        return cli_fail(CLI_IO, "%s: the new passwords cannot be read: %s; check the file", path,
                        file ? "its first line is empty" : strerror(number));
    return CLI_FINE;
}

static int run(const struct cli_command *self, int argc, char **argv)
{
    struct copy_options o = {.names = calloc((size_t)argc + 1, sizeof *o.names)};
    struct copy_job job = {.options = &o};
    char passwords[2][RECORDING_PASSWORD_BYTES] = {"", ""};

    if (!o.names)
        return cli_fail(CLI_IO, "out of memory; try again with more");
    int exit_status = read_options(self, argc, argv, &o);
    if (exit_status == CLI_FINE)
        exit_status = read_passwords(o.new_password_file, passwords);
    if (exit_status == CLI_FINE &&
        (job.session = recording_open(o.path, o.password_file, &exit_status)))
        exit_status = copy_session(&job, passwords);
    explicit_bzero(passwords, sizeof passwords);
    mef3_session_close(job.session);
    free(job.channels);
    free(o.names);
    return exit_status;
}

const struct cli_command cmd_copy = {
    .name = "copy",
    .arguments = "SESSION OUT.mefd [-c NAME]... [--from T] [--to T] [--block SAMPLES] "
                 "[--one-segment] [--new-password-file FILE|--plain] [--anonymise [--name NAME] "
                 "[--keep-records]] [--start T|--time-offset S] [--password-file FILE]",
    .summary = "write a recording anew: other blocks, passwords, channels, times or names",
    .help =
        "OUT.mefd is a new folder. Samples stay as they are, bit for bit, gaps stay gaps; what\n"
        "cannot be read becomes a gap, and is told of.\n"
        "\n"
        "  -c, --channel NAME        this channel; again for more; without it, all\n"
        "  --from T, --to T          from T, up to but not including T: a uUTC number, an ISO\n"
        "                            8601 time (UTC unless it says otherwise) or +seconds from\n"
        "                            the recording's start\n"
        "  --block SAMPLES           samples a block (as they are)\n"
        "  --one-segment             one segment a channel, whatever there were\n"
        "  --new-password-file FILE  encrypt with the password in the first line of FILE, and,\n"
        "                            if there is a second line, with that at level 2\n"
        "  --plain                   do not encrypt what was encrypted\n"
        "  --anonymise               leave out the subject, the session's name and description,\n"
        "                            the place, the date (2000-01-01, at the same time of the\n"
        "                            day) and all records that may hold words. Names and\n"
        "                            descriptions of channels stay\n"
        "  --name NAME               what stands for the subject (nothing)\n"
        "  --keep-records            copy those records all the same\n"
        "  --start T                 move all times so that the recording begins at T\n"
        "  --time-offset S           move all times by S seconds\n" RECORDING_PASSWORD_HELP "\n"
        "  mef3 copy night.mefd part.mefd -c Cz -c Pz --from +3600 --to +3900\n"
        "  mef3 copy night.mefd study-017.mefd --anonymise --name 017\n",
    .run = run,
};

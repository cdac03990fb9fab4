/* cmd_cat.c - `mef3 cat`: samples as text or numbers. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cat.h"
#include "cli.h"
#include "moment.h"
#include "output.h"
#include "recording.h"

/* So many samples of a channel beyond the recording are surely a slip. */
static const int64_t MOST_OUTSIDE = 1000000000;

struct options {
    const char *path;
    const char **names; /* as given, in order */
    size_t n_names;
    const char *from;
    const char *to;
    const char *output;
    const char *password_file;
    enum cat_format format;
    bool counts;
};

static bool format_of(const char *text, enum cat_format *format_out)
{
    static const char *const names[] = {
        [CAT_CSV] = "csv", [CAT_F64] = "f64", [CAT_F32] = "f32",
        [CAT_I32] = "i32", [CAT_NPY] = "npy",
    };

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(text, names[i]) == 0) {
            *format_out = (enum cat_format)i;
            return true;
        }
    }
    return false;
}

/* o->names has room for argc. */
static int read_options(const struct cli_command *self, int argc, char **argv, struct options *o)
{
    enum { FROM = 1, TO, COUNTS, FORMAT, PASSWORD_FILE };
    static const struct option longs[] = {
        {"channel", required_argument, NULL, 'c'},
        {"from", required_argument, NULL, FROM},
        {"to", required_argument, NULL, TO},
        {"counts", no_argument, NULL, COUNTS},
        {"format", required_argument, NULL, FORMAT},
        {"output", required_argument, NULL, 'o'},
        {"password-file", required_argument, NULL, PASSWORD_FILE},
        {0},
    };

    for (int option; (option = cli_option(self, argc, argv, "c:o:", longs)) != -1;) {
        if (option == '?')
            return CLI_USAGE;
        if (option == 'c')
            o->names[o->n_names++] = optarg;
        else if (option == 'o')
            o->output = optarg;
        else if (option == FROM)
            o->from = optarg;
        else if (option == TO)
            o->to = optarg;
        else if (option == COUNTS)
            o->counts = true;
        else if (option == PASSWORD_FILE)
            o->password_file = optarg;
        else if (option == FORMAT && !format_of(optarg, &o->format))
            return cli_wrong_use(self, "--format takes csv, f64, f32, i32 or npy");
    }
    if (argc - optind != 1)
        return cli_wrong_use(self, "one recording is wanted");
    o->path = argv[optind];
    return CLI_FINE;
}

static int choose_channels(const struct options *o, struct cat_job *job)
{
    size_t n = mef3_session_info(job->session)->n_channels;
    size_t n_chosen = o->n_names > 0 ? o->n_names : n;
    double usual_rate_hz = 0;

    job->channels = calloc(n_chosen + 1, sizeof *job->channels);
    if (!job->channels)
        return cli_fail(CLI_IO, "%s: out of memory; try again with more", o->path);
    for (size_t i = 0; i < n_chosen; i++) {
        int64_t number = o->n_names > 0 ? mef3_channel_find(job->session, o->names[i]) : (int64_t)i;
        if (number < 0)
            return cli_fail(CLI_USAGE, "%s: there is no channel %s; mef3 info lists them", o->path,
                            o->names[i]);
        const struct mef3_channel_info *info = mef3_channel_info(job->session, (size_t)number);
        job->channels[i] = (struct cat_channel){
            .number = (size_t)number,
            .name = info->name,
            .rate_hz = info->rate_hz,
            .factor = info->units_factor,
            .is_lost = info->status != MEF3_OK,
        };
        if (usual_rate_hz == 0)
            usual_rate_hz = info->rate_hz;
    }
    job->n_channels = n_chosen;
    /* A channel of which nothing is known stands in line with the others. */
    for (size_t i = 0; i < n_chosen; i++)
        if (job->channels[i].rate_hz == 0)
            job->channels[i].rate_hz = usual_rate_hz;
    return CLI_FINE;
}

static int parse_time(const char *option, const char *text, int64_t start_uutc, int64_t *uutc_out)
{
    if (!text)
        return CLI_FINE;
    if (text[0] == '+' && start_uutc == MEF3_NO_TIME)
        return cli_fail(CLI_USAGE, "%s %s: the recording's start is not known; give a time", option,
                        text);
    if (!moment_parse(text, start_uutc, uutc_out))
        return cli_fail(CLI_USAGE,
                        "%s %s is no time; give a uUTC number, an ISO 8601 time or +seconds",
                        option, text);
    return CLI_FINE;
}

/* The whole of the one channel, or of the recording, so that rows line up;
 * then what the options say. */
static int choose_window(const struct options *o, struct cat_job *job)
{
    const struct mef3_session_info *info = mef3_session_info(job->session);

    job->start_uutc = info->start_uutc;
    job->end_uutc = info->end_uutc;
    if (job->n_channels == 1) {
        const struct mef3_channel_info *only =
            mef3_channel_info(job->session, job->channels[0].number);
        job->start_uutc = only->start_uutc;
        job->end_uutc = only->end_uutc;
    }
    if (job->start_uutc == MEF3_NO_TIME)
        job->start_uutc = job->end_uutc = 0;
    int status = parse_time("--from", o->from, info->start_uutc, &job->start_uutc);
    if (status == CLI_FINE)
        status = parse_time("--to", o->to, info->start_uutc, &job->end_uutc);
    if (status != CLI_FINE)
        return status;
    if (job->end_uutc < job->start_uutc)
        return cli_fail(CLI_USAGE, "the window ends before it begins; give --from before --to");
    return CLI_FINE;
}

static int count_samples(const struct options *o, struct cat_job *job)
{
    const struct mef3_session_info *info = mef3_session_info(job->session);

    for (size_t i = 0; i < job->n_channels; i++) {
        struct cat_channel *channel = &job->channels[i];
        int64_t n_recorded = 0;
        if (channel->rate_hz == 0)
            continue;
        int status =
            mef3_window_samples(job->start_uutc, job->end_uutc, channel->rate_hz, &channel->n);
        if (status == MEF3_OK && info->start_uutc != MEF3_NO_TIME)
            status = mef3_window_samples(info->start_uutc, info->end_uutc, channel->rate_hz,
                                         &n_recorded);
        if (status != MEF3_OK || channel->n - n_recorded > MOST_OUTSIDE)
            return cli_fail(CLI_USAGE,
                            "%s: the window is far longer than the recording; give --from and "
                            "--to nearer to it",
                            o->path);
    }
    return CLI_FINE;
}

/* Lines and rows need one rate. */
static int check_rates(const struct options *o, const struct cat_job *job)
{
    for (size_t i = 1; i < job->n_channels; i++) {
        const struct cat_channel *a = &job->channels[0];
        const struct cat_channel *b = &job->channels[i];
        if (a->rate_hz != b->rate_hz && (o->format == CAT_CSV || o->format == CAT_NPY))
            return cli_fail(CLI_USAGE,
                            "%s: channels of different rates (%s %.10g Hz, %s %.10g Hz) do not "
                            "fit one table; choose some with -c, or --format f64",
                            o->path, a->name, a->rate_hz, b->name, b->rate_hz);
    }
    return CLI_FINE;
}

static int conclude(const struct options *o, const struct cat_job *job)
{
    const struct cat_damage *damage = &job->damage;
    const char *place = o->n_names == 1 ? "" : ", the first";
    char text[1024];

    if (damage->n_places == 0)
        return CLI_FINE;
    mef3_error_text(&damage->first, text, sizeof text);
    if (damage->is_locked_only && damage->n_samples == 0) /* not even their number is known */
        return cli_fail(CLI_IO,
                        "%s: locked: %s; give the password by --password-file or "
                        "MEF3_PASSWORD",
                        o->path, text);
    if (damage->is_locked_only)
        return cli_fail(damage->has_data ? CLI_DAMAGED : CLI_IO,
                        "%s: %" PRId64 " samples are locked%s in channel %s: %s; give the "
                        "password by --password-file or MEF3_PASSWORD",
                        o->path, damage->n_samples, place,
                        mef3_channel_info(job->session, damage->channel)->name, text);
    return cli_fail(CLI_DAMAGED,
                    "%s: %" PRId64 " samples in %zu places are unreadable%s in channel %s: %s; "
                    "copy the recording again from its origin",
                    o->path, damage->n_samples, damage->n_places, place,
                    mef3_channel_info(job->session, damage->channel)->name, text);
}

static void start_bar(struct cat_job *job, const struct output *output)
{
    uint64_t total = 0;

    for (size_t i = 0; i < job->n_channels; i++)
        total += (uint64_t)job->channels[i].n;
    progress_start(&job->bar, "writing", total, PROGRESS_SAMPLES);
    if (!output_leaves_terminal(output))
        progress_end(&job->bar);
}

static int write_output(const struct options *o, struct cat_job *job)
{
    const char *where = o->output ? o->output : "standard output";
    struct mef3_error error;
    struct output output;

    if (!output_open(o->output, &output))
        return cli_fail(CLI_IO, "%s: cannot be written: %s; choose another place", where,
                        strerror(errno));
    job->to = output.file;
    start_bar(job, &output);
    int status = job->format == CAT_CSV ? cat_write_csv(job, &error) : cat_write_raw(job, &error);
    progress_end(&job->bar);
    bool is_written = output_close(&output, status == MEF3_OK);
    if (!is_written)
        return cli_fail(CLI_IO, "%s: cannot be written: %s; check the disk", where,
                        strerror(errno));
    if (status != MEF3_OK)
        return cli_fail_error(&error, o->path, NULL);
    return conclude(o, job);
}

static int cat_session(const struct options *o, struct mef3_session *session)
{
    struct cat_job job = {.session = session, .counts = o->counts, .format = o->format};

    int status = choose_channels(o, &job);
    if (status == CLI_FINE)
        status = choose_window(o, &job);
    if (status == CLI_FINE)
        status = count_samples(o, &job);
    if (status == CLI_FINE)
        status = check_rates(o, &job);
    if (status == CLI_FINE)
        status = write_output(o, &job);
    free(job.channels);
    return status;
}

static int run(const struct cli_command *self, int argc, char **argv)
{
    struct options o = {.names = calloc((size_t)argc + 1, sizeof *o.names)};
    struct mef3_session *session = NULL;
    int status;

    if (!o.names)
        return cli_fail(CLI_IO, "out of memory; try again with more");
    status = read_options(self, argc, argv, &o);
    if (status == CLI_FINE && (session = recording_open(o.path, o.password_file, &status)))
        status = cat_session(&o, session);
    mef3_session_close(session);
    free(o.names);
    return status;
}

const struct cli_command cmd_cat = {
    .name = "cat",
    .arguments = "SESSION [-c NAME]... [--from T] [--to T] [--counts] "
                 "[--format csv|f64|f32|i32|npy] [-o FILE] [--password-file FILE]",
    .summary = "samples of a recording, as text or as numbers",
    .help = "  -c, --channel NAME     this channel; again for more, in this order;\n"
            "                         without it, all\n"
            "  --from T, --to T       from T, up to but not including T: a uUTC number, an\n"
            "                         ISO 8601 time (UTC, unless it says otherwise) or +1.5,\n"
            "                         seconds from the recording's start. Without them, all\n"
            "                         of the recording, or of the channel when there is but\n"
            "                         one\n"
            "  --counts               numbers as stored, without the units factor\n"
            "  --format csv           a line a sample: its time (uUTC), then the channels; an\n"
            "                         empty cell is a gap, \"nan\" cannot be read\n"
            "  --format f64|f32|i32   little-endian numbers, channel after channel, each at\n"
            "                         its own rate; NaN (i32: 0x80000000) where there is no\n"
            "                         data; i32 rounds, so it is best with --counts\n"
            "  --format npy           a NumPy file of float64, channels x samples\n"
            "  -o, --output FILE      write to FILE, which appears when all is "
            "written\n" RECORDING_PASSWORD_HELP,
    .run = run,
};

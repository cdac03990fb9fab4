/* cat_run.c - what `cat` and `export` share: which channels, which window, where to, and how it
 * ended. */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cat.h"
#include "cli.h"
#include "output.h"
#include "recording.h"

/* So many samples of a channel beyond the recording are surely a slip. */
static const int64_t MOST_OUTSIDE = 1000000000;

bool cat_take(struct cat_wanted *wanted, int option)
{
    switch (option) {
    case 'c':
        wanted->names[wanted->n_names++] = optarg;
        return true;
    case 'o':
        wanted->output = optarg;
        return true;
    case CAT_FROM:
        wanted->from = optarg;
        return true;
    case CAT_TO:
        wanted->to = optarg;
        return true;
    case CAT_PASSWORD_FILE:
        wanted->password_file = optarg;
        return true;
    default:
        return false;
    }
}

static int choose_channels(const struct cat_wanted *o, struct cat_job *job)
{
    size_t n = mef3_session_info(job->session)->n_channels;
    size_t n_chosen = o->n_names > 0 ? o->n_names : n;
    double usual_rate_hz = 0;

    job->channels = calloc(n_chosen + 1, sizeof *job->channels);
    if (!job->channels)
        return cli_fail(CLI_IO, "%s: out of memory; try again with more", o->path);
    for (size_t i = 0; i < n_chosen; i++) {
        size_t number = i;
        int status = o->n_names > 0 ? recording_channel(job->session, o->path, o->names[i], &number)
                                    : CLI_FINE;
        if (status != CLI_FINE)
            return status;
        const struct mef3_channel_info *info = mef3_channel_info(job->session, number);
        job->channels[i] = (struct cat_channel){
            .number = number,
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

/* The whole of the one channel, or of the recording, so that rows line up;
 * then what the options say. */
static int choose_window(const struct cat_wanted *o, struct cat_job *job)
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
    int status = recording_time("--from", o->from, info->start_uutc, &job->start_uutc);
    if (o->length_us > 0 && __builtin_add_overflow(job->start_uutc, o->length_us, &job->end_uutc))
        job->end_uutc = INT64_MAX;
    if (status == CLI_FINE)
        status = recording_time("--to", o->to, info->start_uutc, &job->end_uutc);
    if (status != CLI_FINE)
        return status;
    if (job->end_uutc < job->start_uutc)
        return cli_fail(CLI_USAGE, "the window ends before it begins; give --from before --to");
    return CLI_FINE;
}

static int count_samples(const struct cat_wanted *o, struct cat_job *job)
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
static int check_rates(const struct cat_wanted *o, const struct cat_job *job)
{
    for (size_t i = 1; i < job->n_channels; i++) {
        const struct cat_channel *a = &job->channels[0];
        const struct cat_channel *b = &job->channels[i];
        if (a->rate_hz != b->rate_hz)
            return cli_fail(CLI_USAGE,
                            "%s: channels of different rates (%s %.10g Hz, %s %.10g Hz) do not "
                            "fit one table; choose some with -c, or a format that keeps them apart",
                            o->path, a->name, a->rate_hz, b->name, b->rate_hz);
    }
    return CLI_FINE;
}

static int conclude(const struct cat_wanted *o, const struct cat_job *job)
{
    const struct cat_damage *damage = &job->damage;
    const char *place = o->n_names == 1 ? "" : ", the first";
    char text[1024];

    if (damage->n_places == 0 && job->n_unreadable_records > 0)
        return cli_fail(CLI_DAMAGED,
                        "%s: %zu records are damaged or locked, and were left out; mef3 records "
                        "lists them",
                        o->path, job->n_unreadable_records);
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

static int write_output(const struct cat_wanted *o, struct cat_job *job,
                        const struct cat_writer *writer)
{
    const char *where = o->output ? o->output : "standard output";
    struct mef3_error error;
    struct output output;

    if (!output_open(o->output, &output))
        return cli_fail(CLI_IO, "%s: cannot be written: %s; choose another place", where,
                        strerror(errno));
    job->to = output.file;
    start_bar(job, &output);
    int status = writer->write(job, &error);
    progress_end(&job->bar);
    bool is_written = output_close(&output, status == MEF3_OK);
    if (!is_written)
        return cli_fail(CLI_IO, "%s: cannot be written: %s; check the disk", where,
                        strerror(errno));
    if (status != MEF3_OK)
        return cli_fail_error(&error, o->path, NULL);
    return conclude(o, job);
}

/* Nothing of it can be read: that is told, and nothing is written. */
static int conclude_lost(const struct cat_wanted *o, struct cat_job *job)
{
    struct mef3_error error;

    for (size_t i = 0; i < job->n_channels; i++)
        if (cat_read(job, &job->channels[i], 0, 0, NULL, NULL, &error) != MEF3_OK)
            return cli_fail_error(&error, o->path, NULL);
    return conclude(o, job);
}

static bool is_all_lost(const struct cat_job *job)
{
    for (size_t i = 0; i < job->n_channels; i++)
        if (!job->channels[i].is_lost)
            return false;
    return job->n_channels > 0;
}

static int run_session(const struct cat_wanted *o, struct cat_job *job,
                       const struct cat_writer *writer)
{
    int status = choose_channels(o, job);

    if (status == CLI_FINE)
        status = choose_window(o, job);
    if (status == CLI_FINE)
        status = count_samples(o, job);
    if (status == CLI_FINE && writer->needs_one_rate)
        status = check_rates(o, job);
    bool is_lost = status == CLI_FINE && writer->prepare && is_all_lost(job);
    if (is_lost)
        status = conclude_lost(o, job);
    else if (status == CLI_FINE && writer->prepare)
        status = writer->prepare(o, job);
    if (status == CLI_FINE)
        status = write_output(o, job, writer);
    if (writer->fini)
        writer->fini(job);
    free(job->channels);
    return status;
}

int cat_run(const struct cat_wanted *wanted, struct cat_job *job, const struct cat_writer *writer)
{
    int status;

    job->session = recording_open(wanted->path, wanted->password_file, &status);
    if (job->session)
        status = run_session(wanted, job, writer);
    mef3_session_close(job->session);
    return status;
}

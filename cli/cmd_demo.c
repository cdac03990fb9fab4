/* cmd_demo.c - `mef3 demo`: a recording that looks like EEG. */
#include <mef3/write.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli.h"
#include "demo_signal.h"
#include "progress.h"

/* 2024-01-15 22:00 UTC: a night. */
static const int64_t START_UUTC = 1705356000000000;

enum { MOST_CHANNELS = 4096, MOST_SEGMENTS = 10000 };

struct plan {
    const char *path;
    int64_t n_channels;
    double rate_hz;
    double hours;
    int64_t seed;
    int64_t n_segments;
    int64_t n_samples; /* of a channel, the gap included */
    int64_t gap_from;  /* numbers of samples */
    int64_t gap_to;
};

static int read_options(const struct cli_command *self, int argc, char **argv, struct plan *plan)
{
    enum { CHANNELS = 1, RATE, HOURS, SEED, SEGMENTS };
    static const struct option options[] = {
        {"channels", required_argument, NULL, CHANNELS}, {"rate", required_argument, NULL, RATE},
        {"hours", required_argument, NULL, HOURS},       {"seed", required_argument, NULL, SEED},
        {"segments", required_argument, NULL, SEGMENTS}, {NULL, 0, NULL, 0},
    };
    int option;

    while ((option = cli_option(self, argc, argv, "", options)) != -1) {
        if (option == '?')
            return CLI_USAGE;
        if (option == CHANNELS && !cli_whole(optarg, 1, MOST_CHANNELS, &plan->n_channels))
            return cli_wrong_use(self, "--channels takes a whole number from 1 to 4096");
        if (option == RATE && !cli_number(optarg, 1, 100000, &plan->rate_hz))
            return cli_wrong_use(self, "--rate takes a number from 1 to 100000 (Hz)");
        if (option == HOURS && !cli_number(optarg, 1e-4, 100000, &plan->hours))
            return cli_wrong_use(self, "--hours takes a number from 0.0001 to 100000");
        if (option == SEED && !cli_whole(optarg, 0, INT64_MAX, &plan->seed))
            return cli_wrong_use(self, "--seed takes a whole number from 0");
        if (option == SEGMENTS && !cli_whole(optarg, 1, MOST_SEGMENTS, &plan->n_segments))
            return cli_wrong_use(self, "--segments takes a whole number from 1 to 10000");
    }
    if (argc - optind != 1)
        return cli_wrong_use(self, "one output folder is needed");
    plan->path = argv[optind];
    return CLI_FINE;
}

static void place_gap(struct plan *plan)
{
    double seconds = plan->hours * 3600;

    plan->n_samples = (int64_t)fmax(1, round(seconds * plan->rate_hz));
    plan->gap_from = (int64_t)(0.35 * (double)plan->n_samples);
    plan->gap_to = plan->gap_from + (int64_t)(fmin(5, 0.05 * seconds) * plan->rate_hz);
}

static int add_channels(struct mef3_writer *writer, const struct plan *plan,
                        struct mef3_error *error)
{
    /* Blocks of whole seconds, of about a thousand samples or more. */
    double block_s = ceil(1000 / plan->rate_hz);

    for (int64_t i = 0; i < plan->n_channels; i++) {
        char name[DEMO_NAME_BYTES];
        size_t number;
        struct mef3_writer_channel channel;
        demo_name((size_t)i, name);
        mef3_writer_channel_defaults(&channel);
        channel.name = name;
        channel.rate_hz = plan->rate_hz;
        channel.units_factor = DEMO_UNITS_FACTOR;
        channel.description = "made-up EEG";
        channel.block_samples = (uint32_t)round(block_s * plan->rate_hz);
        channel.line_hz = DEMO_MAINS_HZ;
        int status = mef3_writer_add_channel(writer, &channel, &number, error);
        if (status != MEF3_OK)
            return status;
    }
    return MEF3_OK;
}

/* The first sample of a segment, and with its number one more: its end. */
static int64_t segment_from(const struct plan *plan, int64_t segment)
{
    return (int64_t)((double)plan->n_samples * (double)segment / (double)plan->n_segments);
}

/* How many samples to make next: a step never goes across an edge of the gap or
 * of a segment. */
static size_t step_from(const struct plan *plan, int64_t at, int64_t segment_end)
{
    int64_t edge = at < plan->gap_from ? plan->gap_from
                   : at < plan->gap_to ? plan->gap_to
                                       : plan->n_samples;

    if (segment_end > at && segment_end < edge)
        edge = segment_end;
    return (size_t)(edge - at < DEMO_STEP ? edge - at : DEMO_STEP);
}

static int next_segment(struct mef3_writer *writer, const struct plan *plan,
                        struct mef3_error *error)
{
    int status = MEF3_OK;

    for (size_t i = 0; i < (size_t)plan->n_channels && status == MEF3_OK; i++)
        status = mef3_writer_next_segment(writer, i, error);
    return status;
}

/* MEF3_OK, also when interrupted: the caller asks. */
static int write_samples(struct mef3_writer *writer, struct demo *demo, const struct plan *plan,
                         struct progress *bar, struct mef3_error *error)
{
    int32_t counts[DEMO_STEP];
    int64_t segment_end = segment_from(plan, 1);
    int64_t segment = 0;
    size_t n;

    for (int64_t at = 0; at < plan->n_samples && !cli_interrupted(); at += (int64_t)n) {
        for (; at >= segment_end; segment_end = segment_from(plan, segment + 1)) {
            int status = next_segment(writer, plan, error);
            if (status != MEF3_OK)
                return status;
            segment++;
        }
        n = step_from(plan, at, segment_end);
        demo_step(demo, n);
        progress_add(bar, n * (uint64_t)plan->n_channels);
        if (at >= plan->gap_from && at < plan->gap_to)
            continue;
        for (size_t i = 0; i < (size_t)plan->n_channels; i++) {
            demo_counts(demo, i, counts);
            int status = mef3_writer_append(
                writer, i, mef3_index_to_time(at, START_UUTC, plan->rate_hz), counts, n, error);
            if (status != MEF3_OK)
                return status;
        }
    }
    return MEF3_OK;
}

static int write_recording(const struct plan *plan, struct demo *demo)
{
    static const struct mef3_writer_options options = {
        .session_description = "made by mef3 demo",
        .subject_id = "nobody",
        .gmt_offset_s = 0,
        .reproducible = true,
    };
    struct mef3_writer *writer;
    struct mef3_error error;
    struct progress bar;

    if (mef3_writer_create(plan->path, &options, &writer, &error) != MEF3_OK)
        return cli_fail_error(&error, plan->path,
                              error.status == MEF3_EINVAL ? "name a new folder NAME.mefd" : NULL);
    int status = add_channels(writer, plan, &error);
    progress_start(&bar, "writing", (uint64_t)(plan->n_samples * plan->n_channels),
                   PROGRESS_SAMPLES);
    if (status == MEF3_OK)
        status = write_samples(writer, demo, plan, &bar, &error);
    progress_end(&bar);
    bool interrupted = cli_interrupted();
    if (status != MEF3_OK || interrupted)
        mef3_writer_abort(writer);
    else
        status = mef3_writer_finish(writer, &error);
    if (status != MEF3_OK)
        return cli_fail_error(&error, plan->path, NULL);
    if (interrupted)
        return cli_fail(CLI_IO, "%s: interrupted, and removed again; start anew", plan->path);
    printf("%s: %lld channels, %g Hz, %g h\n", plan->path, (long long)plan->n_channels,
           plan->rate_hz, plan->hours);
    return CLI_FINE;
}

static int run(const struct cli_command *self, int argc, char **argv)
{
    struct plan plan = {.n_channels = 19, .rate_hz = 256, .hours = 1, .seed = 1, .n_segments = 1};

    int exit_status = read_options(self, argc, argv, &plan);
    if (exit_status != CLI_FINE)
        return exit_status;
    place_gap(&plan);
    struct demo *demo =
        demo_new((size_t)plan.n_channels, plan.rate_hz, plan.hours * 3600, (uint64_t)plan.seed);
    if (!demo)
        return cli_fail(CLI_IO, "out of memory; ask for fewer channels");
    cli_catch_interrupts();
    exit_status = write_recording(&plan, demo);
    demo_free(demo);
    return exit_status;
}

const struct cli_command cmd_demo = {
    .name = "demo",
    .arguments = "OUT.mefd [--channels N] [--rate HZ] [--hours H] [--segments N] [--seed S]",
    .summary = "make a recording that looks like EEG",
    .help = "OUT.mefd is a new folder. There is a 1/f background, alpha at the back of the\n"
            "head, spikes and one seizure from the left temple, mains at 50 Hz, and a gap of\n"
            "seconds. The same options make the same bytes.\n"
            "\n"
            "  --channels N  1 to 4096: the 10-20 system, then depth electrodes (19)\n"
            "  --rate HZ     1 to 100000 (256)\n"
            "  --hours H     0.0001 to 100000 (1)\n"
            "  --segments N  1 to 10000 of each channel, of equal length (1)\n"
            "  --seed S      another number, another recording (1)\n",
    .run = run,
};

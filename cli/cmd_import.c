/* cmd_import.c - `mef3 import`: a recording of another format becomes a session. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cli.h"
#include "import.h"
#include "moment.h"

struct format {
    const char *name;
    int (*import)(struct import_job *job);
};

static const struct format formats[] = {
    {"edf", import_edf},
    {"bdf", import_edf},
    {"npy", import_npy},
    {"csv", import_csv},
};

static const struct format *format_named(const char *name)
{
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
        if (strcasecmp(name, formats[i].name) == 0)
            return &formats[i];
    return NULL;
}

static bool is_time_column(const char *word)
{
    return strcmp(word, "uutc") == 0 || strcmp(word, "iso") == 0 || strcmp(word, "seconds") == 0 ||
           strcmp(word, "none") == 0;
}

enum { FORMAT = 1, RATE, FACTOR, UNITS, START, ZONE, TRANSPOSE, TIME, NAME, BLOCK, PASSWORD };

/* NULL, or what is wrong with it. */
static const char *take_option(int option, const char *value, struct import_options *o)
{
    int zone;

    switch (option) {
    case FORMAT:
        o->format = value;
        return format_named(value) ? NULL : "--format takes edf, bdf, npy or csv";
    case RATE:
        return cli_number(value, MEF3_RATE_MIN_HZ, MEF3_RATE_MAX_HZ, &o->rate_hz)
                   ? NULL
                   : "--rate takes a number of Hz";
    case FACTOR:
        return cli_number(value, -1e300, 1e300, &o->factor) && o->factor != 0
                   ? NULL
                   : "--factor takes a number that is not 0";
    case UNITS:
        o->units = value;
        return NULL;
    case START:
        return value[0] != '+' && moment_parse(value, 0, &o->start_uutc)
                   ? NULL
                   : "--start takes a uUTC number or an ISO 8601 time";
    case ZONE:
        if (!moment_zone(value, &zone))
            return "--time-zone takes an offset from UTC, +01:00 say";
        o->zone_s = zone;
        o->has_zone = true;
        return NULL;
    case TRANSPOSE:
        o->transpose = true;
        return NULL;
    case TIME:
        o->time_column = value;
        return is_time_column(value) ? NULL : "--time takes uutc, iso, seconds or none";
    case NAME:
        o->names[o->n_names++] = value;
        return NULL;
    case BLOCK:
        return cli_whole(value, 1, MEF3_RED_MAX_SAMPLES, &o->block_samples)
                   ? NULL
                   : "--block takes a number of samples, at least 1";
    default:
        o->password_file = value;
        return NULL;
    }
}

/* o->names has room for argc. */
static int read_options(const struct cli_command *self, int argc, char **argv,
                        struct import_options *o)
{
    static const struct option longs[] = {
        {"format", required_argument, NULL, FORMAT},
        {"rate", required_argument, NULL, RATE},
        {"factor", required_argument, NULL, FACTOR},
        {"units", required_argument, NULL, UNITS},
        {"start", required_argument, NULL, START},
        {"time-zone", required_argument, NULL, ZONE},
        {"transpose", no_argument, NULL, TRANSPOSE},
        {"time", required_argument, NULL, TIME},
        {"name", required_argument, NULL, NAME},
        {"block", required_argument, NULL, BLOCK},
        {"new-password-file", required_argument, NULL, PASSWORD},
        {0},
    };

    for (int option; (option = cli_option(self, argc, argv, "", longs)) != -1;) {
        const char *wrong = option == '?' ? NULL : take_option(option, optarg, o);
        if (option == '?')
            return CLI_USAGE;
        if (wrong)
            return cli_wrong_use(self, wrong);
    }
    if (argc - optind != 2)
        return cli_wrong_use(self, "a file and a new folder are wanted");
    o->path = argv[optind];
    o->out = argv[optind + 1];
    return CLI_FINE;
}

/* By its first bytes; a table has none of its own, and is known by its name. */
static const struct format *format_of(const struct import_job *job)
{
    uint8_t start[8] = {0};
    const char *dot = strrchr(job->o->path, '.');

    if (job->o->format)
        return format_named(job->o->format);
    size_t n = fread(start, 1, sizeof start, job->from);
    rewind(job->from);
    if (n >= 6 && memcmp(start, "\x93NUMPY", 6) == 0)
        return format_named("npy");
    if (n == 8 && (memcmp(start, "0       ", 8) == 0 || memcmp(start,
                                                               "\xFF"
                                                               "BIOSEMI",
                                                               8) == 0))
        return format_named("edf");
    if (dot && strcasecmp(dot, ".tsv") == 0)
        return format_named("csv");
    return dot ? format_named(dot + 1) : NULL;
}

/* End what was begun: the session is whole, or there is none. */
static int conclude(struct import_job *job, int status)
{
    const struct import_options *o = job->o;
    struct mef3_error error;

    if (status == CLI_FINE && job->n_channels == 0)
        status = cli_fail(CLI_IO, "%s: there is no channel in it that can be imported%s%s", o->path,
                          job->n_lost > 0 ? ": " : "", job->lost);
    if (status != CLI_FINE || cli_interrupted()) {
        mef3_writer_abort(job->writer);
        if (cli_interrupted())
            return cli_fail(CLI_IO, "%s: interrupted, and removed again; start anew", o->out);
        return status;
    }
    if (mef3_writer_finish(job->writer, &error) != MEF3_OK)
        return cli_fail_error(&error, o->out, NULL);
    printf("%s: %zu channels, %" PRId64 " samples, %" PRId64 " annotations\n", o->out,
           job->n_channels, job->n_samples, job->n_notes);
    if (job->n_renamed > 0)
        cli_fail(CLI_FINE, "%s: %zu channels got another name, the first \"%s\", from \"%s\"",
                 o->out, job->n_renamed, job->renamed_to, job->renamed_from);
    if (job->n_lost == 0)
        return CLI_FINE;
    return cli_fail(CLI_DAMAGED,
                    "%s: in %zu places something is lost, the first: %s; the rest is "
                    "imported",
                    o->path, job->n_lost, job->lost);
}

static int import(const struct import_options *o)
{
    struct import_job job = {.o = o, .from = fopen(o->path, "re")};

    if (!job.from)
        return cli_fail(CLI_IO, "%s: cannot be opened: %s; check the path", o->path,
                        strerror(errno));
    const struct format *format = format_of(&job);
    int status;
    if (format) {
        progress_start(&job.bar, "importing", 0, PROGRESS_SAMPLES);
        status = format->import(&job);
        progress_end(&job.bar);
        status = conclude(&job, status);
    } else {
        status = cli_fail(CLI_IO,
                          "%s: is neither EDF, BDF nor NPY, nor is its name that of a table; "
                          "say what it is with --format",
                          o->path);
    }
    for (size_t i = 0; i < job.n_channels; i++)
        free(job.names[i]);
    free(job.names);
    fclose(job.from);
    return status;
}

static int run(const struct cli_command *self, int argc, char **argv)
{
    struct import_options o = {.start_uutc = MEF3_NO_TIME,
                               .names = calloc((size_t)argc + 1, sizeof *o.names)};

    if (!o.names)
        return cli_fail(CLI_IO, "out of memory; try again with more");
    int status = read_options(self, argc, argv, &o);
    if (status == CLI_FINE) {
        cli_catch_interrupts();
        status = import(&o);
    }
    free(o.names);
    return status;
}

const struct cli_command cmd_import = {
    .name = "import",
    .arguments =
        "FILE OUT.mefd [--rate HZ] [--start T] [--factor F] [--units U] [--name NAME]... "
        "[--time-zone OFFSET] [--time uutc|iso|seconds|none] [--transpose] [--format edf|npy|csv] "
        "[--block N] [--new-password-file FILE]",
    .summary = "make a session of an EDF, BDF, NPY or CSV file",
    .help = "OUT.mefd is a new folder. Of EDF, EDF+, BDF and BDF+ everything is taken: rates,\n"
            "units, filters, gaps, annotations. NPY (channels x samples, or one channel) and\n"
            "CSV (a line of names, then a line a sample, maybe with its time first) need to\n"
            "be told:\n"
            "\n"
            "  --rate HZ              samples a second; of CSV not where there are times\n"
            "  --start T              the first sample's time: a uUTC number or an ISO 8601\n"
            "                         time; of EDF: in place of the file's\n"
            "  --factor F             what a count is worth: values are stored as whole\n"
            "                         multiples of it. Without it, they must be whole\n"
            "                         numbers; an array of whole numbers is counts already\n"
            "  --units U              of the values (uV)\n"
            "  --name NAME            of a channel; again for the next\n"
            "  --transpose            the array is samples x channels\n"
            "  --time uutc|iso|seconds|none\n"
            "                         CSV: what the first column is: uUTC, ISO 8601, seconds\n"
            "                         from --start, or a channel; without it, its name tells\n"
            "  --time-zone OFFSET     EDF: what its clock was ahead of UTC, +01:00 say (0)\n"
            "  --format edf|npy|csv   what FILE is, where it does not tell itself\n"
            "  --block N              samples a block (whole seconds, 1000 samples or more)\n"
            "  --new-password-file FILE\n"
            "                         encrypt: the first line of FILE is the password of\n"
            "                         level 1, the second, if there is one, that of level 2\n",
    .run = run,
};

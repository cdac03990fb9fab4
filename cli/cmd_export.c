/* cmd_export.c - `mef3 export`: a recording as a file of another format. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cat.h"
#include "cli.h"
#include "export.h"
#include "moment.h"
#include "recording.h"

struct format {
    const char *name;
    const struct cat_writer *writer;
    enum cat_format format;
    struct export_options options;
};

static const struct cat_writer csv = {.needs_one_rate = true, .write = cat_write_csv};
static const struct cat_writer npy = {.needs_one_rate = true, .write = cat_write_raw};

static const struct format formats[] = {
    {.name = "edf", .writer = &export_edf},
    {.name = "bdf", .writer = &export_edf, .options.is_bdf = true},
    {.name = "npy", .writer = &npy, .format = CAT_NPY},
    {.name = "csv", .writer = &csv, .format = CAT_CSV},
    {.name = "wav", .writer = &export_wav},
    {.name = "wav-f32", .writer = &export_wav, .options.is_float = true},
};

static const struct format *format_named(const char *name)
{
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
        if (strcasecmp(name, formats[i].name) == 0)
            return &formats[i];
    return NULL;
}

struct options {
    struct cat_wanted wanted;
    const struct format *format; /* NULL: by the name of the output */
    bool counts;
    int zone_s;
    bool has_zone;
};

/* o->wanted.names has room for argc. */
static int read_options(const struct cli_command *self, int argc, char **argv, struct options *o)
{
    enum { COUNTS = CAT_OWN, FORMAT, ZONE };
    static const struct option longs[] = {
        CAT_OPTIONS,
        {"counts", no_argument, NULL, COUNTS},
        {"format", required_argument, NULL, FORMAT},
        {"time-zone", required_argument, NULL, ZONE},
        {0},
    };
    struct cat_wanted *w = &o->wanted;

    for (int option; (option = cli_option(self, argc, argv, "c:", longs)) != -1;) {
        if (option == '?')
            return CLI_USAGE;
        if (cat_take(w, option))
            continue;
        if (option == COUNTS)
            o->counts = true;
        else if (option == ZONE && !(o->has_zone = moment_zone(optarg, &o->zone_s)))
            return cli_wrong_use(self, "--time-zone takes an offset from UTC, +01:00 say");
        else if (option == FORMAT && !(o->format = format_named(optarg)))
            return cli_wrong_use(self, "--format takes edf, bdf, npy, csv, wav or wav-f32");
    }
    if (argc - optind != 2)
        return cli_wrong_use(self, "a recording and a file are wanted");
    w->path = argv[optind];
    w->output = argv[optind + 1];
    return CLI_FINE;
}

static int choose_format(const struct cli_command *self, struct options *o)
{
    const char *dot = strrchr(o->wanted.output, '.');

    if (!o->format && dot)
        o->format = format_named(dot + 1);
    if (!o->format)
        return cli_wrong_use(self, "the file's name ends in none of .edf, .bdf, .npy, .csv and "
                                   ".wav; say with --format what it is to be");
    bool is_edf = o->format->writer == &export_edf;
    if (o->has_zone && !is_edf)
        return cli_wrong_use(self, "--time-zone is for EDF and BDF");
    if (o->counts && (is_edf || strcmp(o->format->name, "wav") == 0))
        return cli_wrong_use(self, "--counts is for NPY, CSV and wav-f32; the others have a scale, "
                                   "or nothing but counts");
    return CLI_FINE;
}

static int run(const struct cli_command *self, int argc, char **argv)
{
    struct options o = {.wanted.names = calloc((size_t)argc + 1, sizeof *o.wanted.names)};

    if (!o.wanted.names)
        return cli_fail(CLI_IO, "out of memory; try again with more");
    int status = read_options(self, argc, argv, &o);
    if (status == CLI_FINE)
        status = choose_format(self, &o);
    if (status == CLI_FINE) {
        struct export_options options = o.format->options;
        struct cat_job job = {.counts = o.counts, .format = o.format->format, .plan = &options};
        options.zone_s = o.zone_s;
        status = cat_run(&o.wanted, &job, o.format->writer);
    }
    free(o.wanted.names);
    return status;
}

const struct cli_command cmd_export = {
    .name = "export",
    .arguments =
        "SESSION OUT.edf|bdf|npy|csv|wav [-c NAME]... [--from T] [--to T] [--counts] "
        "[--format edf|bdf|npy|csv|wav|wav-f32] [--time-zone OFFSET] [--password-file FILE]",
    .summary = "write a recording as EDF+, BDF+, NPY, CSV or WAV",
    .help = "OUT appears when all is written; - is standard output. What the format cannot\n"
            "hold is told.\n"
            "\n"
            "  -c, --channel NAME     this channel; again for more, in this order;\n"
            "                         without it, all\n"
            "  --from T, --to T       from T, up to but not including T, as of mef3 cat\n"
            "  --format edf|bdf|npy|csv|wav|wav-f32\n"
            "                         without it, the end of OUT's name tells. EDF+ has 16\n"
            "                         bits, BDF+ 24: gaps, annotations, a rate a channel;\n"
            "                         counts that fit are kept as they are. NPY and CSV are\n"
            "                         those of mef3 cat. wav has counts of 32 bits, and 0 for\n"
            "                         a gap; wav-f32 has values, and NaN\n"
            "  --counts               NPY, CSV, wav-f32: numbers as stored, without the units\n"
            "                         factor\n"
            "  --time-zone OFFSET     EDF: what its clock is to be ahead of UTC, +01:00 say\n"
            "                         (0)\n" RECORDING_PASSWORD_HELP,
    .run = run,
};

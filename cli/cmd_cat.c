/* cmd_cat.c - `mef3 cat`: samples as text or numbers. */
#include <stdlib.h>
#include <string.h>

#include "cat.h"
#include "cli.h"
#include "recording.h"

struct options {
    struct cat_wanted wanted;
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

/* o->wanted.names has room for argc. */
static int read_options(const struct cli_command *self, int argc, char **argv, struct options *o)
{
    enum { COUNTS = CAT_OWN, FORMAT };
    struct cat_wanted *w = &o->wanted;
    static const struct option longs[] = {
        CAT_OPTIONS,
        {"counts", no_argument, NULL, COUNTS},
        {"format", required_argument, NULL, FORMAT},
        {"output", required_argument, NULL, 'o'},
        {0},
    };

    for (int option; (option = cli_option(self, argc, argv, "c:o:", longs)) != -1;) {
        if (option == '?')
            return CLI_USAGE;
        if (cat_take(w, option))
            continue;
        if (option == COUNTS)
            o->counts = true;
        else if (option == FORMAT && !format_of(optarg, &o->format))
            return cli_wrong_use(self, "--format takes csv, f64, f32, i32 or npy");
    }
    if (argc - optind != 1)
        return cli_wrong_use(self, "one recording is wanted");
    w->path = argv[optind];
    return CLI_FINE;
}

/* Lines and rows need one rate; numbers of one channel after those of another do not. */
static const struct cat_writer writers[] = {
    [CAT_CSV] = {.needs_one_rate = true, .write = cat_write_csv},
    [CAT_F64] = {.write = cat_write_raw},
    [CAT_F32] = {.write = cat_write_raw},
    [CAT_I32] = {.write = cat_write_raw},
    [CAT_NPY] = {.needs_one_rate = true, .write = cat_write_raw},
};

static int run(const struct cli_command *self, int argc, char **argv)
{
    struct options o = {.wanted.names = calloc((size_t)argc + 1, sizeof *o.wanted.names)};
    int status;

    if (!o.wanted.names)
        return cli_fail(CLI_IO, "out of memory; try again with more");
    status = read_options(self, argc, argv, &o);
    if (status == CLI_FINE) {
        struct cat_job job = {.counts = o.counts, .format = o.format};
        status = cat_run(&o.wanted, &job, &writers[o.format]);
    }
    free(o.wanted.names);
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

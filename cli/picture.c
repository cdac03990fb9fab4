/* picture.c - what `mef3 plot` and `mef3 overview` share: their options, and a page painted. */
#include "picture.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "recording.h"

/* What a page shows where nobody says how much. */
static const int64_t USUAL_PAGE_US = 10000000;

struct picture {
    enum picture_kind kind;
    struct cat_wanted wanted;
    struct draw_wanted page;
    enum draw_format format;
    draw_paint_fn *paint;
};

/* --- Options ------------------------------------------------------------------------ */

/* "1600x900" */
static bool read_size(const char *text, struct draw_wanted *page)
{
    char width[8];
    size_t n = strcspn(text, "x");
    int64_t w, h;

    if (!text[n] || n >= sizeof width)
        return false;
    memcpy(width, text, n);
    width[n] = '\0';
    if (!cli_whole(width, DRAW_LEAST_WIDTH, DRAW_MOST_SIDE, &w) ||
        !cli_whole(text + n + 1, DRAW_LEAST_HEIGHT, DRAW_MOST_SIDE, &h))
        return false;
    page->width = (int)w;
    page->height = (int)h;
    return true;
}

/* What FILE's name ends in; png where that says nothing. */
static enum draw_format format_by_name(const char *name)
{
    const char *ending = strrchr(name, '.');

    return ending && strcasecmp(ending, ".svg") == 0 ? DRAW_SVG : DRAW_PNG;
}

static int check_output(const struct cli_command *self, struct picture *p, const char *format)
{
    const char *output = p->wanted.output;

    if (!output)
        return cli_wrong_use(self, "-o FILE is wanted; - is standard output");
    if (!format)
        p->format = format_by_name(output);
    else if (strcmp(format, "svg") == 0 || strcmp(format, "png") == 0)
        p->format = format[0] == 's' ? DRAW_SVG : DRAW_PNG;
    else
        return cli_wrong_use(self, "--format takes png or svg");
    if (strcmp(output, "-") == 0 && isatty(STDOUT_FILENO))
        return cli_wrong_use(self, "a picture is nothing for a terminal; give -o FILE, or a pipe");
    return CLI_FINE;
}

static int read_up(const struct cli_command *self, const char *text, struct draw_wanted *page)
{
    page->is_positive_up = strcmp(text, "positive") == 0;
    if (!page->is_positive_up && strcmp(text, "negative") != 0)
        return cli_wrong_use(self, "--up takes positive or negative");
    return CLI_FINE;
}

/* p->wanted.names has room for argc. */
static int read_options(const struct cli_command *self, int argc, char **argv, struct picture *p)
{
    enum { SCALE = CAT_OWN, UP, SIZE, DARK, FORMAT };
    static const struct option longs[] = {
        CAT_OPTIONS,
        {"scale", required_argument, NULL, SCALE},
        {"up", required_argument, NULL, UP},
        {"size", required_argument, NULL, SIZE},
        {"dark", no_argument, NULL, DARK},
        {"format", required_argument, NULL, FORMAT},
        {"output", required_argument, NULL, 'o'},
        {0},
    };
    struct cat_wanted *w = &p->wanted;
    const char *format = NULL;

    for (int option; (option = cli_option(self, argc, argv, "c:o:", longs)) != -1;) {
        if (option == '?')
            return CLI_USAGE;
        if (cat_take(w, option))
            continue;
        if (option == FORMAT)
            format = optarg;
        else if (option == DARK)
            p->page.is_dark = true;
        else if (option == UP && read_up(self, optarg, &p->page) != CLI_FINE)
            return CLI_USAGE;
        else if (option == SIZE && !read_size(optarg, &p->page))
            return cli_wrong_use(self, "--size takes pixels, from 320x160 to 16384x16384");
        else if (option == SCALE && !cli_number(optarg, 1e-9, 1e9, &p->page.scale))
            return cli_wrong_use(self, "--scale takes a number of units a millimetre");
    }
    if (argc - optind != 1)
        return cli_wrong_use(self, "one recording is wanted");
    w->path = argv[optind];
    return check_output(self, p, format);
}

/* --- The page ----------------------------------------------------------------------- */

static int prepare(const struct cat_wanted *wanted, struct cat_job *job)
{
    struct picture *p = job->plan;
    const char *why;

    if (mef3_session_info(job->session)->start_uutc == MEF3_NO_TIME && !wanted->from)
        return cli_fail(CLI_IO, "%s: there is nothing in it to be drawn; mef3 info lists what is",
                        wanted->path);
    p->page.start_uutc = job->start_uutc;
    p->page.end_uutc = job->end_uutc;
    const char *refusal = draw_refusal(&p->page);
    if (refusal)
        return cli_fail(CLI_USAGE, "%s", refusal);
    p->paint = draw_load(&why);
    if (!p->paint)
        return cli_fail(CLI_IO, "pictures cannot be drawn: %s; install mef3 whole", why);
    return CLI_FINE;
}

static int read_samples(void *arg, size_t place, int64_t first, size_t n, int32_t *counts_out,
                        uint8_t *truth_out, struct mef3_error *error)
{
    struct cat_job *job = arg;

    return cat_read(job, &job->channels[place], first, n, counts_out, truth_out, error);
}

/* The index does not say which block: the segment's own error is what there is to tell. */
static void on_damage(void *arg, size_t place, int64_t start_uutc, int64_t end_uutc)
{
    struct cat_job *job = arg;
    const struct cat_channel *channel = &job->channels[place];
    struct mef3_damage damage = {.channel = channel->number, .block = -1};

    mef3_error_set(&damage.error, MEF3_EDAMAGED, channel->name, -1, "segment", NULL, NULL);
    for (size_t k = 0; k < mef3_channel_info(job->session, channel->number)->n_segments; k++) {
        const struct mef3_segment_info *info = mef3_segment_info(job->session, channel->number, k);
        if (info->error && info->start_uutc < end_uutc && info->end_uutc > start_uutc) {
            damage.error = *info->error;
            damage.segment = k;
            break;
        }
    }
    if (channel->rate_hz > 0 &&
        mef3_window_samples(start_uutc, end_uutc, channel->rate_hz, &damage.n) != MEF3_OK)
        damage.n = 0;
    cat_note(&job->damage, &damage);
}

static void on_done(void *arg, size_t place)
{
    struct cat_job *job = arg;

    progress_add(&job->bar, (uint64_t)job->channels[place].n);
}

static int put(void *arg, const void *bytes, size_t n)
{
    return fwrite(bytes, 1, n, arg) == n ? 0 : -1;
}

static int read_page(struct picture *p, struct cat_job *job, struct draw_page *page,
                     struct mef3_error *error)
{
    struct draw_channel *channels = calloc(job->n_channels + 1, sizeof *channels);

    if (!channels)
        return mef3_error_set(error, MEF3_ENOMEM, NULL, -1, NULL, NULL, NULL);
    for (size_t i = 0; i < job->n_channels; i++) {
        const struct cat_channel *c = &job->channels[i];
        channels[i] = (struct draw_channel){c->number, i, c->rate_hz, c->n, c->is_lost};
    }
    if (p->wanted.n_names == 0)
        draw_sort(job->session, channels, job->n_channels);
    int status = p->kind == PICTURE_PAGE
                     ? draw_read_page(job->session, &p->page, channels, job->n_channels,
                                      read_samples, job, page, error)
                     : draw_read_overview(job->session, &p->page, channels, job->n_channels,
                                          on_damage, on_done, job, page, error);
    free(channels);
    return status;
}

static int write_picture(struct cat_job *job, struct mef3_error *error)
{
    struct picture *p = job->plan;
    struct draw_page page;
    int status = read_page(p, job, &page, error);

    if (status != MEF3_OK)
        return status;
    status = p->paint(&page, p->format, put, job->to);
    draw_page_fini(&page);
    return status == MEF3_OK ? MEF3_OK : mef3_error_set(error, status, NULL, -1, NULL, NULL, NULL);
}

int picture_run(enum picture_kind kind, const struct cli_command *self, int argc, char **argv)
{
    struct picture p = {
        .kind = kind,
        .wanted.names = calloc((size_t)argc + 1, sizeof *p.wanted.names),
        .wanted.length_us = kind == PICTURE_PAGE ? USUAL_PAGE_US : 0,
        .page = {.width = DRAW_USUAL_WIDTH, .height = DRAW_USUAL_HEIGHT},
    };
    static const struct cat_writer writer = {.prepare = prepare, .write = write_picture};
    struct cat_job job = {.plan = &p};

    if (!p.wanted.names)
        return cli_fail(CLI_IO, "out of memory; try again with more");
    int status = read_options(self, argc, argv, &p);
    if (status == CLI_FINE)
        status = cat_run(&p.wanted, &job, &writer);
    free(p.wanted.names);
    return status;
}

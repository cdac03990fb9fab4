/* import_csv_head.c - what a table says of itself: names, the kind of its times, its rate. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cli.h"
#include "import_csv.h"
#include "moment.h"
#include "utf8.h"

/* So many rows are looked at to find the rate. */
enum { MOST_ROWS = 100000 };

bool csv_time(const struct csv_import *t, const char *cell, int64_t *uutc_out)
{
    char *end;

    if (t->times != CSV_SECONDS)
        return cell[0] != '+' && moment_parse(cell, 0, uutc_out);
    double seconds = strtod(cell, &end);
    if (end == cell || *end || !(fabs(seconds) < 1e12))
        return false;
    return !__builtin_add_overflow(t->job->o->start_uutc, (int64_t)llround(seconds * 1e6),
                                   uutc_out);
}

static bool is_one_of(const char *word, const char *const *words)
{
    for (; *words; words++)
        if (strcasecmp(word, *words) == 0)
            return true;
    return false;
}

/* What the first column is, by its name or as the option says. */
static void choose_times(struct csv_import *t, const char *name)
{
    static const char *const moments[] = {"time_uutc", "uutc",     "time", "timestamp",
                                          "datetime",  "time_iso", NULL};
    static const char *const seconds[] = {"seconds", "time_s", "time (s)", "time [s]", "t", NULL};
    const char *option = t->job->o->time_column;

    if (option) {
        t->has_times = strcmp(option, "none") != 0;
        t->times = strcmp(option, "seconds") == 0 ? CSV_SECONDS
                   : strcmp(option, "iso") == 0   ? CSV_ISO
                                                  : CSV_UUTC;
        return;
    }
    t->has_times = is_one_of(name, moments) || is_one_of(name, seconds);
    t->times = is_one_of(name, seconds) ? CSV_SECONDS : CSV_ISO;
}

/* Without a line of names, that of the first samples would be taken for them. */
static bool are_numbers(const struct csv_cells *cells)
{
    double value;

    for (size_t i = 0; i < cells->n; i++)
        if (!csv_number(cells->at[i], &value) || isnan(value))
            return false;
    return true;
}

static int check_times(const struct csv_import *t)
{
    const struct import_options *o = t->job->o;

    if (!t->has_times && (o->rate_hz == 0 || o->start_uutc == MEF3_NO_TIME))
        return cli_fail(CLI_USAGE,
                        "%s: there is no column of times; give --rate and --start, or "
                        "say with --time what the first column is",
                        o->path);
    if (t->has_times && t->times == CSV_SECONDS && o->start_uutc == MEF3_NO_TIME)
        return cli_fail(CLI_USAGE, "%s: its times are seconds from a start; give --start", o->path);
    if (t->has_times && t->times != CSV_SECONDS && o->start_uutc != MEF3_NO_TIME)
        return cli_fail(CLI_USAGE, "%s: its times say when it was; leave out --start", o->path);
    return CLI_FINE;
}

int csv_read_names(struct csv_import *t)
{
    bool is_end;

    int status = csv_next_line(t, &is_end);
    if (status != CLI_FINE)
        return status;
    if (is_end)
        return cli_fail(CLI_IO, "%s: expected a line of names, found nothing; check the file",
                        t->job->o->path);
    char *line = t->line + (strncmp(t->line, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0);
    t->separator = csv_separator(line);
    if (csv_split(line, t->separator, &t->cells) != CSV_FINE || are_numbers(&t->cells))
        return cli_fail(CLI_IO,
                        "%s: line 1: expected the channels' names, found \"%.60s\"; put "
                        "them there",
                        t->job->o->path, line);
    choose_times(t, t->cells.at[0]);
    status = check_times(t);
    if (status != CLI_FINE)
        return status;
    if (t->cells.n - t->has_times > MEF3_MAX_CHANNELS || t->cells.n == t->has_times)
        return cli_fail(CLI_IO,
                        "%s: line 1: expected names of 1 to %d channels, found %zu; check "
                        "the file",
                        t->job->o->path, MEF3_MAX_CHANNELS, t->cells.n - t->has_times);
    size_t n = t->cells.n - t->has_times;
    t->names = calloc(n, sizeof *t->names);
    for (t->n_names = 0; t->names && t->n_names < n; t->n_names++) {
        const char *name = t->cells.at[t->n_names + t->has_times];
        t->names[t->n_names] = utf8_new(name, strlen(name));
        if (!t->names[t->n_names])
            break;
    }
    if (t->n_names < n)
        return cli_fail(CLI_IO, "%s: out of memory; try again with more", t->job->o->path);
    return CLI_FINE;
}

/* Of the rates that `n` steps in `span_us` allow, times being whole microseconds, the one with
 * the fewest digits. */
static double simplest_rate(int64_t n, int64_t span_us)
{
    double rate = (double)n * 1e6 / (double)span_us;
    double error = rate * 1.01 / (double)span_us;
    char text[40];

    for (int digits = 1; digits <= 17; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, rate);
        double simple = strtod(text, NULL);
        if (fabs(simple - rate) <= error)
            return simple;
    }
    return rate;
}

static int by_size(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

/* The rate of the longest run among n times: a step more than half as long again as the usual
 * one is a gap. 0: no two times follow each other. */
static double rate_of(const int64_t *times, size_t n, int64_t *steps)
{
    size_t longest = 0, from = 0, first = 0;

    for (size_t i = 1; i < n; i++)
        steps[i - 1] = mef3_time_difference(times[i], times[i - 1]);
    if (n < 2)
        return 0;
    qsort(steps, n - 1, sizeof *steps, by_size);
    int64_t usual = steps[(n - 1) / 2];
    if (usual <= 0)
        return 0;
    for (size_t i = 1; i <= n; i++) {
        if (i < n) {
            int64_t step = mef3_time_difference(times[i], times[i - 1]);
            if (step > 0 && step < usual + usual / 2 + 2)
                continue;
        }
        if (i - 1 - from > longest) {
            longest = i - 1 - from;
            first = from;
        }
        from = i;
    }
    if (longest == 0)
        return 0;
    return simplest_rate((int64_t)longest, times[first + longest] - times[first]);
}

int csv_find_rate(struct csv_import *t)
{
    int64_t lines = t->n_lines;
    size_t n = 0;
    bool is_end = false;
    int status = CLI_FINE;

    t->rate_hz = t->job->o->rate_hz;
    if (t->rate_hz != 0)
        return CLI_FINE;
    int64_t *times = malloc(2 * MOST_ROWS * sizeof *times);
    if (!times)
        return cli_fail(CLI_IO, "%s: out of memory; try again with more", t->job->o->path);
    off_t rows_at = ftello(t->job->from);
    while (status == CLI_FINE && n < MOST_ROWS) {
        status = csv_next_row(t, &times[n], &is_end);
        if (is_end)
            break;
        n++;
    }
    if (status == CLI_FINE)
        t->rate_hz = rate_of(times, n, times + MOST_ROWS);
    free(times);
    if (status != CLI_FINE)
        return status;
    if (t->rate_hz < MEF3_RATE_MIN_HZ || t->rate_hz > MEF3_RATE_MAX_HZ)
        return cli_fail(CLI_USAGE, "%s: its times do not tell its rate; give --rate",
                        t->job->o->path);
    t->n_lines = lines;
    if (rows_at < 0 || fseeko(t->job->from, rows_at, SEEK_SET) != 0)
        return cli_fail(CLI_USAGE, "%s: cannot be read twice, to find its rate; give --rate",
                        t->job->o->path);
    cli_fail(CLI_FINE, "%s: %.10g Hz, by its times; --rate says otherwise", t->job->o->path,
             t->rate_hz);
    return CLI_FINE;
}

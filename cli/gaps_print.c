/* gaps_print.c - runs and gaps: a table a group of channels, CSV, JSON. */
#include "gaps.h"

#include <inttypes.h>
#include <stdlib.h>

#include "cli.h"
#include "csv_cell.h"
#include "json.h"
#include "moment.h"
#include "table.h"
#include "text.h"

const struct stretch *gaps_stretches(const struct group *group, size_t *n_out)
{
    *n_out = group->n_key / sizeof(struct stretch);
    return group->key;
}

const char *gaps_word(int64_t kind)
{
    static const char *const words[] = {"data", "gap", "unreadable"};

    return words[kind];
}

/* Each begins where the one before ends, so that their starts are enough, and the last one's end.
 */
static bool print_stretches(FILE *to, const struct group *group)
{
    static const char *const headings[] = {"from", "for", ""};
    static const enum colour colours[] = {COLOUR_OFF, COLOUR_YELLOW, COLOUR_RED};
    char from[MOMENT_BYTES], length[MOMENT_BYTES];
    struct table table;
    size_t n;
    const struct stretch *stretches = gaps_stretches(group, &n);

    table_init(&table, "lll", headings);
    table.indent = 2;
    for (size_t i = 0; i < n; i++) {
        const struct stretch *s = &stretches[i];
        table_row(&table, colours[s->kind]);
        table_cell(&table, "%s", moment_text(s->start_uutc, from));
        table_cell(&table, "%s",
                   moment_span_text(mef3_time_difference(s->end_uutc, s->start_uutc), length));
        table_cell(&table, "%s", gaps_word(s->kind));
    }
    if (n > 0) {
        table_row(&table, COLOUR_OFF);
        table_cell(&table, "%s", moment_text(stretches[n - 1].end_uutc, from));
        table_cell(&table, "%s", "");
        table_cell(&table, "end");
    }
    bool is_fine = n == 0 || table_print(&table, to);
    table_fini(&table);
    return is_fine;
}

/* "2 gaps, 3.2 s; 1 of 4 segments cannot be read". */
static void print_sum(FILE *to, const struct gaps *gaps, const struct group *group)
{
    const struct coverage *coverage = &gaps->coverage[group->members[0]];
    char span[MOMENT_BYTES];

    if (coverage->n_gaps == 0)
        fputs("no gaps", to);
    else
        fprintf(to, "%zu gap%s, %s in all", coverage->n_gaps, coverage->n_gaps == 1 ? "" : "s",
                moment_span_text(coverage->gap_us, span));
    size_t n_bad = 0, n_unplaced = 0;
    for (size_t i = 0; i < group->n; i++) {
        n_bad += gaps->coverage[group->members[i]].n_bad;
        n_unplaced += gaps->coverage[group->members[i]].n_unplaced;
    }
    if (n_bad > 0)
        fprintf(to, "; %zu segment%s cannot be read", n_bad, n_bad == 1 ? "" : "s");
    if (n_unplaced > 0)
        fprintf(to, " (of %zu it is not known when)", n_unplaced);
    fputc('\n', to);
}

bool gaps_print_text(FILE *to, const struct gaps *gaps)
{
    for (size_t i = 0; i < gaps->groups.n; i++) {
        const struct group *group = &gaps->groups.items[i];
        char *names = groups_names(group, gaps->shown, 0, text_columns(to));
        if (!names)
            return false;
        if (i > 0)
            fputc('\n', to);
        fprintf(to, "%s%s%s", colour(to, COLOUR_BOLD), names, colour(to, COLOUR_OFF));
        free(names);
        if (group->n > 1)
            fprintf(to, "(%zu channels) ", group->n);
        print_sum(to, gaps, group);
        if (!print_stretches(to, group))
            return false;
    }
    return true;
}

void gaps_print_csv(FILE *to, const struct gaps *gaps)
{
    fputs("channel,kind,start_uutc,end_uutc,duration_s\n", to);
    for (size_t i = 0; i < gaps->n; i++) {
        size_t n;
        const struct stretch *s = gaps_stretches(&gaps->groups.items[gaps->group_of[i]], &n);
        for (size_t k = 0; k < n; k++) {
            csv_put(to, gaps->shown[i]);
            fprintf(to, ",%s,%" PRId64 ",%" PRId64 ",%.6f\n", gaps_word(s[k].kind), s[k].start_uutc,
                    s[k].end_uutc,
                    (double)mef3_time_difference(s[k].end_uutc, s[k].start_uutc) / 1e6);
        }
    }
}

static json_t *stretches_json(const struct group *group)
{
    size_t n;
    const struct stretch *s = gaps_stretches(group, &n);
    json_t *array = json_array();

    for (size_t i = 0; i < n; i++) {
        json_t *object = json_object();
        if (!json_put(object, "kind", json_string(gaps_word(s[i].kind))) ||
            !json_put_span(object, s[i].start_uutc, s[i].end_uutc) ||
            json_array_append(array, object) != 0) {
            json_decref(object);
            json_decref(array);
            return NULL;
        }
        json_decref(object);
    }
    return array;
}

static json_t *channel_json(const struct gaps *gaps, size_t i)
{
    const struct coverage *coverage = &gaps->coverage[i];
    json_t *object = json_object();

    if (json_put(object, "name", json_text(gaps->shown[i])) &&
        json_put(object, "n_gaps", json_integer((json_int_t)coverage->n_gaps)) &&
        json_put(object, "gap_s", json_real((double)coverage->gap_us / 1e6)) &&
        json_put(object, "n_unreadable_segments", json_integer((json_int_t)coverage->n_bad)) &&
        json_put(object, "n_unplaced_segments", json_integer((json_int_t)coverage->n_unplaced)) &&
        json_put(object, "error",
                 json_error_line(coverage->n_bad > 0 ? &coverage->first_bad : NULL)) &&
        json_put(object, "stretches", stretches_json(&gaps->groups.items[gaps->group_of[i]])))
        return object;
    json_decref(object);
    return NULL;
}

bool gaps_print_json(FILE *to, const struct gaps *gaps)
{
    json_t *array = json_array();
    json_t *object = json_object();

    for (size_t i = 0; i < gaps->n; i++) {
        if (json_array_append_new(array, channel_json(gaps, i)) != 0) {
            json_decref(array);
            json_decref(object);
            return false;
        }
    }
    if (!json_put(object, "name", json_text(mef3_session_info(gaps->session)->name)) ||
        !json_put(object, "channels", array)) {
        json_decref(object);
        return false;
    }
    return json_print(to, object);
}

/* diff_text.c - how two recordings differ, for people. */
#include "diff.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "colour.h"
#include "groups.h"
#include "moment.h"
#include "table.h"
#include "text.h"

/* So many stretches of time are shown of a channel. */
enum { MOST_SHOWN = 5, VALUE_BYTES = 512 };

static void put_label(FILE *to, const char *label)
{
    fprintf(to, "  %-20s ", label);
}

static void put_value(FILE *to, const char *value)
{
    char clean[VALUE_BYTES];

    snprintf(clean, sizeof clean, "%s", value);
    fputs(value[0] ? cli_clean(clean) : "\"\"", to);
}

static void put_fields(FILE *to, const struct diff_fields *fields)
{
    for (size_t i = 0; i < fields->n; i++) {
        put_label(to, fields->items[i].name);
        put_value(to, fields->items[i].values[0]);
        fputs(" | ", to);
        put_value(to, fields->items[i].values[1]);
        fputc('\n', to);
    }
}

static void put_spans(FILE *to, const struct diff_channel *channel)
{
    char from[MOMENT_BYTES], until[MOMENT_BYTES], length[MOMENT_BYTES];

    for (size_t i = 0; i < channel->n_spans && i < MOST_SHOWN; i++) {
        const struct diff_span *span = &channel->spans[i];
        put_label(to, span->only_in == 0 ? "only in A" : "only in B");
        fprintf(to, "%s to %s, %s\n", moment_text(span->start_uutc, from),
                moment_text(span->end_uutc, until),
                moment_span_text(mef3_time_difference(span->end_uutc, span->start_uutc), length));
    }
    if (channel->n_spans <= MOST_SHOWN)
        return;
    for (int k = 0; k < 2; k++) {
        if (channel->only_us[k] == 0)
            continue;
        put_label(to, k == 0 ? "only in A, in all" : "only in B, in all");
        fprintf(to, "%s\n", moment_span_text(channel->only_us[k], length));
    }
}

static void put_unreadable(FILE *to, const struct diff_channel *channel)
{
    for (int k = 0; k < 2; k++) {
        if (channel->samples.n_unreadable[k] == 0 && channel->n_bad[k] == 0)
            continue;
        put_label(to, k == 0 ? "unreadable in A" : "unreadable in B");
        fprintf(to, "%" PRId64 " samples", channel->samples.n_unreadable[k]);
        if (channel->n_bad[k] > 0)
            fprintf(to, ", %zu segments", channel->n_bad[k]);
        fputc('\n', to);
    }
    if (channel->is_lost)
        fputs("  cannot be read\n", to);
}

/* What is said of a channel but its name: what makes it one of a group. */
static char *describe(const struct diff_channel *channel)
{
    char *text = NULL;
    size_t bytes;
    FILE *to = open_memstream(&text, &bytes);

    if (!to)
        return NULL;
    if (channel->only_in >= 0) {
        fprintf(to, "  only in %s\n", channel->only_in == 0 ? "A" : "B");
    } else {
        put_fields(to, &channel->fields);
        put_spans(to, channel);
        put_unreadable(to, channel);
    }
    if (fclose(to) == 0)
        return text;
    free(text);
    return NULL;
}

static bool print_groups(FILE *to, const struct groups *groups, const char *const *names)
{
    for (size_t i = 0; i < groups->n; i++) {
        const struct group *group = &groups->items[i];
        const char *text = group->key;
        if (!text[0]) {
            fprintf(to, "%s%zu channel%s equal\n", i > 0 ? "\n" : "", group->n,
                    group->n == 1 ? " is" : "s are");
            continue;
        }
        char *list = groups_names(group, names, 0, text_columns(to));
        if (!list)
            return false;
        fprintf(to, "%s%s%s%s%s", i > 0 ? "\n" : "", colour(to, COLOUR_BOLD), list,
                colour(to, COLOUR_OFF), text);
        free(list);
    }
    return true;
}

/* All but their samples. */
static bool print_channels(FILE *to, const struct diff *diff)
{
    const char **names = calloc(diff->n + 1, sizeof *names);
    struct groups groups = {0};
    bool is_fine = names != NULL;
    size_t number;

    for (size_t i = 0; is_fine && i < diff->n; i++) {
        char *text = describe(&diff->channels[i]);
        names[i] = diff->channels[i].name;
        is_fine = text != NULL;
        if (is_fine && (text[0] || diff->channels[i].samples.n_different == 0))
            is_fine = groups_add(&groups, text, strlen(text) + 1, i, &number);
        free(text);
    }
    is_fine = is_fine && print_groups(to, &groups, names);
    groups_fini(&groups);
    free(names);
    return is_fine;
}

static void put_row(struct table *table, const struct diff *diff,
                    const struct diff_channel *channel)
{
    const struct diff_samples *samples = &channel->samples;
    char first[MOMENT_BYTES];

    table_row(table, COLOUR_OFF);
    table_cell(table, "%s", channel->name);
    table_cell(table, "%" PRId64, samples->n_different);
    table_cell(table, "%" PRId64, samples->n_compared);
    table_cell(table, "%.7g %s", samples->greatest,
               mef3_channel_info(diff->sessions[0], channel->numbers[0])->units);
    table_cell(table, "%s", moment_text(samples->first_uutc, first));
    table_cell(table, "%.7g | %.7g", samples->first_values[0], samples->first_values[1]);
}

static bool print_samples(FILE *to, const struct diff *diff)
{
    static const char *const headings[] = {"samples of", "differ", "of",
                                           "by up to",   "first",  "A | B"};
    struct table table;
    bool is_fine = true;

    table_init(&table, "lrrrll", headings);
    for (size_t i = 0; i < diff->n; i++)
        if (diff->channels[i].samples.n_different > 0)
            put_row(&table, diff, &diff->channels[i]);
    if (table.n > 1) {
        is_fine = table_print(&table, to);
        fputc('\n', to);
    }
    is_fine = is_fine && !table.has_failed;
    table_fini(&table);
    return is_fine;
}

static void print_equal(FILE *to, const struct diff *diff)
{
    int64_t n_compared = 0;

    for (size_t i = 0; i < diff->n; i++)
        n_compared += diff->channels[i].samples.n_compared;
    fprintf(to, "%sequal%s: %zu channels", colour(to, COLOUR_GREEN), colour(to, COLOUR_OFF),
            diff->n);
    if (diff->with_samples)
        fprintf(to, ", %" PRId64 " samples", n_compared);
    fputc('\n', to);
}

bool diff_print_text(FILE *to, const struct diff *diff)
{
    if (diff_is_equal(diff)) {
        print_equal(to, diff);
        return true;
    }
    for (int k = 0; k < 2; k++) {
        char *path = strdup(diff->paths[k]);
        if (!path)
            return false;
        fprintf(to, "%c: %s\n", "AB"[k], cli_clean(path));
        free(path);
    }
    fputc('\n', to);
    if (diff->fields.n > 0) {
        fprintf(to, "%ssession%s\n", colour(to, COLOUR_BOLD), colour(to, COLOUR_OFF));
        put_fields(to, &diff->fields);
        fputc('\n', to);
    }
    return print_samples(to, diff) && print_channels(to, diff);
}

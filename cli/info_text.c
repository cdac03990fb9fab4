/* info_text.c - what a recording holds, for people. */
#include "info.h"

#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "groups.h"
#include "moment.h"
#include "table.h"
#include "text.h"

/* A group of channels whose names are no longer than this is named in its line. */
enum { NAMES_IN_LINE = 24, NAMES_INDENT = 4, CELL_BYTES = 256, LINE_BYTES = 4096 };

static const char *const HEADINGS[] = {"channel", "rate (Hz)", "samples", "units",
                                       "factor",  "gaps",      "notes"};

static const char *gaps_text(const struct coverage *coverage, char *text)
{
    char span[MOMENT_BYTES];

    if (coverage->n_gaps == 0)
        return "-";
    snprintf(text, CELL_BYTES, "%zu, %s", coverage->n_gaps,
             moment_span_text(coverage->gap_us, span));
    return text;
}

static const char *notes_text(const struct mef3_session *session, size_t channel,
                              const struct coverage *coverage, char *text)
{
    const struct mef3_channel_info *info = mef3_channel_info(session, channel);
    size_t n_locked = 0;

    for (size_t i = 0; i < info->n_segments; i++)
        n_locked += mef3_segment_info(session, channel, i)->status == MEF3_EPASSWORD;
    text[0] = '\0';
    if (info->n_segments == 0)
        return info->status == MEF3_OK ? "empty" : mef3_status_text(info->status);
    if (n_locked > 0)
        snprintf(text, CELL_BYTES, "locked: %zu of %zu segments", n_locked, info->n_segments);
    else if (coverage->n_bad > 0)
        snprintf(text, CELL_BYTES, "damaged: %zu of %zu segments", coverage->n_bad,
                 info->n_segments);
    return text;
}

/* All cells of a channel but its name, each ended by a newline: what makes it one of a group. */
static char *describe(const struct mef3_session *session, size_t channel,
                      const struct coverage *coverage)
{
    const struct mef3_channel_info *info = mef3_channel_info(session, channel);
    char gaps[CELL_BYTES], notes[CELL_BYTES], units[CELL_BYTES];
    char *text = NULL;
    int n;

    snprintf(units, sizeof units, "%s", info->units[0] ? info->units : "-");
    cli_clean(units);
    if (info->rate_hz > 0)
        n = asprintf(&text, "%.10g\n%" PRId64 "\n%s\n%.10g\n%s\n%s\n", info->rate_hz,
                     info->n_samples, units, info->units_factor, gaps_text(coverage, gaps),
                     notes_text(session, channel, coverage, notes));
    else
        n = asprintf(&text, "-\n-\n-\n-\n-\n%s\n", notes_text(session, channel, coverage, notes));
    return n < 0 ? NULL : text;
}

static bool make_groups(const struct mef3_session *session, const struct coverage *coverage,
                        struct groups *groups)
{
    size_t number;

    for (size_t i = 0; i < mef3_session_info(session)->n_channels; i++) {
        char *text = describe(session, i, &coverage[i]);
        bool is_added = text && groups_add(groups, text, strlen(text) + 1, i, &number);
        free(text);
        if (!is_added)
            return false;
    }
    return true;
}

/* The names of a group: in the line when they are short, else their number, and they beneath. */
static void put_names(struct table *table, const struct group *group, const char *const *names,
                      int columns)
{
    if (group->n == 1) {
        table_cell(table, "%s", names[group->members[0]]);
        return;
    }
    char *line = groups_names(group, names, 0, INT_MAX);
    if (line && text_width(line) <= NAMES_IN_LINE) {
        table_cell(table, "%.*s", (int)strcspn(line, "\n"), line);
    } else {
        table_cell(table, "%zu channels", group->n);
        table_beneath(table, groups_names(group, names, NAMES_INDENT, columns));
    }
    free(line);
}

static void put_group(struct table *table, const struct group *group, const char *const *names,
                      int columns)
{
    const char *notes = strrchr(group->key, '\n');

    while (notes > (const char *)group->key && notes[-1] != '\n')
        notes--;
    table_row(table, notes[0] == '\n' ? COLOUR_OFF : COLOUR_YELLOW);
    put_names(table, group, names, columns);
    for (const char *at = group->key; *at;) {
        size_t n = strcspn(at, "\n");
        table_cell(table, "%.*s", (int)n, at);
        at += n + 1;
    }
}

static bool print_table(FILE *to, struct mef3_session *session, const struct coverage *coverage)
{
    size_t n = mef3_session_info(session)->n_channels;
    const char **names = calloc(n, sizeof *names);
    struct groups groups = {0};
    struct table table;

    table_init(&table, "lrrlrll", HEADINGS);
    bool is_fine = names && make_groups(session, coverage, &groups);
    for (size_t i = 0; is_fine && i < n; i++)
        names[i] = mef3_channel_info(session, i)->name;
    for (size_t i = 0; is_fine && i < groups.n; i++)
        put_group(&table, &groups.items[i], names, text_columns(to));
    is_fine = is_fine && table_print(&table, to);
    table_fini(&table);
    groups_fini(&groups);
    free(names);
    return is_fine;
}

static void print_line(FILE *to, const char *label, const char *text)
{
    char clean[LINE_BYTES];

    if (!text[0])
        return;
    snprintf(clean, sizeof clean, "%s", text);
    cli_clean(clean);
    fprintf(to, "%-11s%s\n", label, clean);
}

static void print_span(FILE *to, const struct mef3_session_info *info)
{
    char start[MOMENT_BYTES];
    char end[MOMENT_BYTES];
    char span[MOMENT_BYTES];

    if (info->start_uutc == MEF3_NO_TIME) {
        print_line(to, "span", "not known");
        return;
    }
    fprintf(to, "%-11s%s to %s, %s%s\n", "span", moment_text(info->start_uutc, start),
            moment_text(info->end_uutc, end),
            moment_span_text(mef3_time_difference(info->end_uutc, info->start_uutc), span),
            info->times_relative ? " (times are relative: section 3 is locked)" : "");
}

bool info_print_text(FILE *to, struct mef3_session *session, const struct coverage *coverage)
{
    const struct mef3_session_info *info = mef3_session_info(session);

    print_line(to, "session", info->name);
    print_line(to, "about", info->session_description);
    print_span(to, info);
    print_line(to, "subject", info->subject_name_1);
    print_line(to, "", info->subject_name_2);
    print_line(to, "subject ID", info->subject_id);
    print_line(to, "location", info->recording_location);
    if (info->encrypted)
        fprintf(to, "%-11syes; access level %d\n", "encrypted", info->access_level);
    else
        fprintf(to, "%-11sno\n", "encrypted");
    if (info->n_video_channels > 0)
        fprintf(to, "%-11s%zu, and %zu of video\n", "channels", info->n_channels,
                info->n_video_channels);
    else
        fprintf(to, "%-11s%zu\n", "channels", info->n_channels);
    if (info->n_channels == 0)
        return true;
    fputc('\n', to);
    return print_table(to, session, coverage);
}

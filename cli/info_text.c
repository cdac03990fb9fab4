/* info_text.c - what a recording holds, for people. */
#include "info.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "moment.h"

enum { COLUMNS = 7, CELL_BYTES = 1024 };

static const char *const heading[COLUMNS] = {"channel", "rate (Hz)", "samples", "units",
                                             "factor",  "gaps",      "notes"};

static int characters(const char *text)
{
    int n = 0;

    for (; *text; text++)
        n += ((unsigned char)*text & 0xC0) != 0x80;
    return n;
}

static void cell(char *to, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void cell(char *to, const char *format, ...)
{
    __builtin_va_list values;

    __builtin_va_start(values, format);
    vsnprintf(to, CELL_BYTES, format, values);
    __builtin_va_end(values);
    cli_clean(to);
}

static void fill_gaps(char *to, const struct recording_coverage *coverage)
{
    char span[MOMENT_BYTES];

    if (coverage->n_gaps == 0)
        cell(to, "-");
    else
        cell(to, "%zu, %s", coverage->n_gaps, moment_span_text(coverage->gap_us, span));
}

static void fill_notes(char *to, const struct mef3_session *session, size_t channel,
                       const struct recording_coverage *coverage)
{
    const struct mef3_channel_info *info = mef3_channel_info(session, channel);
    size_t n_locked = 0;

    for (size_t i = 0; i < info->n_segments; i++)
        n_locked += mef3_segment_info(session, channel, i)->status == MEF3_EPASSWORD;
    if (info->n_segments == 0)
        cell(to, "%s", info->status == MEF3_OK ? "empty" : mef3_status_text(info->status));
    else if (n_locked > 0)
        cell(to, "locked: %zu of %zu segments", n_locked, info->n_segments);
    else if (coverage->n_bad > 0)
        cell(to, "damaged: %zu of %zu segments", coverage->n_bad, info->n_segments);
    else
        cell(to, "%s", "");
}

static void fill_row(struct mef3_session *session, size_t channel,
                     const struct recording_coverage *coverage, char row[COLUMNS][CELL_BYTES])
{
    const struct mef3_channel_info *info = mef3_channel_info(session, channel);

    cell(row[0], "%s", info->name);
    fill_gaps(row[5], coverage);
    fill_notes(row[6], session, channel, coverage);
    if (info->rate_hz > 0) {
        cell(row[1], "%.10g", info->rate_hz);
        cell(row[2], "%" PRId64, info->n_samples);
        cell(row[3], "%s", info->units[0] ? info->units : "-");
        cell(row[4], "%.10g", info->units_factor);
    } else {
        for (size_t k = 1; k < 6; k++)
            cell(row[k], "-");
    }
}

static void print_table(FILE *to, struct mef3_session *session,
                        const struct recording_coverage *coverage)
{
    size_t n = mef3_session_info(session)->n_channels;
    char row[COLUMNS][CELL_BYTES];
    int width[COLUMNS];

    for (size_t k = 0; k < COLUMNS; k++)
        width[k] = characters(heading[k]);
    for (size_t i = 0; i < n; i++) {
        fill_row(session, i, &coverage[i], row);
        for (size_t k = 0; k < COLUMNS; k++)
            if (characters(row[k]) > width[k])
                width[k] = characters(row[k]);
    }
    for (size_t i = 0; i <= n; i++) {
        int blanks = 0; /* not written yet: a line does not end in them */
        if (i > 0)
            fill_row(session, i - 1, &coverage[i - 1], row);
        for (size_t k = 0; k < COLUMNS; k++) {
            const char *text = i == 0 ? heading[k] : row[k];
            int pad = width[k] - characters(text);
            int left = k == 1 || k == 2 || k == 4 ? pad : 0; /* numbers to the right */
            if (text[0]) {
                fprintf(to, "%*s%s", blanks + left, "", text);
                blanks = pad - left + 2;
            }
        }
        fputc('\n', to);
    }
}

static void print_line(FILE *to, const char *label, const char *text)
{
    char clean[CELL_BYTES];

    if (!text[0])
        return;
    cell(clean, "%s", text);
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

void info_print_text(FILE *to, struct mef3_session *session,
                     const struct recording_coverage *coverage)
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
    if (info->n_channels > 0) {
        fputc('\n', to);
        print_table(to, session, coverage);
    }
}

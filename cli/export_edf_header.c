/* export_edf_header.c - the header of EDF+ and BDF+, and what of it has to be cut. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli.h"
#include "export_edf.h"

struct header {
    uint8_t *bytes;
    size_t at;
    size_t n_cut; /* texts that had to be shortened or changed, and the first of them */
    char cut[64];
};

/* A field of n bytes: ASCII, spaces behind it. */
static void put(struct header *h, size_t n, const char *text)
{
    memset(h->bytes + h->at, ' ', n);
    memcpy(h->bytes + h->at, text, strnlen(text, n));
    h->at += n;
}

static void note_cut(struct header *h, const char *text)
{
    if (h->n_cut++ == 0)
        snprintf(h->cut, sizeof h->cut, "%.60s", text);
}

/* A text of somebody's: what is not ASCII, a character a time, becomes "_". */
static void put_text(struct header *h, size_t n, const char *text)
{
    char plain[81];
    size_t k = 0;
    bool is_changed = false;

    for (; *text && k < n; text++) {
        unsigned char byte = (unsigned char)*text;
        bool is_plain = byte >= 0x20 && byte < 0x7F;
        if ((byte & 0xC0) == 0x80)
            continue;
        plain[k++] = is_plain ? *text : '_';
        is_changed |= !is_plain;
    }
    plain[k] = '\0';
    if (*text || is_changed)
        note_cut(h, plain);
    put(h, n, plain);
}

/* A word of the patient's or recording's field: spaces are underscores, nothing is "X". */
static void word(char *field, size_t room, const char *text)
{
    size_t n = strlen(field);

    if (n > 0 && n + 1 < room)
        field[n++] = ' ';
    if (!*text)
        text = "X";
    for (; *text && n + 1 < room; text++)
        field[n++] = *text == ' ' ? '_' : *text;
    field[n] = '\0';
}

/* The clock of the zone that was asked for. */
static struct tm clock_of(const struct edf_out *e)
{
    time_t seconds = (time_t)(e->start_uutc / 1000000) - (e->start_uutc % 1000000 < 0);
    struct tm tm;

    seconds += e->options->zone_s;
    gmtime_r(&seconds, &tm);
    return tm;
}

static void put_people(struct header *h, const struct edf_out *e, const struct tm *tm)
{
    static const char months[][4] = {"JAN", "FEB", "MAR", "APR", "MAY", "JUN",
                                     "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"};
    const struct mef3_session_info *info = mef3_session_info(e->job->session);
    char field[3000];
    char date[40];

    field[0] = '\0';
    word(field, sizeof field, info->subject_id);
    word(field, sizeof field, "");
    word(field, sizeof field, "");
    word(field, sizeof field, info->subject_name_1);
    put_text(h, 80, field);
    snprintf(date, sizeof date, "%02d-%s-%04d", tm->tm_mday, months[tm->tm_mon],
             tm->tm_year + 1900);
    snprintf(field, sizeof field, "Startdate %s X X %s%s%s", date, EXPORT_EDF_EQUIPMENT,
             info->session_description[0] ? " " : "", info->session_description);
    put_text(h, 80, field);
}

static void put_number(struct header *h, size_t n, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static void put_number(struct header *h, size_t n, const char *format, ...)
{
    char text[64];
    va_list values;

    va_start(values, format);
    vsnprintf(text, sizeof text, format, values);
    va_end(values);
    put(h, n, text);
}

static void put_head(struct header *h, const struct edf_out *e, size_t n_signals)
{
    bool is_bdf = e->options->is_bdf;
    struct tm tm = clock_of(e);
    int year = tm.tm_year + 1900;

    put(h, 8,
        is_bdf ? "\xFF"
                 "BIOSEMI"
               : "0");
    put_people(h, e, &tm);
    if (year >= 1985 && year <= 2084)
        put_number(h, 8, "%02d.%02d.%02d", tm.tm_mday, tm.tm_mon + 1, year % 100);
    else
        put_number(h, 8, "%02d.%02d.yy", tm.tm_mday, tm.tm_mon + 1);
    put_number(h, 8, "%02d.%02d.%02d", tm.tm_hour, tm.tm_min, tm.tm_sec);
    put_number(h, 8, "%zu", 256 * (1 + n_signals));
    put_number(h, 44, "%s+%c", is_bdf ? "BDF" : "EDF", e->has_gaps ? 'D' : 'C');
    put_number(h, 8, "%lld", (long long)e->n_records);
    put(h, 8, e->record_text);
    put_number(h, 4, "%zu", n_signals);
}

static void put_filters(struct header *h, const struct mef3_channel_info *info)
{
    char text[81] = "";
    size_t n = 0;
    const struct {
        const char *key;
        double hz;
    } filters[] = {
        {"HP", info->low_filter_hz}, {"LP", info->high_filter_hz}, {"N", info->notch_hz}};

    for (size_t i = 0; i < 3; i++)
        if (filters[i].hz >= 0 && n < sizeof text)
            n += (size_t)snprintf(text + n, sizeof text - n, "%s%s:%.6gHz", n > 0 ? " " : "",
                                  filters[i].key, filters[i].hz);
    put(h, 80, text);
}

/* Each field of all signals, then the next field. The last signal is the annotations'. */
static void put_signals(struct header *h, const struct edf_out *e)
{
    const size_t n = e->job->n_channels;
    const struct edf_out_channel *channels = e->channels;
    const int limit = e->options->is_bdf ? 8388607 : 32767;
#define INFO(i) mef3_channel_info(e->job->session, e->job->channels[i].number)

    for (size_t i = 0; i < n; i++)
        put(h, 16, channels[i].label);
    put(h, 16, e->options->is_bdf ? "BDF Annotations" : "EDF Annotations");
    for (size_t i = 0; i < n; i++)
        put_text(h, 80, INFO(i)->description);
    put(h, 80, "");
    for (size_t i = 0; i < n; i++)
        put_text(h, 8, channels[i].units);
    put(h, 8, "");
    for (size_t i = 0; i < n; i++)
        put(h, 8, channels[i].scale.physical_min);
    put(h, 8, "-1");
    for (size_t i = 0; i < n; i++)
        put(h, 8, channels[i].scale.physical_max);
    put(h, 8, "1");
    for (size_t i = 0; i < n; i++)
        put_number(h, 8, "%d", -channels[i].scale.most);
    put_number(h, 8, "%d", -limit - 1);
    for (size_t i = 0; i < n; i++)
        put_number(h, 8, "%d", channels[i].scale.most);
    put_number(h, 8, "%d", limit);
    for (size_t i = 0; i < n; i++)
        put_filters(h, INFO(i));
    put(h, 80, "");
    for (size_t i = 0; i < n; i++)
        put_number(h, 8, "%u", channels[i].n_samples);
    put_number(h, 8, "%zu", e->annotation_bytes / e->sample_bytes);
    put(h, 32 * (n + 1), "");
#undef INFO
}

bool edf_out_header(const struct cat_wanted *wanted, const struct edf_out *e, uint8_t **bytes_out,
                    size_t *n_out)
{
    size_t n_signals = e->job->n_channels + 1;
    struct header h = {.bytes = malloc(256 * (1 + n_signals))};
    const struct mef3_session_info *info = mef3_session_info(e->job->session);

    if (!h.bytes)
        return false;
    put_head(&h, e, n_signals);
    put_signals(&h, e);
    if (h.n_cut > 0)
        cli_fail(CLI_FINE,
                 "%s: %zu texts are too long for EDF's fields or not ASCII, and were cut "
                 "or changed, the first to \"%s\"",
                 wanted->path, h.n_cut, h.cut);
    if (info->subject_name_2[0] || info->recording_location[0])
        cli_fail(CLI_FINE,
                 "%s: EDF has no place for the subject's second name and the place of "
                 "recording; they are left out",
                 wanted->path);
    *bytes_out = h.bytes;
    *n_out = h.at;
    return true;
}

/* records_text.c - records as a table for people, and as lines of comma-separated values. */
#include "records.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "moment.h"

/* Beside the time a line has: type, channel, what it says. */
static const char NO_TIME[] = "-";

static int characters(const char *text)
{
    int n = 0;

    for (; *text; text++)
        n += ((unsigned char)*text & 0xC0) != 0x80;
    return n;
}

static const char *time_of(const struct records_item *item, char text[MOMENT_BYTES])
{
    if (item->record.time_uutc == MEF3_NO_TIME)
        return NO_TIME;
    return moment_text(item->record.time_uutc, text);
}

/* A name that may be long, made safe for a terminal. */
static const char *name_of(const struct mef3_session *session, const struct records_item *item,
                           char text[256])
{
    const char *name = records_channel(session, item);

    if (item->record.segment >= 0)
        snprintf(text, 256, "%.200s-%06d", name, item->record.segment);
    else
        snprintf(text, 256, "%.255s", name ? name : "-");
    return cli_clean(text);
}

/* Of the types whose text does not say all that there is. False: nothing more is to be said. */
static bool print_more(FILE *to, const struct mef3_record *record)
{
    union {
        struct mef3_lntp lntp;
        struct mef3_seizure seizure;
        struct mef3_esti esti;
        struct mef3_cursor cursor;
    } view;

    if (mef3_record_lntp(record, &view.lntp, NULL) == MEF3_OK)
        fprintf(to, "%zu counts", view.lntp.n);
    else if (mef3_record_seizure(record, &view.seizure, NULL) == MEF3_OK)
        fprintf(to, " [%zu channels]", view.seizure.n_channels);
    else if (mef3_record_esti(record, &view.esti, NULL) == MEF3_OK)
        fprintf(to, "%.10g at %.10g Hz", view.esti.amplitude, view.esti.frequency_hz);
    else if (mef3_record_cursor(record, &view.cursor, NULL) == MEF3_OK)
        fprintf(to, " [%.10g]", view.cursor.value);
    else
        return false;
    return true;
}

static bool print_words(FILE *to, const struct records_item *item)
{
    struct records_words words = {0};
    char span[MOMENT_BYTES];
    char text[1024];

    if (item->record.status == MEF3_EPASSWORD) {
        fprintf(to, "(locked, level %d)", item->record.level);
        return true;
    }
    if (item->record.status != MEF3_OK) {
        snprintf(text, sizeof text, "(damaged: %.900s)", item->error);
        fputs(cli_clean(text), to);
        return true;
    }
    if (!records_words(item, &words))
        return false;
    if (words.text)
        fputs(cli_clean(words.text), to);
    if (words.has_duration && words.duration_us > 0)
        fprintf(to, " (%s)", moment_span_text(words.duration_us, span));
    if (!print_more(to, &item->record) && !words.text)
        fprintf(to, "%zu bytes", item->record.n_body);
    free(words.text);
    return true;
}

bool records_print_text(FILE *to, const struct mef3_session *session,
                        const struct records_list *list)
{
    int time_width = characters("time"), name_width = characters("channel");
    char time[MOMENT_BYTES], name[256];

    if (mef3_session_info(session)->times_relative)
        fputs("times are relative: section 3 is locked\n\n", to);
    if (list->n == 0)
        return fputs("no records\n", to) >= 0;
    for (size_t i = 0; i < list->n; i++) {
        const struct records_item *item = &list->items[i];
        int n_time = characters(time_of(item, time));
        int n_name = characters(name_of(session, item, name));
        time_width = n_time > time_width ? n_time : time_width;
        name_width = n_name > name_width ? n_name : name_width;
    }
    fprintf(to, "%-*s  type  %-*s  what\n", time_width, "time", name_width, "channel");
    for (size_t i = 0; i < list->n; i++) {
        const struct records_item *item = &list->items[i];
        const char *type = item->record.type[0] ? item->record.type : "-";
        time_of(item, time);
        name_of(session, item, name);
        fprintf(to, "%s%*s  %-4s  %s%*s  ", time_of(item, time),
                time_width - characters(time_of(item, time)), "", type, name,
                name_width - characters(name), "");
        if (!print_words(to, item))
            return false;
        fputc('\n', to);
    }
    return true;
}

/* In quotes where it needs them. */
static void put_text(FILE *to, const char *text)
{
    if (!strpbrk(text, ",\"\r\n")) {
        fputs(text, to);
        return;
    }
    fputc('"', to);
    for (; *text; text++) {
        if (*text == '"')
            fputc('"', to);
        fputc(*text, to);
    }
    fputc('"', to);
}

static bool put_row(FILE *to, const struct mef3_session *session, const struct records_item *item)
{
    const char *channel = records_channel(session, item);
    struct records_words words = {0};
    char time[MOMENT_BYTES];

    if (item->record.status == MEF3_OK && !records_words(item, &words))
        return false;
    if (item->record.time_uutc != MEF3_NO_TIME)
        fprintf(to, "%" PRId64 ",%s,", item->record.time_uutc, time_of(item, time));
    else
        fputs(",,", to);
    put_text(to, item->record.type);
    fputc(',', to);
    put_text(to, channel ? channel : "");
    fputc(',', to);
    if (item->record.segment >= 0)
        fprintf(to, "%d", item->record.segment);
    fputc(',', to);
    if (words.has_duration)
        fprintf(to, "%.10g", (double)words.duration_us / 1e6);
    fprintf(to, ",%d,%s,", item->record.level, mef3_status_name(item->record.status));
    put_text(to, words.text ? words.text : item->error ? item->error : "");
    fputc('\n', to);
    free(words.text);
    return true;
}

bool records_print_csv(FILE *to, const struct mef3_session *session,
                       const struct records_list *list)
{
    fputs("time_uutc,time,type,channel,segment,duration_s,encryption_level,status,text\n", to);
    for (size_t i = 0; i < list->n; i++)
        if (!put_row(to, session, &list->items[i]))
            return false;
    return true;
}

/* recording.c - what `info` and `cat` share: open a recording, show what is in it. */
#include "recording.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "moment.h"

int recording_password(const char *password_file, char password_out[RECORDING_PASSWORD_BYTES])
{
    const char *variable = getenv("MEF3_PASSWORD");

    password_out[0] = '\0';
    if (!password_file) {
        /* One that is too long is wrong, and stays so when it is cut. */
        snprintf(password_out, RECORDING_PASSWORD_BYTES, "%s", variable ? variable : "");
        return CLI_FINE;
    }
    FILE *file = fopen(password_file, "re");
    int number = file ? 0 : errno;
    errno = 0;
    bool is_read = file && fgets(password_out, RECORDING_PASSWORD_BYTES, file);
    number = number ? number : errno;
    if (file)
        fclose(file);
    if (!is_read)
        return cli_fail(CLI_IO, "%s: the password cannot be read: %s; check the file",
                        password_file, number ? strerror(number) : "it is empty");
    password_out[strcspn(password_out, "\r\n")] = '\0';
    return CLI_FINE;
}

static struct mef3_session *cannot_open(const char *path, struct mef3_error *error, int *exit_out)
{
    char text[1024];

    error->file[0] = '\0'; /* it is the path, which is said anyway */
    mef3_error_text(error, text, sizeof text);
    *exit_out =
        cli_fail(CLI_IO, "%s: %s; name a folder that ends in .mefd and can be read", path, text);
    return NULL;
}

struct mef3_session *recording_open(const char *path, const char *password_file, int *exit_out)
{
    char password[RECORDING_PASSWORD_BYTES];
    struct mef3_session *session;
    struct mef3_error error;

    *exit_out = recording_password(password_file, password);
    if (*exit_out != CLI_FINE)
        return NULL;
    int status = mef3_session_open_folder(path, password[0] ? password : NULL, &session, &error);
    explicit_bzero(password, sizeof password);
    return status == MEF3_OK ? session : cannot_open(path, &error, exit_out);
}

struct mef3_session *recording_open_lazy(const char *path, const char *password, int *exit_out)
{
    struct mef3_session *session;
    struct mef3_source source;
    struct mef3_error error;

    int status = mef3_source_folder(path, NULL, &source, &error);
    if (status == MEF3_OK)
        status = mef3_session_open_lazy(&source, password[0] ? password : NULL, &session, &error);
    return status == MEF3_OK ? session : cannot_open(path, &error, exit_out);
}

int recording_channel(const struct mef3_session *session, const char *path, const char *name,
                      size_t *channel_out)
{
    int64_t number = mef3_channel_find(session, name);

    if (number < 0)
        return cli_fail(CLI_USAGE, "%s: there is no channel %s; mef3 info lists them", path, name);
    *channel_out = (size_t)number;
    return CLI_FINE;
}

int recording_time(const char *option, const char *text, int64_t start_uutc, int64_t *uutc_out)
{
    if (!text)
        return CLI_FINE;
    if (text[0] == '+' && start_uutc == MEF3_NO_TIME)
        return cli_fail(CLI_USAGE, "%s %s: the recording's start is not known; give a time", option,
                        text);
    if (!moment_parse(text, start_uutc, uutc_out))
        return cli_fail(CLI_USAGE,
                        "%s %s is no time; give a uUTC number, an ISO 8601 time or +seconds",
                        option, text);
    return CLI_FINE;
}

struct stretch {
    int64_t start_uutc;
    int64_t end_uutc;
};

struct stretches {
    struct stretch *items;
    size_t n;
    size_t room;
};

static bool add(struct stretches *list, int64_t start_uutc, int64_t end_uutc)
{
    if (list->n == list->room) {
        size_t room = list->room ? 2 * list->room : 64;
        struct stretch *items = realloc(list->items, room * sizeof *items);
        if (!items)
            return false;
        list->items = items;
        list->room = room;
    }
    list->items[list->n++] = (struct stretch){start_uutc, end_uutc};
    return true;
}

static bool add_run(struct stretches *list, const struct mef3_run *run, double rate_hz)
{
    int64_t before = run->first_sample - run->origin_sample;

    return add(list, mef3_index_to_time(before, run->origin_uutc, rate_hz),
               mef3_index_to_time(before + run->n_samples, run->origin_uutc, rate_hz));
}

static bool add_segment(struct mef3_session *session, size_t channel, size_t segment,
                        struct stretches *list, struct recording_coverage *coverage)
{
    const struct mef3_segment_info *info = mef3_segment_info(session, channel, segment);
    const struct mef3_run *runs;
    struct mef3_error error;
    size_t n;

    int status = mef3_segment_runs(session, channel, segment, &runs, &n, &error);
    if (status != MEF3_OK) {
        if (coverage->n_bad++ == 0)
            coverage->first_bad = error;
        return info->start_uutc == MEF3_NO_TIME || add(list, info->start_uutc, info->end_uutc);
    }
    coverage->n_runs += n;
    for (size_t i = 0; i < n; i++)
        if (!add_run(list, &runs[i], info->rate_hz))
            return false;
    return true;
}

static int by_start(const void *a, const void *b)
{
    const struct stretch *x = a;
    const struct stretch *y = b;

    return (x->start_uutc > y->start_uutc) - (x->start_uutc < y->start_uutc);
}

bool recording_cover(struct mef3_session *session, size_t channel,
                     struct recording_coverage *coverage_out)
{
    const struct mef3_channel_info *info = mef3_channel_info(session, channel);
    struct recording_coverage coverage = {0};
    struct stretches list = {0};
    bool is_whole = true;

    for (size_t i = 0; is_whole && i < info->n_segments; i++)
        is_whole = add_segment(session, channel, i, &list, &coverage);
    if (list.n > 0)
        qsort(list.items, list.n, sizeof *list.items, by_start);
    double half_us = info->rate_hz > 0 ? 0.5e6 / info->rate_hz : 0;
    for (size_t i = 1, last = 0; i < list.n; i++) {
        int64_t gap_us = mef3_time_difference(list.items[i].start_uutc, list.items[last].end_uutc);
        if (gap_us > 0 && (double)gap_us >= half_us) {
            coverage.n_gaps++;
            coverage.gap_us += gap_us;
        }
        if (list.items[i].end_uutc > list.items[last].end_uutc)
            last = i;
    }
    free(list.items);
    if (is_whole)
        *coverage_out = coverage;
    return is_whole;
}

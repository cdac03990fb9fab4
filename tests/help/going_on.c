/* going_on.c - sessions on disk that a writer goes on with. */
#include "help/going_on.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "help/session_files.h"
#include "help/test.h"

enum { N_NEW = 150 };

static char folder[] = "/tmp/going_on.XXXXXX";
char going_on_path[512];

/* A golden session, as it is in the test's folder. */
void going_on_take(const char *name)
{
    char from[512];

    snprintf(from, sizeof from, "%s/%s.mefd", GOLDEN, name);
    snprintf(going_on_path, sizeof going_on_path, "%s/%s.mefd", folder, name);
    files_remove(going_on_path);
    files_copy(from, going_on_path);
}

void going_on_name(const char *name)
{
    snprintf(going_on_path, sizeof going_on_path, "%s/%s.mefd", folder, name);
}

/* The file of the only channel "Cz", or whichever. */
void going_on_file(const char *channel, int segment, const char *type, char file[1024])
{
    snprintf(file, 1024, "%s/%s.timd/%s-%06d.segd/%s-%06d.%s", going_on_path, channel, channel,
             segment, channel, segment, type);
}

struct mef3_session *going_on_read(const char *password)
{
    struct mef3_session *session = NULL;
    struct mef3_error error;
    char text[600];

    if (mef3_session_open_folder(going_on_path, password, &session, &error) != MEF3_OK)
        fail_msg("%s", mef3_error_text(&error, text, sizeof text));
    return session;
}

void going_on_fine(int status, const struct mef3_error *error)
{
    char text[600];

    if (status != MEF3_OK)
        fail_msg("%s: %s", going_on_path, mef3_error_text(error, text, sizeof text));
}

struct mef3_writer *going_on_write(const char *password)
{
    struct mef3_writer_options options;
    struct mef3_writer *writer = NULL;
    struct mef3_error error;

    mef3_writer_defaults(&options);
    options.password_1 = password;
    going_on_fine(mef3_writer_open(going_on_path, &options, &writer, &error), &error);
    return writer;
}

struct window window_read(struct mef3_session *session, size_t channel, int64_t start, int64_t end)
{
    struct window w = {.start = start, .end = end};
    int64_t n;

    assert_int_equal(
        mef3_window_samples(start, end, mef3_channel_info(session, channel)->rate_hz, &n), 0);
    w.n = (size_t)n;
    w.counts = malloc(w.n * sizeof *w.counts + 1);
    w.truth = malloc(w.n + 1);
    assert_true(w.counts && w.truth);
    assert_int_equal(
        mef3_read_window(session, channel, start, end, w.counts, w.truth, w.n, NULL, NULL, NULL),
        MEF3_OK);
    return w;
}

void window_fini(struct window *w)
{
    free(w->counts);
    free(w->truth);
}

int32_t going_on_count(size_t i)
{
    return (int32_t)(i * 7 % 300) - 100;
}

/* Append to a channel where it ends; and read that back, and what was there. */
void going_on_add(struct mef3_writer *writer, const char *name, double rate_hz, double factor,
                  int64_t *end_out)
{
    struct mef3_writer_channel channel;
    struct mef3_error error;
    int32_t counts[N_NEW];
    size_t number;

    mef3_writer_channel_defaults(&channel);
    channel.name = name;
    channel.rate_hz = rate_hz;
    channel.units_factor = factor;
    channel.block_samples = 64;
    going_on_fine(mef3_writer_add_channel(writer, &channel, &number, &error), &error);
    for (size_t i = 0; i < N_NEW; i++)
        counts[i] = going_on_count(i);
    *end_out = mef3_writer_end(writer, number);
    going_on_fine(mef3_writer_append(writer, number, *end_out, counts, 100, &error), &error);
    going_on_fine(mef3_writer_append(writer, number, mef3_writer_end(writer, number), counts + 100,
                                     N_NEW - 100, &error),
                  &error);
}

static void check_channel(struct mef3_session *session, size_t channel, const struct window *before,
                          int64_t added_at)
{
    const struct mef3_channel_info *info = mef3_channel_info(session, channel);
    struct window again = window_read(session, channel, before->start, before->end);

    assert_int_equal(info->status, MEF3_OK);
    assert_memory_equal(again.counts, before->counts, before->n * sizeof *before->counts);
    assert_memory_equal(again.truth, before->truth, before->n);
    window_fini(&again);
    struct window added =
        window_read(session, channel, added_at, mef3_index_to_time(N_NEW, added_at, info->rate_hz));
    assert_int_equal(added.n, N_NEW);
    for (size_t i = 0; i < N_NEW; i++)
        assert_true(added.truth[i] == MEF3_DATA && added.counts[i] == going_on_count(i));
    window_fini(&added);
}

/* When the last run of a channel ends, whatever the headers say. */
static int64_t end_of(struct mef3_session *session, size_t channel)
{
    const struct mef3_channel_info *info = mef3_channel_info(session, channel);
    const struct mef3_run *runs;
    size_t n;

    int status = mef3_segment_runs(session, channel, info->n_segments - 1, &runs, &n, NULL);
    if (status != MEF3_OK || n == 0)
        return info->end_uutc;
    return mef3_index_to_time(runs[n - 1].n_samples, runs[n - 1].origin_uutc, info->rate_hz);
}

/* Every channel of the session in `going_on_path` is gone on with. */
void going_on_add_to_all(const char *password)
{
    struct mef3_session *session = going_on_read(password);
    size_t n = mef3_session_info(session)->n_channels;
    struct window *before = calloc(n, sizeof *before);
    int64_t *added_at = calloc(n, sizeof *added_at);
    struct mef3_error error;

    assert_true(before && added_at);
    struct mef3_writer *writer = going_on_write(password);
    for (size_t c = 0; c < n; c++) {
        const struct mef3_channel_info *info = mef3_channel_info(session, c);
        before[c] = window_read(session, c, info->start_uutc, info->end_uutc);
        going_on_add(writer, info->name, info->rate_hz, info->units_factor, &added_at[c]);
        int64_t end = end_of(session, c), late = added_at[c] - end;
        if (late < -2 || late > 2)
            fail_msg("%s: added at %lld, not at %lld", going_on_path, (long long)added_at[c],
                     (long long)end);
    }
    going_on_fine(mef3_writer_finish(writer, &error), &error);
    mef3_session_close(session);
    session = going_on_read(password);
    assert_int_equal(mef3_session_info(session)->n_damaged, 0);
    for (size_t c = 0; c < n; c++) {
        check_channel(session, c, &before[c], added_at[c]);
        window_fini(&before[c]);
    }
    mef3_session_close(session);
    free(before);
    free(added_at);
}

int going_on_begin(void **state)
{
    (void)state;
    return mkdtemp(folder) ? 0 : -1;
}

int going_on_end(void **state)
{
    (void)state;
    files_remove(folder);
    return 0;
}

/* test_writer_failing.c - each allocation of writing fails once, and each call that reads or writes
 * a file: the writer says so, nothing leaks, and what is on disk is whole, can be gone on with, and
 * ends as if nothing had failed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <mef3/mef3.h>

#include "help/channel_model.h"
#include "help/failing.h"
#include "help/session_files.h"
#include "help/sanitizer.h"
#include "help/test.h"

enum { N_CHANNELS = 2, N_PIECES = 3, PIECE = 23 };

static const char *const names[N_CHANNELS] = {"a", "b"};
static const double rates[N_CHANNELS] = {100, 249.7};

static char folder[] = "/tmp/test_writer_failing.XXXXXX";
static char path[128];
static struct mef3_writer_options options;
static struct model wholes[N_CHANNELS];
static int32_t counts[PIECE];
static double values[PIECE];

static int64_t make_piece(size_t channel, size_t k)
{
    for (size_t i = 0; i < PIECE; i++)
        values[i] = counts[i] = (int32_t)((k * PIECE + i) * 37 % 401) - 200;
    return (int64_t)(k / 2) * 500000 +
           mef3_index_to_time((int64_t)(k * PIECE), 1600000000000000, rates[channel]);
}

static int add_channels(struct mef3_writer *writer, struct mef3_error *error)
{
    int status = MEF3_OK;

    for (size_t c = 0; c < N_CHANNELS && status == MEF3_OK; c++) {
        struct mef3_writer_channel channel;
        size_t number;
        mef3_writer_channel_defaults(&channel);
        channel.name = names[c];
        channel.rate_hz = rates[c];
        channel.block_samples = 10;
        status = mef3_writer_add_channel(writer, &channel, &number, error);
    }
    return status;
}

/* Whatever of it is not there yet. */
static int append_pieces(struct mef3_writer *writer, struct mef3_error *error)
{
    int status = MEF3_OK;

    for (size_t k = 0; k < N_PIECES; k++) {
        for (size_t c = 0; c < N_CHANNELS && status == MEF3_OK; c++) {
            int64_t start = make_piece(c, k), end = mef3_writer_end(writer, c);
            int64_t skip = end == MEF3_NO_TIME ? 0 : mef3_time_to_index(end, start, rates[c]);
            if (skip >= PIECE)
                continue;
            size_t from = skip > 0 ? (size_t)skip : 0;
            int64_t at = mef3_index_to_time((int64_t)from, start, rates[c]);
            status =
                k % 2 ? mef3_writer_append(writer, c, at, counts + from, PIECE - from, error)
                      : mef3_writer_append_f64(writer, c, at, values + from, PIECE - from, error);
        }
        if (status == MEF3_OK && k == 1)
            status = mef3_writer_flush(writer, MEF3_WRITER_ALL, error);
        if (status == MEF3_OK && k == 2)
            status = mef3_writer_next_segment(writer, 0, error);
    }
    return status;
}

enum ending { CLOSE, ABORT };

/* Write a session, or go on with one; what failed first. Of one that failed, `ending` is made. */
static int write_session(bool is_there, enum ending ending, struct mef3_error *error)
{
    struct mef3_writer *writer = NULL;

    int status = is_there ? mef3_writer_open(path, &options, &writer, error)
                          : mef3_writer_create(path, &options, &writer, error);
    if (status != MEF3_OK)
        return status;
    status = add_channels(writer, error);
    if (status == MEF3_OK)
        status = append_pieces(writer, error);
    if (status == MEF3_OK)
        status = mef3_writer_flush(writer, MEF3_WRITER_ALL, error);
    if (status == MEF3_OK)
        return mef3_writer_finish(writer, error);
    (ending == CLOSE ? mef3_writer_close : mef3_writer_abort)(writer);
    return status;
}

static void check(bool is_whole)
{
    struct mef3_session *session;
    struct mef3_error error;
    char text[600];

    if (mef3_session_open_folder(path, options.password_2, &session, &error) != MEF3_OK)
        model_fail("%s", mef3_error_text(&error, text, sizeof text));
    assert_int_equal(mef3_session_info(session)->n_damaged, 0);
    for (size_t c = 0; c < N_CHANNELS; c++) {
        int64_t number = mef3_channel_find(session, names[c]);
        if (is_whole)
            model_check(&wholes[c], session, (size_t)number);
        else if (number >= 0)
            model_check_growing(&wholes[c], session, (size_t)number, 0);
    }
    mef3_session_close(session);
    if (is_whole)
        files_check(path);
}

/* A session that was left in the middle, to be gone on with. */
static void leave_half(void)
{
    struct mef3_writer *writer = NULL;
    int64_t start;

    assert_int_equal(mef3_writer_create(path, &options, &writer, NULL), MEF3_OK);
    assert_int_equal(add_channels(writer, NULL), MEF3_OK);
    start = make_piece(0, 0);
    assert_int_equal(mef3_writer_append(writer, 0, start, counts, PIECE, NULL), MEF3_OK);
    mef3_writer_close(writer);
}

/* Call number `first` fails. False: there are not so many. */
static bool fail_once(enum failing_kind kind, long first, bool stays, bool is_there,
                      enum ending ending)
{
    struct mef3_error error = {0};

    files_remove(path);
    if (is_there)
        leave_half();
    failing_begin(kind, first, stays);
    int status = write_session(is_there, ending, &error);
    bool has_failed = failing_end();
    if (failing_leaks() != 0)
        fail_msg("call %ld failed, and %ld allocations leaked", first, failing_leaks());
    if (status == MEF3_OK) { /* it was of no importance, or there was none */
        check(true);
        return has_failed;
    }
    assert_true(has_failed);
    assert_int_equal(error.status, status);
    assert_true(kind == FAILING_MEMORY ? status == MEF3_ENOMEM
                                       : status == MEF3_EIO && (error.field[0] || error.file[0]));
    bool is_left = access(path, F_OK) == 0;
    if (ending == ABORT && !is_there && !stays)
        assert_row(!is_left, mef3_error_text(&error, (char[600]){0}, 600));
    if (is_left)
        check(false);
    assert_int_equal(write_session(is_left, CLOSE, &error), MEF3_OK);
    check(true);
    return true;
}

static void each_call_fails(void **state)
{
    static const struct {
        const char *why;
        enum failing_kind kind;
        bool stays, is_there;
        enum ending ending;
        long least;
    } row[] = {
        {"no memory, a new session", FAILING_MEMORY, false, false, CLOSE, 20},
        {"no memory, one that is there", FAILING_MEMORY, false, true, CLOSE, 40},
        {"a file, a new session", FAILING_FILES, false, false, CLOSE, 150},
        {"a file, a new session that is given up", FAILING_FILES, false, false, ABORT, 150},
        {"a file, one that is there and is given up", FAILING_FILES, false, true, ABORT, 150},
        {"a full disk, a new session", FAILING_FILES, true, false, CLOSE, 150},
        {"a full disk, one that is there", FAILING_FILES, true, true, ABORT, 150},
    };

    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        long n = 0;
        while (fail_once(row[i].kind, n, row[i].stays, row[i].is_there, row[i].ending))
            n += UNDER_ASAN ? 3 : 1;
        print_message("%s: of %ld calls\n", row[i].why, n);
        assert_row(n > row[i].least, row[i].why);
    }
}

static int set_up(void **state)
{
    (void)state;
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof path, "%s/s.mefd", folder);
    mef3_writer_defaults(&options);
    options.password_1 = "one";
    options.password_2 = "two";
    options.durable = true;
    for (size_t c = 0; c < N_CHANNELS; c++) {
        wholes[c].rate_hz = rates[c];
        for (size_t k = 0; k < N_PIECES; k++) {
            int64_t start = make_piece(c, k);
            model_append(&wholes[c], start, counts, PIECE);
        }
    }
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    for (size_t c = 0; c < N_CHANNELS; c++)
        model_fini(&wholes[c]);
    files_remove(folder);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(each_call_fails)};

    return cmocka_run_group_tests(tests, set_up, tear_down);
}

/* test_records_failing.c - each allocation of reading and of appending records fails once, and each
 * call that reads or writes a file: the call says so, nothing leaks, and what is on disk is whole
 * and can be gone on with. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <mef3/mef3.h>

#include "help/failing.h"
#include "help/records.h"
#include "help/session_files.h"
#include "help/test.h"

static const int64_t T = 1700000000000000;

static char folder[] = "/tmp/test_records_failing.XXXXXX";
static char path[128], spare[128];

static int append(const char *channel, const char *text, int level, struct mef3_error *error)
{
    struct mef3_record record = {.type = "Note",
                                 .level = level,
                                 .time_uutc = T,
                                 .body = (const uint8_t *)text,
                                 .n_body = strlen(text) + 1};

    return mef3_records_append(path, channel, "two", &record, 1, error);
}

/* Notes that can be read are counted; anything else is not to be. */
static int count_notes(void *arg, const struct mef3_record *record)
{
    if (record->status != MEF3_OK && record->status != MEF3_ENOMEM)
        return MEF3_EDAMAGED;
    *(size_t *)arg += record->status == MEF3_OK;
    return MEF3_OK;
}

static int count(size_t *n_out)
{
    struct mef3_session *session;
    struct mef3_source source;

    *n_out = 0;
    int status = mef3_source_folder(path, NULL, &source, NULL);
    if (status == MEF3_OK)
        status = mef3_session_open_lazy(&source, "two", &session, NULL);
    if (status != MEF3_OK)
        return status;
    status = mef3_records_read(session, MEF3_SESSION_RECORDS, NULL, count_notes, n_out, NULL);
    if (status == MEF3_OK)
        status = mef3_records_read(session, 0, NULL, count_notes, n_out, NULL);
    mef3_session_close(session);
    return status;
}

static void expect(size_t n)
{
    size_t n_there;

    assert_int_equal(count(&n_there), MEF3_OK);
    assert_int_equal(n_there, n);
}

static void reading_says_when_there_is_no_memory(void **state)
{
    bool has_failed = true;
    long first;

    (void)state;
    files_remove(path);
    files_copy(spare, path);
    assert_int_equal(append("Cz", "of the channel", 2, NULL), MEF3_OK);
    for (first = 0; has_failed; first++) {
        size_t n = 0;
        failing_begin(FAILING_MEMORY, first, false);
        int status = count(&n);
        has_failed = failing_end();
        if (failing_leaks() != 0)
            fail_msg("call %ld failed, and %ld allocations leaked", first, failing_leaks());
        assert_true(status == MEF3_OK ? n == 3 || has_failed : status == MEF3_ENOMEM);
    }
    print_message("reading: each of %ld calls\n", first - 1);
    assert_true(first > 15);
}

/* Append to records that are there, or to a channel's that are not, when call `first` fails. */
static bool fail_once(enum failing_kind kind, long first, bool stays, const char *channel)
{
    struct mef3_error error = {0};
    size_t n;

    files_remove(path);
    files_copy(spare, path);
    failing_begin(kind, first, stays);
    int status = append(channel, "one more", 1, &error);
    bool has_failed = failing_end();
    if (failing_leaks() != 0)
        fail_msg("call %ld failed, and %ld allocations leaked", first, failing_leaks());
    assert_int_equal(count(&n), MEF3_OK);
    if (status == MEF3_OK) {
        assert_int_equal(n, 3);
        return has_failed;
    }
    assert_true(has_failed);
    assert_int_equal(error.status, status);
    assert_true(n == 2 || n == 3); /* it may be there, and not be counted */
    assert_int_equal(append(channel, "one more", 1, NULL), MEF3_OK);
    expect(n + 1);
    return true;
}

static void each_call_of_appending_fails(void **state)
{
    static const struct {
        const char *why;
        enum failing_kind kind;
        bool stays;
        const char *channel;
        long least;
    } row[] = {
        {"no memory, files that are there", FAILING_MEMORY, false, NULL, 20},
        {"no memory, new files", FAILING_MEMORY, false, "Cz", 20},
        {"a file that is there", FAILING_FILES, false, NULL, 20},
        {"a new file", FAILING_FILES, false, "Cz", 20},
        {"a full disk, files that are there", FAILING_FILES, true, NULL, 20},
        {"a full disk, new files", FAILING_FILES, true, "Cz", 20},
    };

    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        long n = 0;
        while (fail_once(row[i].kind, n, row[i].stays, row[i].channel))
            n++;
        print_message("%s: each of %ld calls\n", row[i].why, n);
        assert_row(n > row[i].least, row[i].why);
    }
}

static int set_up(void **state)
{
    struct mef3_writer_options options;
    struct mef3_writer_channel channel;
    struct mef3_writer *writer = NULL;
    int32_t counts[10] = {0};
    size_t number;

    (void)state;
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof path, "%s/s.mefd", folder);
    snprintf(spare, sizeof spare, "%s/spare", folder);
    mef3_writer_defaults(&options);
    options.password_1 = "one";
    options.password_2 = "two";
    mef3_writer_channel_defaults(&channel);
    channel.name = "Cz";
    channel.rate_hz = 100;
    if (mef3_writer_create(path, &options, &writer, NULL) != MEF3_OK ||
        mef3_writer_add_channel(writer, &channel, &number, NULL) != MEF3_OK ||
        mef3_writer_append(writer, 0, T, counts, 10, NULL) != MEF3_OK ||
        mef3_writer_finish(writer, NULL) != MEF3_OK || append(NULL, "plain", 0, NULL) != MEF3_OK ||
        append(NULL, "encrypted", 2, NULL) != MEF3_OK)
        return -1;
    files_copy(path, spare);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    files_remove(folder);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reading_says_when_there_is_no_memory),
        cmocka_unit_test(each_call_of_appending_fails),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}

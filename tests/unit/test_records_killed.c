/* test_records_killed.c - a writer of records is killed before each of its system calls, and half
 * way through each of its writes: whoever reads sees the new record whole or not at all, the old
 * ones in any case, and the next writer goes on. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <mef3/mef3.h>

#include "help/records.h"
#include "help/session_files.h"
#include "help/sanitizer.h"
#include "help/test.h"
#include "help/traced.h"

static const int64_t T = 1700000000000000;

static char folder[] = "/tmp/test_records_killed.XXXXXX";
static char path[128], spare[128];

static void append(void *arg)
{
    const char *channel = arg;
    struct mef3_record record = {
        .type = "Note", .time_uutc = T, .body = (const uint8_t *)"a note", .n_body = 7};

    if (mef3_records_append(path, channel, NULL, &record, 1, NULL) != MEF3_OK)
        abort();
}

/* How many there are; what is damaged fails the test. */
static size_t count(const char *channel)
{
    struct mef3_session *session;
    struct records_seen seen;

    assert_int_equal(mef3_session_open_folder(path, NULL, &session, NULL), MEF3_OK);
    records_read(session, channel ? 0 : MEF3_SESSION_RECORDS, NULL, &seen);
    mef3_session_close(session);
    if (strchr(seen.words, '!'))
        fail_msg("%s", seen.words);
    return seen.n;
}

/* Kill it before call `last`, or half way through it when it is a write. False: there are not so
 * many. */
static bool kill_once(size_t last, bool half_way, const char *channel, size_t n_before,
                      bool *was_write_out)
{
    struct traced traced;
    bool goes_on = true;

    files_remove(path);
    files_copy(spare, path);
    traced_start(&traced, append, (void *)(uintptr_t)channel);
    for (size_t i = 0; goes_on && i <= last; i++) {
        goes_on = traced_next(&traced);
        size_t n = count(channel);
        assert_true(n == n_before || n == n_before + 1);
    }
    *was_write_out = goes_on && traced_writes(&traced);
    if (goes_on && half_way && *was_write_out)
        traced_kill_half_way(&traced);
    else if (goes_on)
        traced_kill(&traced);
    size_t n = count(channel);
    assert_true(goes_on ? n == n_before || n == n_before + 1 : n == n_before + 1);
    append((void *)(uintptr_t)channel);
    assert_int_equal(count(channel), n + 1);
    return goes_on;
}

static void killed_at_any_call_it_leaves_whole_records(void **state)
{
    static const struct {
        const char *why;
        const char *channel;
        size_t n_before;
    } row[] = {{"files that are there", NULL, 2}, {"new files", "Cz", 0}};

    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        size_t n = 0, n_writes = 0;
        bool was_write = false, is_half = false;
        while (kill_once(n, false, row[i].channel, row[i].n_before, &was_write)) {
            if (was_write)
                kill_once(n, true, row[i].channel, row[i].n_before, &is_half);
            n_writes += was_write;
            n += UNDER_ASAN ? 3 : 1;
        }
        print_message("%s: of %zu calls, in %zu writes\n", row[i].why, n, n_writes);
        assert_row(n > 20, row[i].why);
    }
}

static int set_up(void **state)
{
    struct mef3_writer_channel channel;
    struct mef3_writer *writer = NULL;
    int32_t counts[10] = {0};
    size_t number;

    (void)state;
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof path, "%s/s.mefd", folder);
    snprintf(spare, sizeof spare, "%s/spare", folder);
    mef3_writer_channel_defaults(&channel);
    channel.name = "Cz";
    channel.rate_hz = 100;
    if (mef3_writer_create(path, NULL, &writer, NULL) != MEF3_OK ||
        mef3_writer_add_channel(writer, &channel, &number, NULL) != MEF3_OK ||
        mef3_writer_append(writer, 0, T, counts, 10, NULL) != MEF3_OK ||
        mef3_writer_finish(writer, NULL) != MEF3_OK)
        return -1;
    append(NULL);
    append(NULL);
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
        cmocka_unit_test(killed_at_any_call_it_leaves_whole_records),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}

/* test_writer_open.c - sessions that exist, the reference software's too, are added to: what was
 * there stays, what comes follows it, and all headers are true. */
#include <glob.h>
#include <stdio.h>
#include <string.h>

#include <mef3/mef3.h>

#include "help/going_on.h"
#include "help/session_files.h"
#include "help/test.h"

static const char *password_of(const char *name)
{
    return strcmp(name, "encrypted") == 0        ? "readall"
           : strcmp(name, "encrypted_utf8") == 0 ? "klíč-ř"
                                                 : NULL;
}

static void golden_sessions_are_gone_on_with(void **state)
{
    glob_t found;
    size_t n_checked = 0;

    (void)state;
    assert_int_equal(glob(GOLDEN "/*.mefd", 0, NULL, &found), 0);
    for (size_t i = 0; i < found.gl_pathc; i++) {
        char name[128];
        snprintf(name, sizeof name, "%s", strrchr(found.gl_pathv[i], '/') + 1);
        *strrchr(name, '.') = '\0';
        going_on_take(name);
        going_on_add_to_all(password_of(name));
        /* Records are not this writer's, nor are the segments before the last. */
        if (strcmp(name, "annotations") != 0 && strcmp(name, "segments") != 0)
            files_check(going_on_path);
        files_remove(going_on_path);
        n_checked++;
    }
    globfree(&found);
    print_message("%zu sessions\n", n_checked);
    assert_true(n_checked > 20);
}

/* What comes of opening, and of adding a channel as it is described. */
static int try_to_add(const char *password, const struct mef3_writer_channel *channel,
                      struct mef3_error *error)
{
    struct mef3_writer_options options;
    struct mef3_writer *writer = NULL;
    size_t number;

    mef3_writer_defaults(&options);
    options.password_1 = password;
    int status = mef3_writer_open(going_on_path, &options, &writer, error);
    if (status == MEF3_OK)
        status = mef3_writer_add_channel(writer, channel, &number, error);
    mef3_writer_abort(writer);
    return status;
}

static void what_would_not_fit_is_refused(void **state)
{
    static const struct {
        const char *why;
        const char *session, *password, *channel;
        double rate_hz, factor;
        int status;
    } row[] = {
        {"as it is", "one_channel", NULL, "Cz", 256, 0.001, MEF3_OK},
        {"a new channel of another rate", "one_channel", NULL, "Pz", 100, 1, MEF3_OK},
        {"another rate", "one_channel", NULL, "Cz", 250, 0.001, MEF3_EINVAL},
        {"another factor", "one_channel", NULL, "Cz", 256, 0.002, MEF3_EINVAL},
        {"no password", "encrypted", NULL, "secret1", 256, 1, MEF3_EPASSWORD},
        {"a wrong one", "encrypted", "readnone", "secret1", 256, 1, MEF3_EPASSWORD},
        {"one of level 1, where section 3 is of level 2", "encrypted", "readsignal", "secret1", 256,
         1, MEF3_EPASSWORD},
        {"a new channel without a password", "encrypted", NULL, "new", 256, 1, MEF3_EPASSWORD},
    };

    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        struct mef3_writer_channel channel;
        struct mef3_error error = {0};
        going_on_take(row[i].session);
        mef3_writer_channel_defaults(&channel);
        channel.name = row[i].channel;
        channel.rate_hz = row[i].rate_hz;
        channel.units_factor = row[i].factor;
        assert_row_int(try_to_add(row[i].password, &channel, &error), row[i].status, row[i].why);
        assert_row(row[i].status == MEF3_OK || error.expected[0], row[i].why);
        files_remove(going_on_path);
    }
}

static void a_session_has_one_writer_at_a_time(void **state)
{
    struct mef3_writer *second = NULL;
    struct mef3_error error;

    (void)state;
    going_on_take("one_channel");
    struct mef3_writer *first = going_on_write(NULL);
    assert_int_equal(mef3_writer_open(going_on_path, NULL, &second, &error), MEF3_EACCES);
    assert_string_equal(error.found, "one");
    mef3_writer_close(first);
    mef3_writer_close(going_on_write(NULL));
    files_remove(going_on_path);
}

static void a_new_channel_is_encrypted_like_the_others(void **state)
{
    static const struct {
        const char *password;
        int status;
    } row[] = {{NULL, MEF3_EPASSWORD}, {"readsignal", MEF3_OK}, {"readall", MEF3_OK}};
    struct mef3_writer_channel channel;
    struct mef3_error error;
    int32_t counts[10] = {3, 1, 4}, back[10];
    size_t number;

    (void)state;
    going_on_take("encrypted");
    struct mef3_session *session = going_on_read("readall");
    int64_t start = mef3_session_info(session)->start_uutc;
    mef3_session_close(session);
    struct mef3_writer *writer = going_on_write("readall");
    mef3_writer_channel_defaults(&channel);
    channel.name = "new";
    channel.rate_hz = 100;
    going_on_fine(mef3_writer_add_channel(writer, &channel, &number, &error), &error);
    assert_true(mef3_writer_end(writer, number) == MEF3_NO_TIME);
    going_on_fine(mef3_writer_append(writer, number, start, counts, 10, &error), &error);
    going_on_fine(mef3_writer_finish(writer, &error), &error);
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        session = going_on_read(row[i].password);
        int64_t at = mef3_channel_find(session, "new");
        assert_int_equal(mef3_channel_info(session, (size_t)at)->status, row[i].status);
        if (row[i].status == MEF3_OK) {
            assert_int_equal(
                mef3_read_samples(session, (size_t)at, 0, 0, 10, back, NULL, NULL, NULL), MEF3_OK);
            assert_memory_equal(back, counts, sizeof counts);
        }
        mef3_session_close(session);
    }
    files_remove(going_on_path);
}

static void an_abort_leaves_what_was_there(void **state)
{
    struct mef3_session *session;
    int64_t end;

    (void)state;
    going_on_take("one_channel");
    struct mef3_writer *writer = going_on_write(NULL);
    going_on_add(writer, "Cz", 256, 0.001, &end);
    mef3_writer_abort(writer);
    session = going_on_read(NULL);
    struct window all = window_read(session, 0, end - 1000000, end + 500000);
    for (size_t i = 0; i < all.n; i++) /* and 128 of the new ones, in blocks of 64 */
        assert_int_equal(all.truth[i], MEF3_DATA);
    window_fini(&all);
    mef3_session_close(session);
    going_on_add_to_all(NULL);
    files_check(going_on_path);
    files_remove(going_on_path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(golden_sessions_are_gone_on_with),
        cmocka_unit_test(what_would_not_fit_is_refused),
        cmocka_unit_test(a_session_has_one_writer_at_a_time),
        cmocka_unit_test(a_new_channel_is_encrypted_like_the_others),
        cmocka_unit_test(an_abort_leaves_what_was_there),
    };

    return cmocka_run_group_tests(tests, going_on_begin, going_on_end);
}

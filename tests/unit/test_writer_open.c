/* test_writer_open.c - sessions that exist, the reference software's too, are added to: what was
 * there stays, what comes follows it, and all headers are true. */
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <mef3/mef3.h>

#include "bytes.h"
#include "help/session_files.h"
#include "help/test.h"
#include "layout.h"

enum { N_NEW = 150 };

static char folder[] = "/tmp/test_writer_open.XXXXXX";
static char path[512];

/* A golden session, as it is in the test's folder. */
static void take(const char *name)
{
    char from[512];

    snprintf(from, sizeof from, "%s/%s.mefd", GOLDEN, name);
    snprintf(path, sizeof path, "%s/%s.mefd", folder, name);
    files_remove(path);
    files_copy(from, path);
}

/* The file of the only channel "Cz", or whichever. */
static void file_path(const char *channel, int segment, const char *type, char file[1024])
{
    snprintf(file, 1024, "%s/%s.timd/%s-%06d.segd/%s-%06d.%s", path, channel, channel, segment,
             channel, segment, type);
}

static struct mef3_session *open_session(const char *password)
{
    struct mef3_session *session = NULL;
    struct mef3_error error;
    char text[600];

    if (mef3_session_open_folder(path, password, &session, &error) != MEF3_OK)
        fail_msg("%s", mef3_error_text(&error, text, sizeof text));
    return session;
}

static void fine(int status, const struct mef3_error *error)
{
    char text[600];

    if (status != MEF3_OK)
        fail_msg("%s: %s", path, mef3_error_text(error, text, sizeof text));
}

static struct mef3_writer *open_writer(const char *password)
{
    struct mef3_writer_options options;
    struct mef3_writer *writer = NULL;
    struct mef3_error error;

    mef3_writer_defaults(&options);
    options.password_1 = password;
    fine(mef3_writer_open(path, &options, &writer, &error), &error);
    return writer;
}

/* All of a channel from its first to its last sample. */
struct window {
    int64_t start, end;
    size_t n;
    int32_t *counts;
    uint8_t *truth;
};

static struct window read_window(struct mef3_session *session, size_t channel, int64_t start,
                                 int64_t end)
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

static void window_fini(struct window *w)
{
    free(w->counts);
    free(w->truth);
}

static int32_t new_count(size_t i)
{
    return (int32_t)(i * 7 % 300) - 100;
}

/* Append to a channel where it ends; and read that back, and what was there. */
static void add_to_channel(struct mef3_writer *writer, const char *name, double rate_hz,
                           double factor, int64_t *end_out)
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
    fine(mef3_writer_add_channel(writer, &channel, &number, &error), &error);
    for (size_t i = 0; i < N_NEW; i++)
        counts[i] = new_count(i);
    *end_out = mef3_writer_end(writer, number);
    fine(mef3_writer_append(writer, number, *end_out, counts, 100, &error), &error);
    fine(mef3_writer_append(writer, number, mef3_writer_end(writer, number), counts + 100,
                            N_NEW - 100, &error),
         &error);
}

static void check_channel(struct mef3_session *session, size_t channel, const struct window *before,
                          int64_t added_at)
{
    const struct mef3_channel_info *info = mef3_channel_info(session, channel);
    struct window again = read_window(session, channel, before->start, before->end);

    assert_int_equal(info->status, MEF3_OK);
    assert_memory_equal(again.counts, before->counts, before->n * sizeof *before->counts);
    assert_memory_equal(again.truth, before->truth, before->n);
    window_fini(&again);
    struct window added =
        read_window(session, channel, added_at, mef3_index_to_time(N_NEW, added_at, info->rate_hz));
    assert_int_equal(added.n, N_NEW);
    for (size_t i = 0; i < N_NEW; i++)
        assert_true(added.truth[i] == MEF3_DATA && added.counts[i] == new_count(i));
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

/* Every channel of the session in `path` is gone on with. */
static void add_to_all(const char *password)
{
    struct mef3_session *session = open_session(password);
    size_t n = mef3_session_info(session)->n_channels;
    struct window *before = calloc(n, sizeof *before);
    int64_t *added_at = calloc(n, sizeof *added_at);
    struct mef3_error error;

    assert_true(before && added_at);
    struct mef3_writer *writer = open_writer(password);
    for (size_t c = 0; c < n; c++) {
        const struct mef3_channel_info *info = mef3_channel_info(session, c);
        before[c] = read_window(session, c, info->start_uutc, info->end_uutc);
        add_to_channel(writer, info->name, info->rate_hz, info->units_factor, &added_at[c]);
        int64_t end = end_of(session, c), late = added_at[c] - end;
        if (late < -2 || late > 2)
            fail_msg("%s: added at %lld, not at %lld", path, (long long)added_at[c],
                     (long long)end);
    }
    fine(mef3_writer_finish(writer, &error), &error);
    mef3_session_close(session);
    session = open_session(password);
    assert_int_equal(mef3_session_info(session)->n_damaged, 0);
    for (size_t c = 0; c < n; c++) {
        check_channel(session, c, &before[c], added_at[c]);
        window_fini(&before[c]);
    }
    mef3_session_close(session);
    free(before);
    free(added_at);
}

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
        take(name);
        add_to_all(password_of(name));
        /* Records are not this writer's, nor are the segments before the last. */
        if (strcmp(name, "annotations") != 0 && strcmp(name, "segments") != 0)
            files_check(path);
        files_remove(path);
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
    int status = mef3_writer_open(path, &options, &writer, error);
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
        take(row[i].session);
        mef3_writer_channel_defaults(&channel);
        channel.name = row[i].channel;
        channel.rate_hz = row[i].rate_hz;
        channel.units_factor = row[i].factor;
        assert_row_int(try_to_add(row[i].password, &channel, &error), row[i].status, row[i].why);
        assert_row(row[i].status == MEF3_OK || error.expected[0], row[i].why);
        files_remove(path);
    }
}

static void a_session_has_one_writer_at_a_time(void **state)
{
    struct mef3_writer *second = NULL;
    struct mef3_error error;

    (void)state;
    take("one_channel");
    struct mef3_writer *first = open_writer(NULL);
    assert_int_equal(mef3_writer_open(path, NULL, &second, &error), MEF3_EACCES);
    assert_string_equal(error.found, "one");
    mef3_writer_close(first);
    mef3_writer_close(open_writer(NULL));
    files_remove(path);
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
    take("encrypted");
    struct mef3_session *session = open_session("readall");
    int64_t start = mef3_session_info(session)->start_uutc;
    mef3_session_close(session);
    struct mef3_writer *writer = open_writer("readall");
    mef3_writer_channel_defaults(&channel);
    channel.name = "new";
    channel.rate_hz = 100;
    fine(mef3_writer_add_channel(writer, &channel, &number, &error), &error);
    assert_true(mef3_writer_end(writer, number) == MEF3_NO_TIME);
    fine(mef3_writer_append(writer, number, start, counts, 10, &error), &error);
    fine(mef3_writer_finish(writer, &error), &error);
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        session = open_session(row[i].password);
        int64_t at = mef3_channel_find(session, "new");
        assert_int_equal(mef3_channel_info(session, (size_t)at)->status, row[i].status);
        if (row[i].status == MEF3_OK) {
            assert_int_equal(
                mef3_read_samples(session, (size_t)at, 0, 0, 10, back, NULL, NULL, NULL), MEF3_OK);
            assert_memory_equal(back, counts, sizeof counts);
        }
        mef3_session_close(session);
    }
    files_remove(path);
}

static void tails_that_are_torn_are_cut_off(void **state)
{
    static const struct {
        const char *why;
        const char *type;
        int added; /* bytes */
    } row[] = {
        {"half an entry", "tidx", 30},
        {"an entry that leads nowhere", "tidx", INDEX_BYTES},
        {"two, and a half", "tidx", 2 * INDEX_BYTES + 20},
        {"half a block", "tdat", 500},
        {"a block's header", "tdat", RED_PAYLOAD},
    };

    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        char file[1024];
        size_t n;
        take("one_channel");
        file_path("Cz", 0, row[i].type, file);
        uint8_t *bytes = files_read(file, &n);
        bytes = realloc(bytes, n + (size_t)row[i].added);
        assert_non_null(bytes);
        memset(bytes + n, 0xFF, (size_t)row[i].added);
        files_write(file, bytes, n + (size_t)row[i].added);
        free(bytes);
        add_to_all(NULL);
        files_check(path);
        file_path("Cz", 1, "tmet", file);
        assert_row(access(file, F_OK) != 0, row[i].why); /* no new segment */
        files_remove(path);
    }
}

/* Blocks that no header counts, and the last of which is not whole: its entry goes too. */
static void blocks_that_are_not_counted_stay_if_they_are_whole(void **state)
{
    char file[1024];
    size_t n;
    int32_t counts[640], back[640];
    struct mef3_writer_channel channel;
    struct mef3_error error;
    size_t number;
    struct mef3_writer *writer = NULL;

    (void)state;
    snprintf(path, sizeof path, "%s/new.mefd", folder);
    mef3_writer_channel_defaults(&channel);
    channel.name = "Cz";
    channel.rate_hz = 256;
    channel.block_samples = 64;
    for (size_t i = 0; i < 640; i++)
        counts[i] = new_count(i);
    fine(mef3_writer_create(path, NULL, &writer, &error), &error);
    fine(mef3_writer_add_channel(writer, &channel, &number, &error), &error);
    fine(mef3_writer_append(writer, number, 1000, counts, 640, &error), &error);
    mef3_writer_close(writer); /* never flushed */
    file_path("Cz", 0, "tdat", file);
    uint8_t *bytes = files_read(file, &n);
    bytes[n - 20] ^= 1;
    files_write(file, bytes, n);
    free(bytes);

    fine(mef3_writer_open(path, NULL, &writer, &error), &error);
    fine(mef3_writer_add_channel(writer, &channel, &number, &error), &error);
    assert_int_equal(mef3_writer_end(writer, number), 1000 + 9 * 250000);
    fine(mef3_writer_append(writer, number, 1000 + 9 * 250000, counts + 576, 64, &error), &error);
    fine(mef3_writer_finish(writer, &error), &error);
    files_check(path);
    struct mef3_session *session = open_session(NULL);
    const struct mef3_run *runs;
    size_t n_runs;
    assert_int_equal(mef3_segment_runs(session, 0, 0, &runs, &n_runs, NULL), MEF3_OK);
    assert_int_equal(n_runs, 1);
    assert_int_equal(mef3_read_samples(session, 0, 0, 0, 640, back, NULL, NULL, NULL), MEF3_OK);
    assert_memory_equal(back, counts, sizeof counts);
    mef3_session_close(session);
    files_remove(path);
}

/* What was there stays unreadable where it was, and is no gap. */
static void damage_is_not_written_over(void **state)
{
    static const struct {
        const char *why;
        const char *type;
        int at;           /* which byte is changed; from the end when negative */
        bool new_segment; /* nothing more can be put into these files */
    } row[] = {
        {"a counted block's payload", "tdat", -20, false},
        {"the header of the index", "tidx", 100, true},
        {"the header of the data", "tdat", 100, true},
        {"an entry's offset", "tidx", UH_BYTES + 3 * INDEX_BYTES + INDEX_FILE_OFFSET + 2, true},
    };

    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        char file[1024];
        size_t n, n_again;
        take("one_channel");
        file_path("Cz", 0, row[i].type, file);
        uint8_t *bytes = files_read(file, &n);
        bytes[row[i].at < 0 ? (int)n + row[i].at : row[i].at] ^= 0x40;
        files_write(file, bytes, n);
        add_to_all(NULL);
        uint8_t *again = files_read(file, &n_again);
        assert_row(row[i].new_segment ? n_again == n : n_again > n, row[i].why);
        assert_row(memcmp(again + UH_BYTES, bytes + UH_BYTES, n - UH_BYTES) == 0, row[i].why);
        file_path("Cz", 1, "tmet", file);
        assert_row((access(file, F_OK) == 0) == row[i].new_segment, row[i].why);
        free(bytes);
        free(again);
        files_remove(path);
    }
}

static void an_index_that_has_lost_its_end_is_left_alone(void **state)
{
    char file[1024];
    size_t n, n_again;

    (void)state;
    take("one_channel");
    file_path("Cz", 0, "tidx", file);
    uint8_t *bytes = files_read(file, &n);
    files_write(file, bytes, n - INDEX_BYTES);
    free(bytes);
    add_to_all(NULL);
    free(files_read(file, &n_again));
    assert_int_equal(n_again, n - INDEX_BYTES);
    file_path("Cz", 1, "tmet", file);
    assert_int_equal(access(file, F_OK), 0);
    files_remove(path);
}

static void an_abort_leaves_what_was_there(void **state)
{
    struct mef3_session *session;
    int64_t end;

    (void)state;
    take("one_channel");
    struct mef3_writer *writer = open_writer(NULL);
    add_to_channel(writer, "Cz", 256, 0.001, &end);
    mef3_writer_abort(writer);
    session = open_session(NULL);
    struct window all = read_window(session, 0, end - 1000000, end + 500000);
    for (size_t i = 0; i < all.n; i++) /* and 128 of the new ones, in blocks of 64 */
        assert_int_equal(all.truth[i], MEF3_DATA);
    window_fini(&all);
    mef3_session_close(session);
    add_to_all(NULL);
    files_check(path);
    files_remove(path);
}

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    files_remove(folder);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(golden_sessions_are_gone_on_with),
        cmocka_unit_test(what_would_not_fit_is_refused),
        cmocka_unit_test(a_session_has_one_writer_at_a_time),
        cmocka_unit_test(a_new_channel_is_encrypted_like_the_others),
        cmocka_unit_test(tails_that_are_torn_are_cut_off),
        cmocka_unit_test(blocks_that_are_not_counted_stay_if_they_are_whole),
        cmocka_unit_test(damage_is_not_written_over),
        cmocka_unit_test(an_index_that_has_lost_its_end_is_left_alone),
        cmocka_unit_test(an_abort_leaves_what_was_there),
    };

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}

/* test_writer_killed.c - a writer is killed before each of its system calls, and half way through
 * each of its writes: what it wrote is there up to the last whole block, and another one goes on
 * until all is. And whoever reads before any of these calls sees a whole session. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "help/channel_model.h"
#include "help/session_files.h"
#include "help/sanitizer.h"
#include "help/test.h"
#include "help/traced.h"

enum { N_CHANNELS = 2, N_PIECES = 8, PIECE = 23, STEP = UNDER_ASAN ? 4 : 1 };

static const char *const names[N_CHANNELS] = {"a", "b"};
static const double rates[N_CHANNELS] = {100, 249.7};
static const uint32_t lengths[N_CHANNELS] = {10, 7};

/* Shared with the writer that is killed. */
struct job {
    char path[128];
    struct mef3_writer_options options;
    bool is_opened; /* the session is there: go on */
    size_t n_pieces;
    volatile size_t n_done[N_CHANNELS]; /* samples of calls that have returned: of these no more */
    volatile size_t n_sure[N_CHANNELS]; /* than a block's may be missing; of these none */
};

static struct job *job;
static struct model wholes[N_CHANNELS]; /* all that is to be written */

static int32_t count_of(size_t i)
{
    return (int32_t)(i * i * 31 % 4001) - 2000;
}

/* Piece k of a channel: some are after a gap, and some have one. */
static int64_t make_piece(size_t channel, size_t k, int32_t counts[PIECE])
{
    int64_t gap = k / 4 * 1000000;

    for (size_t i = 0; i < PIECE; i++)
        counts[i] = k % 3 == 2 && i / 4 == 2 ? MEF3_COUNT_NAN : count_of(k * PIECE + i);
    return gap + mef3_index_to_time((int64_t)(k * PIECE), 1600000000000000, rates[channel]);
}

static void expect_all(size_t n_pieces)
{
    int32_t counts[PIECE];

    for (size_t c = 0; c < N_CHANNELS; c++) {
        model_fini(&wholes[c]);
        wholes[c].rate_hz = rates[c];
        for (size_t k = 0; k < n_pieces; k++) {
            int64_t start = make_piece(c, k, counts);
            model_append(&wholes[c], start, counts, PIECE);
        }
    }
}

static void must(int status, const struct mef3_error *error)
{
    char text[600];

    if (status != MEF3_OK)
        model_fail("%s", mef3_error_text(error, text, sizeof text));
}

static void add_channels(struct mef3_writer *writer, struct mef3_error *error)
{
    for (size_t c = 0; c < N_CHANNELS; c++) {
        struct mef3_writer_channel channel;
        size_t number;
        mef3_writer_channel_defaults(&channel);
        channel.name = names[c];
        channel.rate_hz = rates[c];
        channel.block_samples = lengths[c];
        must(mef3_writer_add_channel(writer, &channel, &number, error), error);
        assert_int_equal(number, c);
    }
}

static void append(struct mef3_writer *writer, size_t c, int64_t start, const int32_t *counts,
                   size_t n, size_t n_there, struct mef3_error *error)
{
    must(mef3_writer_append(writer, c, start, counts, n, error), error);
    job->n_done[c] = n_there;
}

/* What is not there yet of a channel, from its runs. */
static void append_rest(struct mef3_writer *writer, size_t c, size_t n_there,
                        struct mef3_error *error)
{
    for (size_t r = 0; r < wholes[c].n_runs; r++) {
        const struct model_run *run = &wholes[c].runs[r];
        size_t from = n_there > run->first ? n_there - run->first : 0;
        if (from >= run->n)
            continue;
        append(writer, c, mef3_index_to_time((int64_t)from, run->start_uutc, rates[c]),
               wholes[c].counts + run->first + from, run->n - from, run->first + run->n, error);
    }
}

static const char *password(void)
{
    return job->options.password_2 ? job->options.password_2 : job->options.password_1;
}

static struct mef3_session *open_session(void)
{
    struct mef3_session *session = NULL;
    struct mef3_error error;

    must(mef3_session_open_folder(job->path, password(), &session, &error), &error);
    return session;
}

/* Samples of the channel that are on disk. */
static size_t count_there(size_t c)
{
    struct mef3_session *session = open_session();
    int64_t number = mef3_channel_find(session, names[c]);
    size_t n = number < 0 ? 0 : model_count(session, (size_t)number);

    mef3_session_close(session);
    return n;
}

static void go_on(struct mef3_error *error)
{
    struct mef3_writer *writer = NULL;
    size_t n_there[N_CHANNELS];

    for (size_t c = 0; c < N_CHANNELS; c++)
        job->n_done[c] = job->n_sure[c] = n_there[c] = count_there(c);
    must(mef3_writer_open(job->path, &job->options, &writer, error), error);
    add_channels(writer, error);
    for (size_t c = 0; c < N_CHANNELS; c++)
        append_rest(writer, c, n_there[c], error);
    must(mef3_writer_finish(writer, error), error);
}

/* The writer that is killed. */
static void write_session(void *arg)
{
    struct mef3_writer *writer = NULL;
    struct mef3_error error;
    int32_t counts[PIECE];

    (void)arg;
    if (job->is_opened) {
        go_on(&error);
        return;
    }
    must(mef3_writer_create(job->path, &job->options, &writer, &error), &error);
    add_channels(writer, &error);
    for (size_t k = 0; k < job->n_pieces; k++) {
        for (size_t c = 0; c < N_CHANNELS; c++) {
            int64_t start = make_piece(c, k, counts);
            append(writer, c, start, counts, PIECE, job->n_done[c] + PIECE - (k % 3 == 2 ? 4 : 0),
                   &error);
        }
        if (k == 3 || k == 6) {
            must(mef3_writer_flush(writer, MEF3_WRITER_ALL, &error), &error);
            for (size_t c = 0; c < N_CHANNELS; c++)
                job->n_sure[c] = job->n_done[c];
        }
        if (k == 4)
            must(mef3_writer_next_segment(writer, 0, &error), &error);
    }
    must(mef3_writer_finish(writer, &error), &error);
    for (size_t c = 0; c < N_CHANNELS; c++)
        job->n_sure[c] = job->n_done[c];
}

/* Whoever reads now: all is whole, and nothing that was written is missing. */
static void check_now(void)
{
    if (access(job->path, F_OK) != 0)
        return; /* it has not begun */
    struct mef3_session *session = open_session();
    const struct mef3_session_info *info = mef3_session_info(session);
    if (info->n_damaged || info->n_locked)
        model_fail("%zu segments are damaged, %zu locked", info->n_damaged, info->n_locked);
    for (size_t c = 0; c < N_CHANNELS; c++) {
        int64_t number = mef3_channel_find(session, names[c]);
        size_t least = job->n_done[c] < lengths[c] ? 0 : job->n_done[c] - (lengths[c] - 1);
        if (job->n_sure[c] > least)
            least = job->n_sure[c];
        if (number < 0 && least > 0)
            model_fail("%s is not there", names[c]);
        if (number >= 0)
            model_check_growing(&wholes[c], session, (size_t)number, least);
    }
    mef3_session_close(session);
}

/* In the end all is there, and told by all headers. */
static void check_whole(void)
{
    struct mef3_session *session = open_session();

    for (size_t c = 0; c < N_CHANNELS; c++) {
        int64_t number = mef3_channel_find(session, names[c]);
        if (number < 0)
            model_fail("%s is not there", names[c]);
        model_check(&wholes[c], session, (size_t)number);
    }
    mef3_session_close(session);
    files_check(job->path);
}

static void forget(bool is_opened)
{
    for (size_t c = 0; c < N_CHANNELS; c++)
        job->n_done[c] = job->n_sure[c] = 0;
    job->is_opened = is_opened;
}

/* Run up to call number `at` and be killed there. False: there are not so many. */
static bool run_and_kill(size_t at, bool half_way, bool *writes_out)
{
    struct traced traced;

    traced_start(&traced, write_session, NULL);
    while (traced.n_calls < at)
        if (!traced_next(&traced))
            return false;
    *writes_out = traced_writes(&traced);
    (half_way ? traced_kill_half_way : traced_kill)(&traced);
    return true;
}

/* Write, or go on with a session whose writer was killed at call number `torn_at`, and be killed
 * at `at`: look, go on, look again. False: there are not so many calls. */
static bool kill_once(size_t torn_at, size_t at, bool half_way, bool *writes_out)
{
    struct mef3_error error;

    files_remove(job->path);
    forget(false);
    if (torn_at > 0 && !run_and_kill(torn_at, false, writes_out))
        model_fail("there are not %zu calls", torn_at);
    forget(torn_at > 0);
    if (!run_and_kill(at, half_way, writes_out))
        return false;
    check_now();
    if (access(job->path, F_OK) == 0) {
        go_on(&error);
        check_whole();
    }
    return true;
}

static void kill_at_each(size_t torn_at)
{
    size_t n_killed = 0, n_half = 0;
    bool writes;

    for (size_t at = 1; kill_once(torn_at, at, false, &writes); at += STEP) {
        n_killed++;
        if (!writes)
            continue;
        assert_true(kill_once(torn_at, at, true, &writes));
        n_half++;
    }
    print_message("killed before %zu calls, and half way through %zu writes\n", n_killed, n_half);
    assert_true(n_killed > 100 / STEP);
#ifdef __x86_64__
    assert_true(UNDER_ASAN || n_half > 2);
#endif
    files_remove(job->path);
}

static void a_new_session_is_whole_wherever_its_writer_is_killed(void **state)
{
    (void)state;
    job->options.password_1 = job->options.password_2 = NULL;
    job->n_pieces = N_PIECES;
    expect_all(N_PIECES);
    kill_at_each(0);
}

static void an_encrypted_one_too_while_a_torn_end_of_it_is_mended(void **state)
{
    (void)state;
    job->options.password_1 = "one";
    job->options.password_2 = "two";
    job->n_pieces = 2;
    expect_all(2);
    kill_at_each(120);
}

static void whoever_reads_before_any_call_sees_a_whole_session(void **state)
{
    struct traced traced;

    (void)state;
    job->n_pieces = N_PIECES;
    expect_all(N_PIECES);
    forget(false);
    traced_start(&traced, write_session, NULL);
    while (traced_next(&traced))
        check_now();
    print_message("read before each of %zu calls\n", traced.n_calls);
    assert_true(traced.n_calls > 300);
    check_whole();
    files_remove(job->path);
}

static int make_job(void **state)
{
    static char folder[] = "/tmp/test_writer_killed.XXXXXX";

    job = mmap(NULL, sizeof *job, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (job == MAP_FAILED || !mkdtemp(folder))
        return -1;
    *state = folder;
    mef3_writer_defaults(&job->options);
    snprintf(job->path, sizeof job->path, "%s/s.mefd", folder);
    return 0;
}

static int end_job(void **state)
{
    for (size_t c = 0; c < N_CHANNELS; c++)
        model_fini(&wholes[c]);
    munmap(job, sizeof *job);
    return rmdir(*state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whoever_reads_before_any_call_sees_a_whole_session),
        cmocka_unit_test(a_new_session_is_whole_wherever_its_writer_is_killed),
        cmocka_unit_test(an_encrypted_one_too_while_a_torn_end_of_it_is_mended),
    };

    return cmocka_run_group_tests(tests, make_job, end_job);
}

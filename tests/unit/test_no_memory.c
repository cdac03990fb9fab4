/* test_no_memory.c - each allocation of opening and reading fails once: the call says so,
 * nothing leaks, what is read all the same is right, and the session goes on afterwards.
 *
 * Linked with --wrap, so that the library's calls of malloc and the like come here. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "help/allocations.h"
#include "help/long_index.h"
#include "help/memory_session.h"
#include "help/sanitizer.h"
#include "help/test.h"
#include "layout.h"
#include "session_internal.h"

enum { MOST = 1 << 16 };

/* What was read with all the memory there is, to be held against what is read with less. */
static int32_t expected[MOST];
static uint8_t truth_expected[MOST];
static size_t n_expected;
static int32_t counts[MOST];
static uint8_t truth[MOST];

static void only_for_memory(void *arg, const struct mef3_damage *damage)
{
    (void)arg;
    assert_int_equal(damage->error.status, MEF3_ENOMEM);
}

/* What memory was lacking for is told; the rest is right. */
static void check_samples(size_t n)
{
    assert_int_equal(n, n_expected);
    for (size_t i = 0; i < n; i++) {
        if (truth[i] == MEF3_UNREADABLE)
            continue;
        assert_int_equal(truth[i], truth_expected[i]);
        assert_int_equal(counts[i], expected[i]);
    }
}

static int read_window(struct mef3_session *session, struct mef3_error *error)
{
    const struct mef3_channel_info *info = mef3_channel_info(session, 0);
    int64_t n;

    int status = mef3_channel_learn(session, 0, error);
    if (status != MEF3_OK)
        return status;
    assert_int_equal(info->status, MEF3_OK);
    assert_int_equal(mef3_window_samples(info->start_uutc, info->end_uutc, info->rate_hz, &n),
                     MEF3_OK);
    assert_true(n <= MOST);
    status = mef3_read_window(session, 0, info->start_uutc, info->end_uutc, counts, truth,
                              (size_t)n, only_for_memory, NULL, error);
    if (status == MEF3_OK && allocations.is_counted)
        check_samples((size_t)n);
    n_expected = (size_t)n;
    return status;
}

static int read_runs(struct mef3_session *session, struct mef3_error *error)
{
    const struct mef3_run *runs;
    size_t n;

    int status = mef3_segment_runs(session, 0, 0, &runs, &n, error);
    if (status == MEF3_OK)
        assert_true(n > 0 && runs[0].n_samples > 0);
    return status;
}

static int find_blocks(struct mef3_session *session, struct mef3_error *error)
{
    struct mef3_block block;
    size_t first, n;

    int status = mef3_segment_find_blocks(session, 0, 0, 0, 1, &first, &n, error);
    if (status == MEF3_OK) {
        assert_int_equal(n, 1);
        status = mef3_segment_block(session, 0, 0, 0, &block, error);
    }
    return status;
}

static int read_span(struct mef3_session *session, struct mef3_error *error)
{
    int64_t start, end;

    int status = mef3_segment_span(session, 0, 0, &start, &end, error);
    if (status == MEF3_OK)
        assert_true(start < end);
    return status;
}

static int read_samples(struct mef3_session *session, struct mef3_error *error)
{
    memset(counts, 0, sizeof counts);
    return mef3_read_samples(session, 0, 0, 0, 100, counts, only_for_memory, NULL, error);
}

/* Three stretches, one of which has to fail for itself alone. */
static int read_many(struct mef3_session *session, struct mef3_error *error)
{
    struct mef3_error errors[3];
    struct mef3_stretch stretches[3];

    for (size_t i = 0; i < 3; i++)
        stretches[i] = (struct mef3_stretch){.first = 50 * (int64_t)i,
                                             .n = 100,
                                             .counts_out = counts + 100 * i,
                                             .error = &errors[i]};
    mef3_read_many(session, stretches, 3, only_for_memory);
    for (size_t i = 0; i < 3; i++) {
        if (stretches[i].status == MEF3_OK)
            continue;
        assert_int_equal(errors[i].status, stretches[i].status);
        *error = errors[i];
        return stretches[i].status;
    }
    return MEF3_OK;
}

static int learn_segment(struct mef3_session *session, struct mef3_error *error)
{
    return mef3_segment_learn(session, 0, 0, error);
}

static int list_channel(struct mef3_session *session, struct mef3_error *error)
{
    return mef3_channel_list(session, 0, error);
}

typedef int use_fn(struct mef3_session *session, struct mef3_error *error);

static const struct {
    const char *what;
    use_fn *use;
} uses[] = {
    {"list a channel", list_channel},
    {"learn a segment", learn_segment},
    {"runs", read_runs},
    {"blocks", find_blocks},
    {"span", read_span},
    {"samples", read_samples},
    {"many stretches", read_many},
    {"a window", read_window},
};
enum { N_USES = sizeof uses / sizeof *uses };

/* Where sessions come from. */
typedef int open_fn(void *from, const char *password, struct mef3_session **session_out,
                    struct mef3_error *error);

static int open_memory(void *from, const char *password, struct mef3_session **session_out,
                       struct mef3_error *error)
{
    const struct memory_session *m = from;
    struct mef3_source source;

    int status = mef3_source_memory("test", m->files, m->n, &source);
    if (status != MEF3_OK)
        return mef3_error_set(error, status, NULL, -1, NULL, NULL, NULL);
    return mef3_session_open(&source, password, session_out, error);
}

static int open_lazy(void *from, const char *password, struct mef3_session **session_out,
                     struct mef3_error *error)
{
    const struct memory_session *m = from;
    struct mef3_source source;

    int status = mef3_source_memory("test", m->files, m->n, &source);
    if (status != MEF3_OK)
        return mef3_error_set(error, status, NULL, -1, NULL, NULL, NULL);
    return mef3_session_open_lazy(&source, password, session_out, error);
}

static int open_folder(void *from, const char *password, struct mef3_session **session_out,
                       struct mef3_error *error)
{
    return mef3_session_open_folder(from, password, session_out, error);
}

static int open_confined(void *from, const char *password, struct mef3_session **session_out,
                         struct mef3_error *error)
{
    struct mef3_source source;

    int status = mef3_source_folder(from, "/", &source, error);
    return status == MEF3_OK ? mef3_session_open_lazy(&source, password, session_out, error)
                             : status;
}

/* Open, use, close, with allocation number `failing` failing; true when it was reached. What
 * failed is tried again with memory enough, in the same session. */
static bool fail_one(open_fn *open_it, void *from, const char *password, use_fn *use, long failing,
                     const char *what)
{
    struct mef3_session *session;
    struct mef3_error error = {0};
    bool was_reached = true;

    allocations_begin(failing);
    int status = open_it(from, password, &session, &error);
    if (status == MEF3_OK) {
        status = use(session, &error);
        was_reached = allocations.n_asked > failing;
        allocations.failing = -1;
        struct mef3_error again;
        assert_row_int(use(session, &again), MEF3_OK, what);
        assert_row_int(read_window(session, &again), MEF3_OK, what);
        mef3_session_close(session);
    }
    allocations_end();
    if (status != MEF3_OK) {
        assert_row_int(status, MEF3_ENOMEM, what);
        assert_row_int(error.status, MEF3_ENOMEM, what);
    }
    if (allocations.n_in_use != 0)
        fail_msg("%s: allocation %ld failed, and %ld leaked", what, failing, allocations.n_in_use);
    return was_reached;
}

static void fail_each(open_fn *open_it, void *from, const char *password)
{
    struct mef3_session *session;
    struct mef3_error error;
    long failing;

    assert_int_equal(open_it(from, password, &session, &error), MEF3_OK);
    assert_int_equal(read_window(session, &error), MEF3_OK);
    mef3_session_close(session);
    memcpy(expected, counts, n_expected * sizeof *expected);
    memcpy(truth_expected, truth, n_expected);
    for (size_t i = 0; i < N_USES; i++) {
        for (failing = 0; fail_one(open_it, from, password, uses[i].use, failing, uses[i].what);)
            failing += UNDER_ASAN ? 3 : 1;
        assert_true(failing > 10);
    }
}

static void fail_each_of(const char *name, const char *password, bool is_doubtful)
{
    struct memory_session m;

    memory_load(&m, name);
    if (is_doubtful) /* its checksum is wrong: blocks are looked at */
        memory_bytes(&m, ".tidx")[UH_BYTES + INDEX_START_TIME] ^= 64;
    fail_each(open_memory, &m, password);
    fail_each(open_lazy, &m, password);
    memory_free(&m);
}

static void a_plain_session_with_segments(void **state)
{
    (void)state;
    fail_each_of("segments", NULL, false);
}

static void an_encrypted_session(void **state)
{
    (void)state;
    fail_each_of("encrypted", "readall", false);
}

static void a_session_with_gaps_and_then_with_a_damaged_index(void **state)
{
    (void)state;
    fail_each_of("gaps", NULL, false);
    fail_each_of("gaps", NULL, true);
}

static void a_session_on_disk(void **state)
{
    char path[] = GOLDEN "/segments.mefd";

    (void)state;
    fail_each(open_folder, path, NULL);
    fail_each(open_confined, path, NULL);
}

/* Two indices that have not both room in the budget: each use of one drops the other. */
static void a_session_whose_indices_are_dropped(void **state)
{
    struct long_index facts = {.n_channels = 2, .n_entries = 7000, .kind = LONG_INDEX_GAPS};
    const struct mef3_run *runs;
    struct mef3_session *session;
    struct mef3_source source;
    struct mef3_error error;
    int n_failed = 0;
    size_t n;

    (void)state;
    long_index_source(&facts, &source);
    assert_int_equal(mef3_session_open(&source, NULL, &session, &error), MEF3_OK);
    session->index_budget = 640000;
    assert_int_equal(mef3_segment_runs(session, 0, 0, &runs, &n, &error), MEF3_OK);
    assert_int_equal(n, facts.n_entries);
    bool has_failed = true;
    for (long failing = 0; has_failed; failing++) {
        size_t other = 1 - (size_t)failing % 2;
        allocations_begin(failing);
        int status = mef3_segment_runs(session, other, 0, &runs, &n, &error);
        has_failed = allocations.n_asked > failing;
        allocations_end();
        /* An array that cannot be made to fit stays as it is. */
        assert_true(status == MEF3_OK || (has_failed && status == MEF3_ENOMEM));
        n_failed += status != MEF3_OK;
        assert_int_equal(mef3_segment_runs(session, other, 0, &runs, &n, &error), MEF3_OK);
        assert_int_equal(n, facts.n_entries);
    }
    assert_true(n_failed > 5);
    mef3_session_close(session);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_plain_session_with_segments),
        cmocka_unit_test(an_encrypted_session),
        cmocka_unit_test(a_session_with_gaps_and_then_with_a_damaged_index),
        cmocka_unit_test(a_session_on_disk),
        cmocka_unit_test(a_session_whose_indices_are_dropped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

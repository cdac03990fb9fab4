/* test_check_no_memory.c - each allocation of verifying and of salvaging fails once: the call says
 * so, or tells all that it tells with memory enough; and it can be called again. (Leaks: a
 * sanitizer.)
 *
 * Linked with --wrap, so that the library's calls of malloc and the like come here. */
#include <mef3/mef3.h>

#include <string.h>

#include "bytes.h"
#include "help/allocations.h"
#include "help/memory_session.h"
#include "help/test.h"
#include "layout.h"

/* What a check tells, in short: how much of it, and a sum over all of it. */
struct told {
    size_t n_findings, n_losses, n_facts;
    int64_t n_samples;
    uint32_t sum;
    struct mef3_verify_totals totals;
};

static void add(struct told *told, const void *bytes, size_t n)
{
    told->sum = mef3_crc32(told->sum, bytes, n);
}

static void see_finding(void *arg, const struct mef3_finding *finding)
{
    struct told *told = arg;

    told->n_findings++;
    add(told, &finding->kind, sizeof finding->kind);
    add(told, &finding->block, sizeof finding->block);
}

static int see_facts(void *arg, const struct mef3_salvage_facts *facts)
{
    struct told *told = arg;

    told->n_facts++;
    add(told, &facts->rate_hz, sizeof facts->rate_hz);
    return 0;
}

static int see_loss(void *arg, const struct mef3_loss *loss)
{
    struct told *told = arg;

    told->n_losses++;
    add(told, &loss->kind, sizeof loss->kind);
    add(told, &loss->file_offset, sizeof loss->file_offset);
    return 0;
}

static int see_samples(void *arg, const struct mef3_salvaged *samples)
{
    struct told *told = arg;

    told->n_samples += samples->n_samples;
    add(told, samples->counts, samples->n_samples * sizeof *samples->counts);
    return 0;
}

static int verify_channel(struct mef3_session *session, struct told *told, struct mef3_error *error)
{
    return mef3_verify_channel(session, 0, NULL, see_finding, told, &told->totals, error);
}

static int verify_session(struct mef3_session *session, struct told *told, struct mef3_error *error)
{
    return mef3_verify_session(session, NULL, see_finding, told, &told->totals, error);
}

static int salvage_channel(struct mef3_session *session, struct told *told,
                           struct mef3_error *error)
{
    static const struct mef3_salvage_calls calls = {
        .facts = see_facts, .loss = see_loss, .samples = see_samples};

    return mef3_salvage_channel(session, 0, &calls, told, error);
}

typedef int check_fn(struct mef3_session *session, struct told *told, struct mef3_error *error);

/* What is checked, and how. */
struct subject {
    const char *name; /* of a golden session */
    const char *password;
    check_fn *check;
};

/* A session that has just been opened, checked while allocation number `failing` fails. */
static int check(struct memory_session *m, const struct subject *subject, long failing,
                 struct told *told, long *n_asked_out)
{
    struct mef3_session *session;
    struct mef3_source source;
    struct mef3_error error = {0};
    struct told again = {0};

    memset(told, 0, sizeof *told);
    assert_int_equal(mef3_source_memory(subject->name, m->files, m->n, &source), MEF3_OK);
    assert_int_equal(mef3_session_open(&source, subject->password, &session, NULL), MEF3_OK);
    allocations_begin(failing);
    int status = subject->check(session, told, &error);
    *n_asked_out = allocations.n_asked;
    allocations_end();
    assert_int_equal(error.status, status);
    assert_int_equal(subject->check(session, &again, NULL), MEF3_OK);
    if (status == MEF3_OK)
        assert_memory_equal(told, &again, sizeof again);
    mef3_session_close(session);
    return status;
}

static void fail_each(struct memory_session *m, const struct subject *subject)
{
    struct told all, some;
    long n_all, n_asked;

    assert_row_int(check(m, subject, -1, &all, &n_all), MEF3_OK, subject->name);
    assert_row(n_all > 0, subject->name);
    for (long failing = 0; failing < n_all; failing++) {
        int status = check(m, subject, failing, &some, &n_asked);
        assert_row(n_asked > failing, subject->name);
        if (status == MEF3_OK)
            assert_memory_equal(&some, &all, sizeof all);
        else
            assert_row_int(status, MEF3_ENOMEM, subject->name);
    }
}

static const struct subject subjects[] = {
    {"segments", NULL, verify_channel},       {"segments", NULL, salvage_channel},
    {"encrypted", "readall", verify_channel}, {"encrypted", "readall", salvage_channel},
    {"gaps", NULL, verify_channel},           {"gaps", NULL, salvage_channel},
    {"annotations", NULL, verify_channel},    {"annotations", NULL, verify_session},
};
enum { N_SUBJECTS = sizeof subjects / sizeof *subjects };

static void whole_sessions(void **state)
{
    struct memory_session m;

    (void)state;
    for (size_t i = 0; i < N_SUBJECTS; i++) {
        memory_load(&m, subjects[i].name);
        fail_each(&m, &subjects[i]);
        memory_free(&m);
    }
}

static void damaged_ones(void **state)
{
    struct memory_session m;

    (void)state;
    for (size_t i = 0; i < N_SUBJECTS; i++) {
        memory_load(&m, subjects[i].name);
        memory_bytes(&m, ".tidx")[UH_BYTES + INDEX_START_TIME] ^= 64;
        memory_bytes(&m, ".tdat")[UH_BYTES + RED_PAYLOAD + 40] ^= 1;
        fail_each(&m, &subjects[i]);
        memory_free(&m);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_sessions),
        cmocka_unit_test(damaged_ones),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

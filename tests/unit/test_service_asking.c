/* test_service_asking.c - questions that a worker answers: answers, refusals, and those who ask no
 * more. */
#include <string.h>

#include "help/service_bench.h"
#include "help/small_recordings.h"
#include "help/test.h"

enum { MIB = 1 << 20 };

static int set_up(void **state)
{
    int status = bench_set_up(state);
    struct bench *bench = *state;

    bench->recordings = SMALL_RECORDINGS;
    bench->n_recordings = 3;
    bench->n_told = 10;
    return status;
}

/* Somebody who asks. */
struct asker {
    struct asking *asking;
    bool is_ready;
    struct service_reply reply;
    enum outcome outcome;
};

static void ask(struct asker *asker, struct bench *bench, const char *path,
                const struct service_question *question)
{
    *asker = (struct asker){0};
    asker->asking =
        service_ask(bench->service, &BENCH_CLIENT, path, question, bench_flag, &asker->is_ready);
    assert_non_null(asker->asking);
    assert_false(asker->is_ready); /* never from within the call */
}

static enum pull finish(struct asker *asker, struct bench *bench)
{
    bench_run(bench);
    assert_true(asker->is_ready);
    return asking_pull(asker->asking, &asker->reply, &asker->outcome);
}

static const struct service_question METADATA = {.what = ASK_METADATA};
static const struct service_question LIST = {.what = ASK_LIST};
static const struct service_question AVAILABILITY = {.what = ASK_AVAILABILITY};

static void an_answer_is_handed_on_as_it_is(void **state)
{
    static const size_t SIZES[] = {0, 1, BYTES_PER_ANSWER, BYTES_PER_ANSWER + 1, MIB + 5};
    struct bench *bench = *state;
    struct asker asker;

    for (size_t i = 0; i < sizeof SIZES / sizeof *SIZES; i++) {
        bench->n_told = SIZES[i];
        ask(&asker, bench, "/a.mefd", &METADATA);
        assert_int_equal(finish(&asker, bench), PULL_HERE);
        assert_int_equal(asker.reply.kind, REPLY_BYTES);
        assert_int_equal(asker.reply.n, SIZES[i]);
        for (size_t k = 0; k < SIZES[i]; k++)
            assert_int_equal(asker.reply.bytes[k], (uint8_t)k);
        asking_free(asker.asking);
    }
    assert_int_equal(bench->service->n_answer_bytes, 0);
    assert_int_equal(bench->n_jobs[JOB_OPEN], 1);
}

static void a_question_about_all_recordings_opens_none(void **state)
{
    struct bench *bench = *state;
    struct asker asker;

    ask(&asker, bench, NULL, &LIST);
    assert_int_equal(finish(&asker, bench), PULL_HERE);
    assert_int_equal(asker.reply.n, 10);
    assert_true(asker.reply.version == 0);
    assert_int_equal(bench->n_jobs[JOB_OPEN], 0);
    asking_free(asker.asking);
}

static void channels_are_asked_about_by_name_or_all(void **state)
{
    static const char *const NAMES[] = {"it's"};
    struct bench *bench = *state;
    struct service_question question = AVAILABILITY;
    struct asker asker;

    ask(&asker, bench, "/a.mefd", &question);
    assert_int_equal(finish(&asker, bench), PULL_HERE);
    assert_int_equal(bench->n_items_asked, 4);
    asking_free(asker.asking);
    question.channel_names = NAMES;
    question.n_channels = 1;
    ask(&asker, bench, "/a.mefd", &question);
    assert_int_equal(finish(&asker, bench), PULL_HERE);
    assert_int_equal(bench->n_items_asked, 1);
    asking_free(asker.asking);
}

static void what_cannot_be_answered_says_why(void **state)
{
    static const char *const NOBODY[] = {"nobody"};
    static const struct {
        const char *path;
        struct service_question question;
        int fail_status;
        enum reply_kind kind;
        const char *error;
    } row[] = {
        {"/none.mefd",
         {.what = ASK_METADATA},
         0,
         REPLY_NOT_FOUND,
         "File does not exist: /none.mefd"},
        {"/a.mefd",
         {.what = ASK_AVAILABILITY, .channel_names = NOBODY, .n_channels = 1},
         0,
         REPLY_UNKNOWN_CHANNEL,
         "Unknown channels: ['nobody']"},
        {"/a.mefd", {.what = ASK_METADATA}, MEF3_EDAMAGED, REPLY_DAMAGED, "why"},
        {"/a.mefd", {.what = ASK_ENVELOPE}, MEF3_ELIMIT, REPLY_TOO_LARGE, "why"},
    };
    struct bench *bench = *state;
    struct asker asker;

    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        bench_open(bench, row[i].path);
        bench->fail_status = row[i].fail_status;
        bench->fail_text = "why";
        ask(&asker, bench, row[i].path, &row[i].question);
        assert_int_equal(finish(&asker, bench), PULL_HERE);
        assert_int_equal(asker.reply.kind, row[i].kind);
        assert_string_equal(asker.reply.error, row[i].error);
        asking_free(asker.asking);
        bench->fail_status = 0;
    }
}

static void what_the_client_knows_is_not_asked_of_a_worker(void **state)
{
    struct bench *bench = *state;
    struct service_question question = METADATA;
    struct asker asker;

    ask(&asker, bench, "/a.mefd", &question);
    assert_int_equal(finish(&asker, bench), PULL_HERE);
    question.known_version = asker.reply.version;
    assert_true(question.known_version != 0);
    asking_free(asker.asking);
    ask(&asker, bench, "/a.mefd", &question);
    assert_int_equal(finish(&asker, bench), PULL_HERE);
    assert_int_equal(asker.reply.kind, REPLY_UNCHANGED);
    assert_int_equal(bench->n_jobs[JOB_TELL], 1);
    asking_free(asker.asking);
}

static void one_answer_and_all_together_are_bounded(void **state)
{
    struct bench *bench = *state;
    struct asker askers[6], one;
    unsigned n_refused = 0;

    bench->n_told = 16 * MIB + 1;
    ask(&one, bench, NULL, &LIST);
    assert_int_equal(finish(&one, bench), PULL_HERE);
    assert_int_equal(one.reply.kind, REPLY_TOO_LARGE);
    asking_free(one.asking);
    bench->n_told = 16 * MIB;
    for (size_t i = 0; i < 6; i++) {
        ask(&askers[i], bench, NULL, &LIST);
        bool is_refused = finish(&askers[i], bench) == PULL_END;
        assert_true(!is_refused || askers[i].outcome == OUTCOME_EXHAUSTED);
        n_refused += is_refused;
    }
    assert_int_equal(n_refused, 2);
    for (size_t i = 0; i < 6; i++)
        asking_free(askers[i].asking);
    assert_int_equal(bench->service->n_answer_bytes, 0);
}

static void a_lost_worker_loses_no_question(void **state)
{
    struct bench *bench = *state;
    struct asker asker;

    bench_open(bench, "/a.mefd");
    bench->kinds = 1u << JOB_TELL;
    bench->n_kill = 1;
    ask(&asker, bench, "/a.mefd", &METADATA);
    assert_int_equal(finish(&asker, bench), PULL_HERE);
    assert_int_equal(asker.reply.kind, REPLY_BYTES);
    assert_int_equal(asker.reply.n, 10);
    assert_int_equal(bench->n_killed, 1);
    asking_free(asker.asking);
}

/* The parts of an envelope, which the workers made in any order, stand in theirs. */
static void an_envelope_is_shared_out_among_workers(void **state)
{
    static const struct service_question ENVELOPE = {.what = ASK_ENVELOPE, .width = 9};
    struct bench *bench = *state;
    struct asker asker;

    bench->n_told = 10;
    bench->tells_part = true;
    ask(&asker, bench, "/a.mefd", &ENVELOPE);
    assert_int_equal(finish(&asker, bench), PULL_HERE);
    assert_int_equal(bench->n_jobs[JOB_TELL], BENCH_WORKERS);
    assert_int_equal(asker.reply.n, 10 * BENCH_WORKERS);
    for (size_t i = 0; i < asker.reply.n; i++)
        assert_int_equal(asker.reply.bytes[i], 100 * (i / 10) + i % 10);
    asking_free(asker.asking);
    /* One that fails is the whole's failure. */
    bench->fail_status = MEF3_EDAMAGED;
    bench->fail_text = "why";
    ask(&asker, bench, "/a.mefd", &ENVELOPE);
    assert_int_equal(finish(&asker, bench), PULL_HERE);
    assert_int_equal(asker.reply.kind, REPLY_DAMAGED);
    assert_string_equal(asker.reply.error, "why");
    asking_free(asker.asking);
    assert_int_equal(bench->service->n_answer_bytes, 0);
}

static void parts_may_be_given_up_at_any_moment(void **state)
{
    static const struct service_question ENVELOPE = {.what = ASK_ENVELOPE, .width = 9};
    struct bench *bench = *state;
    struct asker asker;
    bool has_ended = false;

    bench->n_told = 3 * BYTES_PER_ANSWER;
    for (unsigned steps = 0; !has_ended; steps++) {
        ask(&asker, bench, "/a.mefd", &ENVELOPE);
        for (unsigned i = 0; i < steps; i++)
            bench_step(bench);
        has_ended = asking_pull(asker.asking, &asker.reply, &asker.outcome) != PULL_WAIT;
        asking_free(asker.asking);
        bench_run(bench);
        assert_int_equal(bench->service->n_answer_bytes, 0);
        assert_int_equal(bench->service->n_askings, 0);
        assert_true(steps < 100);
    }
}

static void a_question_may_be_given_up_at_any_moment(void **state)
{
    struct bench *bench = *state;
    struct asker asker;
    bool has_ended = false;

    bench->n_told = 3 * BYTES_PER_ANSWER;
    for (unsigned steps = 0; !has_ended; steps++) {
        service_close(bench->service, &BENCH_CLIENT, "/a.mefd");
        bench_run(bench);
        ask(&asker, bench, "/a.mefd", &METADATA);
        for (unsigned i = 0; i < steps; i++)
            bench_step(bench);
        has_ended = asking_pull(asker.asking, &asker.reply, &asker.outcome) != PULL_WAIT;
        asking_free(asker.asking);
        asker.is_ready = false;
        bench_run(bench);
        assert_false(asker.is_ready);
        assert_int_equal(bench->service->n_answer_bytes, 0);
        assert_int_equal(bench->service->n_askings, 0);
        assert_true(steps < 100);
    }
}

static void too_many_at_once_are_refused(void **state)
{
    struct bench *bench = *state;
    struct asker first, second;

    bench_restart(bench, 64 * MIB, 1000, 1, false);
    bench->is_held = true;
    ask(&first, bench, NULL, &LIST);
    ask(&second, bench, NULL, &LIST);
    bench_run(bench);
    assert_int_equal(asking_pull(second.asking, &second.reply, &second.outcome), PULL_END);
    assert_int_equal(second.outcome, OUTCOME_EXHAUSTED);
    asking_free(second.asking);
    bench->is_held = false;
    assert_int_equal(finish(&first, bench), PULL_HERE);
    asking_free(first.asking);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_answer_is_handed_on_as_it_is, set_up, bench_tear_down),
        cmocka_unit_test_setup_teardown(a_question_about_all_recordings_opens_none, set_up,
                                        bench_tear_down),
        cmocka_unit_test_setup_teardown(channels_are_asked_about_by_name_or_all, set_up,
                                        bench_tear_down),
        cmocka_unit_test_setup_teardown(what_cannot_be_answered_says_why, set_up, bench_tear_down),
        cmocka_unit_test_setup_teardown(what_the_client_knows_is_not_asked_of_a_worker, set_up,
                                        bench_tear_down),
        cmocka_unit_test_setup_teardown(one_answer_and_all_together_are_bounded, set_up,
                                        bench_tear_down),
        cmocka_unit_test_setup_teardown(a_lost_worker_loses_no_question, set_up, bench_tear_down),
        cmocka_unit_test_setup_teardown(an_envelope_is_shared_out_among_workers, set_up,
                                        bench_tear_down),
        cmocka_unit_test_setup_teardown(parts_may_be_given_up_at_any_moment, set_up,
                                        bench_tear_down),
        cmocka_unit_test_setup_teardown(a_question_may_be_given_up_at_any_moment, set_up,
                                        bench_tear_down),
        cmocka_unit_test_setup_teardown(too_many_at_once_are_refused, set_up, bench_tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

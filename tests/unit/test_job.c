/* test_job.c - jobs and answers as bytes: what is no message is refused. */
#include "ipc/job.h"

#include "help/guard.h"
#include "help/signal.h"
#include "help/test.h"

enum { ROOM = 65536 };

static const struct job_item ITEMS[] = {
    {0, 0, 0, 1000, 0},
    {7, -1, 1ll << 40, 1, 4096},
    {UINT32_MAX, INT32_MIN, INT64_MAX, UINT32_MAX, UINT64_MAX},
};

static struct job a_job(void)
{
    return (struct job){
        .kind = JOB_DECODE,
        .id = 77,
        .path = "/data/a.mefd",
        .identity = 0x1234567890,
        .opening = 0x77,
        .password = "rosebud",
        .n_items = 3,
        .items = ITEMS,
        .question = {TELL_ENVELOPE, -1, INT64_MAX, 1280, 900, 7.5, 1, TELL_FROM_INDEX, "night",
                     "Note,Seiz", 2, 5, "a"},
    };
}

static bool same_item(const struct job_item *a, const struct job_item *b)
{
    return a->channel == b->channel && a->segment == b->segment &&
           a->first_sample == b->first_sample && a->n_samples == b->n_samples &&
           a->arena_offset == b->arena_offset;
}

static void a_job_arrives_as_it_was_sent(void **state)
{
    static uint8_t message[ROOM];
    static struct job_item items[JOB_MAX_ITEMS];
    struct job job = a_job(), got;

    (void)state;
    for (job.kind = JOB_OPEN; job.kind <= JOB_TELL; job.kind++) {
        size_t n = job_pack(&job, message, sizeof message);
        assert_true(n > 0);
        assert_true(job_unpack(message, n, &got, items));
        assert_int_equal(got.kind, job.kind);
        assert_int_equal(got.id, job.id);
        assert_string_equal(got.path, job.path);
        assert_true(got.identity == job.identity && got.opening == job.opening);
        assert_string_equal(got.password, job.password);
        assert_int_equal(got.n_items, 3);
        for (int i = 0; i < 3; i++)
            assert_true(same_item(&got.items[i], &ITEMS[i]));
    }
}

static void a_question_arrives_as_it_was_asked(void **state)
{
    static uint8_t message[ROOM];
    static struct job_item items[JOB_MAX_ITEMS];
    struct job job = a_job(), got;

    (void)state;
    job.kind = JOB_TELL;
    for (uint32_t what = TELL_LIST; what <= TELL_LAST; what++) {
        job.question.what = what;
        size_t n = job_pack(&job, message, sizeof message);
        assert_true(job_unpack(message, n, &got, items));
        assert_int_equal(got.question.what, what);
        assert_true(got.question.start_uutc == -1 && got.question.end_uutc == INT64_MAX);
        assert_int_equal(got.question.width, 1280);
        assert_int_equal(got.question.way, TELL_FROM_INDEX);
        assert_string_equal(got.question.text, "night");
        assert_string_equal(got.question.types, "Note,Seiz");
        assert_true(got.question.part == 2 && got.question.n_parts == 5);
        assert_string_equal(got.question.after, "a");
    }
}

static void what_is_no_question_is_refused(void **state)
{
    static const struct job_question row[] = {
        {.what = 0},
        {.what = TELL_LAST + 1, .n_parts = 1},
        {.what = UINT32_MAX},
        {.what = TELL_ENVELOPE, .way = TELL_FROM_SAMPLES + 1, .n_parts = 1},
        {.what = TELL_ENVELOPE, .part = 0, .n_parts = 0},
        {.what = TELL_ENVELOPE, .part = 1, .n_parts = 1},
    };
    static uint8_t message[ROOM];
    static struct job_item items[JOB_MAX_ITEMS];
    struct job job = a_job(), got;

    (void)state;
    job.kind = JOB_TELL;
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        job.question = row[i];
        job.question.text = job.question.types = job.question.after = "";
        size_t n = job_pack(&job, message, sizeof message);
        assert_true(n > 0);
        assert_false(job_unpack(message, n, &got, items));
    }
}

static void a_job_that_does_not_fit_is_not_packed(void **state)
{
    struct job job = a_job();
    static uint8_t message[ROOM];
    size_t n = job_pack(&job, message, sizeof message);

    (void)state;
    for (size_t room = 0; room < n; room++) {
        uint8_t *bytes = guard_new(room);
        assert_int_equal(job_pack(&job, bytes, room), 0);
        guard_free(bytes, room);
    }
}

static void the_most_items_fit_a_message_and_one_more_is_refused(void **state)
{
    static uint8_t message[ROOM];
    static struct job_item items[JOB_MAX_ITEMS + 1], room[JOB_MAX_ITEMS];
    struct job job = {JOB_DECODE, 1, "x", 1, 2, NULL, JOB_MAX_ITEMS, items, {0}}, got;

    (void)state;
    size_t n = job_pack(&job, message, sizeof message);
    assert_true(n > 0);
    assert_true(job_unpack(message, n, &got, room));
    assert_int_equal(got.n_items, JOB_MAX_ITEMS);

    job.n_items++;
    n = job_pack(&job, message, sizeof message);
    assert_true(n > 0);
    assert_false(job_unpack(message, n, &got, room));
}

static void a_job_cut_short_or_too_long_is_refused(void **state)
{
    static uint8_t message[ROOM];
    static struct job_item items[JOB_MAX_ITEMS];
    struct job job = a_job(), got = {.id = 5};
    size_t n = job_pack(&job, message, sizeof message);

    (void)state;
    for (size_t cut = 0; cut <= n + 1; cut++) {
        uint8_t *bytes = guard_copy(message, cut);
        assert_int_equal(job_unpack(bytes, cut, &got, items), cut == n);
        assert_int_equal(got.id, cut < n ? 5 : 77);
        guard_free(bytes, cut);
    }
}

static void kinds_that_are_none_are_refused(void **state)
{
    static const uint32_t KIND[] = {0, JOB_TELL + 1, UINT32_MAX};
    uint8_t message[256];
    struct job_item items[JOB_MAX_ITEMS];
    struct job job = a_job(), got;
    struct answer answer;

    (void)state;
    for (size_t i = 0; i < sizeof KIND / sizeof KIND[0]; i++) {
        job.kind = KIND[i];
        size_t n = job_pack(&job, message, sizeof message);
        assert_false(job_unpack(message, n, &got, items));
    }
    for (uint32_t kind = 0; kind < 20; kind++) {
        struct packer p = {message, message + sizeof message, false};
        if (kind == ANSWER_HELLO) /* has nothing more to say */
            continue;
        pack_u32(&p, kind);
        pack_u32(&p, 1);
        assert_false(answer_unpack(message, (size_t)(p.at - message), &answer));
    }
}

/* One answer of each kind; its rows after it. */
static size_t pack_answer(int which, uint8_t *message, size_t room)
{
    static const struct answer ANSWER[] = {
        {.kind = ANSWER_SESSION, .job_id = 9, .session = {"/data/a.mefd", 42, 3, 77}},
        {.kind = ANSWER_CHANNEL,
         .job_id = 9,
         .channel = {"Cz", 249.7, -0.5, INT64_MIN + 1, INT64_MAX, 6, 2, {11, 12, 13, -14, 15}}},
        {.kind = ANSWER_SEGMENTS, .job_id = 9, .rows = {.of = 6, .n = 2}},
        {.kind = ANSWER_RUNS, .job_id = 9, .rows = {.of = 6, .n = 2}},
        {.kind = ANSWER_ITEM, .job_id = 9, .item = {3, MEF3_ECRC, 1 << 20, 1000, "block 3: bad"}},
        {.kind = ANSWER_DAMAGE, .job_id = 9, .item = {3, MEF3_ECRC, 1 << 20, 1000, ""}},
        {.kind = ANSWER_DONE, .job_id = 9, .done = {MEF3_ENOENT, "it is gone"}},
        {.kind = ANSWER_LISTED, .job_id = 9, .rows = {.n = 2}},
    };
    struct packer p = {message, message + room, false};

    answer_pack(&p, &ANSWER[which]);
    for (uint32_t i = 0; ANSWER[which].kind == ANSWER_SEGMENTS && i < 2; i++)
        segment_row_pack(&p, &(struct segment_row){(int32_t)i, -1, INT64_MAX - i});
    for (uint32_t i = 0; ANSWER[which].kind == ANSWER_LISTED && i < 2; i++)
        listed_row_pack(&p, &(struct listed_row){i, UINT32_MAX - i});
    for (uint32_t i = 0; ANSWER[which].kind == ANSWER_RUNS && i < 2; i++)
        run_row_pack(&p, &(struct run_row){INT64_MIN + i, 1, 2, 3, UINT32_MAX});
    return p.failed ? 0 : (size_t)(p.at - message);
}

enum { N_ANSWERS = 8 };

static void answers_arrive_as_they_were_sent(void **state)
{
    uint8_t message[512];
    struct answer a;

    (void)state;
    assert_true(answer_unpack(message, pack_answer(0, message, sizeof message), &a));
    assert_int_equal(a.kind, ANSWER_SESSION);
    assert_int_equal(a.job_id, 9);
    assert_string_equal(a.session.canonical, "/data/a.mefd");
    assert_int_equal(a.session.identity, 42);
    assert_int_equal(a.session.n_channels, 3);
    assert_int_equal(a.session.fingerprint, 77);
    assert_true(answer_unpack(message, pack_answer(1, message, sizeof message), &a));
    assert_string_equal(a.channel.name, "Cz");
    assert_true(a.channel.rate_hz == 249.7 && a.channel.units_factor == -0.5);
    assert_true(a.channel.start_uutc == INT64_MIN + 1 && a.channel.end_uutc == INT64_MAX);
    assert_int_equal(a.channel.channel, 6);
    assert_int_equal(a.channel.n_segments, 2);
    assert_true(a.channel.stamp.first == 11 && a.channel.stamp.file == 12 &&
                a.channel.stamp.bytes == 13 && a.channel.stamp.changed_ns == -14 &&
                a.channel.stamp.blocks == 15);
    for (int which = 4; which <= 5; which++) {
        assert_true(answer_unpack(message, pack_answer(which, message, sizeof message), &a));
        assert_int_equal(a.item.item, 3);
        assert_int_equal(a.item.status, MEF3_ECRC);
        assert_int_equal(a.item.first_sample, 1 << 20);
        assert_int_equal(a.item.n_samples, 1000);
        assert_string_equal(a.item.text, which == 4 ? "block 3: bad" : "");
    }
    assert_true(answer_unpack(message, pack_answer(6, message, sizeof message), &a));
    assert_int_equal(a.done.status, MEF3_ENOENT);
    assert_string_equal(a.done.text, "it is gone");
}

static void rows_arrive_as_they_were_sent(void **state)
{
    uint8_t message[512];
    struct answer a;

    (void)state;
    assert_true(answer_unpack(message, pack_answer(2, message, sizeof message), &a));
    assert_int_equal(a.rows.of, 6);
    assert_int_equal(a.rows.n, 2);
    for (int i = 0; i < 2; i++) {
        struct segment_row row = segment_row_unpack(&a.rows.rows);
        assert_true(row.number == i && row.start_uutc == -1 && row.end_uutc == INT64_MAX - i);
    }
    assert_ptr_equal(a.rows.rows.at, a.rows.rows.end);
    assert_true(answer_unpack(message, pack_answer(3, message, sizeof message), &a));
    for (int i = 0; i < 2; i++) {
        struct run_row row = run_row_unpack(&a.rows.rows);
        assert_true(row.origin_uutc == INT64_MIN + i && row.origin_sample == 1 &&
                    row.first_sample == 2 && row.n_samples == 3 && row.block_samples == UINT32_MAX);
    }
    assert_ptr_equal(a.rows.rows.at, a.rows.rows.end);
    assert_false(a.rows.rows.failed);
    assert_true(answer_unpack(message, pack_answer(7, message, sizeof message), &a));
    for (uint32_t i = 0; i < 2; i++) {
        struct listed_row row = listed_row_unpack(&a.rows.rows);
        assert_true(row.channel == i && row.n_segments == UINT32_MAX - i);
    }
    assert_ptr_equal(a.rows.rows.at, a.rows.rows.end);
}

static void answers_cut_short_or_too_long_are_refused(void **state)
{
    uint8_t message[512] = {0};

    (void)state;
    for (int which = 0; which < N_ANSWERS; which++) {
        size_t n = pack_answer(which, message, sizeof message);
        for (size_t cut = 0; cut <= n + 1; cut++) {
            uint8_t *bytes = guard_copy(message, cut);
            struct answer a = {.kind = 99};
            assert_int_equal(answer_unpack(bytes, cut, &a), cut == n);
            assert_true(cut == n || a.kind == 99);
            guard_free(bytes, cut);
        }
    }
}

/* A full answer of runs: what a worker sends at most at a time. */
static void a_thousand_rows_fit_a_message_and_more_are_refused(void **state)
{
    static uint8_t message[ROOM];
    struct answer a;

    (void)state;
    for (uint32_t n = ROWS_PER_ANSWER; n <= ROWS_PER_ANSWER + 1; n++) {
        struct packer p = {message, message + sizeof message, false};
        answer_pack(&p, &(struct answer){.kind = ANSWER_RUNS, .rows = {.n = n}});
        for (uint32_t i = 0; i < n; i++)
            run_row_pack(&p, &(struct run_row){0});
        assert_false(p.failed);
        assert_int_equal(answer_unpack(message, (size_t)(p.at - message), &a),
                         n == ROWS_PER_ANSWER);
    }
}

/* Reads everything that an answer points to. */
static size_t touch(struct answer *a)
{
    size_t sum = 0;

    if (a->kind == ANSWER_SESSION)
        sum += strlen(a->session.canonical);
    else if (a->kind == ANSWER_CHANNEL)
        sum += strlen(a->channel.name);
    else if (a->kind == ANSWER_DONE)
        sum += strlen(a->done.text);
    else if (a->kind == ANSWER_ITEM || a->kind == ANSWER_DAMAGE)
        sum += strlen(a->item.text);
    for (uint32_t i = 0; a->kind == ANSWER_SEGMENTS && i < a->rows.n; i++)
        sum += (size_t)segment_row_unpack(&a->rows.rows).number;
    for (uint32_t i = 0; a->kind == ANSWER_LISTED && i < a->rows.n; i++)
        sum += listed_row_unpack(&a->rows.rows).channel;
    for (uint32_t i = 0; a->kind == ANSWER_RUNS && i < a->rows.n; i++)
        sum += run_row_unpack(&a->rows.rows).block_samples;
    return sum;
}

static void mutate(struct signal_random *random, uint8_t *bytes, size_t n)
{
    static const uint8_t ODD[] = {0, 1, 0x7F, 0x80, 0xFF};

    for (uint32_t left = 1 + signal_below(random, 4); left > 0; left--) {
        uint32_t at = signal_below(random, (uint32_t)n);
        bytes[at] = signal_below(random, 2) ? ODD[signal_below(random, 5)]
                                            : (uint8_t)signal_below(random, 256);
    }
}

static void mutated_messages_are_read_within_their_bytes(void **state)
{
    static struct job_item items[JOB_MAX_ITEMS];
    struct signal_random random = {1};
    uint8_t message[512];
    struct job job = a_job(), got;
    size_t sum = 0, n_parsed = 0;

    (void)state;
    for (int i = 0; i < 20000; i++) {
        int which = (int)signal_below(&random, N_ANSWERS + 1);
        size_t n = which < N_ANSWERS ? pack_answer(which, message, sizeof message)
                                     : job_pack(&job, message, sizeof message);
        uint8_t *bytes = guard_copy(message, n);
        struct answer a;

        mutate(&random, bytes, n);
        if (which == N_ANSWERS && job_unpack(bytes, n, &got, items)) {
            sum += strlen(got.path) + got.items[got.n_items ? got.n_items - 1 : 0].n_samples;
            n_parsed++;
        } else if (which < N_ANSWERS && answer_unpack(bytes, n, &a)) {
            sum += touch(&a);
            assert_true(a.kind != ANSWER_RUNS || !a.rows.rows.failed);
            n_parsed++;
        }
        guard_free(bytes, n);
    }
    assert_true(n_parsed > 1000 && n_parsed < 19000 && sum > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_job_arrives_as_it_was_sent),
        cmocka_unit_test(a_question_arrives_as_it_was_asked),
        cmocka_unit_test(what_is_no_question_is_refused),
        cmocka_unit_test(a_job_that_does_not_fit_is_not_packed),
        cmocka_unit_test(the_most_items_fit_a_message_and_one_more_is_refused),
        cmocka_unit_test(a_job_cut_short_or_too_long_is_refused),
        cmocka_unit_test(kinds_that_are_none_are_refused),
        cmocka_unit_test(answers_arrive_as_they_were_sent),
        cmocka_unit_test(rows_arrive_as_they_were_sent),
        cmocka_unit_test(answers_cut_short_or_too_long_are_refused),
        cmocka_unit_test(a_thousand_rows_fit_a_message_and_more_are_refused),
        cmocka_unit_test(mutated_messages_are_read_within_their_bytes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

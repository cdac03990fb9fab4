/* test_threads.c - what the headers say that threads may do at once. `make test-tsan` runs it
 * under ThreadSanitizer, which sees what is shared and not ordered by a lock.
 *
 * "test_threads without-a-lock" does what they may not, to show that it would be seen. */
#include <mef3/mef3.h>

#include <ftw.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "help/test.h"

enum { THREADS = 4, ROUNDS = 2 };

static const struct {
    const char *why;
    const char *name;
    const char *password;
} recording[] = {
    {"gaps", "gaps", NULL},
    {"several segments", "segments", NULL},
    {"many channels", "many_channels", NULL},
    {"blocks read many at once", "one_sample_blocks", NULL},
    {"blocks decoded in part", "long_block", NULL},
    {"records", "annotations", NULL},
    {"encrypted", "encrypted", "readall"},
};
enum { RECORDINGS = sizeof recording / sizeof recording[0] };

/* FNV-1a; never 0. */
static uint64_t digest(uint64_t so_far, const void *bytes, size_t n)
{
    const uint8_t *b = bytes;

    for (size_t i = 0; i < n; i++)
        so_far = (so_far ^ b[i]) * 0x100000001b3u;
    return so_far | 1;
}

/* All samples of a channel and what they are; 0 when they cannot be read. */
static uint64_t read_channel(struct mef3_session *session, size_t channel)
{
    const struct mef3_channel_info *info = mef3_channel_info(session, channel);
    uint64_t answer = 0;
    int64_t n;

    if (mef3_window_samples(info->start_uutc, info->end_uutc, info->rate_hz, &n) != MEF3_OK)
        return 0;
    int32_t *counts = malloc((size_t)n * sizeof *counts);
    uint8_t *truth = malloc((size_t)n);
    if (counts && truth &&
        mef3_read_window(session, channel, info->start_uutc, info->end_uutc, counts, truth,
                         (size_t)n, NULL, NULL, NULL) == MEF3_OK)
        answer = digest(digest(1, counts, (size_t)n * sizeof *counts), truth, (size_t)n);
    free(counts);
    free(truth);
    return answer;
}

static int count_record(void *n, const struct mef3_record *record)
{
    *(uint64_t *)n += 1 + record->n_body;
    return 0;
}

static void count_finding(void *n, const struct mef3_finding *finding)
{
    *(uint64_t *)n += 1 + (uint64_t)finding->kind;
}

/* A channel's records, and what a check finds in it; 0 when one of them fails. */
static uint64_t check_channel(struct mef3_session *session, size_t channel)
{
    struct mef3_verify_totals totals;
    uint64_t n = 1;

    if (mef3_records_read(session, channel, NULL, count_record, &n, NULL) != MEF3_OK ||
        mef3_verify_channel(session, channel, NULL, count_finding, &n, &totals, NULL) != MEF3_OK)
        return 0;
    return digest(n, &totals, sizeof totals);
}

static uint64_t read_all(struct mef3_session *session)
{
    uint64_t all = 1;

    for (size_t i = 0; i < mef3_session_info(session)->n_channels; i++) {
        uint64_t one = read_channel(session, i), other = check_channel(session, i);
        if (one == 0 || other == 0)
            return 0;
        all = digest(digest(all, &one, sizeof one), &other, sizeof other);
    }
    return all;
}

static struct mef3_session *open_golden(int r)
{
    struct mef3_session *session;
    char path[512];

    snprintf(path, sizeof path, "%s/%s.mefd", GOLDEN, recording[r].name);
    return mef3_session_open_folder(path, recording[r].password, &session, NULL) == MEF3_OK
               ? session
               : NULL;
}

static uint64_t open_and_read_all(int r)
{
    struct mef3_session *session = open_golden(r);
    uint64_t answer = session ? read_all(session) : 0;

    mef3_session_close(session);
    return answer;
}

/* Threads begin together; what they find is looked at when they have ended. */
struct work {
    void (*work)(struct work *);
    pthread_barrier_t *begin;
    int number;
    uint64_t found[RECORDINGS];
};

static void *begin_work(void *arg)
{
    struct work *w = arg;

    pthread_barrier_wait(w->begin);
    w->work(w);
    return NULL;
}

static void in_threads(void (*work)(struct work *), struct work all[THREADS])
{
    pthread_barrier_t begin;
    pthread_t thread[THREADS];

    assert_int_equal(pthread_barrier_init(&begin, NULL, THREADS), 0);
    for (int i = 0; i < THREADS; i++) {
        all[i] = (struct work){.work = work, .begin = &begin, .number = i};
        assert_int_equal(pthread_create(&thread[i], NULL, begin_work, &all[i]), 0);
    }
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_join(thread[i], NULL), 0);
    pthread_barrier_destroy(&begin);
}

static void read_each(struct work *w)
{
    for (int round = 0; round < ROUNDS; round++)
        for (int r = 0; r < RECORDINGS; r++)
            w->found[r] = open_and_read_all(r);
}

static void threads_with_a_session_each_read_what_one_alone_reads(void **state)
{
    struct work all[THREADS];

    (void)state;
    in_threads(read_each, all);
    for (int r = 0; r < RECORDINGS; r++) {
        uint64_t alone = open_and_read_all(r);
        assert_row(alone != 0, recording[r].why);
        for (int i = 0; i < THREADS; i++)
            assert_row(all[i].found[r] == alone, recording[r].why);
    }
}

/* One session for all of them, and the lock that they take for it. */
static struct mef3_session *shared;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static atomic_int n_reading;

static void read_shared(struct work *w, bool takes_lock)
{
    uint64_t all = 1;

    for (int round = 0; round < ROUNDS; round++) {
        all = 1;
        for (size_t i = 0; i < mef3_session_info(shared)->n_channels; i++) {
            if (takes_lock)
                pthread_mutex_lock(&lock);
            uint64_t one = read_channel(shared, i), other = check_channel(shared, i);
            if (takes_lock)
                pthread_mutex_unlock(&lock);
            all = digest(digest(all, &one, sizeof one), &other, sizeof other);
        }
    }
    w->found[0] = all;
}

/* What a session tells; no lock. 0 when it contradicts itself. */
static uint64_t ask_shared(void)
{
    const struct mef3_session_info *info = mef3_session_info(shared);
    uint64_t all = digest(1, info, sizeof *info);

    for (size_t i = 0; i < info->n_channels; i++) {
        const struct mef3_channel_info *channel = mef3_channel_info(shared, i);
        all = digest(all, channel, sizeof *channel);
        all = digest(all, channel->name, strlen(channel->name));
        if (mef3_channel_find(shared, channel->name) != (int64_t)i)
            return 0;
        for (size_t k = 0; k < channel->n_segments; k++) {
            const struct mef3_segment_info *segment = mef3_segment_info(shared, i, k);
            all = digest(all, segment, sizeof *segment);
            if (mef3_segment_find(shared, i, segment->number) != (int64_t)k)
                return 0;
        }
    }
    return all;
}

/* The last thread asks as long as the others read. */
static void read_or_ask(struct work *w)
{
    if (w->number < THREADS - 1) {
        read_shared(w, true);
        atomic_fetch_sub(&n_reading, 1);
        return;
    }
    uint64_t first = ask_shared();
    bool same = true;
    do {
        same &= ask_shared() == first;
    } while (atomic_load(&n_reading) > 0);
    w->found[0] = same ? first : 0;
}

static void threads_share_a_session_with_a_lock_and_ask_it_without(void **state)
{
    (void)state;
    for (int r = 0; r < RECORDINGS; r++) {
        struct work all[THREADS];
        uint64_t alone = open_and_read_all(r);

        shared = open_golden(r);
        assert_row(shared != NULL, recording[r].why);
        uint64_t told = ask_shared();
        atomic_store(&n_reading, THREADS - 1);
        in_threads(read_or_ask, all);
        assert_row(told != 0 && all[THREADS - 1].found[0] == told, recording[r].why);
        for (int i = 0; i < THREADS - 1; i++)
            assert_row(all[i].found[0] == alone, recording[r].why);
        mef3_session_close(shared);
    }
}

static int remove_one(const char *path, const struct stat *stat, int kind, struct FTW *where)
{
    (void)stat;
    (void)kind;
    (void)where;
    return remove(path);
}

/* Write a recording that differs from thread to thread, and read it back. */
static uint64_t write_and_read(const char *path, int seed)
{
    struct mef3_writer_options options;
    struct mef3_writer_channel cz;
    struct mef3_writer *writer;
    struct mef3_session *session;
    int32_t counts[1000];
    size_t channel;
    uint64_t answer = 0;

    mef3_writer_defaults(&options);
    options.password_1 = "one";
    options.password_2 = "two";
    mef3_writer_channel_defaults(&cz);
    cz.name = "Cz";
    cz.rate_hz = 250;
    cz.block_samples = 100;
    for (int i = 0; i < 1000; i++)
        counts[i] = (int32_t)((uint32_t)(i + seed) * 2654435761u >> 12);
    if (mef3_writer_create(path, &options, &writer, NULL) != MEF3_OK)
        return 0;
    if (mef3_writer_add_channel(writer, &cz, &channel, NULL) != MEF3_OK ||
        mef3_writer_append(writer, channel, 1600000007000000, counts, 1000, NULL) != MEF3_OK) {
        mef3_writer_abort(writer);
        return 0;
    }
    if (mef3_writer_finish(writer, NULL) == MEF3_OK &&
        mef3_session_open_folder(path, "two", &session, NULL) == MEF3_OK) {
        answer = read_all(session);
        mef3_session_close(session);
    }
    return answer;
}

static char folder[] = "/tmp/test_threads.XXXXXX";

static void write_own(struct work *w)
{
    char path[sizeof folder + 32];

    snprintf(path, sizeof path, "%s/%d.mefd", folder, w->number);
    w->found[0] = write_and_read(path, w->number);
}

static void threads_with_a_writer_each_write_what_one_alone_writes(void **state)
{
    struct work all[THREADS];
    char path[sizeof folder + 32];

    (void)state;
    assert_non_null(mkdtemp(folder));
    in_threads(write_own, all);
    for (int i = 0; i < THREADS; i++) {
        snprintf(path, sizeof path, "%s/alone-%d.mefd", folder, i);
        assert_int_not_equal(all[i].found[0], 0);
        assert_int_equal(all[i].found[0], write_and_read(path, i));
        assert_true(i == 0 || all[i].found[0] != all[i - 1].found[0]);
    }
    assert_int_equal(nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
}

/* The functions without state, on bytes that all threads look at. */
enum { SAMPLES = 1000 };
static int32_t samples[SAMPLES];
static uint8_t block[8 * SAMPLES];
static size_t block_bytes;

static void use_plain_functions(struct work *w)
{
    static const struct mef3_red_params params = {.start_time = 1};
    static const uint8_t nothing[16];
    uint8_t *work = malloc(5 * SAMPLES + 8), *mine = malloc(mef3_red_bound(SAMPLES));
    int32_t back[SAMPLES];
    double values[SAMPLES];
    struct mef3_keys keys;
    struct mef3_error error;
    char text[256];
    size_t n = 0;

    int status = mef3_red_decode(block, block_bytes, NULL, 0, SAMPLES, back, &error);
    if (status == MEF3_OK)
        status = mef3_red_encode(back, SAMPLES, &params, work, mine, mef3_red_bound(SAMPLES), &n);
    if (status == MEF3_OK)
        status = mef3_keys_from_password("any", nothing, nothing, &keys);
    mef3_counts_to_f64(back, SAMPLES, 0.5, values);
    mef3_error_set(&error, MEF3_ECRC, "a", 1, "b", "c", "d");
    mef3_error_text(&error, text, sizeof text);
    w->found[0] = digest(digest(digest(1, mine, n), values, sizeof values), text, strlen(text));
    w->found[1] = status == MEF3_OK && n == block_bytes && memcmp(mine, block, n) == 0;
    free(work);
    free(mine);
}

static void functions_without_state_are_called_by_many_at_once(void **state)
{
    static const struct mef3_red_params params = {.start_time = 1};
    static uint8_t work[5 * SAMPLES + 8];
    struct work all[THREADS];

    (void)state;
    for (int i = 0; i < SAMPLES; i++)
        samples[i] = (int32_t)((uint32_t)i * 2654435761u >> 20);
    assert_true(mef3_red_bound(SAMPLES) <= sizeof block);
    assert_int_equal(
        mef3_red_encode(samples, SAMPLES, &params, work, block, sizeof block, &block_bytes),
        MEF3_OK);
    in_threads(use_plain_functions, all);
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(all[i].found[1], 1);
        assert_int_equal(all[i].found[0], all[0].found[0]);
    }
}

static void read_without_a_lock(struct work *w)
{
    read_shared(w, false);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(threads_with_a_session_each_read_what_one_alone_reads),
        cmocka_unit_test(threads_share_a_session_with_a_lock_and_ask_it_without),
        cmocka_unit_test(threads_with_a_writer_each_write_what_one_alone_writes),
        cmocka_unit_test(functions_without_state_are_called_by_many_at_once),
    };

    if (argc == 2 && strcmp(argv[1], "without-a-lock") == 0) {
        struct work all[THREADS];
        shared = open_golden(1);
        if (!shared)
            return 0; /* the caller expects a failure */
        in_threads(read_without_a_lock, all);
        return 0;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}

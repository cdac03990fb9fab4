/* service_bench.c - the service with all it stands on, and workers played by the test. */
#include "help/service_bench.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <mef3/time.h>

#include "base/log.h"
#include "help/test.h"
#include "ipc/arena.h"

enum { ARENA_BYTES = 64 << 20, MESSAGES_BYTES = 64 << 20, INDEX_BYTES = 8 << 20 };

static void add_worker(struct bench *bench, unsigned slot)
{
    int channel = fake_worker_init(&bench->worker[slot]);

    assert_int_equal(pool_add_worker(bench->parts.pool, channel, slot, slot + 100), 0);
}

static void start(struct bench *bench, size_t arena_bytes)
{
    int write_fd, read_fd;

    assert_int_equal(arena_create(arena_bytes, &write_fd, &read_fd), MEF3_OK);
    bench->write = arena_map_write(write_fd, &bench->arena_bytes);
    bench->arena = arena_map_read(read_fd, &bench->arena_bytes);
    close(write_fd);
    close(read_fd);
    bench->parts.cache = cache_new(bench->arena, arena_bytes, &bench->soon);
    bench->parts.pool = pool_new(&bench->loop);
    bench->parts.soon = &bench->soon;
    bench->service = service_new(&bench->parts);
    assert_true(bench->write && bench->arena && bench->parts.cache && bench->service);
    for (unsigned i = 0; i < BENCH_WORKERS; i++)
        add_worker(bench, i);
}

static void stop(struct bench *bench)
{
    pool_free(bench->parts.pool);
    service_free(bench->service);
    cache_free(bench->parts.cache);
    for (unsigned i = 0; i < BENCH_WORKERS; i++)
        fake_worker_end(&bench->worker[i]);
    munmap(bench->write, bench->arena_bytes);
    munmap((void *)(uintptr_t)bench->arena, bench->arena_bytes);
}

int bench_set_up(void **state)
{
    struct bench *bench = calloc(1, sizeof *bench);

    log_start("test", LOG_ERROR);
    if (!bench || uv_loop_init(&bench->loop) < 0 || soon_init(&bench->soon, &bench->loop) < 0)
        return -1;
    bench->parts.max_open = bench->parts.max_reads = 1000;
    bench->client = BENCH_CLIENT;
    fake_disk = (struct fake_disk){.fingerprint = 1};
    bench->parts.look_ms = 3600000;
    bench->parts.message_bytes = MESSAGES_BYTES;
    bench->parts.index_bytes = INDEX_BYTES;
    start(bench, ARENA_BYTES);
    *state = bench;
    return 0;
}

int bench_tear_down(void **state)
{
    struct bench *bench = *state;
    int status;

    bench->is_held = false;
    bench_run(bench); /* what was cancelled is over */
    stop(bench);
    soon_fini(&bench->soon);
    uv_run(&bench->loop, UV_RUN_DEFAULT);
    status = uv_loop_close(&bench->loop);
    free(bench);
    return status;
}

void bench_restart(struct bench *bench, size_t arena_bytes, size_t max_open, size_t max_reads,
                   bool damage_is_error)
{
    stop(bench);
    bench->parts.max_open = max_open;
    bench->parts.max_reads = max_reads;
    bench->parts.damage_is_error = damage_is_error;
    start(bench, arena_bytes);
}

static const struct fake_recording *find(const struct bench *bench, const struct job *job)
{
    for (uint32_t i = 0; i < bench->n_recordings; i++) {
        const struct fake_recording *recording = &bench->recordings[i];
        bool is_clients = job->kind == JOB_OPEN || job->kind == JOB_LOOK;
        if (strcmp(is_clients ? recording->path : recording->canonical, job->path) == 0)
            return recording;
    }
    return NULL;
}

/* What is read there afterwards was not decoded anew. */
static void release(struct bench *bench, struct fake_worker *worker)
{
    for (uint32_t i = 0; i < worker->job.n_items; i++) {
        const struct job_item *item = &worker->items[i];
        assert_int_equal(item->arena_offset % 4096, 0);
        assert_true(item->arena_offset + item->n_samples * sizeof(int32_t) <= bench->arena_bytes);
        memset(bench->write + item->arena_offset / sizeof(int32_t), 0x77,
               item->n_samples * sizeof(int32_t));
    }
    fake_worker_done(worker, MEF3_OK, "");
}

/* Byte i is i, but for what 256 takes; of a part more. */
static void tell(struct bench *bench, struct fake_worker *worker)
{
    static uint8_t bytes[BYTES_PER_ANSWER];
    size_t base = bench->tells_part ? 100 * worker->job.question.part : 0;

    for (size_t at = 0; at < bench->n_told;) {
        size_t n = bench->n_told - at < sizeof bytes ? bench->n_told - at : sizeof bytes;
        for (size_t i = 0; i < n; i++)
            bytes[i] = (uint8_t)(base + at + i);
        fake_worker_answer(worker,
                           (struct answer){.kind = ANSWER_BYTES, .bytes = {bytes, (uint32_t)n}});
        at += n;
        uv_run(&bench->loop, UV_RUN_NOWAIT); /* the channel takes only so much */
    }
    bench->n_items_asked = worker->job.n_items;
    fake_worker_done(worker, bench->fail_status, bench->fail_text ? bench->fail_text : "");
}

static void serve(struct bench *bench, struct fake_worker *worker)
{
    const struct job *job = &worker->job;
    const struct fake_recording *recording;
    char text[256];

    if (job->kind == JOB_RELEASE) {
        release(bench, worker);
        return;
    }
    if (job->kind == JOB_TELL) {
        tell(bench, worker);
        return;
    }
    recording = find(bench, job);
    if (!recording) {
        snprintf(text, sizeof text, "File does not exist: %s", job->path);
        fake_worker_done(worker, MEF3_ENOENT, text);
        return;
    }
    if (job->kind == JOB_LOOK) {
        fake_answer_look(worker, recording);
        fake_worker_done(worker, MEF3_OK, "");
        return;
    }
    if (job->kind != JOB_OPEN && (bench->fail_status || job->identity != recording->identity)) {
        fake_worker_done(worker, bench->fail_status ? bench->fail_status : MEF3_ECHANGED,
                         bench->fail_text ? bench->fail_text : "the recording changed on disk");
        return;
    }
    if (job->kind == JOB_OPEN)
        fake_answer_open(worker, recording, bench->is_large, bench->refusals);
    else if (job->kind == JOB_METADATA)
        fake_answer_metadata(worker, recording, bench->refusals);
    else if (job->kind == JOB_INDEX)
        fake_answer_index(worker, recording);
    else
        fake_answer_decode(worker, recording, bench->write);
    for (uint32_t i = 0; job->kind == JOB_DECODE && i < job->n_items; i++)
        bench->n_decoded += worker->items[i].n_samples;
    fake_worker_done(worker, MEF3_OK, "");
}

static bool is_deadly(struct bench *bench, const struct fake_worker *worker)
{
    const struct job *job = &worker->job;

    for (uint32_t i = 0; job->kind == JOB_DECODE && bench->kill_at && i < job->n_items; i++)
        if (worker->items[i].first_sample <= bench->kill_at &&
            bench->kill_at < worker->items[i].first_sample + (int64_t)worker->items[i].n_samples)
            return true;
    if (bench->n_kill == 0 || (bench->kinds && !(bench->kinds >> job->kind & 1)))
        return false;
    bench->n_kill--;
    return true;
}

bool bench_step(struct bench *bench)
{
    bool moved = !TAILQ_EMPTY(&bench->soon.tasks);

    uv_run(&bench->loop, UV_RUN_NOWAIT);
    for (unsigned i = 0; i < BENCH_WORKERS && !bench->is_held; i++) {
        struct fake_worker *worker = &bench->worker[i];
        if (!fake_worker_take(worker))
            continue;
        moved = true;
        bench->n_jobs[worker->job.kind]++;
        if (is_deadly(bench, worker)) {
            bench->n_killed++;
            fake_worker_end(worker);
            add_worker(bench, i);
        } else {
            serve(bench, worker);
        }
    }
    return moved;
}

void bench_run(struct bench *bench)
{
    /* An answer may need a turn of its own until it is seen. */
    for (int quiet = 0; quiet < 4;)
        quiet = bench_step(bench) ? 0 : quiet + 1;
}

void bench_flag(void *arg)
{
    *(bool *)arg = true;
}

struct opened bench_open(struct bench *bench, const char *path)
{
    struct opened opened = {.outcome = OUTCOME_DONE};
    bool is_ready = false;
    struct opening *opening =
        service_open(bench->service, &BENCH_CLIENT, path, bench_flag, &is_ready);

    assert_non_null(opening);
    opened.pull = opening_pull(opening, &opened.info, &opened.outcome);
    if (opened.pull == PULL_WAIT) {
        assert_false(is_ready);
        bench_run(bench);
        assert_true(is_ready);
        opened.pull = opening_pull(opening, &opened.info, &opened.outcome);
    }
    assert_int_not_equal(opened.pull, PULL_WAIT);
    if (opened.pull == PULL_HERE && opened.info.error_message) { /* to outlive the opening */
        static char text[512];
        snprintf(text, sizeof text, "%s", opened.info.error_message);
        opened.info.error_message = text;
    }
    opening_free(opening);
    return opened;
}

static void on_ready(void *arg)
{
    struct reader *reader = arg;

    assert_false(reader->is_ready); /* once for each WAIT */
    reader->is_ready = true;
}

void reader_page(struct reader *reader, struct bench *bench, const char *path, int64_t page)
{
    *reader = (struct reader){.bench = bench, .is_ready = true};
    reader->read = service_read_page(bench->service, &bench->client, path, page, on_ready, reader);
    assert_non_null(reader->read);
}

void reader_range(struct reader *reader, struct bench *bench, const char *path,
                  const char *const *names, size_t n_names, int64_t start_uutc, int64_t end_uutc)
{
    *reader = (struct reader){.bench = bench, .is_ready = true};
    reader->read = service_read_range(bench->service, &bench->client, path, names, n_names,
                                      start_uutc, end_uutc, on_ready, reader);
    assert_non_null(reader->read);
}

static double number_at(const struct message *message, size_t channel, int64_t i)
{
    size_t at = channel * (size_t)message->n_samples + (size_t)i;
    float four;
    double eight;

    if (message->is_double) {
        memcpy(&eight, message->samples + at * sizeof eight, sizeof eight);
        return eight;
    }
    memcpy(&four, message->samples + at * sizeof four, sizeof four);
    return (double)four;
}

static void take_message(struct reader *reader, const struct message *message)
{
    if (message->error_message) {
        snprintf(reader->error, sizeof reader->error, "%s", message->error_message);
        return;
    }
    size_t size = message->is_double ? sizeof(double) : sizeof(float);
    assert_int_equal(message->n_bytes, message->n_channels * (size_t)message->n_samples * size);
    assert_true(message->n_bytes <= 2621440);
    if (reader->n_messages == 0) {
        reader->n_channels = message->n_channels;
        reader->values = calloc(message->n_channels, sizeof *reader->values);
        reader->start_uutc = message->start_uutc;
        reader->is_double = message->is_double;
    } else {
        assert_int_equal(message->start_uutc, reader->end_uutc); /* seamless */
    }
    assert_int_equal(message->n_channels, reader->n_channels);
    reader->end_uutc = message->end_uutc;
    reader->n_messages++;
    /* By doubling: a sanitizer's realloc copies each time. */
    bool is_full = reader->n + message->n_samples >= reader->room;
    if (is_full)
        reader->room = 2 * (reader->n + message->n_samples + 1);
    for (size_t c = 0; c < reader->n_channels; c++) {
        if (is_full)
            reader->values[c] =
                realloc(reader->values[c], (size_t)reader->room * sizeof **reader->values);
        for (int64_t i = 0; i < message->n_samples; i++)
            reader->values[c][reader->n + i] = number_at(message, c, i);
    }
    reader->n += message->n_samples;
}

const struct message *reader_hold(struct reader *reader)
{
    const struct message *message;
    enum pull pull = read_pull(reader->read, &message, &reader->outcome);

    reader->is_ready = pull != PULL_WAIT;
    reader->has_ended = pull == PULL_END;
    if (pull != PULL_HERE)
        return NULL;
    take_message(reader, message);
    return message;
}

void reader_pull(struct reader *reader, unsigned most)
{
    while (most-- > 0 && !reader->has_ended) {
        const struct message *message = reader_hold(reader);
        if (!message)
            return;
        message_release(message);
    }
}

void readers_finish(struct bench *bench, struct reader *readers, size_t n)
{
    for (int quiet = 0; quiet < 8;) {
        bool moved = bench_step(bench), all_ended = true;
        for (size_t i = 0; i < n; i++) {
            if (readers[i].is_ready && !readers[i].has_ended) {
                reader_pull(&readers[i], 2);
                moved = true;
            }
            all_ended &= readers[i].has_ended;
        }
        if (all_ended)
            return;
        quiet = moved ? 0 : quiet + 1;
    }
    fail_msg("nothing moves, and not all reads have ended");
}

void reader_free(struct reader *reader)
{
    for (size_t c = 0; reader->values && c < reader->n_channels; c++)
        free(reader->values[c]);
    free(reader->values);
    read_free(reader->read);
    *reader = (struct reader){0};
}

void reader_check(const struct reader *reader, const struct fake_recording *recording,
                  const uint32_t *channels, size_t n_channels, int64_t start_uutc, int64_t end_uutc)
{
    int64_t n;

    assert_string_equal(reader->error, "");
    assert_int_equal(reader->outcome, OUTCOME_DONE);
    assert_int_equal(reader->n_channels, n_channels);
    assert_int_equal(reader->start_uutc, start_uutc);
    assert_int_equal(reader->end_uutc, end_uutc);
    for (size_t c = 0; c < n_channels; c++) {
        assert_int_equal(
            mef3_window_samples(start_uutc, end_uutc, recording->channels[channels[c]].rate_hz, &n),
            MEF3_OK);
        assert_int_equal(reader->n, n);
        double *expected = malloc((size_t)(n + 1) * sizeof *expected);
        fake_expect(recording, channels[c], start_uutc, n, reader->is_double, expected);
        for (int64_t i = 0; i < n; i++) {
            double got = reader->values[c][i], want = expected[i];
            if (isnan(got) != isnan(want) || (!isnan(want) && got != want))
                fail_msg("channel %zu, sample %lld: %.17g, not %.17g", c, (long long)i, got, want);
        }
        free(expected);
    }
}

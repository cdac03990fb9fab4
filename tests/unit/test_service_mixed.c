/* test_service_mixed.c - clients read on, jump, give up, close and go, in any order and
 * with things read ahead for them: each read that ends is right. */
#include "help/paged_recording.h"
#include "help/service_bench.h"
#include "help/signal.h"
#include "help/test.h"

enum { READERS = 8, ACTIONS = 4000, CLIENTS = 3 };

struct chaos {
    struct bench *bench;
    struct signal_random random;
    struct reader readers[READERS];
    int64_t start[READERS], end[READERS]; /* seconds */
};

static void chaos_begin(struct chaos *chaos, struct reader *reader)
{
    size_t r = (size_t)(reader - chaos->readers);
    int64_t length = 1 + signal_below(&chaos->random, signal_below(&chaos->random, 8) ? 8 : 200);
    int64_t start = reader->read ? 0 : chaos->end[r]; /* mostly goes on */

    if (signal_below(&chaos->random, 4) == 0 || start + length > SECONDS)
        start = signal_below(&chaos->random, (uint32_t)(SECONDS - length));
    chaos->bench->client.number = 1 + signal_below(&chaos->random, CLIENTS);
    chaos->start[r] = start;
    chaos->end[r] = start + length;
    reader_range(reader, chaos->bench, "/r.mefd", NULL, 0, AT(start), AT(start + length));
}

static void chaos_end(struct chaos *chaos, struct reader *reader)
{
    size_t r = (size_t)(reader - chaos->readers);

    if (reader->has_ended && reader->error[0] == '\0')
        reader_check(reader, RECORDING, (const uint32_t[]){A, B}, 2, AT(chaos->start[r]),
                     AT(chaos->end[r]));
    reader_free(reader);
}

static void chaos_act(struct chaos *chaos)
{
    struct bench *bench = chaos->bench;
    struct reader *reader = &chaos->readers[signal_below(&chaos->random, READERS)];
    struct client client = {.number = 1 + signal_below(&chaos->random, CLIENTS)};
    struct grid_reply reply;

    switch (signal_below(&chaos->random, 16)) {
    case 0:
        service_forget_client(bench->service, &client);
        break;
    case 1:
        if (signal_below(&chaos->random, 8) == 0)
            service_close(bench->service, &BENCH_CLIENT, "/r.mefd");
        break;
    case 2:
        service_set_page_seconds(bench->service, &client, "/r.mefd",
                                 1 + signal_below(&chaos->random, 60), &reply);
        break;
    case 3:
        bench->is_held = !bench->is_held;
        break;
    case 4:
        if (reader->read)
            chaos_end(chaos, reader); /* wherever it is */
        break;
    case 5:
    case 6:
    case 7:
        if (reader->has_ended)
            chaos_end(chaos, reader);
        if (!reader->read)
            chaos_begin(chaos, reader);
        break;
    case 8:
        if (signal_below(&chaos->random, 10) == 0)
            bench->n_kill = 1;
        break;
    default:
        bench_step(bench);
        if (reader->read && reader->is_ready)
            reader_pull(reader, 1);
    }
}

static void whatever_happens_each_read_is_right(void **state)
{
    static struct chaos chaos;

    chaos = (struct chaos){.bench = *state, .random = {11}};
    chaos.bench->recordings = RECORDING;
    chaos.bench->n_recordings = 1;
    chaos.bench->parts.ahead_pages = 3;
    chaos.bench->parts.ahead_ranges = 2;
    chaos.bench->parts.behind_ranges = 1;
    bench_restart(chaos.bench, 4 << 20, 10, 100, false);
    for (int i = 0; i < ACTIONS; i++)
        chaos_act(&chaos);
    chaos.bench->is_held = false;
    for (int r = 0; r < READERS; r++) {
        if (chaos.readers[r].read) {
            readers_finish(chaos.bench, &chaos.readers[r], 1);
            chaos_end(&chaos, &chaos.readers[r]);
        }
    }
    struct cache_counters counters = cache_counters(chaos.bench->parts.cache);
    assert_true(counters.ahead_used > 0 && counters.ahead_dropped > 0);
    for (unsigned c = 1; c <= CLIENTS; c++)
        service_forget_client(chaos.bench->service, &(struct client){.number = c});
    assert_int_equal(chaos.bench->service->ahead.n_streams, 0);
    assert_int_equal(chaos.bench->service->ahead.n_jobs, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(whatever_happens_each_read_is_right, bench_set_up,
                                        bench_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* test_encode_compare.c - the encoder against the plain one: the same bytes and the same status. */
#include <mef3/red.h>

#include <stdlib.h>
#include <string.h>

#include "help/guard.h"
#include "help/signal.h"
#include "help/test.h"
#include "red_lanes.h"
#include "red_ref.h"

enum { MOST_SAMPLES = 3000, MOST_BLOCKS = 20, N_ROUNDS = 400, N_NOISES = 3 };

static const struct mef3_keys both_keys = {.level = 2,
                                           .key = {"0123456789abcdef", "fedcba9876543210"}};

/* Noise of all widths; slopes that overflow a difference; the same number; signals. */
static void fill(struct signal_random *random, int32_t *samples, uint32_t n)
{
    uint32_t kind = signal_below(random, N_SIGNAL_KINDS + N_NOISES),
             width = signal_below(random, 32);

    if (kind < N_SIGNAL_KINDS) {
        signal_fill((enum signal_kind)kind, random, samples, n);
        return;
    }
    for (uint32_t i = 0; i < n; i++) {
        int32_t noise = (int32_t)((uint32_t)signal_random(random)) >> width;
        bool is_rare = signal_below(random, 50) == 0;
        samples[i] = kind == N_SIGNAL_KINDS       ? noise
                     : kind == N_SIGNAL_KINDS + 1 ? (is_rare ? noise : 7)
                                                  : (i % 2 ? INT32_MAX : INT32_MIN);
    }
}

/* A block to encode, in memory that ends where it may end, and what it must become. */
struct case_ {
    struct red_encoding task;
    struct mef3_red_params params;
    int32_t *samples;
    uint8_t *plain_work;
    uint8_t *plain;
    size_t plain_n;
    int plain_status;
};

static size_t work_bytes(uint32_t n)
{
    return 5 * (size_t)n + 8;
}

/* Enough of room, or as much as it takes and a little more or less, or any. */
static size_t choose_room(struct signal_random *random, size_t bound, size_t needed)
{
    switch (signal_below(random, 3)) {
    case 0:
        return bound;
    case 1:
        return needed + 8 - signal_below(random, 17);
    default:
        return signal_below(random, (uint32_t)bound + 1);
    }
}

static void make(struct signal_random *random, struct case_ *one)
{
    uint32_t n =
        signal_below(random, 8) ? signal_below(random, MOST_SAMPLES + 1) : signal_below(random, 4);
    size_t bound = n ? mef3_red_bound(n) : 1000;

    *one = (struct case_){.samples = guard_new(n * sizeof *one->samples),
                          .plain_work = malloc(work_bytes(n)),
                          .plain = malloc(bound + 16)};
    one->params = (struct mef3_red_params){.start_time = (int64_t)signal_random(random),
                                           .discontinuity = signal_below(random, 2),
                                           .stats_level = (int)signal_below(random, 4),
                                           .keys = signal_below(random, 4) ? &both_keys : NULL};
    assert_true(one->plain && one->plain_work);
    fill(random, one->samples, n);
    one->plain_status = red_ref_encode(one->samples, n, &one->params, one->plain_work, one->plain,
                                       bound, &one->plain_n);
    size_t room = choose_room(random, bound, one->plain_status == MEF3_OK ? one->plain_n : 400);
    one->plain_status = red_ref_encode(one->samples, n, &one->params, one->plain_work, one->plain,
                                       room, &one->plain_n);
    one->task = (struct red_encoding){.samples = one->samples,
                                      .n_samples = n,
                                      .params = &one->params,
                                      .work = guard_new(work_bytes(n)),
                                      .block_out = guard_new(room),
                                      .room = room};
}

static void check(struct case_ *one, const struct red_encoding *task)
{
    assert_int_equal(task->status, one->plain_status);
    if (task->status == MEF3_OK) {
        assert_int_equal(task->n_out, one->plain_n);
        assert_memory_equal(task->block_out, one->plain, one->plain_n);
    }
}

static void end(struct case_ *one)
{
    uint32_t n = one->task.n_samples;

    guard_free(one->task.block_out, one->task.room);
    guard_free(one->task.work, work_bytes(n));
    guard_free(one->samples, n * sizeof *one->samples);
    free(one->plain_work);
    free(one->plain);
}

/* Any that this machine can go. */
static const struct red_way *way_of(struct signal_random *random)
{
    uint32_t n = 0;

    while (red_way(n))
        n++;
    return red_way(signal_below(random, n));
}

static void blocks_side_by_side_are_the_plain_encoders(void **state)
{
    struct signal_random random = {31};
    struct red_encoding tasks[MOST_BLOCKS];
    struct case_ cases[MOST_BLOCKS];
    size_t n_fine = 0, n_full = 0;

    (void)state;
    for (int round = 0; round < N_ROUNDS; round++) {
        size_t n = signal_below(&random, MOST_BLOCKS + 1);
        for (size_t i = 0; i < n; i++) {
            make(&random, &cases[i]);
            tasks[i] = cases[i].task;
        }
        red_encode_on(way_of(&random), tasks, n);
        for (size_t i = 0; i < n; i++) {
            check(&cases[i], &tasks[i]);
            n_fine += tasks[i].status == MEF3_OK;
            n_full += tasks[i].status == MEF3_ENOSPC;
            end(&cases[i]);
        }
    }
    print_message("%zu blocks alike, %zu without room for them\n", n_fine, n_full);
    assert_true(n_fine > 1000 && n_full > 300);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_side_by_side_are_the_plain_encoders),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* test_red_compare.c - the library's decoder against the plain transcription of the format
 * page: the same samples and the same status, on random, golden and mutated blocks. Their
 * speed: bench/bench_decode.c. */
#include <mef3/red.h>

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "help/guard.h"
#include "help/signal.h"
#include "help/test.h"
#include "layout.h"
#include "red_lanes.h"
#include "red_ref.h"

enum { MOST_SAMPLES = 70000 };

static const struct mef3_keys both_keys = {.level = 2,
                                           .key = {"level one bytes", "level two bytes"}};

/* What the header says, without judging it. */
static uint32_t claimed_samples(const uint8_t *block, size_t n)
{
    return n >= RED_PAYLOAD ? le_u32(block + RED_N_SAMPLES) : 0;
}

/* The way's status of one task is the transcription's, and so are the samples. */
static void check_task(const struct red_way *way, const struct red_task *task, const char *why)
{
    size_t room = task->n_samples * sizeof(int32_t);
    int32_t *plain = guard_new(room);
    int status =
        red_ref_decode(task->block, task->n, task->keys, task->first, task->n_samples, plain);

    if (task->status != status)
        fail_msg("%s: %s: %s, but the transcription says %s", why, way->name,
                 mef3_status_name(task->status), mef3_status_name(status));
    if (status == MEF3_OK)
        assert_memory_equal(task->samples_out, plain, room);
    guard_free(plain, room);
}

/* All decoders on samples [first, first + n_part): the same. Three lanes have the
 * same block, so that every core is come by. Returns the status. */
static int compare_part(const uint8_t *block, size_t n, const struct mef3_keys *keys,
                        uint32_t first, uint32_t n_part, const char *why)
{
    enum { N_SAME = 3 };
    size_t room = n_part * sizeof(int32_t);
    uint8_t *guarded = guard_copy(block, n);
    struct red_task tasks[N_SAME];
    const struct red_way *way;

    for (size_t k = 0; (way = red_way(k)); k++) {
        for (int i = 0; i < N_SAME; i++)
            tasks[i] =
                (struct red_task){guarded, n, keys, first, n_part, .samples_out = guard_new(room)};
        red_decode_on(way, tasks, 1);
        check_task(way, &tasks[0], why);
        red_decode_on(way, tasks, N_SAME);
        for (int i = 0; i < N_SAME; i++) {
            assert_int_equal(tasks[i].status, tasks[0].status);
            if (tasks[i].status == MEF3_OK)
                assert_memory_equal(tasks[i].samples_out, tasks[0].samples_out, room);
        }
        for (int i = 0; i < N_SAME; i++)
            guard_free(tasks[i].samples_out, room);
    }
    guard_free(guarded, n);
    return tasks[0].status;
}

static int compare(const uint8_t *block, size_t n, const struct mef3_keys *keys, const char *why)
{
    uint32_t n_samples = claimed_samples(block, n);

    return compare_part(block, n, keys, 0, n_samples < MOST_SAMPLES ? n_samples : MOST_SAMPLES,
                        why);
}

static void mend_crc(uint8_t *block, size_t n)
{
    uint32_t block_bytes = le_u32(block + RED_BLOCK_BYTES);

    if (block_bytes >= RED_PAYLOAD && block_bytes <= n)
        le_put_u32(block, mef3_crc32(MEF3_CRC_START, block + 4, block_bytes - 4));
}

/* Change a few bytes: any, of the header's numbers, of the counts, of the payload. */
static void mutate(struct signal_random *random, uint8_t *block, size_t n)
{
    static const struct {
        uint32_t at, n;
    } part[] = {{0, 48}, {RED_DIFFERENCE_BYTES, 4}, {RED_N_SAMPLES, 4}, {RED_STATISTICS, 256}};
    uint32_t changes = 1 + signal_below(random, 4);

    for (uint32_t i = 0; i < changes; i++) {
        uint32_t choice = signal_below(random, 6);
        uint32_t at = choice < 4 ? part[choice].at + signal_below(random, part[choice].n)
                                 : signal_below(random, (uint32_t)n);
        uint32_t how = signal_below(random, 3);
        uint32_t to = how == 0   ? (uint32_t)signal_random(random)
                      : how == 1 ? block[at] + 1 - 2 * signal_below(random, 2)
                                 : block[at] ^ 1u << signal_below(random, 8);
        block[at] = (uint8_t)to;
    }
}

static void compare_mutants(struct signal_random *random, const uint8_t *block, size_t n,
                            int n_mutants, const char *why)
{
    uint8_t *mutant = malloc(n);

    assert_non_null(mutant);
    for (int i = 0; i < n_mutants; i++) {
        memcpy(mutant, block, n);
        mutate(random, mutant, n);
        compare(mutant, n, &both_keys, why);
        mend_crc(mutant, n);
        compare(mutant, n, &both_keys, why);
    }
    free(mutant);
}

struct encoded {
    uint8_t *block;
    size_t n;
};

static struct encoded encode(const int32_t *samples, uint32_t n_samples, int level)
{
    struct mef3_red_params params = {
        .start_time = 1600000000000000, .stats_level = level, .keys = &both_keys};
    size_t room = mef3_red_bound(n_samples);
    struct encoded made = {.block = malloc(room)};
    uint8_t *work = malloc(5 * (size_t)n_samples + 8);

    assert_non_null(made.block);
    assert_non_null(work);
    assert_int_equal(mef3_red_encode(samples, n_samples, &params, work, made.block, room, &made.n),
                     MEF3_OK);
    free(work);
    return made;
}

/* Scale and trend, which our encoder does not use, in a quarter of the blocks each. */
static void add_trend(struct signal_random *random, uint8_t *block, size_t n)
{
    static const float scales[] = {0, 0.5f, 1, 1.5f, 2, 1000.25f, 3e9f, -2};
    static const float slopes[] = {0, 0.5f, -0.25f, 1e-3f, -7.5f, 1e9f, 3e38f, -0.0f};

    if (signal_below(random, 2)) {
        le_put_f32(block + RED_SCALE, scales[signal_below(random, 8)]);
        le_put_f32(block + RED_SLOPE, slopes[signal_below(random, 8)]);
        le_put_f32(block + RED_INTERCEPT, slopes[signal_below(random, 8)]);
        mend_crc(block, n);
    }
}

static void random_blocks_and_their_mutants(void **state)
{
    static const uint32_t lengths[] = {1, 2, 3, 63, 256, 1000, 5000};
    struct signal_random random = {1};
    int32_t samples[5000];

    (void)state;
    for (int round = 0; round < 4; round++) {
        for (int i = 0; i < 7 * (N_SIGNAL_KINDS + 1); i++) {
            uint32_t n_samples = lengths[i % 7];
            int kind = i / 7;
            if (kind < N_SIGNAL_KINDS)
                signal_fill((enum signal_kind)kind, &random, samples, n_samples);
            else
                for (uint32_t k = 0; k < n_samples; k++)
                    samples[k] = (int32_t)signal_random(&random);
            struct encoded made = encode(samples, n_samples, (int)signal_below(&random, 3));
            add_trend(&random, made.block, made.n);
            assert_int_equal(compare(made.block, made.n, &both_keys, "random"), MEF3_OK);
            compare(made.block, made.n, NULL, "random, without keys");
            compare(made.block, made.n - 1, &both_keys, "random, one byte short");
            compare_mutants(&random, made.block, made.n, 12, "mutant of a random block");
            free(made.block);
        }
    }
}

/* Counts and payload that no encoder makes. The difference bytes are such that
 * sometimes a block comes out whole. */
static void blocks_of_noise(void **state)
{
    struct signal_random random = {2};
    uint8_t block[RED_PAYLOAD + 512];
    int n_whole = 0;

    (void)state;
    for (int round = 0; round < 4000; round++) {
        uint32_t n_samples = 1 + signal_below(&random, 60);
        uint32_t sparse = 1 + signal_below(&random, 40);
        for (size_t i = 0; i < sizeof block; i++)
            block[i] = (uint8_t)(signal_random(&random) & 0xFF);
        for (int s = 0; s < RED_N_SYMBOLS; s++)
            if (signal_below(&random, sparse))
                block[RED_STATISTICS + s] = 0;
        block[RED_STATISTICS + 0x80] &= (uint8_t)(signal_random(&random) & 0xFF);
        block[RED_FLAGS] = 0;
        memset(block + RED_SLOPE, 0, 12);
        le_put_u32(block + RED_N_SAMPLES, n_samples);
        le_put_u32(block + RED_DIFFERENCE_BYTES, n_samples + 4 + 4 * signal_below(&random, 3));
        le_put_u32(block + RED_BLOCK_BYTES, RED_PAYLOAD + 8 * signal_below(&random, 65));
        mend_crc(block, sizeof block);
        n_whole += compare(block, sizeof block, NULL, "noise") == MEF3_OK;
    }
    assert_true(n_whole > 100);
}

static uint8_t *read_file(const char *path, size_t *n_out)
{
    FILE *file = fopen(path, "rb");

    assert_non_null(file);
    fseek(file, 0, SEEK_END);
    long n = ftell(file);
    rewind(file);
    uint8_t *bytes = malloc((size_t)n);
    assert_non_null(bytes);
    assert_int_equal(fread(bytes, 1, (size_t)n, file), n);
    fclose(file);
    *n_out = (size_t)n;
    return bytes;
}

/* Our encoder, given the samples of a golden block, writes that block. */
static void encode_again(const uint8_t *block, const struct mef3_red_header *header)
{
    uint32_t n = header->n_samples;
    struct mef3_red_params params = {.start_time = header->start_time,
                                     .discontinuity = header->discontinuity};
    size_t room = mef3_red_bound(n), written;
    int32_t *samples = malloc(n * sizeof *samples);
    uint8_t *work = guard_new(5 * (size_t)n + 8), *again = guard_new(room);

    assert_non_null(samples);
    assert_int_equal(mef3_red_decode(block, header->block_bytes, NULL, 0, n, samples, NULL), 0);
    assert_int_equal(mef3_red_encode(samples, n, &params, work, again, room, &written), 0);
    assert_int_equal(written, header->block_bytes);
    assert_memory_equal(again, block, written);
    guard_free(again, room);
    guard_free(work, 5 * (size_t)n + 8);
    free(samples);
}

static void
golden_blocks_are_encoded_to_the_same_bytes_and_so_are_their_mutants_decoded(void **state)
{
    struct signal_random random = {3};
    size_t n_blocks = 0;
    glob_t found;

    (void)state;
    assert_int_equal(glob(GOLDEN "/*.mefd/*.timd/*.segd/*.tdat", 0, NULL, &found), 0);
    for (size_t i = 0; i < found.gl_pathc; i++) {
        const char *path = found.gl_pathv[i];
        size_t n, at = UH_BYTES;
        uint8_t *bytes = read_file(path, &n);
        while (at < n) {
            struct mef3_red_header header;
            assert_int_equal(mef3_red_parse(bytes + at, n - at, &header, NULL), MEF3_OK);
            assert_int_equal(compare(bytes + at, header.block_bytes, NULL, path), MEF3_OK);
            encode_again(bytes + at, &header);
            if (n_blocks++ % 4 == 0 && header.n_samples <= 5000)
                compare_mutants(&random, bytes + at, header.block_bytes, 10, path);
            at += header.block_bytes;
        }
        free(bytes);
    }
    globfree(&found);
    assert_true(n_blocks >= 300);
}

static void parts_equal_slices_of_the_whole(void **state)
{
    static const uint32_t n_samples = 300;
    struct signal_random random = {4};
    int32_t samples[300], part[300];

    (void)state;
    for (int kind = 0; kind < N_SIGNAL_KINDS; kind++) {
        signal_fill((enum signal_kind)kind, &random, samples, n_samples);
        struct encoded made = encode(samples, n_samples, 1);
        for (uint32_t first = 0; first <= n_samples; first += 1 + signal_below(&random, 13)) {
            for (uint32_t n = 0; n <= n_samples - first; n += 1 + signal_below(&random, 29)) {
                assert_int_equal(
                    mef3_red_decode(made.block, made.n, &both_keys, first, n, part, NULL), MEF3_OK);
                assert_memory_equal(part, samples + first, n * sizeof *part);
                compare_part(made.block, made.n, &both_keys, first, n, "part");
            }
        }
        assert_int_equal(compare_part(made.block, made.n, &both_keys, 301, 0, "from beyond"),
                         MEF3_EINVAL);
        assert_int_equal(compare_part(made.block, made.n, &both_keys, 1, 300, "to beyond"),
                         MEF3_EINVAL);
        free(made.block);
    }
}

/* All prefixes where something might end: of a sample, of a chunk of symbols, of the block. */
static const uint32_t PREFIX[] = {0, 1, 2, 31, 32, 33, 511, 512, 513, 1023, 1024, 1025};

static void compare_prefixes(const uint8_t *block, size_t n, const char *why)
{
    uint32_t n_samples = claimed_samples(block, n);

    if (n_samples > MOST_SAMPLES)
        return;
    for (size_t i = 0; i < sizeof PREFIX / sizeof *PREFIX; i++)
        if (PREFIX[i] <= n_samples)
            compare_part(block, n, &both_keys, 0, PREFIX[i], why);
    compare_part(block, n, &both_keys, 0, n_samples / 3, why);
    if (n_samples > 0)
        compare_part(block, n, &both_keys, 0, n_samples - 1, why);
    compare_part(block, n, &both_keys, 0, n_samples, why);
}

static void prefixes_of_good_and_damaged_blocks(void **state)
{
    struct signal_random random = {9};
    int32_t samples[2000];

    (void)state;
    for (int i = 0; i < 3 * N_SIGNAL_KINDS; i++) {
        static const uint32_t lengths[] = {600, 1100, 2000};
        uint32_t n = lengths[i % 3];
        signal_fill((enum signal_kind)(i / 3), &random, samples, n);
        struct encoded made = encode(samples, n, (int)signal_below(&random, 3));
        compare_prefixes(made.block, made.n, "prefix");
        for (int k = 0; k < 12; k++) {
            uint8_t *mutant = malloc(made.n);
            assert_non_null(mutant);
            memcpy(mutant, made.block, made.n);
            mutate(&random, mutant, made.n);
            mend_crc(mutant, made.n);
            compare_prefixes(mutant, made.n, "prefix of a mutant");
            free(mutant);
        }
        free(made.block);
    }
}

/* This block has differences for more samples than it says. Only the whole shows it. */
static void damage_after_a_prefix_is_not_looked_for(void **state)
{
    enum { N = 700 };
    struct signal_random random = {10};
    int32_t samples[N], part[N];
    const struct red_way *way;

    (void)state;
    for (uint32_t i = 0; i < N; i++)
        samples[i] = (int32_t)signal_below(&random, 100);
    struct encoded made = encode(samples, N, 0);
    le_put_u32(made.block + RED_N_SAMPLES, N - 10);
    mend_crc(made.block, made.n);
    for (size_t k = 0; (way = red_way(k)); k++) {
        static const uint32_t n_part[] = {N - 10, N - 11, 513, 1, 0};
        for (size_t i = 0; i < sizeof n_part / sizeof *n_part; i++) {
            struct red_task task = {
                .block = made.block, .n = made.n, .n_samples = n_part[i], .samples_out = part};
            red_decode_on(way, &task, 1);
            assert_int_equal(task.status, i == 0 ? MEF3_EDAMAGED : MEF3_OK);
            if (i > 0)
                assert_memory_equal(part, samples, n_part[i] * sizeof *part);
        }
    }
    free(made.block);
}

/* A call with blocks of every kind and length, some of them damaged, some wanted
 * in part: each comes out as if it were alone. */
static void blocks_of_all_lengths_side_by_side(void **state)
{
    enum { N = 61 };
    static const uint32_t lengths[] = {1, 2, 7, 64, 300, 1000, 1700, 5000, 9000};
    struct signal_random random = {6};
    struct red_task tasks[N];
    uint8_t *blocks[N];
    int32_t samples[9000];
    const struct red_way *way;

    (void)state;
    for (int round = 0; round < 12; round++) {
        for (size_t i = 0; i < N; i++) {
            uint32_t n = lengths[signal_below(&random, 9)];
            signal_fill((enum signal_kind)signal_below(&random, N_SIGNAL_KINDS), &random, samples,
                        n);
            struct encoded made = encode(samples, n, (int)signal_below(&random, 3));
            if (signal_below(&random, 3) == 0) {
                mutate(&random, made.block, made.n);
                mend_crc(made.block, made.n);
            }
            uint32_t first = signal_below(&random, 2) ? signal_below(&random, n) : 0;
            uint32_t n_part = 1 + signal_below(&random, n - first);
            blocks[i] = guard_copy(made.block, made.n);
            tasks[i] = (struct red_task){
                blocks[i], made.n, &both_keys,
                first,     n_part, .samples_out = guard_new(n_part * sizeof(int32_t))};
            free(made.block);
        }
        for (size_t k = 0; (way = red_way(k)); k++) {
            for (size_t i = 0; i < N; i++)
                memset(tasks[i].samples_out, 0xA5, tasks[i].n_samples * sizeof(int32_t));
            red_decode_on(way, tasks, N - (size_t)round);
            for (size_t i = 0; i < N - (size_t)round; i++)
                check_task(way, &tasks[i], "side by side");
        }
        for (size_t i = 0; i < N; i++) {
            guard_free(blocks[i], tasks[i].n);
            guard_free(tasks[i].samples_out, tasks[i].n_samples * sizeof(int32_t));
        }
    }
}

/* The multiplications that stand for range / total are exact for every total,
 * where a quotient steps and at the ends; so is low / place in double precision. */
static void divisions_by_other_means_are_exact(void **state)
{
    static struct red_model model;
    uint8_t counts[RED_N_SYMBOLS];
    struct signal_random random = {7};

    (void)state;
    for (uint32_t total = 1; total <= 255 * RED_N_SYMBOLS; total++) {
        for (uint32_t s = 0, left = total; s < RED_N_SYMBOLS; s++) {
            counts[s] = left < 255 ? (uint8_t)left : 255;
            left -= counts[s];
        }
        assert_true(red_model_init(&model, counts));
        assert_int_equal(model.total, total);
        for (int i = 0; i < 24; i++) {
            uint32_t quotient = (1u << 31) / total;
            if (i >= 8)
                quotient = signal_below(&random, quotient) + 1;
            for (int k = -1; k <= 1; k++) {
                uint32_t range =
                    i == 0 ? (1u << 31) - (uint32_t)(k + 1)
                           : quotient * total - (i < 8 ? (uint32_t)i * total : 0) + (uint32_t)k;
                if (range > 1u << 31)
                    continue;
                uint32_t place = range / total;
                assert_int_equal(range * model.inverse >> model.inverse_shift, place);
                assert_int_equal((uint32_t)(range * model.inverse_double), place);
                uint32_t low = place * signal_below(&random, total + 1) + (uint32_t)k;
                if (place > 0)
                    assert_int_equal((uint32_t)((double)low / place), low / place);
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_blocks_and_their_mutants),
        cmocka_unit_test(blocks_of_noise),
        cmocka_unit_test(
            golden_blocks_are_encoded_to_the_same_bytes_and_so_are_their_mutants_decoded),
        cmocka_unit_test(parts_equal_slices_of_the_whole),
        cmocka_unit_test(prefixes_of_good_and_damaged_blocks),
        cmocka_unit_test(damage_after_a_prefix_is_not_looked_for),
        cmocka_unit_test(blocks_of_all_lengths_side_by_side),
        cmocka_unit_test(divisions_by_other_means_are_exact),
    };

    printf("# ways on this machine:");
    for (size_t i = 0; red_way(i); i++)
        printf(" %s;", red_way(i)->name);
    printf(" those not named are skipped\n");
    return cmocka_run_group_tests(tests, NULL, NULL);
}

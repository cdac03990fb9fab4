/* test_red.c - RED blocks: hostile headers, damaged payloads, scale and trend, what the
 * encoder refuses. The decoder's arithmetic is held to a second one in tests/compare. */
#include <mef3/red.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "help/guard.h"
#include "help/test.h"
#include "layout.h"

enum { N_SAMPLES = 6, N_SYMBOLS = 4 + 3 + 2 * 5, DIFFERENCE_BYTES = N_SYMBOLS + 1 };

/* Small and large steps, and both ends of the counts. */
static const int32_t samples[N_SAMPLES] = {100, 227, 100, INT32_MAX, INT32_MIN, INT32_MIN + 5};

static const struct mef3_keys level_1_keys = {.level = 1, .key = {"level one bytes"}};
static const struct mef3_keys both_keys = {.level = 2,
                                           .key = {"level one bytes", "level two bytes"}};

struct block {
    uint8_t bytes[512];
    size_t n;
};

static struct block encode(int level)
{
    struct mef3_red_params params = {.start_time = 1700000000000000,
                                     .discontinuity = true,
                                     .stats_level = level,
                                     .keys = &both_keys};
    struct block made;
    uint8_t work[5 * N_SAMPLES + 8];

    assert_int_equal(
        mef3_red_encode(samples, N_SAMPLES, &params, work, made.bytes, sizeof made.bytes, &made.n),
        MEF3_OK);
    return made;
}

static void mend_crc(struct block *block)
{
    le_put_u32(block->bytes, mef3_crc32(MEF3_CRC_START, block->bytes + 4, block->n - 4));
}

/* Decode from a buffer that ends where the block ends, into one that ends where
 * the samples end. */
static int decode(const struct block *block, size_t n, const struct mef3_keys *keys,
                  uint32_t n_samples, int32_t *samples_out)
{
    uint8_t *bytes = guard_copy(block->bytes, n);
    int32_t *counts = guard_new(n_samples * sizeof *counts);

    int status = mef3_red_decode(bytes, n, keys, 0, n_samples, counts, NULL);
    if (status == MEF3_OK)
        memcpy(samples_out, counts, n_samples * sizeof *counts);
    guard_free(counts, n_samples * sizeof *counts);
    guard_free(bytes, n);
    return status;
}

static void a_header_says_what_was_encoded(void **state)
{
    struct block block = encode(2);
    struct mef3_red_header header;

    (void)state;
    assert_int_equal(mef3_red_parse(block.bytes, block.n, &header, NULL), MEF3_OK);
    assert_int_equal(header.n_samples, N_SAMPLES);
    assert_int_equal(header.difference_bytes, DIFFERENCE_BYTES);
    assert_int_equal(header.block_bytes, block.n);
    assert_int_equal(header.start_time, 1700000000000000);
    assert_true(header.discontinuity);
    assert_int_equal(header.stats_level, 2);
    assert_true(header.scale_factor == 1 && header.detrend_slope == 0 &&
                header.detrend_intercept == 0);
}

/* Most fields changed alone; the CRC is mended each time, so that it is the
 * field that is refused. */
static void hostile_headers_are_refused(void **state)
{
    static const float infinite = __builtin_inff(), not_a_number = __builtin_nanf("");
    uint32_t inf_bits, nan_bits;
    memcpy(&inf_bits, &infinite, 4);
    memcpy(&nan_bits, &not_a_number, 4);
    const struct {
        const char *why;
        int at;
        uint32_t value;
        int status;
    } row[] = {
        {"nothing changed", RED_FLAGS, 1, MEF3_OK},
        {"flags of the future", RED_FLAGS, 0xF9, MEF3_OK},
        {"statistics at two levels", RED_FLAGS, 6, MEF3_EDAMAGED},
        {"no block bytes", RED_BLOCK_BYTES, 0, MEF3_EDAMAGED},
        {"block bytes less than a header", RED_BLOCK_BYTES, 296, MEF3_EDAMAGED},
        {"block bytes not a multiple of 8", RED_BLOCK_BYTES, 308, MEF3_EDAMAGED},
        {"a longer block than there are bytes", RED_BLOCK_BYTES, 4096, MEF3_ETRUNCATED},
        {"as many block bytes as are allowed", RED_BLOCK_BYTES, 1u << 28, MEF3_ETRUNCATED},
        {"more", RED_BLOCK_BYTES, (1u << 28) + 8, MEF3_ELIMIT},
        {"block bytes that overflow", RED_BLOCK_BYTES, 0xFFFFFFF8, MEF3_ELIMIT},
        {"more samples than are allowed", RED_N_SAMPLES, (1u << 25) + 1, MEF3_ELIMIT},
        {"samples that overflow", RED_N_SAMPLES, 0xFFFFFFFF, MEF3_ELIMIT},
        {"more samples than differences", RED_N_SAMPLES, DIFFERENCE_BYTES - 3, MEF3_EDAMAGED},
        {"no samples, yet differences", RED_N_SAMPLES, 0, MEF3_EDAMAGED},
        {"no differences", RED_DIFFERENCE_BYTES, 0, MEF3_EDAMAGED},
        {"one difference too few to be possible", RED_DIFFERENCE_BYTES, N_SAMPLES + 3,
         MEF3_EDAMAGED},
        {"one too many to be possible", RED_DIFFERENCE_BYTES, 5 * N_SAMPLES + 1, MEF3_EDAMAGED},
        {"differences that overflow", RED_DIFFERENCE_BYTES, 0xFFFFFFFF, MEF3_EDAMAGED},
        {"infinite scale", RED_SCALE, inf_bits, MEF3_EDAMAGED},
        {"infinite slope", RED_SLOPE, inf_bits, MEF3_EDAMAGED},
        {"an intercept that is no number", RED_INTERCEPT, nan_bits, MEF3_EDAMAGED},
    };

    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        struct block block = encode(0);
        struct mef3_error error = {0};
        struct mef3_red_header header;
        if (row[i].at == RED_FLAGS)
            block.bytes[RED_FLAGS] = (uint8_t)row[i].value;
        else
            le_put_u32(block.bytes + row[i].at, row[i].value);
        mend_crc(&block);
        assert_row_int(mef3_red_parse(block.bytes, block.n, &header, &error), row[i].status,
                       row[i].why);
        assert_row_int(mef3_red_parse(block.bytes, block.n, &header, NULL), row[i].status,
                       row[i].why);
        if (row[i].status != MEF3_OK)
            assert_row(error.status == row[i].status && error.field[0] && error.found[0],
                       row[i].why);
    }
}

static void damage_behind_the_header_is_told_apart(void **state)
{
    static const struct {
        const char *why;
        int at; /* this byte is XORed; -1: nothing is */
        uint8_t with;
        int n_less; /* bytes cut off */
        bool mend;
        int status;
    } row[] = {
        {"a whole block", -1, 0, 0, false, MEF3_OK},
        {"one byte short", -1, 0, 1, false, MEF3_ETRUNCATED},
        {"the header alone", -1, 0, -1, false, MEF3_ETRUNCATED},
        {"a CRC changed", RED_CRC, 1, 0, false, MEF3_ECRC},
        {"a reserved byte changed", 9, 1, 0, false, MEF3_ECRC},
        {"the last byte changed", -2, 1, 0, false, MEF3_ECRC},
        {"a reserved byte changed, CRC mended", 9, 1, 0, true, MEF3_OK},
        {"one difference byte more", RED_DIFFERENCE_BYTES,
         DIFFERENCE_BYTES ^ (DIFFERENCE_BYTES + 1), 0, true, MEF3_EDAMAGED},
        {"one sample less", RED_N_SAMPLES, N_SAMPLES ^ (N_SAMPLES - 1), 0, true, MEF3_EDAMAGED},
        {"one sample more", RED_N_SAMPLES, N_SAMPLES ^ (N_SAMPLES + 1), 0, true, MEF3_EDAMAGED},
    };

    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        struct block block = encode(0);
        int32_t counts[N_SAMPLES + 1];
        size_t n = row[i].n_less < 0 ? RED_PAYLOAD : block.n - (size_t)row[i].n_less;
        size_t at = row[i].at == -2 ? block.n - 1 : (size_t)row[i].at;
        if (row[i].at != -1)
            block.bytes[at] ^= row[i].with;
        if (row[i].mend)
            mend_crc(&block);
        uint32_t n_samples = le_u32(block.bytes + RED_N_SAMPLES);
        assert_row_int(decode(&block, n, NULL, n_samples, counts), row[i].status, row[i].why);
    }
}

/* Blocks whose payload is all zeros always decode to the first symbol that has a
 * count; so what is made of it is known beforehand. */
static void symbols_that_do_not_fit_are_damage(void **state)
{
    static const struct {
        const char *why;
        uint8_t symbol; /* the one with a count; 0 and none for -1 below */
        uint8_t n_counted;
        uint32_t n_samples, difference_bytes;
        int status;
    } row[] = {
        {"differences of one", 1, 1, 10, 14, MEF3_OK},
        {"no counts at all", 1, 0, 10, 14, MEF3_EDAMAGED},
        {"a symbol left over", 1, 1, 10, 15, MEF3_EDAMAGED},
        {"one sample: four symbols", 0x80, 1, 1, 5, MEF3_OK},
        {"two samples, the second a whole number", 0x80, 1, 2, 10, MEF3_OK},
        {"an escape cut off after one symbol", 0x80, 1, 2, 6, MEF3_EDAMAGED},
        {"an escape cut off before its last symbol", 0x80, 1, 2, 9, MEF3_EDAMAGED},
        {"escapes that leave nothing for the rest", 0x80, 1, 3, 11, MEF3_EDAMAGED},
    };

    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        struct block block = {.n = RED_PAYLOAD + 8};
        int32_t counts[10];
        memset(block.bytes, 0, block.n);
        block.bytes[RED_STATISTICS + row[i].symbol] = row[i].n_counted;
        le_put_u32(block.bytes + RED_N_SAMPLES, row[i].n_samples);
        le_put_u32(block.bytes + RED_DIFFERENCE_BYTES, row[i].difference_bytes);
        le_put_u32(block.bytes + RED_BLOCK_BYTES, (uint32_t)block.n);
        mend_crc(&block);
        assert_row_int(decode(&block, block.n, NULL, row[i].n_samples, counts), row[i].status,
                       row[i].why);
    }
}

static void a_block_of_no_samples_is_empty_and_its_crc_counts(void **state)
{
    struct block block = {.n = RED_PAYLOAD};
    int32_t none[1];

    (void)state;
    memset(block.bytes, 0, block.n);
    le_put_u32(block.bytes + RED_BLOCK_BYTES, (uint32_t)block.n);
    for (uint32_t difference_bytes = 0; difference_bytes < 2; difference_bytes++) {
        le_put_u32(block.bytes + RED_DIFFERENCE_BYTES, difference_bytes);
        mend_crc(&block);
        assert_int_equal(decode(&block, block.n, NULL, 0, none), MEF3_OK);
        assert_int_equal(decode(&block, block.n, NULL, 1, none), MEF3_EINVAL);
        block.bytes[RED_CRC] ^= 1;
        assert_int_equal(decode(&block, block.n, NULL, 0, none), MEF3_ECRC);
    }
}

static void keys_open_what_their_level_allows(void **state)
{
    static const struct {
        const char *why;
        int level;
        const struct mef3_keys *keys;
        int status;
    } row[] = {
        {"plain, no keys", 0, NULL, MEF3_OK},
        {"plain, keys all the same", 0, &both_keys, MEF3_OK},
        {"level 1, no keys", 1, NULL, MEF3_EPASSWORD},
        {"level 1, its key", 1, &level_1_keys, MEF3_OK},
        {"level 1, both keys", 1, &both_keys, MEF3_OK},
        {"level 2, key of level 1", 2, &level_1_keys, MEF3_EPASSWORD},
        {"level 2, both keys", 2, &both_keys, MEF3_OK},
    };

    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        struct block block = encode(row[i].level);
        int32_t counts[N_SAMPLES];
        assert_row_int(decode(&block, block.n, row[i].keys, N_SAMPLES, counts), row[i].status,
                       row[i].why);
        if (row[i].status == MEF3_OK)
            assert_row(memcmp(counts, samples, sizeof samples) == 0, row[i].why);
        block.bytes[RED_CRC] ^= 1;
        assert_row_int(decode(&block, block.n, row[i].keys, N_SAMPLES, counts), MEF3_ECRC,
                       row[i].why);
    }
}

static void a_part_must_lie_in_the_block(void **state)
{
    static const struct {
        const char *why;
        uint32_t first, n;
        int status;
    } row[] = {
        {"all", 0, N_SAMPLES, MEF3_OK},
        {"nothing", 0, 0, MEF3_OK},
        {"nothing, at the end", N_SAMPLES, 0, MEF3_OK},
        {"nothing, beyond the end", N_SAMPLES + 1, 0, MEF3_EINVAL},
        {"one too many", 0, N_SAMPLES + 1, MEF3_EINVAL},
        {"beyond the end", 1, N_SAMPLES, MEF3_EINVAL},
        {"a sum that overflows", 2, UINT32_MAX, MEF3_EINVAL},
        {"a start that overflows", UINT32_MAX, 2, MEF3_EINVAL},
    };
    struct block block = encode(0);
    int32_t counts[N_SAMPLES];

    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++)
        assert_row_int(
            mef3_red_decode(block.bytes, block.n, NULL, row[i].first, row[i].n, counts, NULL),
            row[i].status, row[i].why);
}

static void scale_and_trend_are_put_back_and_rounded(void **state)
{
    static const struct {
        const char *why;
        float scale, slope, intercept;
        int32_t first, second; /* of 100 and 227 */
    } row[] = {
        {"neither", 1, 0, 0, 100, 227},
        {"a scale of no effect", 0.5f, 0, 0, 100, 227},
        {"a scale", 2, 0, 0, 200, 454},
        {"halves away from zero", 1.125f, 0, 0, 113, 255},
        {"an intercept", 1, 0, -300.5f, -201, -74},
        {"a slope counts from 1", 1, 10, 0, 110, 247},
        {"scale first, then the trend", 1.5f, -0.25f, 0.5f, 150, 341},
        {"no further than the counts reach", 1e9f, 0, 0, INT32_MAX, INT32_MAX},
        {"nor to the other side", 1, -3e9f, 0, -INT32_MAX, -INT32_MAX},
    };

    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        struct block block = encode(0);
        int32_t counts[N_SAMPLES], second;
        le_put_f32(block.bytes + RED_SCALE, row[i].scale);
        le_put_f32(block.bytes + RED_SLOPE, row[i].slope);
        le_put_f32(block.bytes + RED_INTERCEPT, row[i].intercept);
        mend_crc(&block);
        assert_row_int(decode(&block, block.n, NULL, N_SAMPLES, counts), MEF3_OK, row[i].why);
        assert_row_int(counts[0], row[i].first, row[i].why);
        assert_row_int(counts[1], row[i].second, row[i].why);
        /* A part has the trend of its place. */
        assert_int_equal(mef3_red_decode(block.bytes, block.n, NULL, 1, 1, &second, NULL), MEF3_OK);
        assert_row_int(second, row[i].second, row[i].why);
    }
}

static void the_encoder_refuses_what_it_cannot_do(void **state)
{
    static const struct {
        const char *why;
        uint32_t n_samples;
        int level;
        const struct mef3_keys *keys;
        size_t room;
        int status;
    } row[] = {
        {"no samples", 0, 0, NULL, 512, MEF3_EINVAL},
        {"more than are allowed", MEF3_RED_MAX_SAMPLES + 1, 0, NULL, 512, MEF3_ELIMIT},
        {"a level without keys", N_SAMPLES, 1, NULL, 512, MEF3_EINVAL},
        {"a level that the keys do not give", N_SAMPLES, 2, &level_1_keys, 512, MEF3_EINVAL},
        {"a level that does not exist", N_SAMPLES, 3, &both_keys, 512, MEF3_EINVAL},
        {"a level below none", N_SAMPLES, -1, &both_keys, 512, MEF3_EINVAL},
        {"no room", N_SAMPLES, 0, NULL, 0, MEF3_ENOSPC},
        {"no room for the payload", N_SAMPLES, 0, NULL, RED_PAYLOAD, MEF3_ENOSPC},
    };

    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        struct mef3_red_params params = {.stats_level = row[i].level, .keys = row[i].keys};
        uint8_t work[5 * N_SAMPLES + 8], *room = guard_new(row[i].room);
        size_t n = 77;
        assert_row_int(
            mef3_red_encode(samples, row[i].n_samples, &params, work, room, row[i].room, &n),
            row[i].status, row[i].why);
        assert_row_int(n, 77, row[i].why);
        guard_free(room, row[i].room);
    }
}

static void too_little_room_is_noticed_at_every_byte(void **state)
{
    struct block whole = encode(0);
    struct mef3_red_params params = {.start_time = 1700000000000000, .discontinuity = true};
    uint8_t work[5 * N_SAMPLES + 8];

    (void)state;
    for (size_t room = 0; room <= whole.n; room++) {
        uint8_t *bytes = guard_new(room);
        size_t n;
        int status = mef3_red_encode(samples, N_SAMPLES, &params, work, bytes, room, &n);
        assert_int_equal(status, room < whole.n ? MEF3_ENOSPC : MEF3_OK);
        if (status == MEF3_OK)
            assert_memory_equal(bytes, whole.bytes, whole.n);
        guard_free(bytes, room);
    }
}

/* The worst case: every sample an escape, every byte as likely as the others. */
static void the_bound_is_enough_for_noise(void **state)
{
    static const uint32_t lengths[] = {1, 2, 50, 51, 52, 1000, 13056, 100000};
    uint64_t x = 1;

    (void)state;
    assert_int_equal(mef3_red_bound(0), 0);
    assert_int_equal(mef3_red_bound(MEF3_RED_MAX_SAMPLES + 1), 0);
    assert_true(mef3_red_bound(MEF3_RED_MAX_SAMPLES) <= MEF3_RED_MAX_BYTES);
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        uint32_t n = lengths[i];
        struct mef3_red_params params = {0};
        size_t room = mef3_red_bound(n), written;
        int32_t *noise = malloc(n * sizeof *noise), *back = malloc(n * sizeof *back);
        uint8_t *work = guard_new(5 * (size_t)n + 8), *block = guard_new(room);
        assert_true(noise && back);
        for (uint32_t k = 0; k < n; k++)
            noise[k] = (int32_t)((x = x * 6364136223846793005u + 1442695040888963407u) >> 32);
        assert_int_equal(mef3_red_encode(noise, n, &params, work, block, room, &written), MEF3_OK);
        assert_int_equal(mef3_red_decode(block, written, NULL, 0, n, back, NULL), MEF3_OK);
        assert_memory_equal(noise, back, n * sizeof *noise);
        guard_free(block, room);
        guard_free(work, 5 * (size_t)n + 8);
        free(back);
        free(noise);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_header_says_what_was_encoded),
        cmocka_unit_test(hostile_headers_are_refused),
        cmocka_unit_test(damage_behind_the_header_is_told_apart),
        cmocka_unit_test(symbols_that_do_not_fit_are_damage),
        cmocka_unit_test(a_block_of_no_samples_is_empty_and_its_crc_counts),
        cmocka_unit_test(keys_open_what_their_level_allows),
        cmocka_unit_test(a_part_must_lie_in_the_block),
        cmocka_unit_test(scale_and_trend_are_put_back_and_rounded),
        cmocka_unit_test(the_encoder_refuses_what_it_cannot_do),
        cmocka_unit_test(too_little_room_is_noticed_at_every_byte),
        cmocka_unit_test(the_bound_is_enough_for_noise),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

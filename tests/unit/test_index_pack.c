/* test_index_pack.c - blocks come back from an index as they went in, and take little memory. */
#include <stdlib.h>

#include "help/test.h"
#include "index.h"

enum { MOST = 1000, GAP_EVERY = 50, SECOND = 1000000 };

static struct index_block blocks[MOST];

/* Number the blocks and pack them. */
static void pack(size_t n, double rate_hz, struct index *index)
{
    struct index_draft draft = {.blocks = blocks, .n_blocks = n};

    for (size_t i = 0; i < n; i++) {
        blocks[i].first_sample = draft.n_samples;
        draft.n_samples += blocks[i].n_samples;
    }
    *index = (struct index){0};
    assert_int_equal(index_pack(&draft, rate_hz, index), MEF3_OK);
    assert_int_equal(index->n_blocks, n);
    assert_int_equal(index->n_samples, draft.n_samples);
}

static void assert_all_come_back(const struct index *index)
{
    for (size_t i = 0; i < index->n_blocks; i++) {
        struct index_block block = index_block_at(index, i);
        assert_int_equal(block.file_offset, blocks[i].file_offset);
        assert_int_equal(block.start_uutc, blocks[i].start_uutc);
        assert_int_equal(block.first_sample, blocks[i].first_sample);
        assert_int_equal(block.n_samples, blocks[i].n_samples);
        assert_int_equal(block.block_bytes, blocks[i].block_bytes);
        assert_int_equal(block.discontinuity, blocks[i].discontinuity);
        assert_int_equal(block.is_faulty, blocks[i].is_faulty);
        assert_int_equal(index_find(index, block.first_sample), i);
        assert_int_equal(index_find(index, block.first_sample + block.n_samples - 1), i);
    }
}

/* As recordings are: blocks of a length, rounded times, now and then a gap of minutes. */
static void lay_out(size_t n, uint32_t n_samples, double rate_hz)
{
    uint64_t offset = 1024;
    int64_t start = 1600000000000000;

    for (size_t i = 0; i < n; i++) {
        bool is_after_gap = i % GAP_EVERY == GAP_EVERY - 1;
        start += is_after_gap ? 300 * (int64_t)SECOND : 0;
        blocks[i] = (struct index_block){
            .file_offset = offset,
            .start_uutc = start + rand() % 3 - 1,
            .n_samples = is_after_gap ? n_samples / 3 + 1 : n_samples,
            .block_bytes = (304 + 8 * ((uint32_t)rand() % 1000)) & 0x1FFFFFFFu,
            .discontinuity = is_after_gap,
        };
        offset += blocks[i].block_bytes;
        start = mef3_index_to_time(blocks[i].n_samples, start, rate_hz);
    }
}

static void blocks_of_any_number_come_back(void **state)
{
    static const double rates[] = {MEF3_RATE_MIN_HZ, 0.1, 256, 333.3, 30000, MEF3_RATE_MAX_HZ};

    (void)state;
    for (size_t r = 0; r < sizeof rates / sizeof *rates; r++)
        for (size_t n = 0; n < 4 * INDEX_GROUP_BLOCKS; n += n < 3 ? 1 : 21) {
            struct index index;
            lay_out(n, 1000, rates[r]);
            pack(n, rates[r], &index);
            assert_all_come_back(&index);
            index_unpack(&index);
        }
}

static void an_ordinary_index_takes_less_than_14_bytes_a_block(void **state)
{
    struct index index;

    (void)state;
    lay_out(MOST, 10000, 256);
    pack(MOST, 256, &index);
    assert_int_equal(index.n_kept_whole, 0);
    assert_true(index_memory(&index) < 14 * MOST);
    assert_all_come_back(&index);
    index_unpack(&index);
}

/* Something odd about block 100, which is in the second group: that one is kept whole. */
static void an_odd_block_comes_back_and_costs_its_group_alone(void **state)
{
    static const struct {
        const char *why;
        struct index_block odd; /* place and time are added, the rest is set */
    } rows[] = {
        {"elsewhere in the file", {.file_offset = 8}},
        {"at the file's far end",
         {.file_offset = (uint64_t)INT64_MAX - 2 * (uint64_t)MEF3_RED_MAX_BYTES}},
        {"as far away as its low bits do not tell", {.file_offset = UINT64_C(1) << 31}},
        {"a block of the most bytes", {.block_bytes = MEF3_RED_MAX_BYTES}},
        {"the earliest time", {.start_uutc = -(INT64_C(1) << 60)}},
        {"the latest time", {.start_uutc = INT64_C(1) << 60}},
        {"a time that its low bits do not tell from the right one",
         {.start_uutc = INT64_C(1) << 32}},
        {"faulty", {.is_faulty = true}},
        {"faulty, with nothing known", {.is_faulty = true, .block_bytes = 1, .start_uutc = 1}},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct index_block *odd = &rows[i].odd;
        struct index_block *block = &blocks[100];
        struct index index;
        lay_out(MOST, 1000, 256);
        block->file_offset += odd->file_offset;
        block->start_uutc += odd->start_uutc;
        block->block_bytes = odd->block_bytes ? odd->block_bytes : block->block_bytes;
        block->is_faulty = odd->is_faulty;
        pack(MOST, 256, &index);
        assert_row_int(index.n_kept_whole, INDEX_GROUP_BLOCKS, rows[i].why);
        assert_all_come_back(&index);
        index_unpack(&index);
    }
}

static uint64_t any(void)
{
    uint64_t bits = 0;

    for (int i = 0; i < 4; i++)
        bits = bits << 16 | ((uint64_t)rand() & 0xFFFF);
    return bits >> rand() % 64;
}

/* Nothing that can be in an index, sense or not, is lost. */
static void blocks_at_random_come_back(void **state)
{
    (void)state;
    for (int round = 0; round < 50; round++) {
        struct index index;
        lay_out(MOST, 1000, 256);
        for (int odd = rand() % 20; odd > 0; odd--)
            blocks[rand() % MOST] = (struct index_block){
                .file_offset = any(),
                .start_uutc = (int64_t)any() >> 3,
                .n_samples = 1 + (uint32_t)any() % MEF3_RED_MAX_SAMPLES,
                .block_bytes = (uint32_t)any() & 0x1FFFFFFFu,
                .discontinuity = rand() % 2,
                .is_faulty = rand() % 2,
            };
        pack(MOST, 256, &index);
        assert_all_come_back(&index);
        index_unpack(&index);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_of_any_number_come_back),
        cmocka_unit_test(an_ordinary_index_takes_less_than_14_bytes_a_block),
        cmocka_unit_test(an_odd_block_comes_back_and_costs_its_group_alone),
        cmocka_unit_test(blocks_at_random_come_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

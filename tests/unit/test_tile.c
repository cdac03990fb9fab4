/* test_tile.c - how runs are cut into tiles, and tiles into units. */
#include "cache/tile.h"

#include <inttypes.h>
#include <stdbool.h>

#include "cache/buddy.h"
#include "help/signal.h"
#include "help/test.h"

static void the_grid_of_a_block_length(void **state)
{
    static const struct {
        uint32_t block, unit, tile;
    } row[] = {
        {0, 1024, 16384}, /* not known: as one sample a block */
        {1, 1024, 16384},
        {2, 1024, 16384},
        {3, 1026, 15390},
        {255, 1275, 15300},
        {256, 1024, 16384},
        {1000, 2000, 16000},
        {1023, 2046, 16368},
        {1024, 1024, 16384},
        {1025, 1025, 15375},
        {8000, 8000, 16000},
        {8192, 8192, 16384},
        {8193, 8193, 8193},
        {10000, 10000, 10000},
        {16383, 16383, 16383},
        {16384, 16384, 16384},
        {16385, 16385, 16385},
        {65535, 65535, 65535}, /* too short to be divided */
        {65536, 16384, 65536},
        {65537, 16385, 65537},
        {100000, 16667, 100000},
        {1920000, 30000, 1920000}, /* a minute at 32 kHz */
        {4u << 20, 65536, 4u << 20},
        {(4u << 20) + 1, 65536, 4u << 20},
        {1u << 25, 65536, 4u << 20},
        {UINT32_MAX, 65536, 4u << 20},
    };

    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        struct tile_grid grid = tile_grid_of(row[i].block);
        if (grid.unit_samples != row[i].unit || grid.tile_samples != row[i].tile)
            fail_msg("block %" PRIu32 ": unit %" PRIu32 ", tile %" PRIu32, row[i].block,
                     grid.unit_samples, grid.tile_samples);
    }
}

static void the_promises_of_a_grid(struct tile_grid grid, uint32_t block)
{
    uint32_t n_units = (grid.tile_samples + grid.unit_samples - 1) / grid.unit_samples;

    assert_true(n_units >= 1 && n_units <= TILE_MAX_UNITS);
    assert_true(buddy_order((size_t)grid.tile_samples * 4) <= BUDDY_MAX_ORDER);
    if (tile_is_divided(grid)) {
        assert_true(grid.unit_samples >= TILE_PART_SAMPLES && n_units >= 4);
        assert_int_equal(grid.tile_samples, block < TILE_LONGEST ? block : TILE_LONGEST);
        return;
    }
    if (block == 0)
        return;
    assert_int_equal(grid.tile_samples % grid.unit_samples, 0);
    assert_int_equal(grid.unit_samples % block, 0); /* whole blocks, and no more than needed */
    assert_true(grid.unit_samples >= TILE_UNIT_SAMPLES);
    assert_true(grid.unit_samples == block || grid.unit_samples - block < TILE_UNIT_SAMPLES);
    assert_true(grid.tile_samples <= TILE_SAMPLES || n_units == 1);
}

static void any_grid_keeps_its_promises(void **state)
{
    struct signal_random random = {4};

    (void)state;
    for (uint32_t block = 0; block < 40000; block++)
        the_promises_of_a_grid(tile_grid_of(block), block);
    for (int i = 0; i < 10000; i++) {
        uint32_t block = (uint32_t)signal_random(&random) >> signal_below(&random, 32);
        the_promises_of_a_grid(tile_grid_of(block), block);
    }
}

static void the_last_tile_of_a_run_is_short(void **state)
{
    static const struct tile_grid GRID = {1024, 16384};
    static const struct {
        int64_t run;
        uint32_t tile, length;
    } row[] = {
        {1, 0, 1},
        {16383, 0, 16383},
        {16384, 0, 16384},
        {16385, 0, 16384},
        {16385, 1, 1},
        {32768, 1, 16384},
        {100000, 6, 1696},
        {100000, 5, 16384},
        {(1ll << 40) + 5, 1u << 26, 5},
        {1ll << 40, (1u << 26) - 1, 16384},
    };

    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++)
        assert_int_equal(tile_length(GRID, row[i].run, row[i].tile), row[i].length);
}

static void the_units_of_a_stretch(void **state)
{
    static const struct tile_grid SMALL = {1000, 16000}, MANY = {256, 16384},
                                  ONE = {4u << 20, 4u << 20};
    const struct {
        const char *why;
        struct tile_grid grid;
        uint32_t first, n;
        uint64_t units;
    } row[] = {
        {"the first sample", SMALL, 0, 1, 1},
        {"a whole unit", SMALL, 0, 1000, 1},
        {"one sample more", SMALL, 0, 1001, 3},
        {"across a border", SMALL, 999, 2, 3},
        {"a unit in the middle", SMALL, 3000, 1000, 8},
        {"all", SMALL, 0, 16000, 0xFFFF},
        {"the last sample", SMALL, 15999, 1, 0x8000},
        {"all 64", MANY, 0, 16384, UINT64_MAX},
        {"the last of 64", MANY, 16383, 1, 1ull << 63},
        {"the last two of 64", MANY, 62 * 256 + 255, 2, 3ull << 62},
        {"all but the first", MANY, 256, 16384 - 256, UINT64_MAX - 1},
        {"all but the last", MANY, 0, 63 * 256, UINT64_MAX >> 1},
        {"of a tile of one", ONE, (4u << 20) - 1, 1, 1},
    };

    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++)
        assert_row(tile_units(row[i].grid, row[i].first, row[i].n) == row[i].units, row[i].why);
}

static void units_are_those_that_hold_a_sample_of_the_stretch(void **state)
{
    struct signal_random random = {5};

    (void)state;
    for (int i = 0; i < 20000; i++) {
        struct tile_grid grid = tile_grid_of(1 + signal_below(&random, 12000));
        uint32_t first = signal_below(&random, grid.tile_samples);
        uint32_t n = 1 + signal_below(&random, grid.tile_samples - first);
        uint64_t units = tile_units(grid, first, n);

        for (uint32_t unit = 0; unit < 64; unit++) {
            uint64_t from = (uint64_t)unit * grid.unit_samples, to = from + grid.unit_samples;
            bool holds = from < (uint64_t)first + n && to > first;
            assert_int_equal(units >> unit & 1, holds);
        }
    }
}

static void of_a_divided_block_a_share_from_its_start_is_decoded(void **state)
{
    static const struct {
        const char *why;
        uint32_t block, n_samples, first, n, to;
    } row[] = {
        {"its beginning", 1920000, 1920000, 0, 1, 1},
        {"one part more", 1920000, 1920000, 29999, 2, 4},
        {"the last of a share", 1920000, 1920000, 90000, 30000, 4},
        {"the first of the next", 1920000, 1920000, 120000, 1, 16},
        {"a third", 1920000, 1920000, 0, 640000, 64},
        {"its end", 1920000, 1920000, 1919999, 1, 64},
        {"shares that are not whole: the first", 100000, 100000, 0, 16667, 1},
        {"the next", 100000, 100000, 16667, 1, 2},
        {"all", 100000, 100000, 40000, 1, 6},
        {"a run that ends in the block", 1920000, 150000, 30000, 1, 2},
        {"and its end", 1920000, 150000, 149999, 1, 5},
    };

    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        struct tile_grid grid = tile_grid_of(row[i].block);
        uint64_t wanted = tile_units(grid, row[i].first, row[i].n);
        uint64_t reach = tile_reach(grid, row[i].n_samples, wanted);
        assert_row(reach == UINT64_MAX >> (64 - row[i].to), row[i].why);
    }
    assert_true(tile_reach(tile_grid_of(1920000), 1920000, 0) == 0);
    assert_true(tile_reach(tile_grid_of(1024), 16384, 6) == 6);
    assert_true(tile_reach(tile_grid_of(65535), 65535, 1) == 1);
}

static void who_reads_on_in_a_divided_block_has_it_decoded_once_and_two_thirds_at_most(void **state)
{
    struct signal_random random = {6};

    (void)state;
    for (int i = 0; i < 2000; i++) {
        struct tile_grid grid = tile_grid_of(65536 + signal_below(&random, TILE_LONGEST));
        uint32_t n = (grid.tile_samples + grid.unit_samples - 1) / grid.unit_samples;
        uint32_t n_decoded = 0;
        uint64_t there = 0;

        for (uint32_t unit = 0; unit < n; unit++) {
            uint64_t wanted = (uint64_t)1 << unit & ~there;
            uint64_t reach = tile_reach(grid, grid.tile_samples, wanted);
            assert_int_equal(reach & wanted, wanted);
            assert_true(wanted || !reach);
            n_decoded += (uint32_t)__builtin_popcountll(reach);
            there |= reach;
        }
        assert_true(3 * n_decoded <= 5 * n);
        assert_int_equal(__builtin_popcountll(there), n);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_grid_of_a_block_length),
        cmocka_unit_test(any_grid_keeps_its_promises),
        cmocka_unit_test(the_last_tile_of_a_run_is_short),
        cmocka_unit_test(the_units_of_a_stretch),
        cmocka_unit_test(of_a_divided_block_a_share_from_its_start_is_decoded),
        cmocka_unit_test(
            who_reads_on_in_a_divided_block_has_it_decoded_once_and_two_thirds_at_most),
        cmocka_unit_test(units_are_those_that_hold_a_sample_of_the_stretch),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

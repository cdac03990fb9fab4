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
        {65536, 65536, 65536},
        {4u << 20, 4u << 20, 4u << 20},
        {(4u << 20) + 1, 4u << 20, 4u << 20},
        {1u << 25, 4u << 20, 4u << 20},
        {UINT32_MAX, 4u << 20, 4u << 20},
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
    uint32_t n_units = grid.tile_samples / grid.unit_samples;

    assert_int_equal(grid.tile_samples % grid.unit_samples, 0);
    assert_true(n_units >= 1 && n_units <= TILE_MAX_UNITS);
    assert_true(buddy_order((size_t)grid.tile_samples * 4) <= BUDDY_MAX_ORDER);
    if (block == 0 || block > TILE_LONGEST)
        return;
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_grid_of_a_block_length),
        cmocka_unit_test(any_grid_keeps_its_promises),
        cmocka_unit_test(the_last_tile_of_a_run_is_short),
        cmocka_unit_test(the_units_of_a_stretch),
        cmocka_unit_test(units_are_those_that_hold_a_sample_of_the_stretch),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

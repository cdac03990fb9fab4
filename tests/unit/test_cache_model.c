/* test_cache_model.c - thousands of random operations on the cache: whatever is
 * settled has the samples that were decoded into it, whoever waits is called. */
#include "cache/cache.h"

#include <string.h>

#include "base/container.h"
#include "help/cache_place.h"
#include "help/signal.h"
#include "help/test.h"

enum { N_KEYS = 900, N_HANDLES = 700, N_STEPS = 60000 };

/* Somebody who holds a tile, and may wait for units of it. */
struct handle {
    struct tile *tile; /* NULL: free */
    uint32_t number;
    struct tile_wait wait;
    uint64_t wanted;
    bool was_called;
};

struct model {
    struct place *place;
    struct signal_random random;
    struct handle handles[N_HANDLES];
    size_t n_pins;
    size_t n_refused;
    size_t n_called;
    struct memory_wait memory;
    size_t n_fed;
};

/* Every fourth tile is short, every fortieth takes 16 MiB. */
static uint32_t samples_of(uint32_t number)
{
    return number % 300 == 7 ? LARGE : number % 4 == 0 ? 3000 : 16384;
}

static struct tile_grid grid_of(uint32_t number)
{
    return number % 300 == 7 ? (struct tile_grid){LARGE, LARGE} : (struct tile_grid){1024, 16384};
}

static uint64_t all_units(uint32_t number)
{
    return tile_units(grid_of(number), 0, samples_of(number));
}

/* First and last sample of a unit stand for all of it. */
static void write_unit(struct model *model, const struct tile *tile, uint32_t number, unsigned unit)
{
    uint32_t first = unit * tile->grid.unit_samples, last = first + tile->grid.unit_samples - 1;
    int32_t *samples = model->place->arena + tile->offset / 4;

    if (last >= tile->n_samples)
        last = tile->n_samples - 1;
    samples[first] = (int32_t)(number * 1000 + unit);
    samples[last] = -(int32_t)(number * 1000 + unit);
}

static void check_units(const struct tile *tile, uint32_t number, uint64_t units)
{
    for (; units; units &= units - 1) {
        unsigned unit = (unsigned)__builtin_ctzll(units);
        uint32_t first = unit * tile->grid.unit_samples;
        uint32_t last = first + tile->grid.unit_samples - 1;
        if (last >= tile->n_samples)
            last = tile->n_samples - 1;
        assert_int_equal(tile->samples[last], -(int32_t)(number * 1000 + unit));
        assert_true(first == last || tile->samples[first] == (int32_t)(number * 1000 + unit));
    }
}

static void on_settled(struct tile_wait *wait, struct tile *tile)
{
    struct handle *handle = CONTAINER_OF(wait, struct handle, wait);

    assert_ptr_equal(handle->tile, tile);
    assert_false(handle->was_called);
    handle->was_called = true;
    assert_int_equal(handle->wanted & ~tile->settled, 0);
    check_units(tile, handle->number, handle->wanted & ~tile->unreadable);
}

static void on_memory(struct memory_wait *wait)
{
    CONTAINER_OF(wait, struct model, memory)->n_fed++;
}

static uint64_t some_units(struct model *model, uint32_t number)
{
    return signal_random(&model->random) & signal_random(&model->random) & all_units(number);
}

static void take(struct model *model, struct handle *handle)
{
    /* A few tiles are asked for often, most seldom. */
    uint32_t number = signal_below(&model->random, 1 + signal_below(&model->random, N_KEYS));
    struct tile_key key = {.session = 1 + number % 3, .channel = number / 3 % 5, .first = number};
    bool is_ahead = signal_below(&model->random, 5) == 0;
    struct tile *tile = (is_ahead ? cache_ask_ahead : cache_ask)(
        model->place->cache, &key, grid_of(number), samples_of(number));

    if (!tile && is_ahead)
        return;
    if (!tile) {
        model->n_refused++;
        cache_wait_memory(model->place->cache, &model->memory);
        return;
    }
    assert_int_equal(tile->n_samples, samples_of(number));
    assert_int_equal(tile->key.first, number);
    assert_int_equal(tile->settled & tile->under_way, 0);
    assert_int_equal(tile->unreadable & ~tile->settled, tile->unreadable & tile->under_way);
    check_units(tile, number, tile->settled & ~tile->unreadable);
    *handle = (struct handle){.tile = tile, .number = number, .wait.settled = on_settled};
    model->n_pins++;
}

static void finish(struct model *model, struct handle *handle, uint64_t units)
{
    struct tile *tile = handle->tile;

    for (uint64_t left = units; left; left &= left - 1) {
        unsigned unit = (unsigned)__builtin_ctzll(left);
        if (signal_below(&model->random, 10) == 0)
            cache_add_damage(tile, unit * tile->grid.unit_samples, 1, "bad");
        else
            write_unit(model, tile, handle->number, unit);
    }
    if (units)
        cache_settle(tile, units);
}

/* Waits are called when all is there, and only then. */
static void check_wait(struct model *model, struct handle *handle)
{
    if (!handle->wanted)
        return;
    bool is_settled = (handle->wanted & ~handle->tile->settled) == 0;

    assert_int_equal(handle->wait.tile == NULL, handle->was_called);
    assert_true(handle->was_called || !is_settled);
    if (handle->was_called) {
        handle->wanted = 0;
        model->n_called++;
    }
}

/* Give the tile back. Units that only this one saw to are finished or given up. */
static void give(struct model *model, struct handle *handle)
{
    struct tile *tile = handle->tile;

    check_wait(model, handle);
    cache_stop_waiting(&handle->wait);
    if (tile->pins == 1 && tile->under_way) {
        uint64_t units = tile->under_way;
        if (!cache_is_awaited(tile, units))
            cache_abandon(tile, units);
        else
            finish(model, handle, units);
    }
    handle->tile = NULL;
    model->n_pins--;
    cache_unpin(model->place->cache, tile);
}

static void work_on(struct model *model, struct handle *handle)
{
    struct tile *tile = handle->tile;
    uint64_t units = some_units(model, handle->number);
    uint64_t taken = (tile->settled & ~tile->unreadable) | tile->under_way, claimed;

    check_wait(model, handle);
    switch (signal_below(&model->random, 6)) {
    case 0:
    case 1:
        if (signal_below(&model->random, 8) == 0)
            tile->retry_at_ms = 0;
        claimed = signal_below(&model->random, 4) == 0
                      ? cache_claim_ahead(tile, units)
                      : cache_claim(model->place->cache, tile, units);
        assert_int_equal(claimed & ~units, 0);
        assert_int_equal(claimed & taken, 0);
        assert_int_equal(units & ~(tile->settled | tile->under_way), 0);
        if (!handle->wanted && units) {
            handle->was_called = false;
            handle->wanted = cache_await(tile, units, &handle->wait) ? 0 : units;
        }
        break;
    case 2:
    case 3:
        finish(model, handle, tile->under_way & units);
        check_wait(model, handle);
        break;
    case 4:
        if (!cache_is_awaited(tile, tile->under_way & units))
            cache_abandon(tile, tile->under_way & units);
        break;
    default:
        if (tile->settled & 1)
            cache_use(tile, 0, 1 + signal_below(&model->random, tile->n_samples));
        give(model, handle);
        break;
    }
}

static void check_books(struct model *model)
{
    struct cache_counters counters = cache_counters(model->place->cache);
    size_t pinned_bytes = 0;

    for (size_t i = 0; i < N_HANDLES; i++) {
        const struct handle *handle = &model->handles[i];
        bool is_first = handle->tile != NULL;
        unsigned pins = 0;
        for (size_t k = 0; handle->tile && k < N_HANDLES; k++) {
            pins += model->handles[k].tile == handle->tile;
            is_first &= k >= i || model->handles[k].tile != handle->tile;
        }
        if (handle->tile)
            assert_int_equal(handle->tile->pins, pins);
        if (is_first)
            pinned_bytes += (size_t)4096 << handle->tile->order;
    }
    assert_true(counters.used_bytes >= pinned_bytes);
    assert_true(counters.used_bytes <= ARENA);
    assert_true(counters.ahead_bytes <= ARENA / 4);
    assert_true(counters.hot_bytes <= ARENA / 2 + pinned_bytes);
    assert_true(counters.ahead >= counters.ahead_used + counters.ahead_wasted);
}

static void random_operations_keep_the_cache_whole(void **state)
{
    static struct model model;

    model = (struct model){.place = *state, .random = {7}, .memory.retry = on_memory};
    for (int i = 0; i < N_STEPS; i++) {
        struct handle *handle = &model.handles[signal_below(&model.random, N_HANDLES)];
        if (handle->tile)
            work_on(&model, handle);
        else if (i / 5000 % 2 == 0 || signal_below(&model.random, 4) == 0)
            take(&model, handle);
        if (signal_below(&model.random, 20) == 0)
            place_turn(model.place);
        if (signal_below(&model.random, 2000) == 0)
            cache_drop_session(model.place->cache, 1 + signal_below(&model.random, 3));
        if (signal_below(&model.random, 3000) == 0)
            cache_expire(model.place->cache, cache_now_ms(), signal_below(&model.random, 2));
        if (signal_below(&model.random, 1000) == 0)
            place_leave(model.place);
        if (i % 1000 == 0)
            check_books(&model);
    }
    for (size_t i = 0; i < N_HANDLES; i++)
        if (model.handles[i].tile)
            give(&model, &model.handles[i]);
    assert_int_equal(model.n_pins, 0);
    place_turn(model.place);
    assert_false(model.memory.waiting);
    /* It did happen. */
    struct cache_counters counters = cache_counters(model.place->cache);
    assert_true(model.n_called > 500 && model.n_refused > 20 && model.n_fed > 5);
    assert_true(counters.evictions > 500 && counters.hits > 500 && counters.joins > 500);
    assert_true(counters.ahead_used > 50 && counters.ahead_wasted > 50);
    for (uint64_t session = 1; session <= 3; session++)
        cache_drop_session(model.place->cache, session);
    place_leave(model.place);
    assert_int_equal(cache_counters(model.place->cache).used_bytes, 0);
    assert_int_equal(cache_counters(model.place->cache).tiles, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(random_operations_keep_the_cache_whole, place_set_up,
                                        place_tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

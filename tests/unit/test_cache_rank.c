/* test_cache_rank.c - which tiles are forgotten first, and which memory is given back. */
#include "cache/cache.h"

#include "help/cache_place.h"
#include "help/test.h"

enum { UNIT = 1024, TILE = 16384, UNITS_A_TILE = 16 };

/* Read samples of tile `number` as a request does: decode what is not there. False:
 * nothing had to be decoded. */
static bool look_at(struct place *place, uint32_t number, uint32_t first, uint32_t n)
{
    struct tile *tile = place_ask(place, number);
    uint64_t claimed = cache_claim(place->cache, tile, tile_units(tile->grid, first, n));

    if (claimed)
        cache_settle(tile, claimed);
    cache_use(tile, first, n);
    cache_unpin(place->cache, tile);
    return claimed != 0;
}

static struct tile *ask_ahead(struct place *place, uint32_t number)
{
    struct tile_key key = {.session = 1, .first = number};

    return cache_ask_ahead(place->cache, &key, (struct tile_grid){UNIT, TILE}, TILE);
}

static bool read_ahead(struct place *place, uint32_t number)
{
    struct tile *tile = ask_ahead(place, number);

    if (!tile)
        return false;
    uint64_t claimed = cache_claim_ahead(tile, UINT16_MAX);
    cache_settle(tile, claimed);
    cache_unpin(place->cache, tile);
    return true;
}

static void what_was_looked_at_twice_outlives_a_scan(void **state)
{
    struct place *place = *state;

    for (int round = 0; round < 2; round++)
        for (uint32_t i = 0; i < 100; i++)
            look_at(place, i, 2000, 2500);
    assert_int_equal(cache_counters(place->cache).hot_bytes, 100 * 65536);
    for (uint32_t i = 1000; i < 1000 + 3 * SMALL_TILES; i++)
        look_at(place, i, 0, TILE);
    for (uint32_t i = 0; i < 100; i++)
        assert_false(look_at(place, i, 2000, 2500));
}

/* Pages and messages end within tiles: their neighbours ask for the same tile, and
 * for a unit at its border again. */
static void reading_on_is_not_looking_twice(void **state)
{
    static const uint32_t STEPS[] = {100, 2560, 5000, TILE - 1};
    struct place *place = *state;

    for (uint32_t s = 0; s < 4; s++)
        for (uint32_t at = 0; at < TILE; at += STEPS[s])
            look_at(place, s, at, at + STEPS[s] < TILE ? STEPS[s] : TILE - at);
    for (uint32_t at = TILE; at > 0; at -= 1024) /* and backwards */
        look_at(place, 10, at - 1024, 1024);
    for (uint32_t at = 0; at + 2000 <= TILE; at += 1000) /* windows that overlap by half */
        look_at(place, 11, at, 2000);
    assert_int_equal(cache_counters(place->cache).hot_bytes, 0);
}

static void the_hot_ones_have_half_of_the_memory_and_the_oldest_cool(void **state)
{
    struct place *place = *state;

    for (int round = 0; round < 2; round++)
        for (uint32_t i = 0; i < SMALL_TILES; i++)
            look_at(place, i, 0, TILE);
    assert_int_equal(cache_counters(place->cache).hot_bytes, ARENA / 2);
    assert_int_equal(cache_counters(place->cache).evictions, 0);
    look_at(place, 5000, 0, TILE);
    assert_true(look_at(place, 0, 0, TILE)); /* the first that cooled was the first to go */
    assert_false(look_at(place, SMALL_TILES - 1, 0, TILE));
}

static void what_is_read_ahead_has_a_quarter_and_makes_room_for_itself(void **state)
{
    struct place *place = *state;

    for (uint32_t i = 0; i < SMALL_TILES; i++)
        assert_true(read_ahead(place, i));
    struct cache_counters counters = cache_counters(place->cache);
    assert_int_equal(counters.ahead_bytes, ARENA / 4);
    assert_int_equal(counters.used_bytes, ARENA / 4);
    assert_int_equal(counters.ahead, SMALL_TILES * UNITS_A_TILE);
    assert_int_equal(counters.ahead_wasted, SMALL_TILES / 4 * 3 * UNITS_A_TILE);
    for (uint32_t i = SMALL_TILES / 4 * 3; i < SMALL_TILES; i++)
        assert_false(look_at(place, i, 0, TILE));
    counters = cache_counters(place->cache);
    assert_int_equal(counters.ahead_used, SMALL_TILES / 4 * UNITS_A_TILE);
    assert_int_equal(counters.ahead_bytes, 0);
    assert_int_equal(counters.hot_bytes, 0); /* used once, by whom it was read for */
}

static void reading_ahead_takes_the_place_of_what_was_used_once_and_of_nothing_hot(void **state)
{
    struct place *place = *state;
    struct tile *half[2] = {place_ask_large(place, 0), place_ask_large(place, 1)};

    for (int i = 0; i < 2; i++) {
        cache_use(half[i], 0, LARGE);
        cache_unpin(place->cache, half[i]);
    }
    assert_true(read_ahead(place, 0)); /* the older one went */
    assert_int_equal(cache_counters(place->cache).tiles, 2);
    half[1] = place_ask_large(place, 1);
    cache_use(half[1], 0, LARGE);
    cache_unpin(place->cache, half[1]);
    struct tile *other[SMALL_TILES / 2];
    for (uint32_t i = 0; i < SMALL_TILES / 2 - 1; i++)
        other[i] = place_ask(place, 100 + i);
    assert_false(read_ahead(place, 1)); /* all else is pinned, or hot */
    assert_int_equal(cache_counters(place->cache).hot_bytes, 16 << 20);
    for (uint32_t i = 0; i < SMALL_TILES / 2 - 1; i++)
        cache_unpin(place->cache, other[i]);
}

static void retried(struct memory_wait *wait)
{
    (void)wait;
}

static void nothing_is_read_ahead_while_others_wait_for_memory(void **state)
{
    struct place *place = *state;
    struct tile *half[2] = {place_ask_large(place, 0), place_ask_large(place, 1)};
    struct tile *old = NULL;
    struct memory_wait wait = {.retry = retried};

    assert_null(place_ask(place, 0));
    cache_wait_memory(place->cache, &wait);
    cache_unpin(place->cache, half[0]);
    assert_null(ask_ahead(place, 7));
    assert_ptr_equal(old = cache_ask_ahead(place->cache, &half[1]->key, half[1]->grid, LARGE),
                     half[1]); /* but what is there may be looked at */
    cache_unpin(place->cache, old);
    cache_stop_waiting_memory(place->cache, &wait);
    cache_unpin(place->cache, half[1]);
    assert_int_equal(cache_counters(place->cache).waits, 1);
}

static void a_request_that_meets_what_is_read_ahead_has_used_it(void **state)
{
    struct place *place = *state;
    struct tile *tile = ask_ahead(place, 0);

    assert_int_equal(cache_claim_ahead(tile, 7), 7);
    assert_int_equal(cache_claim_ahead(tile, 15), 8);
    struct tile *same = place_ask(place, 0);
    assert_int_equal(cache_claim(place->cache, same, 3), 0);
    cache_settle(tile, 7);
    cache_abandon(tile, 8); /* nobody wanted it any more */
    cache_use(same, 0, 2 * UNIT);
    struct cache_counters counters = cache_counters(place->cache);
    assert_int_equal(counters.joins, 2);
    assert_int_equal(counters.misses, 0);
    assert_int_equal(counters.ahead, 4);
    assert_int_equal(counters.ahead_dropped, 1);
    assert_int_equal(counters.ahead_used, 2);
    cache_unpin(place->cache, tile);
    cache_unpin(place->cache, same);
    cache_drop_session(place->cache, 1);
    assert_int_equal(cache_counters(place->cache).ahead_wasted, 1);
}

static void what_nobody_used_for_long_is_forgotten(void **state)
{
    struct place *place = *state;
    struct tile *pinned = place_ask(place, 0);

    look_at(place, 1, 0, 100);
    look_at(place, 1, 0, 100);
    look_at(place, 2, 0, 100);
    read_ahead(place, 3);
    uint64_t now_ms = cache_now_ms();
    cache_expire(place->cache, now_ms, 1000);
    assert_int_equal(cache_counters(place->cache).tiles, 4);
    cache_expire(place->cache, now_ms + 1000, 1000);
    struct cache_counters counters = cache_counters(place->cache);
    assert_int_equal(counters.tiles, 1);
    assert_int_equal(counters.expired, 3);
    assert_int_equal(counters.hot_bytes + counters.ahead_bytes, 0);
    assert_int_equal(counters.used_bytes, 4 * 65536); /* until it has left */
    assert_int_equal(place_leave(place), 3 * 65536);
    assert_int_equal(cache_counters(place->cache).used_bytes, 65536);
    cache_unpin(place->cache, pinned);
    assert_true(look_at(place, 1, 0, 100));
}

static void memory_that_is_to_leave_stays_where_it_is_needed(void **state)
{
    struct place *place = *state;

    for (uint32_t i = 0; i < SMALL_TILES; i++)
        look_at(place, i, 0, TILE);
    cache_drop_session(place->cache, 1);
    struct tile *half[2] = {place_ask_large(place, 0), place_ask_large(place, 1)};
    assert_true(half[0] && half[1]);
    assert_int_equal(place_leave(place), 0);
    cache_unpin(place->cache, half[0]);
    cache_unpin(place->cache, half[1]);
}

static void who_waits_gets_the_memory_that_comes_back_too_late_to_stay(void **state)
{
    struct place *place = *state;
    struct tile *half[2] = {place_ask_large(place, 0), place_ask_large(place, 1)};
    struct cache_piece piece;
    struct memory_wait wait = {.retry = retried};

    cache_unpin(place->cache, half[0]);
    cache_drop_session(place->cache, 2);
    assert_int_equal(cache_leaving(place->cache, &piece, 1), 1);
    assert_null(place_ask_large(place, 2));
    cache_wait_memory(place->cache, &wait);
    place_turn(place);
    assert_true(wait.waiting);
    cache_left(place->cache, &piece, 1);
    place_turn(place);
    assert_false(wait.waiting);
    assert_non_null(half[0] = place_ask_large(place, 2));
    cache_unpin(place->cache, half[0]);
    cache_unpin(place->cache, half[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, place_set_up, place_tear_down)
        TEST(what_was_looked_at_twice_outlives_a_scan),
        TEST(reading_on_is_not_looking_twice),
        TEST(the_hot_ones_have_half_of_the_memory_and_the_oldest_cool),
        TEST(what_is_read_ahead_has_a_quarter_and_makes_room_for_itself),
        TEST(reading_ahead_takes_the_place_of_what_was_used_once_and_of_nothing_hot),
        TEST(nothing_is_read_ahead_while_others_wait_for_memory),
        TEST(a_request_that_meets_what_is_read_ahead_has_used_it),
        TEST(what_nobody_used_for_long_is_forgotten),
        TEST(memory_that_is_to_leave_stays_where_it_is_needed),
        TEST(who_waits_gets_the_memory_that_comes_back_too_late_to_stay),
#undef TEST
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

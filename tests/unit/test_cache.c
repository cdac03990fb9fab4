/* test_cache.c - decoded samples: decoded once, waited for together, forgotten in order. */
#include "cache/cache.h"

#include <string.h>

#include "base/container.h"
#include "help/cache_place.h"
#include "help/test.h"

/* A wait that notes when it is over, and may end another. */
struct waiting {
    struct tile_wait wait;
    char name;
    struct waiting *ends;
};
static char over[16];

static void on_settled(struct tile_wait *wait, struct tile *tile)
{
    struct waiting *waiting = CONTAINER_OF(wait, struct waiting, wait);

    assert_null(wait->tile); /* the wait is over by then */
    /* In capitals where it was in vain. */
    over[strlen(over)] =
        (char)(cache_is_settled(tile, wait->units) ? waiting->name : waiting->name - 'a' + 'A');
    if (waiting->ends)
        cache_stop_waiting(&waiting->ends->wait);
}

static struct waiting waiting_of(char name)
{
    return (struct waiting){.wait.settled = on_settled, .name = name};
}

static int set_up(void **state)
{
    memset(over, 0, sizeof over);
    return place_set_up(state);
}

static void two_asks_are_one_tile_and_one_decode(void **state)
{
    struct place *place = *state;
    struct tile *one = place_ask(place, 0), *other = place_ask(place, 0);

    assert_ptr_equal(one, other);
    assert_int_equal(one->pins, 2);
    assert_int_equal(cache_claim(place->cache, one, 7), 7);
    assert_int_equal(cache_claim(place->cache, other, 14), 8); /* 2 and 4 are under way */
    cache_settle(one, 15);
    assert_int_equal(cache_claim(place->cache, one, 31), 16);
    cache_settle(one, 16);
    struct cache_counters counters = cache_counters(place->cache);
    assert_int_equal(counters.misses, 5);
    assert_int_equal(counters.joins, 2);
    assert_int_equal(counters.hits, 4);
    assert_int_equal(counters.tiles, 1);
    cache_unpin(place->cache, one);
    cache_unpin(place->cache, other);
}

static void keys_that_differ_in_anything_are_other_tiles(void **state)
{
    static const struct tile_key KEY[] = {
        {1, 1, 1, 1}, {2, 1, 1, 1}, {1, 2, 1, 1}, {1, 1, 2, 1}, {1, 1, 1, 2}, {1, 1, 1, 1ll << 32},
    };
    struct place *place = *state;
    struct tile *tile[6];

    for (int i = 0; i < 6; i++) {
        tile[i] = cache_ask(place->cache, &KEY[i], (struct tile_grid){1024, 16384}, 100);
        for (int k = 0; k < i; k++)
            assert_true(tile[k] != tile[i] && tile[k]->offset != tile[i]->offset);
        assert_ptr_equal(tile[i]->samples, place->arena + tile[i]->offset / 4);
    }
    for (int i = 0; i < 6; i++)
        cache_unpin(place->cache, tile[i]);
}

static void a_tile_that_became_longer_or_is_cut_otherwise_is_another(void **state)
{
    static const struct tile_key key = {.session = 1};
    static const struct tile_grid grid = {1024, 16384}, other_grid = {1024, 8192};
    struct place *place = *state;
    struct tile *tile[] = {cache_ask(place->cache, &key, grid, 100),
                           cache_ask(place->cache, &key, grid, 101),
                           cache_ask(place->cache, &key, other_grid, 100)};

    assert_true(tile[0] != tile[1] && tile[1] != tile[2] && tile[0] != tile[2]);
    assert_ptr_equal(cache_ask(place->cache, &key, grid, 100), tile[0]);
    cache_unpin(place->cache, tile[0]);
    for (int i = 0; i < 3; i++)
        cache_unpin(place->cache, tile[i]);
}

static void who_waits_is_called_once_all_its_units_are_there(void **state)
{
    struct place *place = *state;
    struct tile *tile = place_ask(place, 0);
    struct waiting a = waiting_of('a'), b = waiting_of('b'), c = waiting_of('c');

    cache_claim(place->cache, tile, 7);
    assert_false(cache_await(tile, 1, &a.wait));
    assert_false(cache_await(tile, 3, &b.wait));
    assert_false(cache_await(tile, 5, &c.wait));
    assert_true(cache_is_awaited(tile, 4) && cache_is_awaited(tile, 6));
    assert_false(cache_is_awaited(tile, 8));
    cache_settle(tile, 2);
    assert_string_equal(over, "");
    cache_settle(tile, 1);
    assert_string_equal(over, "ab");
    assert_true(cache_await(tile, 3, &a.wait)); /* no need to wait */
    cache_settle(tile, 4);
    assert_string_equal(over, "abc");
    cache_unpin(place->cache, tile);
}

static void those_who_wait_are_called_in_the_order_they_came(void **state)
{
    struct place *place = *state;
    struct tile *tile = place_ask(place, 0);
    struct waiting waits[5];

    cache_claim(place->cache, tile, 1);
    for (int i = 0; i < 5; i++) {
        waits[i] = waiting_of((char)('a' + i));
        assert_false(cache_await(tile, 1, &waits[i].wait));
    }
    cache_settle(tile, 1);
    assert_string_equal(over, "abcde");
    cache_unpin(place->cache, tile);
}

static void a_wait_ended_in_anothers_call_is_not_called(void **state)
{
    struct place *place = *state;
    struct tile *tile = place_ask(place, 0);
    struct waiting a = waiting_of('a'), b = waiting_of('b'), c = waiting_of('c');

    cache_claim(place->cache, tile, 3);
    cache_await(tile, 1, &a.wait);
    cache_await(tile, 1, &b.wait);
    cache_await(tile, 2, &c.wait);
    a.ends = &b;
    cache_settle(tile, 1);
    assert_string_equal(over, "a");
    cache_stop_waiting(&b.wait); /* ended before: nothing */
    cache_stop_waiting(&c.wait);
    assert_false(cache_is_awaited(tile, 3));
    cache_settle(tile, 2);
    assert_string_equal(over, "a");
    cache_unpin(place->cache, tile);
}

static void abandoned_units_may_be_claimed_anew(void **state)
{
    struct place *place = *state;
    struct tile *tile = place_ask(place, 0);

    assert_int_equal(cache_claim(place->cache, tile, 15), 15);
    cache_abandon(tile, 6);
    assert_int_equal(tile->under_way, 9);
    assert_int_equal(cache_claim(place->cache, tile, 15), 6);
    cache_settle(tile, 15);
    cache_unpin(place->cache, tile);
}

static void who_waits_for_abandoned_units_is_told(void **state)
{
    struct place *place = *state;
    struct tile *tile = place_ask(place, 0);
    struct waiting a = waiting_of('a'), b = waiting_of('b');

    assert_int_equal(cache_claim(place->cache, tile, 7), 7);
    cache_await(tile, 3, &a.wait);
    cache_await(tile, 4, &b.wait);
    cache_settle(tile, 1);
    cache_abandon(tile, 2);
    assert_string_equal(over, "A");
    cache_settle(tile, 4);
    assert_string_equal(over, "Ab");
    assert_true(cache_is_settled(tile, 5));
    cache_unpin(place->cache, tile);
}

static void the_least_recently_used_goes_first_and_never_a_pinned_one(void **state)
{
    struct place *place = *state;
    struct tile *pinned = place_ask(place, 0);

    for (uint32_t i = 1; i < SMALL_TILES; i++)
        cache_unpin(place->cache, place_ask(place, i));
    assert_int_equal(cache_counters(place->cache).evictions, 0);
    cache_unpin(place->cache, place_ask(place, 1)); /* used again: now 2 is the oldest */
    cache_unpin(place->cache, place_ask(place, SMALL_TILES));
    assert_int_equal(cache_counters(place->cache).evictions, 1);
    assert_int_equal(cache_counters(place->cache).tiles, SMALL_TILES);

    struct tile *first = place_ask(place, 1);
    assert_int_equal(cache_counters(place->cache).evictions, 1); /* it was there */
    cache_unpin(place->cache, place_ask(place, 2));
    assert_int_equal(cache_counters(place->cache).evictions, 2); /* it was not */
    for (uint32_t i = SMALL_TILES + 1; i < 3 * SMALL_TILES; i++) {
        struct tile *tile = place_ask(place, i);
        assert_true(tile != pinned && tile->offset != pinned->offset);
        assert_true(tile != first && tile->offset != first->offset);
        cache_unpin(place->cache, tile);
    }
    assert_ptr_equal(place_ask(place, 0), pinned);
    cache_unpin(place->cache, pinned);
    cache_unpin(place->cache, pinned);
    cache_unpin(place->cache, first);
}

static void a_forgotten_tile_comes_back_with_nothing_settled(void **state)
{
    struct place *place = *state;
    struct tile *tile = place_ask(place, 0);

    cache_claim(place->cache, tile, UINT64_MAX);
    cache_add_damage(tile, 0, 1, "gone with the tile");
    cache_settle(tile, UINT64_MAX);
    cache_unpin(place->cache, tile);
    struct tile *large[2] = {place_ask_large(place, 0), place_ask_large(place, 1)};
    assert_non_null(large[1]);
    cache_unpin(place->cache, large[0]);
    tile = place_ask(place, 0);
    assert_true(tile->settled == 0 && tile->unreadable == 0 && SLIST_EMPTY(&tile->damage));
    cache_unpin(place->cache, tile);
    cache_unpin(place->cache, large[1]);
}

static void a_session_that_is_dropped_loses_what_nobody_has_pinned(void **state)
{
    struct place *place = *state;
    struct tile *pinned = place_ask(place, 0), *other = place_ask_large(place, 0);

    for (uint32_t i = 1; i < 10; i++)
        cache_unpin(place->cache, place_ask(place, i));
    cache_unpin(place->cache, other);
    assert_int_equal(cache_counters(place->cache).tiles, 11);
    cache_drop_session(place->cache, 1);
    assert_int_equal(cache_counters(place->cache).tiles, 2);
    assert_int_equal(place_leave(place), 9 * 65536);
    assert_int_equal(cache_counters(place->cache).used_bytes, 65536 + (16 << 20));
    assert_ptr_equal(place_ask_large(place, 0), other);
    cache_unpin(place->cache, other);
    cache_unpin(place->cache, pinned);
    cache_drop_session(place->cache, 1);
    cache_drop_session(place->cache, 2);
    assert_int_equal(place_leave(place), 65536 + (16 << 20));
    assert_int_equal(cache_counters(place->cache).used_bytes, 0);
}

static size_t count_damage(const struct tile *tile)
{
    const struct tile_damage *damage;
    size_t n = 0;

    SLIST_FOREACH(damage, &tile->damage, link)
    n++;
    return n;
}

static bool is_told(const struct tile *tile, uint32_t sample)
{
    const struct tile_damage *damage;

    SLIST_FOREACH(damage, &tile->damage, link)
    if (sample >= damage->first && sample - damage->first < damage->n)
        return true;
    return false;
}

static void damage_marks_its_units_unreadable(void **state)
{
    struct place *place = *state;
    struct tile *tile = place_ask(place, 0);

    cache_claim(place->cache, tile, 15);
    cache_add_damage(tile, 1023, 2, "across a border");
    cache_settle(tile, 15);
    assert_int_equal(tile->unreadable, 3);
    assert_int_equal(count_damage(tile), 1);
    assert_string_equal(SLIST_FIRST(&tile->damage)->text, "across a border");
    cache_unpin(place->cache, tile);
}

/* A file with a bad block every other one must not take memory without end. */
static void damage_beyond_the_limit_is_told_in_fewer_stretches(void **state)
{
    struct place *place = *state;
    struct tile *tile = place_ask(place, 0);

    cache_claim(place->cache, tile, UINT64_MAX);
    for (uint32_t i = 0; i < 16384; i += 16)
        cache_add_damage(tile, i, 8, "bad");
    cache_settle(tile, UINT64_MAX);
    assert_in_range(count_damage(tile), 1, 64);
    for (uint32_t i = 0; i < 16384; i += 16)
        for (uint32_t k = 0; k < 8; k++)
            assert_true(is_told(tile, i + k));
    assert_int_equal(tile->unreadable, 0xFFFF);
    const struct tile_damage *damage;
    SLIST_FOREACH(damage, &tile->damage, link)
    assert_true(damage->first < tile->n_samples && damage->n <= tile->n_samples - damage->first);
    cache_unpin(place->cache, tile);
}

/* A worker told it, and was lost; the next tells it again. */
static void damage_told_twice_is_kept_once_and_not_longer_than_needed(void **state)
{
    static char text[65536];
    struct place *place = *state;
    struct tile *tile = place_ask(place, 0);

    memset(text, 'x', sizeof text - 1);
    cache_claim(place->cache, tile, UINT64_MAX);
    for (int i = 0; i < 200; i++)
        cache_add_damage(tile, i % 2 ? 5000 : 10, 8, text);
    cache_settle(tile, UINT64_MAX);
    assert_int_equal(count_damage(tile), 2);
    assert_false(is_told(tile, 3000));
    assert_in_range(strlen(SLIST_FIRST(&tile->damage)->text), 500, 2000);
    cache_unpin(place->cache, tile);
}

static void unreadable_units_are_tried_again_after_a_while(void **state)
{
    struct place *place = *state;
    struct tile *tile = place_ask(place, 0);

    cache_claim(place->cache, tile, 3);
    cache_add_damage(tile, 0, 10, "bad");
    cache_settle(tile, 3);
    assert_int_equal(cache_claim(place->cache, tile, 3), 0); /* the verdict stands */
    tile->retry_at_ms = 0;                                   /* a while passes */
    assert_int_equal(cache_claim(place->cache, tile, 3), 1);
    assert_true(tile->unreadable == 0 && count_damage(tile) == 0);
    cache_settle(tile, 1);
    cache_unpin(place->cache, tile);
}

/* Another's question, about other units, must not undo what somebody waits for:
 * nobody would decode it again for him. */
static void a_verdict_is_not_forgotten_while_somebody_waits(void **state)
{
    struct place *place = *state;
    struct tile *tile = place_ask(place, 0);
    struct waiting a = waiting_of('a');

    cache_claim(place->cache, tile, 3);
    cache_add_damage(tile, 0, 10, "bad");
    cache_settle(tile, 1);
    assert_false(cache_await(tile, 3, &a.wait));
    tile->retry_at_ms = 0;
    assert_int_equal(cache_claim(place->cache, tile, 4), 4);
    cache_settle(tile, 2);
    assert_string_equal(over, "a");
    cache_settle(tile, 4);
    cache_unpin(place->cache, tile);
}

/* Nor what a worker said of units that it has not finished. */
static void damage_of_units_under_way_is_not_forgotten(void **state)
{
    struct place *place = *state;
    struct tile *tile = place_ask(place, 0);

    cache_claim(place->cache, tile, 1);
    cache_add_damage(tile, 0, 10, "bad");
    tile->retry_at_ms = 0;
    cache_claim(place->cache, tile, 2);
    cache_settle(tile, 3);
    assert_int_equal(tile->unreadable, 1);
    assert_int_equal(count_damage(tile), 1);
    cache_unpin(place->cache, tile);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, place_tear_down)
        TEST(two_asks_are_one_tile_and_one_decode),
        TEST(keys_that_differ_in_anything_are_other_tiles),
        TEST(a_tile_that_became_longer_or_is_cut_otherwise_is_another),
        TEST(who_waits_is_called_once_all_its_units_are_there),
        TEST(those_who_wait_are_called_in_the_order_they_came),
        TEST(a_wait_ended_in_anothers_call_is_not_called),
        TEST(abandoned_units_may_be_claimed_anew),
        TEST(who_waits_for_abandoned_units_is_told),
        TEST(the_least_recently_used_goes_first_and_never_a_pinned_one),
        TEST(a_forgotten_tile_comes_back_with_nothing_settled),
        TEST(a_session_that_is_dropped_loses_what_nobody_has_pinned),
        TEST(damage_marks_its_units_unreadable),
        TEST(damage_beyond_the_limit_is_told_in_fewer_stretches),
        TEST(damage_told_twice_is_kept_once_and_not_longer_than_needed),
        TEST(unreadable_units_are_tried_again_after_a_while),
        TEST(a_verdict_is_not_forgotten_while_somebody_waits),
        TEST(damage_of_units_under_way_is_not_forgotten),
#undef TEST
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* test_cache_memory.c - waiting for the cache's memory: first come, first served. */
#include "cache/cache.h"

#include <string.h>

#include "base/container.h"
#include "help/cache_place.h"
#include "help/test.h"

/* Somebody who wants a tile and waits until there is memory for it. */
struct hungry {
    struct memory_wait wait;
    struct place *place;
    char name;
    bool is_large;
    uint32_t number;
    struct tile *tile; /* once it has it */
    int tries;
};
static char fed[16];

static void eat(struct hungry *hungry)
{
    hungry->tries++;
    hungry->tile = hungry->is_large ? place_ask_large(hungry->place, hungry->number)
                                    : place_ask(hungry->place, hungry->number);
    if (hungry->tile)
        fed[strlen(fed)] = hungry->name;
    else
        cache_wait_memory(hungry->place->cache, &hungry->wait);
}

static void on_memory(struct memory_wait *wait)
{
    assert_false(wait->waiting);
    eat(CONTAINER_OF(wait, struct hungry, wait));
}

static struct hungry hungry_of(struct place *place, char name, bool is_large)
{
    return (struct hungry){.wait.retry = on_memory,
                           .place = place,
                           .name = name,
                           .is_large = is_large,
                           .number = (uint32_t)name};
}

static int set_up(void **state)
{
    memset(fed, 0, sizeof fed);
    return place_set_up(state);
}

static void leave(struct hungry *hungry)
{
    assert_non_null(hungry->tile);
    cache_unpin(hungry->place->cache, hungry->tile);
}

static void who_came_first_is_fed_first(void **state)
{
    struct place *place = *state;
    struct tile *half = place_ask_large(place, 1), *other = place_ask_large(place, 2);
    struct hungry a = hungry_of(place, 'a', true), b = hungry_of(place, 'b', false),
                  c = hungry_of(place, 'c', false);

    eat(&a);
    eat(&b);
    eat(&c);
    place_turn(place);
    assert_string_equal(fed, "");
    cache_unpin(place->cache, half);
    assert_string_equal(fed, ""); /* not from within the call */
    place_turn(place);
    assert_string_equal(fed, "a"); /* and that was all there was */
    leave(&a);
    place_turn(place);
    assert_string_equal(fed, "abc");
    leave(&b);
    leave(&c);
    cache_unpin(place->cache, other);
}

/* Else small tiles would take each piece that comes free, and a large one would
 * never come together. */
static void a_later_small_one_does_not_overtake_a_large_one(void **state)
{
    struct place *place = *state;
    struct tile *small[SMALL_TILES];
    struct hungry a = hungry_of(place, 'a', true), b = hungry_of(place, 'b', false);

    for (uint32_t i = 0; i < SMALL_TILES; i++)
        small[i] = place_ask(place, 1000 + i);
    eat(&a);
    cache_unpin(place->cache, small[0]);
    assert_null(place_ask(place, 5));
    eat(&b);
    place_turn(place);
    for (uint32_t i = 1; i < SMALL_TILES / 2; i++) {
        cache_unpin(place->cache, small[i]);
        place_turn(place);
    }
    assert_string_equal(fed, "a"); /* its half came together, and there is no more */
    cache_unpin(place->cache, small[SMALL_TILES - 1]);
    place_turn(place);
    assert_string_equal(fed, "ab");
    leave(&a);
    leave(&b);
    for (uint32_t i = SMALL_TILES / 2; i < SMALL_TILES - 1; i++)
        cache_unpin(place->cache, small[i]);
}

static void a_tile_that_is_there_is_given_even_while_others_wait(void **state)
{
    struct place *place = *state;
    struct tile *half = place_ask_large(place, 1), *other = place_ask_large(place, 2);
    struct hungry a = hungry_of(place, 'a', true);

    eat(&a);
    assert_ptr_equal(place_ask_large(place, 1), half);
    cache_unpin(place->cache, half);
    cache_stop_waiting_memory(place->cache, &a.wait);
    cache_unpin(place->cache, half);
    cache_unpin(place->cache, other);
    place_turn(place);
    assert_string_equal(fed, "");
}

static void when_the_first_gives_up_the_next_is_asked(void **state)
{
    struct place *place = *state;
    struct tile *half = place_ask_large(place, 1), *small[SMALL_TILES / 2];
    struct hungry a = hungry_of(place, 'a', true), b = hungry_of(place, 'b', false);

    for (uint32_t i = 0; i < SMALL_TILES / 2; i++)
        small[i] = place_ask(place, 1000 + i);
    eat(&a);
    eat(&b);
    cache_unpin(place->cache, small[0]); /* enough for b, not for a */
    place_turn(place);
    assert_string_equal(fed, "");
    cache_stop_waiting_memory(place->cache, &a.wait);
    cache_stop_waiting_memory(place->cache, &a.wait); /* nothing more */
    place_turn(place);
    assert_string_equal(fed, "b");
    leave(&b);
    for (uint32_t i = 1; i < SMALL_TILES / 2; i++)
        cache_unpin(place->cache, small[i]);
    cache_unpin(place->cache, half);
}

static void one_that_still_finds_none_keeps_its_place_and_the_loop_sleeps(void **state)
{
    struct place *place = *state;
    struct tile *half = place_ask_large(place, 1), *small[SMALL_TILES / 2];
    struct hungry a = hungry_of(place, 'a', true), b = hungry_of(place, 'b', true);

    for (uint32_t i = 0; i < SMALL_TILES / 2; i++)
        small[i] = place_ask(place, 1000 + i);
    eat(&a);
    eat(&b);
    cache_unpin(place->cache, small[0]);
    place_turn(place); /* returns: it does not try for ever */
    assert_int_equal(a.tries, 2);
    assert_int_equal(b.tries, 1);
    cache_unpin(place->cache, half);
    place_turn(place);
    assert_string_equal(fed, "a");
    leave(&a);
    place_turn(place);
    assert_string_equal(fed, "ab");
    leave(&b);
    for (uint32_t i = 1; i < SMALL_TILES / 2; i++)
        cache_unpin(place->cache, small[i]);
}

/* What was unpinned between the question and the wait woke nobody. */
static void memory_that_came_free_before_the_wait_is_not_missed(void **state)
{
    struct place *place = *state;
    struct tile *half = place_ask_large(place, 1), *other = place_ask_large(place, 2);
    struct hungry a = hungry_of(place, 'a', true);

    assert_null(place_ask_large(place, a.number));
    cache_unpin(place->cache, half);
    cache_wait_memory(place->cache, &a.wait);
    place_turn(place);
    assert_string_equal(fed, "a");
    leave(&a);
    cache_unpin(place->cache, other);
}

static void a_cache_may_go_while_a_meal_is_due(void **state)
{
    struct place *place = *state;
    struct tile *half = place_ask_large(place, 1), *other = place_ask_large(place, 2);
    struct hungry a = hungry_of(place, 'a', true);

    eat(&a);
    cache_unpin(place->cache, half);
    cache_stop_waiting_memory(place->cache, &a.wait);
    cache_unpin(place->cache, other);
} /* the cache is freed before the loop turns */

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, place_tear_down)
        TEST(who_came_first_is_fed_first),
        TEST(a_later_small_one_does_not_overtake_a_large_one),
        TEST(a_tile_that_is_there_is_given_even_while_others_wait),
        TEST(when_the_first_gives_up_the_next_is_asked),
        TEST(one_that_still_finds_none_keeps_its_place_and_the_loop_sleeps),
        TEST(memory_that_came_free_before_the_wait_is_not_missed),
        TEST(a_cache_may_go_while_a_meal_is_due),
#undef TEST
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

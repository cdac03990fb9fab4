/* help/cache_place.h - a cache of 32 MiB on a loop of its own, for tests of the cache. */
#ifndef TEST_HELP_CACHE_PLACE_H
#define TEST_HELP_CACHE_PLACE_H

#include <stdlib.h>

#include "cache/cache.h"

/* Two pieces of 16 MiB; LARGE samples fill one. */
enum { ARENA = 32 << 20, LARGE = 4 << 20, SMALL_TILES = ARENA / 65536 };

struct place {
    uv_loop_t loop;
    struct soon soon;
    int32_t *arena;
    struct cache *cache;
};

static inline int place_set_up(void **state)
{
    static struct place place;

    place.arena = malloc(ARENA);
    if (!place.arena || uv_loop_init(&place.loop) < 0 || soon_init(&place.soon, &place.loop) < 0)
        return -1;
    place.cache = cache_new(place.arena, ARENA, &place.soon);
    *state = &place;
    return place.cache ? 0 : -1;
}

static inline int place_tear_down(void **state)
{
    struct place *place = *state;

    cache_free(place->cache);
    soon_fini(&place->soon);
    uv_run(&place->loop, UV_RUN_DEFAULT);
    free(place->arena);
    return uv_loop_close(&place->loop);
}

/* Until nothing is left to be done. */
static inline void place_turn(struct place *place)
{
    uv_run(&place->loop, UV_RUN_DEFAULT);
}

/* What was forgotten for good leaves; how much that was. */
static inline size_t place_leave(struct place *place)
{
    struct cache_piece pieces[64];
    size_t n, bytes = 0;

    while ((n = cache_leaving(place->cache, pieces, 64)) > 0) {
        for (size_t i = 0; i < n; i++)
            bytes += cache_piece_bytes(&pieces[i]);
        cache_left(place->cache, pieces, n);
    }
    return bytes;
}

/* Tile `number` of session 1: of 16,384 samples, 64 KiB, sixteen units. */
static inline struct tile *place_ask(struct place *place, uint32_t number)
{
    struct tile_key key = {.session = 1, .first = number};

    return cache_ask(place->cache, &key, (struct tile_grid){1024, 16384}, 16384);
}

/* One of session 2, that takes half of the arena. */
static inline struct tile *place_ask_large(struct place *place, uint32_t number)
{
    struct tile_key key = {.session = 2, .first = number};

    return cache_ask(place->cache, &key, (struct tile_grid){LARGE, LARGE}, LARGE);
}

#endif

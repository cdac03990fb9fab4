/* units.c - the units of a tile: claimed once, waited for together, damaged or not. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "cache/state.h"

/* A failure may have been the disk's, and pass. */
enum { RETRY_UNREADABLE_MS = 10000 };
/* More stretches of damage in a tile are told as one, and no text is longer: a
 * worker that went mad must not fill the memory. */
enum { MAX_DAMAGE = 64, MAX_DAMAGE_TEXT = 1024 };

void units_forget_damage(struct tile *tile)
{
    struct tile_damage *damage;

    while ((damage = SLIST_FIRST(&tile->damage))) {
        SLIST_REMOVE_HEAD(&tile->damage, link);
        free(damage);
    }
}

/* Forget the verdict on damaged units, so that they are read again. Not while
 * units are under way: who waits for them may count on the damaged ones too, and
 * their own damage may have been told already. */
static void retry_unreadable(struct tile *tile)
{
    if (!tile->unreadable || tile->under_way || cache_now_ms() < tile->retry_at_ms)
        return;
    tile->settled &= ~tile->unreadable;
    tile->unreadable = 0;
    units_forget_damage(tile);
}

/* What has to be decoded for these units. */
static uint64_t lacking(const struct tile *tile, uint64_t units)
{
    uint64_t there = tile->settled | tile->under_way;

    return tile_reach(tile->grid, tile->n_samples, units & ~there) & ~there;
}

uint64_t cache_claim(struct cache *cache, struct tile *tile, uint64_t units)
{
    retry_unreadable(tile);

    uint64_t claimed = lacking(tile, units);
    cache->counters.hits += (uint64_t)__builtin_popcountll(units & tile->settled);
    cache->counters.joins += (uint64_t)__builtin_popcountll(units & tile->under_way);
    cache->counters.misses += (uint64_t)__builtin_popcountll(claimed);
    tile->under_way |= claimed;
    return claimed;
}

uint64_t cache_claim_ahead(struct tile *tile, uint64_t units)
{
    uint64_t claimed = lacking(tile, units);

    tile->under_way |= claimed;
    tile->ahead |= claimed;
    tile->cache->counters.ahead += (uint64_t)__builtin_popcountll(claimed);
    return claimed;
}

void cache_note_claim(struct tile *tile, uint64_t units, struct tile_claim *claim)
{
    claim->units = units;
    LIST_INSERT_HEAD(&tile->claims, claim, link);
}

void cache_end_claim(struct tile_claim *claim)
{
    LIST_REMOVE(claim, link);
}

void cache_add_damage(struct tile *tile, uint32_t first, uint32_t n, const char *text)
{
    size_t n_known = 0;
    struct tile_damage *damage;

    assert(n > 0 && first < tile->n_samples && n <= tile->n_samples - first);
    tile->unreadable |= tile_units(tile->grid, first, n);
    tile->retry_at_ms = cache_now_ms() + RETRY_UNREADABLE_MS;
    SLIST_FOREACH(damage, &tile->damage, link)
    {
        if (damage->first == first && damage->n == n) /* told by a worker that was lost */
            return;
        /* Too many to list: the newest grows over what is between. */
        if (++n_known >= MAX_DAMAGE) {
            struct tile_damage *newest = SLIST_FIRST(&tile->damage);
            uint32_t end =
                first + n > newest->first + newest->n ? first + n : newest->first + newest->n;
            newest->first = first < newest->first ? first : newest->first;
            newest->n = end - newest->first;
            return;
        }
    }
    size_t length = strnlen(text, MAX_DAMAGE_TEXT);
    damage = malloc(sizeof *damage + length + 1);
    if (!damage)
        return; /* the units are unreadable all the same */
    damage->first = first;
    damage->n = n;
    memcpy(damage->text, text, length);
    damage->text[length] = '\0';
    SLIST_INSERT_HEAD(&tile->damage, damage, link);
}

/* Those who have what they wait for, and those who wait for what is given up. */
static void wake(struct tile *tile, uint64_t given_up)
{
    LIST_HEAD(, tile_wait) done = LIST_HEAD_INITIALIZER(done);
    struct tile_wait *wait, *next;

    for (wait = LIST_FIRST(&tile->waits); wait; wait = next) {
        next = LIST_NEXT(wait, link);
        if ((wait->units & ~tile->settled) == 0 || (wait->units & given_up)) {
            LIST_REMOVE(wait, link);
            LIST_INSERT_HEAD(&done, wait, link);
        }
    }
    /* One at a time: what is called may end another's wait. */
    while ((wait = LIST_FIRST(&done))) {
        cache_stop_waiting(wait);
        wait->settled(wait, tile);
    }
}

void cache_settle(struct tile *tile, uint64_t units)
{
    assert((tile->under_way & units) == units);
    tile->under_way &= ~units;
    tile->settled |= units;
    wake(tile, 0);
}

bool cache_is_awaited(const struct tile *tile, uint64_t units)
{
    const struct tile_wait *wait;

    LIST_FOREACH(wait, &tile->waits, link)
        if (wait->units & units)
            return true;
    return false;
}

void cache_abandon(struct tile *tile, uint64_t units)
{
    assert((tile->under_way & units) == units);
    tile->under_way &= ~units;
    tile->cache->counters.ahead_dropped += (uint64_t)__builtin_popcountll(tile->ahead & units);
    tile->ahead &= ~units;
    wake(tile, units);
}

bool cache_await(struct tile *tile, uint64_t units, struct tile_wait *wait)
{
    if ((units & ~tile->settled) == 0)
        return true;
    wait->tile = tile;
    wait->units = units;
    LIST_INSERT_HEAD(&tile->waits, wait, link);
    return false;
}

void cache_stop_waiting(struct tile_wait *wait)
{
    if (!wait->tile)
        return;
    wait->tile = NULL;
    LIST_REMOVE(wait, link);
}

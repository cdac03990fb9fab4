/* groups.c - what is the same of many channels, said once: channels in groups, by a key. */
#include "groups.h"

#include <stdlib.h>
#include <string.h>

static uint64_t hash_of(const unsigned char *key, size_t n)
{
    uint64_t hash = 0xCBF29CE484222325u; /* FNV-1a */

    for (size_t i = 0; i < n; i++)
        hash = (hash ^ key[i]) * 0x100000001B3u;
    return hash ^ hash >> 32;
}

/* Where a group of that key stands in the table, or would. */
static size_t place(const struct groups *groups, uint64_t hash, const void *key, size_t n_key)
{
    size_t at = (size_t)hash & (groups->n_table - 1);

    for (; groups->table[at] > 0; at = (at + 1) & (groups->n_table - 1)) {
        const struct group *group = &groups->items[groups->table[at] - 1];
        if (group->hash == hash && group->n_key == n_key &&
            (n_key == 0 || memcmp(group->key, key, n_key) == 0))
            break;
    }
    return at;
}

/* Room for one more group, in the list and, half empty, in the table. */
static bool grow(struct groups *groups)
{
    if (groups->n < groups->room)
        return true;
    size_t room = groups->room > 0 ? 2 * groups->room : 16;
    struct group *items = realloc(groups->items, room * sizeof *items);
    if (!items)
        return false;
    groups->items = items;
    size_t *table = calloc(2 * room, sizeof *table);
    if (!table)
        return false;
    free(groups->table);
    groups->table = table;
    groups->n_table = 2 * room;
    groups->room = room;
    for (size_t i = 0; i < groups->n; i++) {
        const struct group *group = &groups->items[i];
        table[place(groups, group->hash, group->key, group->n_key)] = i + 1;
    }
    return true;
}

static bool add_member(struct group *group, size_t member)
{
    if (group->n == group->room) {
        size_t room = group->room > 0 ? 2 * group->room : 4;
        size_t *members = realloc(group->members, room * sizeof *members);
        if (!members)
            return false;
        group->members = members;
        group->room = room;
    }
    group->members[group->n++] = member;
    return true;
}

bool groups_add(struct groups *groups, const void *key, size_t n_key, size_t member,
                size_t *group_out)
{
    uint64_t hash = hash_of(key, n_key);

    if (!grow(groups))
        return false;
    size_t at = place(groups, hash, key, n_key);
    if (groups->table[at] == 0) {
        void *copy = malloc(n_key + 1);
        if (!copy)
            return false;
        if (n_key > 0)
            memcpy(copy, key, n_key);
        groups->items[groups->n] = (struct group){.key = copy, .n_key = n_key, .hash = hash};
        groups->table[at] = ++groups->n;
    }
    *group_out = groups->table[at] - 1;
    return add_member(&groups->items[*group_out], member);
}

void groups_fini(struct groups *groups)
{
    for (size_t i = 0; i < groups->n; i++) {
        free(groups->items[i].key);
        free(groups->items[i].members);
    }
    free(groups->items);
    free(groups->table);
}

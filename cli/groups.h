/* groups.h - what is the same of many channels, said once: channels in groups, by a key.
 *
 * Groups are in the order of their first members, members in the order in which they came. */
#ifndef CLI_GROUPS_H
#define CLI_GROUPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct group {
    void *key;
    size_t n_key;
    uint64_t hash;
    size_t *members;
    size_t n;
    size_t room;
};

struct groups {
    struct group *items;
    size_t n;
    size_t room;
    size_t *table; /* numbers of groups, from 1, by hash; n_table is a power of two */
    size_t n_table;
};

/* Start from {0}. Put a member to those of the same key (n_key bytes, copied); *group_out is its
 * group's number. False: out of memory. */
bool groups_add(struct groups *groups, const void *key, size_t n_key, size_t member,
                size_t *group_out);
void groups_fini(struct groups *groups);

/* The names of members as lines of at most `columns` columns, each begun by `indent` blanks: LA2
 * before LA10, cleaned (cli_clean), with commas between them. names[member] is a member's. A new
 * string, or NULL: out of memory. */
char *groups_names(const struct group *group, const char *const *names, int indent, int columns);

#endif

/* gaps.h - what `mef3 gaps` has found, and the three ways to say it. */
#ifndef CLI_GAPS_H
#define CLI_GAPS_H

#include <stdio.h>

#include "facts/coverage.h"
#include "groups.h"

struct gaps {
    struct mef3_session *session;
    size_t *chosen;            /* numbers of the channels, in the order in which they are shown */
    size_t n;                  /* of these */
    struct coverage *coverage; /* of each chosen one, without stretches */
    size_t *group_of;          /* likewise its group's number */
    struct groups groups;      /* members: places in `chosen`; the key is the stretches, and from
                                  keys the stretches of a channel are read */
    const char **shown;        /* names by place in `chosen` */
};

/* The stretches of a group. */
const struct stretch *gaps_stretches(const struct group *group, size_t *n_out);

/* "data", "gap", "unreadable" */
const char *gaps_word(int64_t kind);

/* False: out of memory. */
bool gaps_print_text(FILE *to, const struct gaps *gaps);
bool gaps_print_json(FILE *to, const struct gaps *gaps);
void gaps_print_csv(FILE *to, const struct gaps *gaps);

#endif

/* ls.h - what `mef3 ls` tells of a recording, and how it is found out at little cost. */
#ifndef CLI_LS_H
#define CLI_LS_H

#include <stdbool.h>
#include <stdio.h>

#include <mef3/mef3.h>

/* A recording. Of each channel the first and the last segment are looked at, no more. */
struct ls_facts {
    char *path;
    struct mef3_error error; /* status MEF3_OK, or why it cannot be read as a whole, or the first
                                segment that is damaged or, if none is, locked */
    bool is_open;            /* its folder can be listed, so that the rest means something */
    size_t n_channels;
    double rate_min_hz; /* 0: not known, as the next */
    double rate_max_hz;
    int64_t start_uutc; /* MEF3_NO_TIME: not known, as the next */
    int64_t end_uutc;
    int64_t gap_us; /* the longest time of which a channel has no samples; -1: not known */
    uint64_t bytes; /* of all files */
    bool is_encrypted;
    bool is_locked; /* some segment wants a password, or another one */
    bool is_damaged;
};

struct ls_list {
    struct ls_facts *items;
    size_t n;
    size_t room;
    size_t n_unreadable; /* folders that cannot be listed */
    char *unreadable;    /* the first of them */
    int unreadable_errno;
};

/* Put the recordings beneath `folder`, or `folder` itself, to the list, with nothing known but
 * their paths. Links are followed to recordings only, so that no loop is walked. False: out of
 * memory. */
bool ls_find(struct ls_list *list, const char *folder);
void ls_fini(struct ls_list *list);

/* Find out about one. `password` may be "". */
void ls_look(struct ls_facts *facts, const char *password);

/* False: out of memory. */
bool ls_print_text(FILE *to, const struct ls_list *list);
bool ls_print_json(FILE *to, const struct ls_list *list);

#endif

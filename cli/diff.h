/* diff.h - what makes one recording another: fields, times, samples.
 *
 * Compared is what was recorded, not how it is stored: segments, block lengths and encryption make
 * no difference. */
#ifndef CLI_DIFF_H
#define CLI_DIFF_H

#include <stdbool.h>
#include <stdio.h>

#include <mef3/mef3.h>

#include "facts/coverage.h"
#include "progress.h"

/* A field that differs, with both values as text. */
struct diff_field {
    const char *name;
    char *values[2];
};

/* A time that one of the two has recorded and the other has not. */
struct diff_span {
    int64_t start_uutc;
    int64_t end_uutc;
    int only_in; /* 0: the first, 1: the second */
};

enum { DIFF_MOST_FIELDS = 16, DIFF_MOST_SPANS = 1000 };

struct diff_fields {
    struct diff_field items[DIFF_MOST_FIELDS];
    size_t n;
};

/* Samples that both have at the same time. */
struct diff_samples {
    int64_t n_compared;
    int64_t n_different;
    int64_t n_unreadable[2]; /* and so not compared */
    int64_t first_uutc;      /* the first that differs */
    double first_values[2];
    double greatest; /* difference of values; of those that are numbers */
};

struct diff_channel {
    const char *name;
    size_t numbers[2];
    int only_in; /* -1: both have it */
    struct diff_fields fields;
    struct diff_span *spans; /* the first DIFF_MOST_SPANS of n_spans */
    size_t n_spans;
    int64_t only_us[2]; /* of all spans */
    size_t n_bad[2];    /* segments that cannot be read */
    bool is_lost;       /* its folder cannot be listed, in one or both */
    struct diff_samples samples;
};

struct diff {
    const char *paths[2];
    struct mef3_session *sessions[2];
    bool with_metadata; /* what is compared */
    bool with_samples;
    struct diff_fields fields;     /* of the session */
    struct diff_channel *channels; /* of both, in the order of their names */
    size_t n;
    struct mef3_error bad; /* the first place that cannot be read, damage before a lock */
    int bad_in;            /* in which of the two; -1: none */
    struct progress bar;
};

/* Statuses and errors are the library's. */
MEF3_MUST int diff_run(struct diff *diff, struct mef3_error *error);
void diff_fini(struct diff *diff);

/* All of it is equal, and all of it could be read. */
bool diff_is_equal(const struct diff *diff);
bool diff_channel_is_equal(const struct diff_channel *channel);

/* Keep the first place that cannot be read. */
void diff_note_bad(struct diff *diff, int which, const struct mef3_error *bad);

/* The fields of the sessions; of a channel (without metadata: what its samples need). False: out of
 * memory. */
bool diff_session_fields(struct diff *diff);
bool diff_channel_fields(struct diff *diff, struct diff_channel *channel);

/* Compare the samples that both have between the given times. */
MEF3_MUST int diff_compare_samples(struct diff *diff, struct diff_channel *channel,
                                   int64_t start_uutc, int64_t end_uutc, struct mef3_error *error);

/* False: out of memory. */
bool diff_print_text(FILE *to, const struct diff *diff);
bool diff_print_json(FILE *to, const struct diff *diff);

#endif

/* exposition.h - numbers as Prometheus reads them: its text format, 0.0.4.
 *
 * A family is a name with its help and type, then its samples; its name and the
 * names of labels are the caller's own and right as they are. */
#ifndef HTTP_EXPOSITION_H
#define HTTP_EXPOSITION_H

#include <stdio.h>

struct histogram;

enum exposition_type { COUNTER, GAUGE, HISTOGRAM };

struct exposition {
    FILE *file;
    const char *family; /* the one that is being written */
};

void exposition_family(struct exposition *out, const char *name, enum exposition_type type,
                       const char *help);

/* `labels`: lane="now",kind="decode"; or "" for none. */
void exposition_sample(struct exposition *out, const char *labels, double value);
void exposition_histogram(struct exposition *out, const char *labels,
                          const struct histogram *histogram);

#endif

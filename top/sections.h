/* sections.h - what is told of a server: a summary, and tables. */
#ifndef TOP_SECTIONS_H
#define TOP_SECTIONS_H

#include "answer.h"
#include "lines.h"

enum section {
    SECTION_WORKERS,
    SECTION_CLIENTS,
    SECTION_SLOW,
    SECTION_DAMAGE,
    SECTION_REFUSALS,
    SECTIONS
};

/* Version, rates, times, shares, queue, and memory as bars. `url` is the server's. */
void sections_summary(struct lines *lines, const struct answer *answer, const char *url);

const char *section_title(enum section section);

/* Does the server tell of it, and how much? */
struct answer_list section_list(const struct answer *answer, enum section section);

/* The table; of nothing, one line that says so. */
void section_table(struct lines *lines, const struct answer *answer, enum section section);

#endif

/* losses.h - places of a recording of which somebody found that they cannot be read.
 *
 * The index of a recording tells the extremes of blocks that are damaged too: an envelope that is
 * made of it marks what is remembered here. */
#ifndef FACTS_LOSSES_H
#define FACTS_LOSSES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct losses;

/* NULL: out of memory. */
struct losses *losses_new(void);
/* NULL is allowed. */
void losses_free(struct losses *losses);

/* Samples of a channel's segment. A few thousand places are remembered; NULL: none is. */
void losses_add(struct losses *losses, size_t channel, size_t segment, int64_t first, int64_t n);

/* How many there are of a channel. NULL: none. */
size_t losses_count(const struct losses *losses, size_t channel);

/* The next of a segment from *at_inout on, which begins at 0. False: no more. NULL: none. */
bool losses_next(const struct losses *losses, size_t channel, size_t segment, size_t *at_inout,
                 int64_t *first_out, int64_t *n_out);

#endif

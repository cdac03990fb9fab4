/* allocations.h - the library's calls of malloc and the like: counted, and made to fail.
 *
 * For programs that are linked with --wrap (tests/unit/meson.build, `allocations`). Counted is
 * what happens while `is_counted`; what the C library allocates for itself is not. */
#ifndef TEST_HELP_ALLOCATIONS_H
#define TEST_HELP_ALLOCATIONS_H

#include <stdbool.h>
#include <stddef.h>

struct allocations {
    bool is_counted;
    long failing; /* number of the one that fails, from 0; -1: none */
    long n_asked; /* allocations so far */
    long n_in_use;
    size_t bytes_in_use; /* of those that can be measured: the cipher's cannot */
    size_t bytes_most;   /* at once */
};
extern struct allocations allocations;

/* Begin to count, from nothing; allocation number `failing` fails. */
void allocations_begin(long failing);
/* Stop counting. */
void allocations_end(void);

#endif

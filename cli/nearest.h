/* nearest.h - which word was meant: the one that takes the fewest slips to get from it. */
#ifndef CLI_NEAREST_H
#define CLI_NEAREST_H

#include <stdbool.h>
#include <stddef.h>

enum { NEAREST_BYTES = 32 };

struct nearest {
    char word[NEAREST_BYTES];
    bool is_found;
    size_t number; /* of the word that was tried */
    size_t slips;
};

/* Look for n bytes of `word`. */
void nearest_start(struct nearest *nearest, const char *word, size_t n);

/* Is it this one? A word counts when it takes at most two slips, and fewer than half of its
 * letters: one left out, one too many, another one, two in the wrong order. */
void nearest_try(struct nearest *nearest, const char *word, size_t number);

#endif

/* guard.h - buffers that end at a page which cannot be touched.
 *
 * One byte read or written beyond the end kills the test, without a sanitizer. */
#ifndef TEST_HELP_GUARD_H
#define TEST_HELP_GUARD_H

#include <stddef.h>

/* n bytes, zeroed, whose end is the end of what is mapped. n may be 0. Ends the
 * program when there is no memory. */
void *guard_new(size_t n);

/* The same, with a copy of `bytes` in it. */
void *guard_copy(const void *bytes, size_t n);

void guard_free(void *buffer, size_t n);

#endif

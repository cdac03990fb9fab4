/* failing.h - calls of the C library that fail when they are told to.
 *
 * For programs that are linked with --wrap for each of them (`failing` in tests/unit/meson.build):
 * then what the library calls comes here. */
#ifndef TEST_HELP_FAILING_H
#define TEST_HELP_FAILING_H

#include <stdbool.h>

enum failing_kind {
    FAILING_NONE,
    FAILING_MEMORY, /* malloc and the like, OpenSSL's ciphers: no memory */
    FAILING_FILES,  /* open, read: EIO; mkdir, write, rename, fsync, truncate, close: ENOSPC */
};

/* From now on, call number `first` (from 0) of a kind fails; and all writes after it, too, if
 * the disk is to stay full. A write that fails so has written half. */
void failing_begin(enum failing_kind kind, long first, bool stays);

/* No more. Whether there were so many calls that one failed. */
bool failing_end(void);

/* What was allocated since failing_begin, up to failing_end, and not freed. */
long failing_leaks(void);

#endif

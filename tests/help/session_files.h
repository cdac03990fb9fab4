/* session_files.h - sessions on disk, in a folder of the test's own.
 *
 * Everything here fails the running test when it cannot be done. */
#ifndef TEST_HELP_SESSION_FILES_H
#define TEST_HELP_SESSION_FILES_H

#include <stddef.h>
#include <stdint.h>

/* Copy a folder with all that is in it; `to` must not exist. */
void files_copy(const char *from, const char *to);

/* Remove a folder with all that is in it; one that does not exist is fine. */
void files_remove(const char *path);

/* Of each file of a session: its header is sealed, the CRC of its body is right, an index has as
 * many entries as it says, and the blocks end where the data do; and there is no other file. */
void files_check(const char *path);

/* A whole file; free it. */
uint8_t *files_read(const char *path, size_t *n_out);
/* Bytes in its place. */
void files_write(const char *path, const void *bytes, size_t n);

#endif

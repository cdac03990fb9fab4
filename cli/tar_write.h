/* tar_write.h - a tar, member by member: the same bytes for the same names and contents. */
#ifndef CLI_TAR_WRITE_H
#define CLI_TAR_WRITE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* The header of a file or folder: POSIX ustar, with a pax header before it where that has no room
 * for the path or the length. No time, no owner. False: out of memory. Failures to write show in
 * ferror(to). */
bool tar_write_header(FILE *to, const char *path, uint64_t bytes, bool is_folder);

/* After the content of a file: zeros to a whole block. */
void tar_write_padding(FILE *to, uint64_t bytes);

/* After the last one. */
void tar_write_end(FILE *to);

#endif

/* source_disk.h - what sources on disk share: errno to status, bytes of a file, where it lies. */
#ifndef LIB_SOURCE_DISK_H
#define LIB_SOURCE_DISK_H

#include <mef3/status.h>

int source_disk_status(int number);

/* Whether what is open as fd lies beneath `confine` (NULL: anywhere), links followed. Asked of
 * the open file, not of its path: a path may be changed in between. MEF3_EACCES. */
MEF3_MUST int source_disk_check_place(int fd, const char *confine);

/* Up to n bytes at `offset`; fewer only at the end of the file. */
MEF3_MUST int source_disk_read(int fd, uint64_t offset, void *bytes_out, size_t n, size_t *n_out);

/* The name of a session, which the last part of `path` is, without `suffix`. MEF3_EFORMAT: it
 * has another one. */
MEF3_MUST int source_disk_name(const char *path, const char *suffix, char *name_out, size_t room);

#endif

/* arena.h - the shared memory of decoded samples: one sealed memfd.
 *
 * Workers map it writable, the server read-only. It holds samples and nothing
 * else: no pointer, no lock, no state, so a process that dies leaves nothing
 * half done in it. */
#ifndef IPC_ARENA_H
#define IPC_ARENA_H

#include <stddef.h>
#include <stdint.h>

/* Of the memory that decoded samples, indices and messages may have together, what
 * the arena gets: three quarters, but for 32 MiB, or half, or 1 GiB for the rest. */
size_t arena_share(size_t bytes);

/* Make the arena. *read_fd_out is the same memory, opened for reading only.
 * A status of mef3/status.h. */
int arena_create(size_t bytes, int *write_fd_out, int *read_fd_out);

/* Map it; NULL on failure. The length is the descriptor's own. */
const int32_t *arena_map_read(int fd, size_t *bytes_out);
int32_t *arena_map_write(int fd, size_t *bytes_out);

#endif

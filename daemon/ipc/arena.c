/* arena.c - the shared memory of decoded samples: one sealed memfd. */
#include "ipc/arena.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <mef3/status.h>

size_t arena_share(size_t bytes)
{
    enum { LEAST = 32 << 20, MOST = 1 << 30, PIECE = 16 << 20 };
    size_t rest = bytes / 4;

    if (rest < LEAST)
        rest = LEAST < bytes / 2 ? LEAST : bytes / 2;
    if (rest > MOST)
        rest = MOST;
    size_t share = bytes - rest;
    /* It is given out in whole largest pieces. */
    size_t piece = PIECE;
    while (piece > share)
        piece /= 2;
    return share / piece * piece;
}

int arena_create(size_t bytes, int *write_fd_out, int *read_fd_out)
{
    char path[32];
    int fd = memfd_create("mef3d-arena", MFD_CLOEXEC | MFD_ALLOW_SEALING);

    if (fd < 0)
        return MEF3_EIO;
    if (ftruncate(fd, (off_t)bytes) < 0)
        goto fail;
    /* A worker that could shrink it would kill the server with SIGBUS. */
    if (fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) < 0)
        goto fail;
    /* Opened anew for reading: such a descriptor cannot be mapped writable. */
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    int read_fd = open(path, O_RDONLY | O_CLOEXEC);
    if (read_fd < 0)
        goto fail;
    *write_fd_out = fd;
    *read_fd_out = read_fd;
    return MEF3_OK;

fail:
    close(fd);
    return MEF3_EIO;
}

static void *map(int fd, int protection, size_t *bytes_out)
{
    struct stat facts;

    if (fstat(fd, &facts) < 0 || facts.st_size <= 0)
        return NULL;
    void *memory = mmap(NULL, (size_t)facts.st_size, protection, MAP_SHARED, fd, 0);
    if (memory == MAP_FAILED)
        return NULL;
    *bytes_out = (size_t)facts.st_size;
    return memory;
}

const int32_t *arena_map_read(int fd, size_t *bytes_out)
{
    return map(fd, PROT_READ, bytes_out);
}

int32_t *arena_map_write(int fd, size_t *bytes_out)
{
    return map(fd, PROT_READ | PROT_WRITE, bytes_out);
}

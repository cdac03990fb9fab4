/* guard.c - buffers that end at a page which cannot be touched. */
#include "guard.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static size_t page_bytes(void)
{
    return (size_t)sysconf(_SC_PAGESIZE);
}

/* Whole pages that hold n bytes. */
static size_t mapped_bytes(size_t n)
{
    return (n + page_bytes() - 1) / page_bytes() * page_bytes();
}

void *guard_new(size_t n)
{
    size_t mapped = mapped_bytes(n);
    uint8_t *pages = mmap(NULL, mapped + page_bytes(), PROT_READ | PROT_WRITE,
                          MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (pages == MAP_FAILED || mprotect(pages + mapped, page_bytes(), PROT_NONE) != 0) {
        perror("guard_new");
        exit(1);
    }
    return pages + mapped - n;
}

void *guard_copy(const void *bytes, size_t n)
{
    void *buffer = guard_new(n);

    if (n)
        memcpy(buffer, bytes, n);
    return buffer;
}

void guard_free(void *buffer, size_t n)
{
    size_t mapped = mapped_bytes(n);

    munmap((uint8_t *)buffer + n - mapped, mapped + page_bytes());
}

/* buddy.h - gives out the arena in powers of two of 4 KiB.
 *
 * Only numbers: it never touches the memory it manages, so its books are safe
 * from whatever a worker writes there. */
#ifndef CACHE_BUDDY_H
#define CACHE_BUDDY_H

#include <stddef.h>
#include <stdint.h>

#define BUDDY_PAGE 4096u
#define BUDDY_MAX_ORDER 12u /* 16 MiB: no piece is larger */
#define BUDDY_NONE SIZE_MAX

struct buddy;

/* `bytes` is rounded down to whole largest pieces: those of BUDDY_MAX_ORDER, or
 * of the largest order that fits. NULL: less than a page, or out of memory. */
struct buddy *buddy_new(size_t bytes);
void buddy_free(struct buddy *buddy);

/* The smallest order whose pieces hold `bytes`; over BUDDY_MAX_ORDER: none does. */
unsigned buddy_order(size_t bytes);
static inline size_t buddy_bytes(unsigned order)
{
    return (size_t)BUDDY_PAGE << order;
}

/* Offset of a piece, or BUDDY_NONE. */
size_t buddy_take(struct buddy *buddy, unsigned order);
void buddy_give(struct buddy *buddy, size_t offset, unsigned order);

/* Bytes of a largest piece. */
size_t buddy_largest(const struct buddy *buddy);

/* Bytes given out. */
size_t buddy_used(const struct buddy *buddy);

#endif

/* buddy.c - gives out the arena in powers of two of 4 KiB.
 *
 * A piece of order k is 2^k pages and begins at a multiple of its size; its
 * buddy is the neighbour with which it makes a piece of order k + 1. Free
 * pieces of each order are a list, linked by page numbers. */
#include "cache/buddy.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>

#define NO_PAGE UINT32_MAX
#define NOT_FREE 0xFFu

struct page {
    uint32_t next;
    uint32_t before;
    uint8_t free_order; /* of the free piece that begins here, or NOT_FREE */
};

struct buddy {
    size_t n_pages;
    size_t used_pages;
    unsigned top;                       /* the largest order there is */
    uint32_t free[BUDDY_MAX_ORDER + 1]; /* first piece of each list */
    struct page page[];
};

static void list_add(struct buddy *buddy, uint32_t page, unsigned order)
{
    uint32_t first = buddy->free[order];

    buddy->page[page] = (struct page){first, NO_PAGE, (uint8_t)order};
    if (first != NO_PAGE)
        buddy->page[first].before = page;
    buddy->free[order] = page;
}

static void list_remove(struct buddy *buddy, uint32_t page)
{
    struct page *p = &buddy->page[page];

    if (p->before != NO_PAGE)
        buddy->page[p->before].next = p->next;
    else
        buddy->free[p->free_order] = p->next;
    if (p->next != NO_PAGE)
        buddy->page[p->next].before = p->before;
    p->free_order = NOT_FREE;
}

struct buddy *buddy_new(size_t bytes)
{
    unsigned top = BUDDY_MAX_ORDER;

    while (top > 0 && buddy_bytes(top) > bytes)
        top--;
    size_t n_largest = bytes / buddy_bytes(top);
    size_t n_pages = n_largest << top;

    if (n_pages == 0 || n_pages >= NO_PAGE)
        return NULL;
    struct buddy *buddy = malloc(sizeof *buddy + n_pages * sizeof buddy->page[0]);
    if (!buddy)
        return NULL;
    buddy->n_pages = n_pages;
    buddy->used_pages = 0;
    buddy->top = top;
    for (unsigned order = 0; order <= BUDDY_MAX_ORDER; order++)
        buddy->free[order] = NO_PAGE;
    for (size_t i = 0; i < n_pages; i++)
        buddy->page[i].free_order = NOT_FREE;
    for (size_t i = n_largest; i-- > 0;)
        list_add(buddy, (uint32_t)(i << top), top);
    return buddy;
}

void buddy_free(struct buddy *buddy)
{
    free(buddy);
}

unsigned buddy_order(size_t bytes)
{
    unsigned order = 0;

    while (order <= BUDDY_MAX_ORDER && buddy_bytes(order) < bytes)
        order++;
    return order;
}

size_t buddy_take(struct buddy *buddy, unsigned order)
{
    unsigned from = order;

    while (from <= buddy->top && buddy->free[from] == NO_PAGE)
        from++;
    if (from > buddy->top)
        return BUDDY_NONE;
    uint32_t page = buddy->free[from];
    list_remove(buddy, page);
    while (from > order) {
        from--;
        list_add(buddy, page + (1u << from), from);
    }
    buddy->used_pages += (size_t)1 << order;
    return (size_t)page * BUDDY_PAGE;
}

void buddy_give(struct buddy *buddy, size_t offset, unsigned order)
{
    uint32_t page = (uint32_t)(offset / BUDDY_PAGE);

    assert(offset % buddy_bytes(order) == 0 && page < buddy->n_pages);
    assert(buddy->page[page].free_order == NOT_FREE);
    buddy->used_pages -= (size_t)1 << order;
    for (; order < buddy->top; order++) {
        uint32_t other = page ^ (1u << order);
        if (buddy->page[other].free_order != order)
            break;
        list_remove(buddy, other);
        page &= ~(1u << order);
    }
    list_add(buddy, page, order);
}

size_t buddy_used(const struct buddy *buddy)
{
    return buddy->used_pages * BUDDY_PAGE;
}

size_t buddy_largest(const struct buddy *buddy)
{
    return buddy_bytes(buddy->top);
}

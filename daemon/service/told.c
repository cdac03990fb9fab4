/* told.c - what a worker tells for a client, in memory until it is sent. */
#include "service/told.h"

#include <stdlib.h>
#include <string.h>

/* Of one, and of all together. */
enum { TOLD_MOST = 16 << 20, ALL_MOST = 64 << 20, TOLD_LEAST = 64 << 10, SPARE_MOST = 4 << 20 };

bool told_drop_spare(struct service *service)
{
    for (size_t i = 0; i < TOLD_SPARES; i++)
        if (service->spares[i].bytes) {
            free(service->spares[i].bytes);
            service->spares[i] = (struct spare){0};
            return true;
        }
    return false;
}

static void keep_spare(struct service *service, struct spare spare)
{
    for (size_t i = 0; i < TOLD_SPARES && spare.room <= SPARE_MOST; i++)
        if (!service->spares[i].bytes) {
            service->spares[i] = spare;
            return;
        }
    free(spare.bytes);
}

/* The largest that there is, or none. */
static void take_spare(struct service *service, struct told *told)
{
    struct spare *best = &service->spares[0];

    for (size_t i = 1; i < TOLD_SPARES; i++)
        best = service->spares[i].room > best->room ? &service->spares[i] : best;
    told->bytes = best->bytes;
    told->room = best->room;
    service->n_answer_bytes += best->room;
    *best = (struct spare){0};
}

void told_forget(struct service *service, struct told *told)
{
    service->n_answer_bytes -= told->room;
    keep_spare(service, (struct spare){told->bytes, told->room});
    *told = (struct told){0};
}

static int make_room(struct service *service, struct told *told, size_t n)
{
    if (told->room == 0 && service->n_answer_bytes <= ALL_MOST - SPARE_MOST)
        take_spare(service, told);
    size_t room = told->room ? told->room : TOLD_LEAST;
    while (room < told->n + n)
        room *= 2;
    if (room == told->room)
        return MEF3_OK;
    if (room > TOLD_MOST)
        return MEF3_ELIMIT;
    if (room - told->room > ALL_MOST - service->n_answer_bytes)
        return MEF3_ENOMEM;
    uint8_t *bytes = realloc(told->bytes, room);
    if (!bytes)
        return MEF3_ENOMEM;
    service->n_answer_bytes += room - told->room;
    told->bytes = bytes;
    told->room = room;
    return MEF3_OK;
}

int told_add(struct service *service, struct told *told, const uint8_t *bytes, size_t n)
{
    int status = n > 0 ? make_room(service, told, n) : MEF3_OK;

    if (status != MEF3_OK || n == 0)
        return status;
    memcpy(told->bytes + told->n, bytes, n);
    told->n += n;
    return MEF3_OK;
}

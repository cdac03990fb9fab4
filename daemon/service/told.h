/* told.h - what a worker tells for a client, in memory until it is sent. */
#ifndef SERVICE_TOLD_H
#define SERVICE_TOLD_H

#include "service/state.h"

/* A zeroed one is empty. */
struct told {
    uint8_t *bytes;
    size_t n, room;
};

/* More of it. MEF3_ELIMIT: it is too large; MEF3_ENOMEM: all that is told at once is. */
int told_add(struct service *service, struct told *told, const uint8_t *bytes, size_t n);
void told_forget(struct service *service, struct told *told);

#endif

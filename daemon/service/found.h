/* found.h - the damage that workers found lately, for /api/v1/status. What is kept is bounded,
 * whatever recordings there are: texts are cut, and made of characters that can be shown. */
#ifndef SERVICE_FOUND_H
#define SERVICE_FOUND_H

#include <stddef.h>

#include "service/service.h"

/* A ring; zeroed it is empty. */
struct found {
    struct {
        double at_s;
        char recording[192];
        char channel[64];
        char text[256];
    } kept[SERVICE_DAMAGE_MOST];
    size_t n_ever;
};

void found_add(struct found *found, const char *recording, const char *channel, const char *text);

#endif

/* status_lists.h - what of /api/v1/status is told one by one: workers, slow requests, damage,
 * refusals, clients, memory. */
#ifndef HTTP_STATUS_LISTS_H
#define HTTP_STATUS_LISTS_H

#include <jansson.h>

struct metrics_from;
struct status_from;

/* The arrays, by their names. A part that could not be made makes the whole NULL. */
json_t *status_lists(const struct status_from *rooms, const struct metrics_from *from,
                     double now_s);

#endif

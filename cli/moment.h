/* moment.h - times as people write and read them. */
#ifndef CLI_MOMENT_H
#define CLI_MOMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "facts/moment.h"

/* A time on the command line: a uUTC number (1600000007000000), an ISO 8601
 * time (2020-09-13, 2020-09-13T12:26:47.5, with Z or an offset behind; without:
 * UTC), or +seconds from start_uutc (+1.5). False when it is none of these. */
bool moment_parse(const char *text, int64_t start_uutc, int64_t *uutc_out);

/* "Z", "+01:00", "-0730", "+01": how far clocks there are ahead of UTC, in seconds. */
bool moment_zone(const char *text, int *seconds_out);

#endif

/* clock.h - times on a page as people read them, and how far apart its lines are. */
#ifndef DRAW_CLOCK_H
#define DRAW_CLOCK_H

#include <stdint.h>

enum { CLOCK_BYTES = 48 };
#define CLOCK_SECOND INT64_C(1000000)
#define CLOCK_DAY (86400 * CLOCK_SECOND)

/* The clock on the wall, "22:05:10.5" with so many digits of a second; its date, "2024-01-15";
 * how far it is ahead, "UTC" or "UTC+01:00"; all return `text`. */
char *clock_text(int64_t uutc, int32_t offset_s, int digits, char text[CLOCK_BYTES]);
char *clock_date(int64_t uutc, int32_t offset_s, char text[CLOCK_BYTES]);
char *clock_zone(int32_t offset_s, char text[CLOCK_BYTES]);

/* "+1:02:03": from the start. */
char *clock_elapsed(int64_t us, int digits, char text[CLOCK_BYTES]);

/* A stretch of time by its two largest units: "3 d 4 h", "12 min 5 s", "250 ms". */
char *clock_span(int64_t us, char text[CLOCK_BYTES]);

/* The distance of lines, in microseconds, of which there are to be at most so many. */
int64_t clock_step(int64_t span_us, int at_most);

#endif

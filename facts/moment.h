/* moment.h - times and spans as text. */
#ifndef FACTS_MOMENT_H
#define FACTS_MOMENT_H

#include <stdint.h>

enum { MOMENT_BYTES = 40 };

/* "2020-09-13T12:26:47.5Z"; a time outside the years 1 to 9999 as its number.
 * Both return `text`, of MOMENT_BYTES. */
char *moment_text(int64_t uutc, char *text);

/* "1 h 2 min 3.5 s" */
char *moment_span_text(int64_t span_us, char *text);

#endif

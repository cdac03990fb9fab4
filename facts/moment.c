/* moment.c - times and spans as text. */
#include "moment.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static const int64_t US = 1000000; /* microseconds a second */

/* ".5" of 500000; nothing of 0. */
static const char *fraction_text(int64_t us, char text[16])
{
    if (us == 0)
        return "";
    snprintf(text, 16, ".%06d", (int)us);
    for (size_t n = strlen(text); text[n - 1] == '0'; n--)
        text[n - 1] = '\0';
    return text;
}

char *moment_text(int64_t uutc, char *text)
{
    char date[32];
    char fraction[16];
    struct tm tm;

    time_t seconds = (time_t)(uutc / US - (uutc % US < 0));
    int64_t us = uutc - (int64_t)seconds * US;
    if (!gmtime_r(&seconds, &tm) || tm.tm_year < 1 - 1900 || tm.tm_year > 9999 - 1900 ||
        strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%S", &tm) == 0)
        snprintf(text, MOMENT_BYTES, "%" PRId64, uutc);
    else
        snprintf(text, MOMENT_BYTES, "%s%sZ", date, fraction_text(us, fraction));
    return text;
}

char *moment_span_text(int64_t span_us, char *text)
{
    char fraction[16];
    int64_t seconds = span_us / US;
    const char *rest = fraction_text(span_us % US, fraction);

    if (seconds < 60)
        snprintf(text, MOMENT_BYTES, "%d%s s", (int)seconds, rest);
    else if (seconds < 3600)
        snprintf(text, MOMENT_BYTES, "%d min %d%s s", (int)(seconds / 60), (int)(seconds % 60),
                 rest);
    else
        snprintf(text, MOMENT_BYTES, "%" PRId64 " h %d min %d%s s", seconds / 3600,
                 (int)(seconds / 60 % 60), (int)(seconds % 60), rest);
    return text;
}

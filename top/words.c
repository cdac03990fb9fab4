/* words.c - values as words. */
#include "words.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>

/* What is more is told as this: no number of a server's that is one. */
static const double MOST = 1e18;

static char *unknown(char *text)
{
    snprintf(text, WORDS_BYTES, "-");
    return text;
}

char *words_count(double count, char *text)
{
    if (isnan(count))
        return unknown(text);
    snprintf(text, WORDS_BYTES, "%.0f", fmin(count, MOST));
    return text;
}

char *words_rate(double rate, char *text)
{
    if (isnan(rate))
        return unknown(text);
    snprintf(text, WORDS_BYTES, "%.*f", rate < 9.95 ? 1 : 0, fmin(rate, MOST));
    return text;
}

char *words_bytes(double bytes, char *text)
{
    return isnan(bytes) ? unknown(text) : amount_bytes((uint64_t)fmin(bytes, MOST), text);
}

char *words_share(double share, char *text)
{
    if (isnan(share))
        return unknown(text);
    snprintf(text, WORDS_BYTES, "%.1f %%", 100 * share);
    return text;
}

char *words_seconds(double s, char *text)
{
    if (isnan(s))
        return unknown(text);
    if (s < 999.5e-6)
        snprintf(text, WORDS_BYTES, "%.0f µs", s * 1e6);
    else if (s < 999.5e-3)
        snprintf(text, WORDS_BYTES, "%.*f ms", s < 9.95e-3 ? 1 : 0, s * 1e3);
    else if (s < 59.5)
        snprintf(text, WORDS_BYTES, "%.*f s", s < 9.95 ? 1 : 0, s);
    else
        amount_span((int64_t)(fmin(s, 1e10) * 1e6), text);
    return text;
}

char *words_clock(double since_1970_s, char *text)
{
    time_t seconds = (time_t)fmin(since_1970_s, 2e11);
    struct tm tm;

    if (isnan(since_1970_s) || !gmtime_r(&seconds, &tm) ||
        strftime(text, WORDS_BYTES, "%Y-%m-%d %H:%M:%S", &tm) == 0)
        return unknown(text);
    return text;
}

char *words_took(double seconds, const struct answer *answer, char *text)
{
    char bound[WORDS_BYTES];

    if (!isinf(seconds) || answer->n_bounds == 0)
        return words_seconds(seconds, text);
    words_seconds(answer->bounds_s[answer->n_bounds - 1], bound);
    snprintf(text, WORDS_BYTES, "> %.60s", bound);
    return text;
}

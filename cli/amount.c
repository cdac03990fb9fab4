/* amount.c - sizes and lengths of time as people read them. */
#include "amount.h"

#include <inttypes.h>
#include <stdio.h>

char *amount_bytes(uint64_t bytes, char *text)
{
    static const char *const unit[] = {"B", "kB", "MB", "GB", "TB", "PB", "EB"};
    double number = (double)bytes;
    size_t k = 0;

    for (; number >= 999.5; k++)
        number /= 1000;
    snprintf(text, AMOUNT_BYTES, "%.*f %s", number < 9.95 && k > 0 ? 1 : 0, number, unit[k]);
    return text;
}

char *amount_span(int64_t us, char *text)
{
    int64_t s = (us + 500000) / 1000000;

    if (us < 9950000)
        snprintf(text, AMOUNT_BYTES, "%.1fs", (double)us / 1e6);
    else if (s < 60)
        snprintf(text, AMOUNT_BYTES, "%" PRId64 "s", s);
    else if (s < 3600)
        snprintf(text, AMOUNT_BYTES, "%" PRId64 "m%02" PRId64 "s", s / 60, s % 60);
    else if (s < 86400)
        snprintf(text, AMOUNT_BYTES, "%" PRId64 "h%02" PRId64 "m", s / 3600, s / 60 % 60);
    else
        snprintf(text, AMOUNT_BYTES, "%" PRId64 "d%02" PRId64 "h", s / 86400, s / 3600 % 24);
    return text;
}

/* damage.c - what a read could not deliver, as text for its trailing metadata. */
#include "service/damage.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* Room for the closing "; and N more". */
enum { TAIL = 40 };

static size_t encode(char *to, size_t room, const char *text)
{
    size_t n = 0;

    for (; *text && n + 4 < room; text++) {
        unsigned char c = (unsigned char)*text;
        if (c < 0x20 || c > 0x7E || c == '%' || c == ';')
            n += (size_t)sprintf(to + n, "%%%02X", c);
        else
            to[n++] = (char)c;
    }
    to[n] = '\0';
    return n;
}

/* Told before: an entry that begins and ends like this one. Only how many samples
 * of it were in a message may differ. */
static bool is_told(const struct damage *damage, const char *where, const char *reason)
{
    size_t n_where = strlen(where), n_reason = strlen(reason);
    const char *at = damage->text;

    while (at < damage->text + damage->n) {
        const char *end = strchr(at, ';'); /* encoded everywhere else */
        size_t n = end ? (size_t)(end - at) : strlen(at);
        if (n > n_where + n_reason && memcmp(at, where, n_where) == 0) {
            size_t n_count = strspn(at + n_where, "0123456789") + 1;
            if (n == n_where + n_count + n_reason &&
                memcmp(at + n_where + n_count, reason, n_reason) == 0)
                return true;
        }
        at += n + 2;
    }
    return false;
}

void damage_add(struct damage *damage, const char *channel, int32_t segment, int64_t n_samples,
                const char *why)
{
    char name[256];
    char where[320];
    char reason[768];
    char line[1140];

    damage->n_samples += (uint64_t)n_samples;
    encode(name, sizeof name, channel);
    encode(reason, sizeof reason, why);
    snprintf(where, sizeof where, "channel=%s segment=%" PRId32 " samples=", name, segment);
    if (is_told(damage, where, reason)) /* a block that two messages share */
        return;
    int n = snprintf(line, sizeof line, "%s%s%" PRId64 " %s", damage->n ? "; " : "", where,
                     n_samples, reason);
    if (damage->left_out || n < 0 || damage->n + (size_t)n + TAIL > sizeof damage->text) {
        damage->left_out++;
        snprintf(damage->text + damage->n, TAIL, "; and %" PRIu64 " more", damage->left_out);
        return;
    }
    memcpy(damage->text + damage->n, line, (size_t)n + 1);
    damage->n += (size_t)n;
}

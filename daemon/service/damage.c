/* damage.c - what a read could not deliver, as text for its trailing metadata. */
#include "service/damage.h"

#include <inttypes.h>
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

void damage_add(struct damage *damage, const char *channel, int32_t segment, int64_t n_samples,
                const char *why)
{
    char name[256];
    char reason[768];
    char line[1100];

    damage->n_samples += (uint64_t)n_samples;
    encode(name, sizeof name, channel);
    encode(reason, sizeof reason, why);
    /* A block that two messages share is told once, by its reason: that names
     * the file and the place in it. */
    if (strstr(damage->text, reason))
        return;
    int n = snprintf(line, sizeof line, "%schannel=%s segment=%" PRId32 " samples=%" PRId64 " %s",
                     damage->n ? "; " : "", name, segment, n_samples, reason);
    if (damage->left_out || n < 0 || damage->n + (size_t)n + TAIL > sizeof damage->text) {
        damage->left_out++;
        snprintf(damage->text + damage->n, TAIL, "; and %" PRIu64 " more", damage->left_out);
        return;
    }
    memcpy(damage->text + damage->n, line, (size_t)n + 1);
    damage->n += (size_t)n;
}

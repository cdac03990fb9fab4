/* damage.h - what a read could not deliver, as text for its trailing metadata. */
#ifndef SERVICE_DAMAGE_H
#define SERVICE_DAMAGE_H

#include <stddef.h>
#include <stdint.h>

/* Clients take 8 KiB of headers by default: stay well below. */
#define DAMAGE_TEXT 4096

/* "channel=Cz segment=0 samples=500 block 2: Cz-000000.tdat: at byte 4096: ...",
 * each stretch once, "; " between them. Printable ASCII: other bytes, and "%"
 * and ";", are percent-encoded. */
struct damage {
    char text[DAMAGE_TEXT];
    size_t n;
    uint64_t left_out;  /* stretches that did not fit */
    uint64_t n_samples; /* that were unreadable, all channels together */
};

void damage_add(struct damage *damage, const char *channel, int32_t segment, int64_t n_samples,
                const char *why);

#endif

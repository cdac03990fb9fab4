/* quarantine.h - stretches of a recording whose decoding ended one worker after
 * another. They are not tried again for a while: each try costs two workers. */
#ifndef SERVICE_QUARANTINE_H
#define SERVICE_QUARANTINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define QUARANTINE_MS (10 * 60 * 1000)
/* Beyond so many the oldest is let out. */
#define QUARANTINE_MOST 64

/* A stretch of a channel's segment, both as workers call them. */
struct stretch {
    uint32_t channel;
    int32_t segment;
    int64_t first_sample;
    int64_t n_samples;
};

/* A recording's; zeroed it is empty. */
struct quarantine {
    struct {
        struct stretch stretch;
        uint64_t until_ms;
    } kept[QUARANTINE_MOST];
    size_t n_ever;
};

void quarantine_add(struct quarantine *quarantine, const struct stretch *stretch, uint64_t now_ms);

/* Has the stretch any sample of one that is kept? */
bool quarantine_has(const struct quarantine *quarantine, const struct stretch *stretch,
                    uint64_t now_ms);

#endif

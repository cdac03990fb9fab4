/* quarantine.c - stretches of a recording that are not tried again for a while. */
#include "service/quarantine.h"

void quarantine_add(struct quarantine *quarantine, const struct stretch *stretch, uint64_t now_ms)
{
    size_t at = quarantine->n_ever++ % QUARANTINE_MOST;

    quarantine->kept[at].stretch = *stretch;
    quarantine->kept[at].until_ms = now_ms + QUARANTINE_MS;
}

static bool is_shared(const struct stretch *a, const struct stretch *b)
{
    return a->channel == b->channel && a->segment == b->segment &&
           a->first_sample < b->first_sample + b->n_samples &&
           b->first_sample < a->first_sample + a->n_samples;
}

bool quarantine_has(const struct quarantine *quarantine, const struct stretch *stretch,
                    uint64_t now_ms)
{
    size_t n = quarantine->n_ever < QUARANTINE_MOST ? quarantine->n_ever : QUARANTINE_MOST;

    for (size_t i = 0; i < n; i++)
        if (now_ms < quarantine->kept[i].until_ms &&
            is_shared(&quarantine->kept[i].stretch, stretch))
            return true;
    return false;
}

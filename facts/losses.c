/* losses.c - places of a recording of which somebody found that they cannot be read. */
#include "losses.h"

#include <stdlib.h>

enum { MOST = 4096 };

struct place {
    size_t channel, segment;
    int64_t first, n;
};

struct losses {
    size_t n;
    struct place places[MOST];
};

struct losses *losses_new(void)
{
    return calloc(1, sizeof(struct losses));
}

void losses_free(struct losses *losses)
{
    free(losses);
}

void losses_add(struct losses *losses, size_t channel, size_t segment, int64_t first, int64_t n)
{
    size_t at = 0;
    int64_t known, n_known;

    while (losses_next(losses, channel, segment, &at, &known, &n_known))
        if (first >= known && first + n <= known + n_known)
            return;
    if (losses && losses->n < MOST)
        losses->places[losses->n++] = (struct place){channel, segment, first, n};
}

size_t losses_count(const struct losses *losses, size_t channel)
{
    size_t n = 0;

    for (size_t i = 0; losses && i < losses->n; i++)
        n += losses->places[i].channel == channel;
    return n;
}

bool losses_next(const struct losses *losses, size_t channel, size_t segment, size_t *at_inout,
                 int64_t *first_out, int64_t *n_out)
{
    while (losses && *at_inout < losses->n) {
        const struct place *place = &losses->places[(*at_inout)++];
        if (place->channel != channel || place->segment != segment)
            continue;
        *first_out = place->first;
        *n_out = place->n;
        return true;
    }
    return false;
}

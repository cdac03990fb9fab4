/* work.h - one job in, its answers out. */
#ifndef DECODE_WORK_H
#define DECODE_WORK_H

#include "decode/sessions.h"

/* Where a worker stands: its channel to the server and the arena. */
struct work {
    const struct roots *roots;
    struct sessions *sessions;
    int channel;
    int32_t *arena; /* mapped, shared */
    size_t arena_bytes;
    size_t touched_bytes; /* of the arena, since it was last let go of */
};

/* Take jobs, one at a time, and answer them, until the server is gone.
 * 0: the channel was closed; -1: it broke, or something that is no job came. */
int work_loop(struct work *work);

#endif

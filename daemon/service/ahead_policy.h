/* ahead_policy.h - what a client will ask for next, judged by what it asked so far.
 *
 * Arithmetic only: places in, places out. A place is in the caller's own unit, pages
 * of a grid or microseconds. Another policy needs to keep these names and nothing
 * else: who calls it (ahead.c) knows of a trail no more than its size. */
#ifndef SERVICE_AHEAD_POLICY_H
#define SERVICE_AHEAD_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* [first, end) */
struct ahead_span {
    int64_t first;
    int64_t end;
};

/* How many windows, in the way that the client goes and behind it. None ahead and
 * none behind: nothing is ever planned. */
struct ahead_reach {
    unsigned ahead;
    unsigned behind;
};

/* One stream of requests, as the policy remembers it; zeroed in the beginning. */
struct ahead_trail {
    struct ahead_span last;
    unsigned n_jumps; /* one after another */
    bool has_begun;
};

#define AHEAD_MOST 64
struct ahead_plan {
    bool forget; /* what was planned before is not worth going on with */
    size_t n;
    struct ahead_span spans[AHEAD_MOST]; /* the first is the most urgent */
};

/* Whether what is asked for goes on where the trail is: it touches or overlaps the
 * last span. */
bool ahead_goes_on(const struct ahead_trail *trail, struct ahead_span asked);

/* The client asks for `asked`; `step` is the length of a window (> 0) and `bounds`
 * is where there is anything at all. An empty `asked` says: it has read nothing yet,
 * and will begin there. */
void ahead_decide(struct ahead_trail *trail, struct ahead_reach reach, struct ahead_span asked,
                  int64_t step, struct ahead_span bounds, struct ahead_plan *plan_out);

#endif

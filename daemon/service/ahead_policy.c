/* ahead_policy.c - what a client will ask for next, judged by what it asked so far. */
#include "service/ahead_policy.h"

/* After so many jumps with no step between them the places are random: nothing
 * beside one is worth reading. */
enum { MANY_JUMPS = 4 };

bool ahead_goes_on(const struct ahead_trail *trail, struct ahead_span asked)
{
    return trail->has_begun && asked.first <= trail->last.end && asked.end >= trail->last.first;
}

static bool goes_back(const struct ahead_trail *trail, struct ahead_span asked)
{
    return ahead_goes_on(trail, asked) && asked.first < trail->last.first &&
           asked.end < trail->last.end;
}

/* The window `k` steps beside what is asked: k > 0 is later, k < 0 earlier. */
static void add(struct ahead_plan *plan, struct ahead_span asked, int64_t k, int64_t step,
                struct ahead_span bounds)
{
    struct ahead_span span;
    int64_t away;

    if (plan->n == AHEAD_MOST || __builtin_mul_overflow(k > 0 ? k - 1 : k, step, &away) ||
        __builtin_add_overflow(k > 0 ? asked.end : asked.first, away, &span.first) ||
        __builtin_add_overflow(span.first, step, &span.end))
        return;
    if (span.first < bounds.first)
        span.first = bounds.first;
    if (span.end > bounds.end)
        span.end = bounds.end;
    if (span.first < span.end)
        plan->spans[plan->n++] = span;
}

void ahead_decide(struct ahead_trail *trail, struct ahead_reach reach, struct ahead_span asked,
                  int64_t step, struct ahead_span bounds, struct ahead_plan *plan)
{
    int way = goes_back(trail, asked) ? -1 : 1;
    bool begins = asked.first == asked.end;
    unsigned ahead = reach.ahead + (begins && reach.ahead > 0);

    plan->n = 0;
    plan->forget = trail->has_begun && !ahead_goes_on(trail, asked);
    trail->n_jumps = plan->forget ? trail->n_jumps + 1 : 0;
    trail->has_begun = true;
    trail->last = asked;
    if (trail->n_jumps >= MANY_JUMPS)
        return;
    for (unsigned i = 1; i <= ahead || i <= reach.behind; i++) {
        if (i <= ahead)
            add(plan, asked, way * (int64_t)i, step, bounds);
        if (i <= reach.behind && !begins)
            add(plan, asked, -way * (int64_t)i, step, bounds);
        if (plan->n == AHEAD_MOST || i > AHEAD_MOST)
            break;
    }
}

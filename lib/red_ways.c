/* red_ways.c - which cores this machine can run. */
#include "red_lanes.h"

static bool has_all(void)
{
    return true;
}

/* The better come later. */
static const struct {
    struct red_way way;
    bool (*can)(void);
} ways[] = {
    {{"plain", red_core_plain, red_sum_plain}, has_all},
    {{"interleaved", red_core_interleaved, red_sum_portable}, has_all},
};

const struct red_way *red_way(size_t i)
{
    for (size_t k = 0; k < sizeof ways / sizeof ways[0]; k++)
        if (ways[k].can() && i-- == 0)
            return &ways[k].way;
    return NULL;
}

const struct red_way *red_best_way(void)
{
    for (size_t k = sizeof ways / sizeof ways[0]; k-- > 1;)
        if (ways[k].can())
            return &ways[k].way;
    return &ways[0].way;
}

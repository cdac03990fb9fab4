/* red_ways.c - which cores this machine can run. */
#include "red_lanes.h"

static bool has_all(void)
{
    return true;
}

#ifdef __x86_64__
static bool has_avx2(void)
{
    return __builtin_cpu_supports("avx2");
}

static bool has_avx512(void)
{
    return has_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512cd") &&
           __builtin_cpu_supports("avx512vl");
}
#endif

/* The better come later. */
static const struct {
    struct red_way way;
    bool (*can)(void);
} ways[] = {
    {{"plain lanes", red_core_plain, red_sum_plain, red_coder_interleaved}, has_all},
    {{"interleaved C", red_core_interleaved, red_sum_portable, red_coder_interleaved}, has_all},
#ifdef __x86_64__
    {{"AVX2", red_core_avx2, red_sum_avx2, red_coder_interleaved}, has_avx2},
    {{"AVX-512", red_core_avx512, red_sum_avx2, red_coder_avx512}, has_avx512},
#endif
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

/* figures.h - what a server's numbers come to. Arithmetic only. NaN: not known. */
#ifndef TOP_FIGURES_H
#define TOP_FIGURES_H

#include "answer.h"

/* Rates are of the last FIGURES_RATE_S seconds or somewhat more, times and shares of the last
 * FIGURES_SHARE_S: of fewer, where the server has not run for so long. */
enum { FIGURES_RATE_S = 10, FIGURES_SHARE_S = 60 };

struct figures {
    double up_s;
    double requests_per_s;
    double bytes_per_s;
    double p50_s, p95_s, p99_s;      /* infinite: beyond the last bound */
    double hit_share;                /* of the units that were asked for: there, or under way */
    double used_share, wasted_share; /* of the units that were read ahead */
    double connections;
};

void figures_make(const struct answer *answer, struct figures *figures_out);

/* The time within which `share` (0 to 1) of what was counted ended, by straight lines within a
 * bucket, as Prometheus has it. NaN when nothing was counted, infinite in the last bucket. */
double figures_quantile(const double *bounds_s, size_t n_bounds, const double *counts,
                        double share);

#endif

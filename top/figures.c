/* figures.c - what a server's numbers come to. */
#include "figures.h"

#include <math.h>

double figures_quantile(const double *bounds_s, size_t n_bounds, const double *counts, double share)
{
    double all = 0, below = 0, lower = 0;

    for (size_t i = 0; i <= n_bounds; i++)
        all += counts[i];
    if (!(all > 0) || n_bounds == 0)
        return UNKNOWN;
    for (size_t i = 0; i < n_bounds; i++) {
        if (counts[i] > 0 && below + counts[i] >= share * all)
            return lower + (bounds_s[i] - lower) * (share * all - below) / counts[i];
        below += counts[i];
        lower = bounds_s[i];
    }
    return (double)INFINITY;
}

/* The latest row that is at least `seconds` old; else the oldest; NULL: there is none. */
static const struct answer_row *row_before(const struct answer *answer, double seconds)
{
    const struct answer_row *row = answer->n_rows > 0 ? &answer->rows[0] : NULL;

    for (size_t i = 1; i < answer->n_rows; i++)
        if (answer->now_s - answer->rows[i].at_s >= seconds)
            row = &answer->rows[i];
    return row;
}

/* A counter that went back was begun anew: nobody knows when. */
static double difference(double now, double before)
{
    return now >= before ? now - before : UNKNOWN;
}

static double grown(const struct answer *answer, const struct answer_row *since,
                    enum answer_number number)
{
    return difference(answer->now.numbers[number], since->numbers[number]);
}

static double or_zero(double number)
{
    return isnan(number) ? 0 : number;
}

/* Of `part` and `rest` together; NaN of nothing. */
static double share_of(double part, double rest)
{
    return part + rest > 0 ? part / (part + rest) : UNKNOWN;
}

static void make_rates(const struct answer *answer, const struct answer_row *since,
                       struct figures *figures)
{
    double over_s = answer->now_s - since->at_s;
    double calls = 0;

    if (!(over_s > 0))
        return;
    for (size_t i = 0; i <= answer->n_bounds; i++)
        calls += difference(answer->now.took[i], since->took[i]);
    figures->requests_per_s = answer->n_bounds > 0 ? calls / over_s : UNKNOWN;
    figures->bytes_per_s = (grown(answer, since, ANSWER_GRPC_BYTES) +
                            or_zero(grown(answer, since, ANSWER_HTTP_BYTES))) /
                           over_s;
}

static void make_shares(const struct answer *answer, const struct answer_row *since,
                        struct figures *figures)
{
    double took[ANSWER_BOUNDS + 1];
    double there = grown(answer, since, ANSWER_HITS) + grown(answer, since, ANSWER_JOINS);
    double ahead = grown(answer, since, ANSWER_AHEAD);
    size_t n = answer->n_bounds;

    for (size_t i = 0; i <= n; i++)
        took[i] = difference(answer->now.took[i], since->took[i]);
    figures->p50_s = figures_quantile(answer->bounds_s, n, took, 0.5);
    figures->p95_s = figures_quantile(answer->bounds_s, n, took, 0.95);
    figures->p99_s = figures_quantile(answer->bounds_s, n, took, 0.99);
    figures->hit_share = share_of(there, grown(answer, since, ANSWER_MISSES));
    /* What is used now may have been read ahead before: no more than all of it. */
    if (ahead > 0) {
        figures->used_share = fmin(grown(answer, since, ANSWER_AHEAD_USED) / ahead, 1);
        figures->wasted_share = fmin(grown(answer, since, ANSWER_AHEAD_WASTED) / ahead, 1);
    }
}

void figures_make(const struct answer *answer, struct figures *figures_out)
{
    const struct answer_row *lately = row_before(answer, FIGURES_RATE_S);
    const struct answer_row *minute = row_before(answer, FIGURES_SHARE_S);
    const double *now = answer->now.numbers;
    struct figures figures = {UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN,
                              UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN};

    figures.up_s = difference(answer->now_s, answer->started_s);
    figures.connections = now[ANSWER_CONNECTIONS] + or_zero(now[ANSWER_HTTP_CONNECTIONS]);
    if (lately)
        make_rates(answer, lately, &figures);
    if (minute)
        make_shares(answer, minute, &figures);
    *figures_out = figures;
}

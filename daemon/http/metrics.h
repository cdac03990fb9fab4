/* metrics.h - the page /metrics: every row of metrics.def, as it stands now. */
#ifndef HTTP_METRICS_H
#define HTTP_METRICS_H

#include <stddef.h>

struct cache_counters;
struct grpc_counters;
struct http_counters;
struct pool_counters;
struct service_counters;

/* What the rooms have counted. */
struct metrics_from {
    const struct cache_counters *cache;
    const struct pool_counters *pool;
    const struct grpc_counters *grpc;
    const struct http_counters *http;
    const struct service_counters *service;
    double started_s; /* since 1970 */
    double cpu_s;
};

/* The page, of *n_out bytes, to be freed by the caller. NULL: out of memory. */
char *metrics_page(const struct metrics_from *from, size_t *n_out);

#endif

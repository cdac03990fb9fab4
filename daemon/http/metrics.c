/* metrics.c - the page /metrics. The one file of this room that sees other rooms'
 * headers: for what they count, and it calls nothing of theirs. */
#include "metrics.h"

#include <stdlib.h>

#include "cache/cache.h"
#include "exposition.h"
#include "grpc/grpc.h"
#include "http/http.h"
#include "pool/pool.h"
#include "service/service.h"

enum { LABELS = 128 };

/* OK is always there; of the other statuses those that were. */
static void calls_by_status(struct exposition *out, const struct metrics_from *from)
{
    char labels[LABELS];

    for (size_t i = 0; i < from->grpc->n_methods; i++) {
        const struct grpc_method_counters *method = &from->grpc->methods[i];
        for (size_t status = 0; status < GRPC_STATUSES; status++) {
            if (status > 0 && method->ended[status] == 0)
                continue;
            snprintf(labels, sizeof labels, "method=\"%s\",status=\"%s\"", method->name,
                     from->grpc->status_names[status]);
            exposition_sample(out, labels, (double)method->ended[status]);
        }
    }
}

static void calls_took(struct exposition *out, const struct metrics_from *from)
{
    char labels[LABELS];

    for (size_t i = 0; i < from->grpc->n_methods; i++) {
        snprintf(labels, sizeof labels, "method=\"%s\"", from->grpc->methods[i].name);
        exposition_histogram(out, labels, &from->grpc->methods[i].took);
    }
}

static void calls_to_first_message(struct exposition *out, const struct metrics_from *from)
{
    char labels[LABELS];

    for (size_t i = 0; i < from->grpc->n_methods; i++) {
        if (!from->grpc->methods[i].streams)
            continue;
        snprintf(labels, sizeof labels, "method=\"%s\"", from->grpc->methods[i].name);
        exposition_histogram(out, labels, &from->grpc->methods[i].to_first_message);
    }
}

static void write_all(struct exposition *out, const struct metrics_from *from)
{
    const struct cache_counters *cache = from->cache;
    const struct pool_counters *pool = from->pool;
    const struct grpc_counters *grpc = from->grpc;
    const struct http_counters *http = from->http;
    const struct service_counters *service = from->service;

#define FAMILY(name, type, label_names, help) exposition_family(out, name, type, help);
#define VALUE(labels, number) exposition_sample(out, labels, (double)(number));
#define TIMES(labels, histogram) exposition_histogram(out, labels, histogram);
#define ROWS(write) write(out, from);
#include "metrics.def"
#undef FAMILY
#undef VALUE
#undef TIMES
#undef ROWS
}

char *metrics_page(const struct metrics_from *from, size_t *n_out)
{
    char *page = NULL;
    struct exposition out = {.file = open_memstream(&page, n_out)};

    if (!out.file)
        return NULL;
    write_all(&out, from);
    int failed = ferror(out.file);
    if (fclose(out.file) == 0 && !failed)
        return page;
    free(page);
    return NULL;
}

/* metrics.c - the page /metrics. The one file of this room that sees other rooms'
 * headers: for what they count, and it calls nothing of theirs. */
#include "metrics.h"

#include <stdlib.h>

#include "cache/cache.h"
#include "exposition.h"
#include "pool/pool.h"

static void write_all(struct exposition *out, const struct metrics_from *from)
{
    const struct cache_counters *cache = from->cache;
    const struct pool_counters *pool = from->pool;

#define FAMILY(name, type, label_names, help) exposition_family(out, name, type, help);
#define VALUE(labels, number) exposition_sample(out, labels, (double)(number));
#define TIMES(labels, histogram) exposition_histogram(out, labels, histogram);
#include "metrics.def"
#undef FAMILY
#undef VALUE
#undef TIMES
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

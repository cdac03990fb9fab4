/* status.c - /api/v1/status. As metrics.c it sees other rooms' headers, for what they count. */
#include "status.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "cache/cache.h"
#include "grpc/grpc.h"
#include "http/http.h"
#include "http/status_lists.h"
#include "metrics.h"
#include "pool/pool.h"
#include "service/service.h"

/* Every VALUE of metrics.def. */
#define FAMILY(name, type, label_names, help)
#define VALUE(label_text, number) +1
#define TIMES(label_text, histogram)
#define ROWS(write)
enum {
    N_NUMBERS = 0
#include "metrics.def"
};
#undef FAMILY
#undef VALUE
#undef TIMES
#undef ROWS

struct row {
    double at_s; /* since 1970 */
    double numbers[N_NUMBERS];
    struct histogram took; /* of calls, and of requests about recordings */
};

struct status_history {
    struct row rows[STATUS_ROWS]; /* a ring */
    size_t n;
    size_t next;
};

/* Every number of metrics.def, with its name and labels; histograms and what is made by
 * functions are told of apart. */
static void take_numbers(const struct metrics_from *from, const char *names_out[N_NUMBERS],
                         const char *labels_out[N_NUMBERS], double numbers_out[N_NUMBERS])
{
    const struct cache_counters *cache = from->cache;
    const struct pool_counters *pool = from->pool;
    const struct grpc_counters *grpc = from->grpc;
    const struct http_counters *http = from->http;
    const struct service_counters *service = from->service;
    const char *family = "";
    size_t n = 0;

#define FAMILY(name, type, label_names, help) family = name;
#define VALUE(label_text, number) \
    names_out[n] = family;        \
    labels_out[n] = label_text;   \
    numbers_out[n++] = (double)(number);
#define TIMES(label_text, histogram)
#define ROWS(write)
#include "metrics.def"
#undef FAMILY
#undef VALUE
#undef TIMES
#undef ROWS
}

static void add_histogram(struct histogram *sum, const struct histogram *histogram)
{
    for (size_t k = 0; k <= HISTOGRAM_BOUNDS; k++)
        sum->counts[k] += histogram->counts[k];
    sum->sum_us += histogram->sum_us;
}

/* Pages, and questions of who watches, are not what a server is slow at. */
static struct histogram take_histogram(const struct metrics_from *from)
{
    struct histogram all = from->http->took_recording;

    for (size_t i = 0; i < from->grpc->n_methods; i++)
        add_histogram(&all, &from->grpc->methods[i].took);
    return all;
}

static struct row take_row(const struct metrics_from *from, double now_s)
{
    const char *names[N_NUMBERS], *labels[N_NUMBERS];
    struct row row = {.at_s = now_s, .took = take_histogram(from)};

    take_numbers(from, names, labels, row.numbers);
    return row;
}

struct status_history *status_history_new(void)
{
    return calloc(1, sizeof(struct status_history));
}

void status_history_free(struct status_history *history)
{
    free(history);
}

void status_history_tick(struct status_history *history, const struct metrics_from *from,
                         double now_s)
{
    const struct row *last = &history->rows[(history->next + STATUS_ROWS - 1) % STATUS_ROWS];

    /* A clock that was set back begins anew. */
    if (history->n > 0 && now_s >= last->at_s && now_s - last->at_s < STATUS_STEP_S - 0.5)
        return;
    history->rows[history->next] = take_row(from, now_s);
    history->next = (history->next + 1) % STATUS_ROWS;
    history->n += history->n < STATUS_ROWS;
}

/* --- JSON ------------------------------------------------------------------------- */

static json_t *times_json(const struct histogram *histogram)
{
    json_t *counts = json_array();

    for (size_t i = 0; i <= HISTOGRAM_BOUNDS; i++)
        json_array_append_new(counts, json_integer((json_int_t)histogram->counts[i]));
    return json_pack("{s:o,s:f}", "counts", counts, "sum_s", (double)histogram->sum_us / 1e6);
}

static json_t *bounds_json(void)
{
    json_t *bounds = json_array();

    for (size_t i = 0; i < HISTOGRAM_BOUNDS; i++)
        json_array_append_new(bounds, json_real((double)histogram_bound_us(i) / 1e6));
    return bounds;
}

static json_t *numbers_json(const double numbers[N_NUMBERS])
{
    json_t *array = json_array();

    for (size_t i = 0; i < N_NUMBERS; i++)
        json_array_append_new(array, json_real(numbers[i]));
    return array;
}

static json_t *calls_json(const struct grpc_counters *grpc)
{
    json_t *methods = json_array();

    for (size_t i = 0; i < grpc->n_methods; i++) {
        const struct grpc_method_counters *method = &grpc->methods[i];
        json_t *ended = json_object();
        for (size_t status = 0; status < GRPC_STATUSES; status++)
            if (method->ended[status] > 0)
                json_object_set_new(ended, grpc->status_names[status],
                                    json_integer((json_int_t)method->ended[status]));
        json_array_append_new(methods,
                              json_pack("{s:s,s:o,s:o,s:o}", "method", method->name, "ended", ended,
                                        "took", times_json(&method->took), "to_first_message",
                                        times_json(&method->to_first_message)));
    }
    return methods;
}

static json_t *rows_json(const struct status_history *history)
{
    json_t *rows = json_array();

    for (size_t i = 0; i < history->n; i++) {
        size_t at = (history->next + STATUS_ROWS - history->n + i) % STATUS_ROWS;
        const struct row *row = &history->rows[at];
        json_array_append_new(rows, json_pack("{s:f,s:o,s:o}", "at_s", row->at_s, "numbers",
                                              numbers_json(row->numbers), "took",
                                              times_json(&row->took)));
    }
    return rows;
}

/* "mef3d_pool_workers{state="busy"}" */
static json_t *names_json(const char *const *names, const char *const *labels)
{
    json_t *array = json_array();

    for (size_t i = 0; i < N_NUMBERS; i++)
        json_array_append_new(array, labels[i][0] ? json_sprintf("%s{%s}", names[i], labels[i])
                                                  : json_string(names[i]));
    return array;
}

/* A part that could not be made makes the whole NULL. */
char *status_page(const struct status_history *history, const struct status_from *rooms,
                  const struct metrics_from *from, double now_s, size_t *n_out)
{
    const char *names[N_NUMBERS], *labels[N_NUMBERS];
    double numbers[N_NUMBERS];

    take_numbers(from, names, labels, numbers);
    const struct histogram took = take_histogram(from);
    json_t *page = json_pack(
        "{s:s,s:f,s:f,s:o,s:o,s:o,s:o,s:o,s:{s:i,s:o}}", "version", MEF3_VERSION, "now_s", now_s,
        "started_s", from->started_s, "names", names_json(names, labels), "numbers",
        numbers_json(numbers), "bounds_s", bounds_json(), "took", times_json(&took), "calls",
        calls_json(from->grpc), "history", "step_s", STATUS_STEP_S, "rows", rows_json(history));
    json_t *lists = status_lists(rooms, from, now_s);
    bool is_whole = page && lists && json_object_update(page, lists) == 0;
    char *text = is_whole ? json_dumps(page, JSON_COMPACT) : NULL;

    json_decref(lists);
    json_decref(page);
    *n_out = text ? strlen(text) : 0;
    return text;
}

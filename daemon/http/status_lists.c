/* status_lists.c - what of /api/v1/status is told one by one. As metrics.c it sees other rooms'
 * headers; texts that came from outside are cut and can be shown where they are kept. */
#include "http/status_lists.h"

#include "base/character.h"
#include "base/guests.h"
#include "base/lately.h"
#include "cache/cache.h"
#include "grpc/grpc.h"
#include "http/metrics.h"
#include "http/status.h"
#include "pool/pool.h"
#include "service/service.h"

enum { PATH_BYTES = 192 };

/* null where there is none. */
static json_t *text_or_null(const char *text)
{
    char shown[PATH_BYTES];

    if (!text || !text[0])
        return json_null();
    character_copy(shown, sizeof shown, text);
    return json_string(shown);
}

static json_t *seconds(uint64_t us)
{
    return json_real((double)us / 1e6);
}

static json_t *workers_json(const struct pool *pool)
{
    struct pool_worker workers[POOL_MOST_PLACES];
    size_t n = pool_workers(pool, workers, POOL_MOST_PLACES);
    json_t *array = json_array();

    for (size_t i = 0; i < n; i++) {
        const struct pool_worker *worker = &workers[i];
        bool is_busy = worker->state[0] == 'b';
        json_array_append_new(
            array,
            json_pack("{s:i,s:i,s:s,s:o,s:o,s:I,s:I}", "index", (int)worker->slot, "pid",
                      (int)worker->pid, "state", worker->state, "recording",
                      text_or_null(worker->path), "busy_s",
                      is_busy ? json_real((double)worker->busy_ms / 1e3) : json_null(), "jobs",
                      (json_int_t)worker->jobs, "restarts", (json_int_t)worker->restarts));
    }
    return array;
}

/* What the three parts leave is the client's, and the loop's own. */
static json_t *where_json(const struct lately_call *call)
{
    const struct lately_where *where = &call->where;
    uint64_t parts_us = where->open_us + where->wait_us + where->decode_us;
    uint64_t rest_us = call->took_us > parts_us ? call->took_us - parts_us : 0;

    return json_pack("{s:o,s:o,s:o,s:o}", "open_s", seconds(where->open_us), "wait_s",
                     seconds(where->wait_us), "decode_s", seconds(where->decode_us), "send_s",
                     seconds(rest_us));
}

static json_t *slow_json(const struct lately *lately, double now_s)
{
    struct lately_call calls[LATELY_SLOW];
    size_t n = lately_slow(lately, now_s, calls);
    json_t *array = json_array();

    for (size_t i = 0; i < n; i++) {
        const struct lately_call *call = &calls[i];
        json_array_append_new(array, json_pack("{s:f,s:o,s:s,s:s,s:o,s:s,s:o}", "at_s", call->at_s,
                                               "took_s", seconds(call->took_us), "method",
                                               call->method, "client", call->client, "recording",
                                               text_or_null(call->recording), "status",
                                               call->status, "where", where_json(call)));
    }
    return array;
}

static json_t *refusals_json(const struct lately *lately)
{
    struct lately_call calls[LATELY_REFUSALS];
    size_t n = lately_refusals(lately, calls);
    json_t *array = json_array();

    for (size_t i = 0; i < n; i++)
        json_array_append_new(array, json_pack("{s:f,s:s,s:s,s:s,s:s}", "at_s", calls[i].at_s,
                                               "client", calls[i].client, "method", calls[i].method,
                                               "status", calls[i].status, "text", calls[i].text));
    return array;
}

static json_t *damage_json(const struct service *service)
{
    struct service_damage damage[SERVICE_DAMAGE_MOST];
    size_t n = service_damage(service, damage);
    json_t *array = json_array();

    for (size_t i = 0; i < n; i++)
        json_array_append_new(array, json_pack("{s:f,s:s,s:s,s:s}", "at_s", damage[i].at_s,
                                               "recording", damage[i].recording, "channel",
                                               damage[i].channel, "text", damage[i].text));
    return array;
}

/* "GetSignalRange night.mefd" */
static json_t *doing_json(const struct guest *guest)
{
    if (guest->active == 0 || !guest->method[0])
        return json_null();
    return guest->recording[0] ? json_sprintf("%s %s", guest->method, guest->recording)
                               : json_string(guest->method);
}

static json_t *clients_json(const struct guests *guests, double now_s)
{
    const struct guest *list[GUESTS_MOST + 2];
    size_t n = guests_list(guests, now_s - LATELY_SECONDS, list);
    json_t *array = json_array();

    for (size_t i = 0; i < n; i++)
        json_array_append_new(
            array, json_pack("{s:s,s:s,s:i,s:o,s:I,s:I}", "client", list[i]->name, "protocol",
                             list[i]->protocol, "connections", (int)list[i]->connections, "doing",
                             doing_json(list[i]), "calls", (json_int_t)list[i]->calls, "bytes",
                             (json_int_t)list[i]->bytes));
    return array;
}

static json_t *memory_row(const char *name, size_t bytes, size_t budget_bytes)
{
    return json_pack("{s:s,s:I,s:I}", "name", name, "bytes", (json_int_t)bytes, "budget_bytes",
                     (json_int_t)budget_bytes);
}

static json_t *memory_json(const struct metrics_from *from)
{
    const struct service_counters *service = from->service;
    const struct grpc_counters *grpc = from->grpc;

    return json_pack("[o,o,o,o,o]",
                     memory_row("arena", from->cache->used_bytes, from->cache->budget_bytes),
                     memory_row("messages", service->message_bytes, service->message_budget_bytes),
                     memory_row("index", service->index_bytes, service->index_budget_bytes),
                     memory_row("requests", grpc->intake_bytes, grpc->intake_budget_bytes),
                     memory_row("replies", grpc->reply_bytes, grpc->reply_budget_bytes));
}

json_t *status_lists(const struct status_from *rooms, const struct metrics_from *from, double now_s)
{
    return json_pack("{s:o,s:o,s:o,s:o,s:o,s:o}", "workers", workers_json(rooms->pool), "slow",
                     slow_json(rooms->lately, now_s), "damage", damage_json(rooms->service),
                     "refusals", refusals_json(rooms->lately), "clients",
                     clients_json(rooms->guests, now_s), "memory", memory_json(from));
}

/* routes.c - which path is answered by what. */
#include <string.h>

#include "http/api.h"
#include "http/exchange.h"
#include "http/pages.h"

static enum MHD_Result metrics(struct exchange *exchange)
{
    size_t n;
    char *text = exchange->source->metrics(exchange->source->arg, &n);

    if (!text)
        return exchange_say(exchange, MHD_HTTP_INTERNAL_SERVER_ERROR, "out of memory\n");
    return exchange_answer(
        exchange, &(struct answer_body){MHD_HTTP_OK, "text/plain; version=0.0.4; charset=utf-8",
                                        text, n, MHD_RESPMEM_MUST_FREE, 0});
}

static enum MHD_Result status(struct exchange *exchange)
{
    size_t n;
    char *text = exchange->source->status(exchange->source->arg, &n);

    if (!text)
        return exchange_problem(exchange, MHD_HTTP_INTERNAL_SERVER_ERROR, "out of memory");
    return exchange_answer(exchange, &(struct answer_body){MHD_HTTP_OK, "application/json", text, n,
                                                           MHD_RESPMEM_MUST_FREE, 0});
}

/* The loop turns, or nobody would be here to say so. */
static enum MHD_Result healthz(struct exchange *exchange)
{
    return exchange_say(exchange, MHD_HTTP_OK, "ok\n");
}

static enum MHD_Result readyz(struct exchange *exchange)
{
    const char *why = exchange->source->not_ready(exchange->source->arg);

    return why ? exchange_say(exchange, MHD_HTTP_SERVICE_UNAVAILABLE, why)
               : exchange_say(exchange, MHD_HTTP_OK, "ready\n");
}

static const struct route ROUTES[] = {
    {"/metrics", metrics, true},
    {"/healthz", healthz, true},
    {"/readyz", readyz, true},
    {"/api/v1/recordings", api_recordings, false},
    {"/api/v1/metadata", api_metadata, false},
    {"/api/v1/availability", api_availability, false},
    {"/api/v1/records", api_records, false},
    {"/api/v1/envelope", api_envelope, false},
    {"/api/v1/samples", api_samples, false},
    {"/api/v1/export", api_export, false},
    {"/api/v1/status", status, false},
};

const struct route *route_find(const char *path)
{
    static const struct route PAGE = {"", pages_answer, false};

    for (size_t i = 0; i < sizeof ROUTES / sizeof *ROUTES; i++)
        if (strcmp(path, ROUTES[i].path) == 0)
            return &ROUTES[i];
    return pages_have(path) ? &PAGE : NULL;
}

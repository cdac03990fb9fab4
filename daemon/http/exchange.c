/* exchange.c - answers as HTTP has them: status, header fields, body. */
#include "http/exchange.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/character.h"

/* Nothing but our own files may be loaded by a page, and no other page may frame it. */
static const char *const ALWAYS[][2] = {
    {"X-Content-Type-Options", "nosniff"},
    {"Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; "
                                "img-src 'self' data:; connect-src 'self'; base-uri 'none'; "
                                "form-action 'none'; frame-ancestors 'none'"},
    {"Referrer-Policy", "no-referrer"},
};

enum { ETAG_BYTES = 32 };

static const char *etag_of(uint64_t version, char etag[ETAG_BYTES])
{
    snprintf(etag, ETAG_BYTES, "\"%016" PRIx64 "\"", version);
    return etag;
}

uint64_t exchange_known_version(const struct exchange *exchange)
{
    const char *value = MHD_lookup_connection_value(exchange->connection, MHD_HEADER_KIND,
                                                    MHD_HTTP_HEADER_IF_NONE_MATCH);
    char *end;

    if (!value)
        return 0;
    value += strspn(value, "W/\"");
    uint64_t version = strtoull(value, &end, 16);
    return end == value + 16 && *end == '"' ? version : 0;
}

bool exchange_take_password(struct exchange *exchange)
{
    const char *value =
        MHD_lookup_connection_value(exchange->connection, MHD_HEADER_KIND, "mef3-password");
    size_t n = value ? strlen(value) : 0;

    if (n >= sizeof exchange->password)
        return false;
    for (size_t at = 0, length; at < n; at += length)
        if ((length = character_length((const uint8_t *)value + at, n - at)) == 0)
            return false;
    if (n > 0)
        memcpy(exchange->password, value, n + 1);
    exchange->client.password = n > 0 ? exchange->password : NULL;
    return true;
}

static void add_fields(struct MHD_Response *response, const struct answer_body *body)
{
    char etag[ETAG_BYTES];

    for (size_t i = 0; i < sizeof ALWAYS / sizeof *ALWAYS; i++)
        MHD_add_response_header(response, ALWAYS[i][0], ALWAYS[i][1]);
    if (body->type)
        MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, body->type);
    if (body->version)
        MHD_add_response_header(response, MHD_HTTP_HEADER_ETAG, etag_of(body->version, etag));
    if (body->version)
        MHD_add_response_header(response, MHD_HTTP_HEADER_VARY, "mef3-password");
    MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL,
                            body->version ? "no-cache" : "no-store");
    if (body->status == MHD_HTTP_METHOD_NOT_ALLOWED)
        MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
}

enum MHD_Result exchange_answer_with(struct exchange *exchange, struct MHD_Response *response,
                                     const struct answer_body *body)
{
    add_fields(response, body);
    exchange->is_answered = true;
    tally_status(&exchange->tally, body->status, body->n);
    enum MHD_Result queued = MHD_queue_response(exchange->connection, body->status, response);
    MHD_destroy_response(response);
    return queued;
}

enum MHD_Result exchange_answer(struct exchange *exchange, const struct answer_body *body)
{
    union {
        const void *in;
        void *out;
    } same = {.in = body->bytes}; /* not written to */
    struct MHD_Response *response = MHD_create_response_from_buffer(body->n, same.out, body->mode);

    if (!response) {
        if (body->mode == MHD_RESPMEM_MUST_FREE)
            free(same.out);
        return MHD_NO;
    }
    return exchange_answer_with(exchange, response, body);
}

enum MHD_Result exchange_say(struct exchange *exchange, unsigned status, const char *text)
{
    return exchange_answer(exchange,
                           &(struct answer_body){status, "text/plain; charset=utf-8", text,
                                                 strlen(text), MHD_RESPMEM_PERSISTENT, 0});
}

static const char *title_of(unsigned status)
{
    const char *title = MHD_get_reason_phrase_for(status);

    return title ? title : "Problem";
}

enum MHD_Result exchange_problem(struct exchange *exchange, unsigned status, const char *words)
{
    enum { DETAIL_BYTES = 4096 };
    char detail[DETAIL_BYTES];

    character_copy(detail, sizeof detail, words);
    tally_error(&exchange->tally, detail);
    json_t *problem =
        json_pack("{s:s,s:s,s:i,s:s%}", "type", "about:blank", "title", title_of(status), "status",
                  (int)status, "detail", detail, strlen(detail));
    char *text = problem ? json_dumps(problem, JSON_COMPACT) : NULL;

    json_decref(problem);
    if (!text)
        return MHD_NO;
    return exchange_answer(exchange, &(struct answer_body){status, "application/problem+json", text,
                                                           strlen(text), MHD_RESPMEM_MUST_FREE, 0});
}

enum MHD_Result exchange_problem_of(struct exchange *exchange, enum outcome outcome)
{
    switch (outcome) {
    case OUTCOME_UNAVAILABLE:
        return exchange_problem(exchange, MHD_HTTP_SERVICE_UNAVAILABLE,
                                "No worker is there to read recordings; try again later.");
    case OUTCOME_EXHAUSTED:
        return exchange_problem(exchange, MHD_HTTP_SERVICE_UNAVAILABLE,
                                "Too much is asked for at once; try again later.");
    case OUTCOME_DONE:
    case OUTCOME_INTERNAL:
        break;
    }
    return exchange_problem(exchange, MHD_HTTP_INTERNAL_SERVER_ERROR,
                            "What a worker answered makes no sense.");
}

enum MHD_Result exchange_first_message(struct exchange *exchange, struct read *read,
                                       const struct message **message_out)
{
    enum outcome outcome;

    switch (read_pull(read, message_out, &outcome)) {
    case PULL_WAIT:
        return exchange_rest(exchange);
    case PULL_END:
        return exchange_problem_of(exchange, outcome);
    case PULL_HERE:
        break;
    }
    return (*message_out)->error_message
               ? exchange_problem(exchange, MHD_HTTP_UNPROCESSABLE_CONTENT,
                                  (*message_out)->error_message)
               : MHD_YES;
}

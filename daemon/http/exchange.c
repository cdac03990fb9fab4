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
    {"Cross-Origin-Resource-Policy",
     "same-origin"}, /* nor may another site's page load any of it */
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

/* Both, or one of them twice, would say which is meant as little as a malformed one. */
struct fields {
    struct exchange *exchange;
    unsigned n;
    bool is_bad;
};

static enum MHD_Result on_field(void *arg, enum MHD_ValueKind kind, const char *name,
                                const char *value)
{
    struct fields *fields = arg;
    bool is_binary = strcasecmp(name, "mef3-password-bin") == 0;

    (void)kind;
    if (!is_binary && strcasecmp(name, "mef3-password") != 0)
        return MHD_YES;
    fields->is_bad =
        fields->n++ > 0 || !value ||
        !password_of_field(value, strlen(value), is_binary, fields->exchange->password);
    return fields->is_bad ? MHD_NO : MHD_YES;
}

bool exchange_take_password(struct exchange *exchange)
{
    struct fields fields = {.exchange = exchange};

    MHD_get_connection_values(exchange->connection, MHD_HEADER_KIND, on_field, &fields);
    exchange->client.password = exchange->password[0] ? exchange->password : NULL;
    return !fields.is_bad;
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
        MHD_add_response_header(response, MHD_HTTP_HEADER_VARY, "mef3-password, mef3-password-bin");
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

enum MHD_Result exchange_unchanged(struct exchange *exchange, uint64_t version)
{
    return exchange_answer(exchange, &(struct answer_body){.status = MHD_HTTP_NOT_MODIFIED,
                                                           .mode = MHD_RESPMEM_PERSISTENT,
                                                           .version = version});
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

enum MHD_Result exchange_refusal(struct exchange *exchange, enum reply_kind kind, const char *words)
{
    static const unsigned STATUS[] = {
        [REPLY_NONSENSE] = MHD_HTTP_BAD_REQUEST,
        [REPLY_NOT_FOUND] = MHD_HTTP_NOT_FOUND,
        [REPLY_LOCKED] = MHD_HTTP_FORBIDDEN,
        [REPLY_UNKNOWN_CHANNEL] = MHD_HTTP_NOT_FOUND,
        [REPLY_DAMAGED] = MHD_HTTP_UNPROCESSABLE_CONTENT,
        [REPLY_TOO_LARGE] = MHD_HTTP_CONTENT_TOO_LARGE,
    };

    return exchange_problem(exchange, STATUS[kind], words);
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
    uint64_t version = (*message_out)->version;
    if (version != 0 && exchange_known_version(exchange) == version)
        return exchange_unchanged(exchange, version);
    return (*message_out)->error_message
               ? exchange_refusal(exchange, (*message_out)->refusal, (*message_out)->error_message)
               : MHD_YES;
}

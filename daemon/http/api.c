/* api.c - what workers tell of recordings, handed on as it is. */
#include "http/api.h"

#include <string.h>

#include "http/query.h"

static enum MHD_Result answer_reply(struct exchange *exchange, const struct service_reply *reply,
                                    const char *type)
{
    switch (reply->kind) {
    case REPLY_BYTES:
        break;
    case REPLY_UNCHANGED:
        return exchange_unchanged(exchange, reply->version);
    case REPLY_NONSENSE:
    case REPLY_NOT_FOUND:
    case REPLY_LOCKED:
    case REPLY_UNKNOWN_CHANNEL:
    case REPLY_DAMAGED:
    case REPLY_TOO_LARGE:
        return exchange_refusal(exchange, reply->kind, reply->error);
    }
    /* The asking, whose bytes these are, is freed after the last of them was sent. */
    return exchange_answer(exchange,
                           &(struct answer_body){MHD_HTTP_OK, type, reply->bytes, reply->n,
                                                 MHD_RESPMEM_PERSISTENT, reply->version});
}

/* False: out of memory. */
static bool begin(struct exchange *exchange, enum service_asks what, const struct query *query)
{
    const struct service_question question = {
        .what = what,
        .channel_names = query->channels,
        .n_channels = query->n_channels,
        .start_uutc = query->has_from ? query->from_uutc : INT64_MIN + 1,
        .end_uutc = query->has_to ? query->to_uutc : INT64_MAX,
        .after = query->after,
        .width = what != ASK_LIST ? query->width
                 : query->limit   ? query->limit
                                  : QUERY_MOST_ROWS,
        .height = query->height,
        .scale = query->scale,
        .way = !query->level                        ? WAY_EITHER
               : strcmp(query->level, "index") == 0 ? WAY_INDEX
                                                    : WAY_SAMPLES,
        .text = what == ASK_ENVELOPE ? query->recording : query->text,
        .types = query->types,
        .known_version = exchange_known_version(exchange),
    };

    exchange->asking = service_ask(exchange->source->service, &exchange->client, query->recording,
                                   &question, exchange_wake, exchange);
    return exchange->asking != NULL;
}

static enum MHD_Result pull(struct exchange *exchange, const char *type)
{
    struct service_reply reply;
    enum outcome outcome;

    switch (asking_pull(exchange->asking, &reply, &outcome)) {
    case PULL_WAIT:
        return exchange_rest(exchange);
    case PULL_END:
        return exchange_problem_of(exchange, outcome);
    case PULL_HERE:
        break;
    }
    return answer_reply(exchange, &reply, type);
}

/* Called first to ask, then for the answer. */
static enum MHD_Result ask(struct exchange *exchange, enum service_asks what, unsigned takes)
{
    if (!exchange->asking) {
        struct query query;
        if (!query_read(&query, exchange, takes))
            return exchange_problem(exchange, MHD_HTTP_BAD_REQUEST, query.problem);
        if (!begin(exchange, what, &query))
            return MHD_NO;
    }
    return pull(exchange,
                what == ASK_ENVELOPE ? "application/vnd.mef3.envelope" : "application/json");
}

/* The usual size where none is asked for. */
enum MHD_Result api_picture(struct exchange *exchange, const struct query *query)
{
    if (!exchange->asking) {
        struct query sized = *query;
        sized.width = query->width ? query->width : PICTURE_USUAL_WIDTH;
        sized.height = query->height ? query->height : PICTURE_USUAL_HEIGHT;
        if (sized.width * sized.height > PICTURE_MOST_PIXELS)
            return exchange_problem(exchange, MHD_HTTP_CONTENT_TOO_LARGE,
                                    "width times height: a picture has at most 8388608 pixels");
        if (!begin(exchange, ASK_PICTURE, &sized))
            return MHD_NO;
    }
    return pull(exchange, "image/png");
}

enum MHD_Result api_recordings(struct exchange *exchange)
{
    return ask(exchange, ASK_LIST, QUERY_TEXT | QUERY_PAGE);
}

enum MHD_Result api_metadata(struct exchange *exchange)
{
    return ask(exchange, ASK_METADATA, QUERY_RECORDING);
}

enum MHD_Result api_availability(struct exchange *exchange)
{
    return ask(exchange, ASK_AVAILABILITY, QUERY_RECORDING | QUERY_CHANNELS | QUERY_WINDOW);
}

enum MHD_Result api_records(struct exchange *exchange)
{
    return ask(exchange, ASK_RECORDS, QUERY_RECORDING | QUERY_TYPES | QUERY_TEXT | QUERY_WINDOW);
}

enum MHD_Result api_envelope(struct exchange *exchange)
{
    return ask(exchange, ASK_ENVELOPE,
               QUERY_RECORDING | QUERY_CHANNELS | QUERY_WINDOW | QUERY_WIDTH);
}

/* api_samples.c - /api/v1/samples: the samples of a window, as they become ready.
 *
 *     "MEF3SMP1"                         8 bytes
 *     ui4 n, then n bytes of JSON        the head: channels, rate; with spaces behind, so that
 *                                        what follows begins at a multiple of 8
 *     frames: ui4 n > 0, ui4 0, si8 time of the first sample, sf4 [channel][n]
 *     the end: ui4 0, ui4 n, n bytes of JSON: what was damaged, or why the frames broke off
 *
 * All numbers are little-endian, as on the wire of gRPC. */
#include "http/api.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "http/query.h"

enum { FRAME_HEAD = 16, BLOCK_BYTES = 64 << 10 };
static const char MAGIC[] = "MEF3SMP1";

struct samples {
    struct exchange *exchange;
    struct read *read;
    const struct message *message; /* the frame that is being sent; NULL: none */
    uint8_t *text;                 /* before it: the head, then each frame's, then the end */
    size_t n_text;
    size_t sent; /* of both */
    bool has_ended;
};

static void put_u32(uint8_t *to, size_t value)
{
    for (int i = 0; i < 4; i++)
        to[i] = (uint8_t)(value >> (8 * i));
}

static void put_i64(uint8_t *to, int64_t value)
{
    put_u32(to, (uint32_t)value);
    put_u32(to + 4, (uint32_t)((uint64_t)value >> 32));
}

/* Append `n` bytes to what is to be sent before the samples. NULL: out of memory. */
static uint8_t *append(struct samples *samples, size_t n)
{
    uint8_t *text = realloc(samples->text, samples->n_text + n);

    if (!text)
        return NULL;
    samples->text = text;
    samples->n_text += n;
    return text + samples->n_text - n;
}

static bool append_json(struct samples *samples, json_t *json, size_t multiple)
{
    char *text = json ? json_dumps(json, JSON_COMPACT) : NULL;
    size_t n = text ? strlen(text) : 0;
    size_t at = samples->n_text + 4 + n, more = (multiple - at % multiple) % multiple;
    uint8_t *to = text ? append(samples, 4 + n + more) : NULL;

    json_decref(json);
    if (to) {
        put_u32(to, n + more);
        memcpy(to + 4, text, n);
        memset(to + 4 + n, ' ', more);
    }
    free(text);
    return to != NULL;
}

static json_t *head_of(const struct message *message)
{
    json_t *channels = json_array();

    for (size_t i = 0; i < message->n_channels; i++)
        if (json_array_append_new(channels, json_string(message->channel_names[i])) != 0) {
            json_decref(channels);
            return NULL;
        }
    return json_pack("{s:s,s:o,s:f,s:s}", "recording", message->file_path, "channels", channels,
                     "rate_hz", message->rate_hz, "type", "float32");
}

static bool begin_frame(struct samples *samples)
{
    uint8_t *to = append(samples, FRAME_HEAD);

    if (!to)
        return false;
    put_u32(to, (size_t)samples->message->n_samples);
    put_u32(to + 4, 0);
    put_i64(to + 8, samples->message->start_uutc);
    return true;
}

static bool begin_all(struct samples *samples)
{
    uint8_t *to = append(samples, sizeof MAGIC - 1);

    if (!to)
        return false;
    memcpy(to, MAGIC, sizeof MAGIC - 1);
    return append_json(samples, head_of(samples->message), 8) &&
           (samples->message->n_samples == 0 || begin_frame(samples));
}

static bool end_all(struct samples *samples, const char *error)
{
    const char *damage = read_damage(samples->read);
    uint8_t *to = append(samples, 4);

    samples->has_ended = true;
    if (error)
        tally_error(&samples->exchange->tally, error);
    if (!to)
        return false;
    put_u32(to, 0);
    return append_json(
        samples, json_pack("{s:s?,s:s?}", "error", error, "damage", damage[0] ? damage : NULL), 1);
}

static void drop_message(struct samples *samples)
{
    if (samples->message)
        message_release(samples->message);
    samples->message = NULL;
    samples->n_text = samples->sent = 0;
}

static size_t pending(const struct samples *samples)
{
    return samples->n_text + (samples->message ? samples->message->n_bytes : 0) - samples->sent;
}

/* Get something to send. PULL_WAIT: later; PULL_END: out of memory. */
static enum pull refill(struct samples *samples)
{
    enum outcome outcome;

    drop_message(samples);
    enum pull pulled = read_pull(samples->read, &samples->message, &outcome);
    if (pulled == PULL_WAIT)
        return PULL_WAIT;
    bool is_made;
    if (pulled == PULL_END)
        is_made = end_all(samples, outcome == OUTCOME_DONE ? NULL : "the server had to give it up");
    else if (samples->message->error_message)
        is_made = end_all(samples, samples->message->error_message);
    else
        is_made = begin_frame(samples);
    return is_made ? PULL_HERE : PULL_END;
}

static size_t copy(struct samples *samples, char *to, size_t room)
{
    size_t n = 0;

    if (samples->sent < samples->n_text) {
        n = samples->n_text - samples->sent;
        n = n < room ? n : room;
        memcpy(to, samples->text + samples->sent, n);
    } else if (samples->message) {
        size_t at = samples->sent - samples->n_text;
        n = samples->message->n_bytes - at;
        n = n < room ? n : room;
        memcpy(to, samples->message->samples + at, n);
        message_moved(samples->message, n);
    }
    samples->sent += n;
    tally_bytes(&samples->exchange->tally, n);
    return n;
}

static ssize_t on_read(void *arg, uint64_t position, char *to, size_t room)
{
    struct samples *samples = arg;

    (void)position;
    if (pending(samples) == 0) {
        if (samples->has_ended)
            return MHD_CONTENT_READER_END_OF_STREAM;
        switch (refill(samples)) {
        case PULL_WAIT:
            exchange_rest(samples->exchange);
            return 0;
        case PULL_END:
            return MHD_CONTENT_READER_END_WITH_ERROR;
        case PULL_HERE:
            break;
        }
    }
    return (ssize_t)copy(samples, to, room);
}

void samples_free(struct samples *samples)
{
    if (!samples)
        return;
    drop_message(samples);
    read_free(samples->read);
    free(samples->text);
    free(samples);
}

static enum MHD_Result start(struct exchange *exchange)
{
    struct samples *samples = calloc(1, sizeof *samples);
    struct query query;

    if (!samples)
        return MHD_NO;
    exchange->samples = samples;
    samples->exchange = exchange;
    if (!query_read(&query, exchange, QUERY_RECORDING | QUERY_CHANNELS | QUERY_WINDOW))
        return exchange_problem(exchange, MHD_HTTP_BAD_REQUEST, query.problem);
    if (!query.has_from || !query.has_to)
        return exchange_problem(
            exchange, MHD_HTTP_BAD_REQUEST,
            "from=TIME and to=TIME are needed, in microseconds since 1970, UTC");
    samples->read = service_read_range(exchange->source->service, &exchange->client,
                                       query.recording, query.channels, query.n_channels,
                                       query.from_uutc, query.to_uutc, exchange_wake, exchange);
    exchange->read = samples->read;
    return samples->read ? MHD_YES : MHD_NO;
}

static enum MHD_Result answer(struct exchange *exchange)
{
    struct samples *samples = exchange->samples;
    struct MHD_Response *response =
        begin_all(samples) ? MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, BLOCK_BYTES,
                                                               on_read, samples, NULL)
                           : NULL;

    if (!response)
        return MHD_NO;
    return exchange_answer_with(exchange, response,
                                &(struct answer_body){.status = MHD_HTTP_OK,
                                                      .type = "application/vnd.mef3.samples",
                                                      .version = samples->message->version});
}

/* Up to the first message; from there on the connection asks for more. */
enum MHD_Result api_samples(struct exchange *exchange)
{
    if (!exchange->samples) {
        enum MHD_Result started = start(exchange);
        if (started != MHD_YES || exchange->is_answered)
            return started;
    }
    struct samples *samples = exchange->samples;
    enum MHD_Result pulled = exchange_first_message(exchange, samples->read, &samples->message);
    if (pulled != MHD_YES || exchange->is_resting || exchange->is_answered)
        return pulled;
    return answer(exchange);
}

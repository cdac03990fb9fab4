/* pack.c - the service's answers to bodies. Fields without presence in proto3
 * are left out when they are zero or empty, as every proto3 writer does. */
#include "wire.h"

#include <stdlib.h>
#include <string.h>

#include "mef3_wire.pb-c.h"

#include "body.h"
#include "framing.h"
#include "service/service.h"
#include "utf8.h"

/* A list of texts as protobuf-c wants it; NULL for an empty one. */
static char **list(struct utf8_copies *copies, const char *const *texts, size_t n)
{
    if (n == 0)
        return NULL;
    char **out = malloc(n * sizeof *out);
    if (!out) {
        copies->failed = true;
        return NULL;
    }
    for (size_t i = 0; i < n; i++)
        out[i] = utf8_clean(copies, texts[i]);
    return out;
}

static char *text(struct utf8_copies *copies, const char *text)
{
    return text && text[0] ? utf8_clean(copies, text) : NULL;
}

/* Present even when empty, absent when NULL. */
static char *optional(struct utf8_copies *copies, const char *text)
{
    return text ? utf8_clean(copies, text) : NULL;
}

/* The whole message, prefix first. */
struct body *wire_pack(const ProtobufCMessage *message)
{
    size_t n = protobuf_c_message_get_packed_size(message);
    struct body *body = n <= UINT32_MAX ? body_new(FRAMING_PREFIX + n) : NULL;
    if (body) {
        framing_prefix(body->head, (uint32_t)n);
        protobuf_c_message_pack(message, body->head + FRAMING_PREFIX);
    }
    return body;
}

/* Frees what it was made from. */
static struct body *pack(const ProtobufCMessage *message, struct utf8_copies *copies)
{
    struct body *body = copies->failed ? NULL : wire_pack(message);
    utf8_copies_fini(copies);
    return body;
}

static int64_t *unconst(const int64_t *numbers)
{
    union {
        const int64_t *in;
        int64_t *out;
    } same = {.in = numbers};
    return same.out;
}

struct body *wire_file_info(const char *file_path, const struct file_info *info)
{
    struct utf8_copies copies = {0};
    Wire__FileInfoResponse reply = WIRE__FILE_INFO_RESPONSE__INIT;
    float *rates = NULL;

    reply.file_path = text(&copies, file_path);
    reply.has_file_opened = reply.file_opened = info->opened;
    reply.error_message = optional(&copies, info->error_message);
    if (info->has_facts) {
        size_t n = info->n_channels;
        rates = malloc((n + 1) * sizeof *rates);
        if (!rates)
            copies.failed = true;
        for (size_t i = 0; rates && i < n; i++)
            rates[i] = (float)info->rates_hz[i];

        reply.has_number_of_channels = reply.has_start_uutc = reply.has_end_uutc = true;
        reply.has_duration_s = true;
        reply.number_of_channels = (int64_t)n;
        reply.start_uutc = info->start_uutc;
        reply.end_uutc = info->end_uutc;
        reply.duration_s = info->duration_s;
        reply.channel_names = list(&copies, info->channel_names, n);
        reply.channel_sampling_rates = rates;
        reply.channel_start_uutc = unconst(info->channel_start_uutc);
        reply.channel_end_uutc = unconst(info->channel_end_uutc);
        reply.n_channel_names = reply.n_channel_sampling_rates = n;
        reply.n_channel_start_uutc = reply.n_channel_end_uutc = n;
    }

    struct body *body = pack(&reply.base, &copies);
    free(reply.channel_names);
    free(rates);
    return body;
}

struct body *wire_file_list(const char *const *paths, size_t n)
{
    struct utf8_copies copies = {0};
    Wire__ListOpenFilesResponse reply = WIRE__LIST_OPEN_FILES_RESPONSE__INIT;
    reply.file_paths = list(&copies, paths, n);
    reply.n_file_paths = n;
    reply.error_message = optional(&copies, "");

    struct body *body = pack(&reply.base, &copies);
    free(reply.file_paths);
    return body;
}

struct body *wire_page_count(const char *file_path, int64_t n_pages, const char *error_message)
{
    struct utf8_copies copies = {0};
    Wire__SetSignalSegmentResponse reply = WIRE__SET_SIGNAL_SEGMENT_RESPONSE__INIT;
    reply.file_path = text(&copies, file_path);
    reply.has_number_of_segments = n_pages != 0;
    reply.number_of_segments = n_pages;
    reply.error_message = optional(&copies, error_message);
    return pack(&reply.base, &copies);
}

struct body *wire_channels(const char *file_path, const char *const *names, size_t n,
                           const char *error_message)
{
    struct utf8_copies copies = {0};
    Wire__SetActiveChannelsResponse reply = WIRE__SET_ACTIVE_CHANNELS_RESPONSE__INIT;
    reply.file_path = text(&copies, file_path);
    reply.active_channels = list(&copies, names, n);
    reply.n_active_channels = n;
    reply.error_message = optional(&copies, error_message);

    struct body *body = pack(&reply.base, &copies);
    free(reply.active_channels);
    return body;
}

struct body *wire_health(int status)
{
    struct utf8_copies copies = {0};
    Wire__HealthCheckResponse reply = WIRE__HEALTH_CHECK_RESPONSE__INIT;
    reply.has_status = status != 0;
    reply.status = (Wire__HealthCheckResponse__ServingStatus)status;
    return pack(&reply.base, &copies);
}

/* Pack all but array_bytes, then its tag and length: the samples follow. */
static struct body *pack_chunk(const Wire__SignalChunk *chunk, struct utf8_copies *copies,
                               size_t n_samples_bytes)
{
    enum { ARRAY_BYTES_TAG = 2 << 3 | 2 };

    uint8_t field[1 + 10];
    size_t n_field = 0;
    if (n_samples_bytes > 0) {
        field[n_field++] = ARRAY_BYTES_TAG;
        size_t left = n_samples_bytes;
        for (; left >= 0x80; left >>= 7)
            field[n_field++] = (uint8_t)(left | 0x80);
        field[n_field++] = (uint8_t)left;
    }

    struct body *body = NULL;
    size_t n_packed = copies->failed ? 0 : protobuf_c_message_get_packed_size(&chunk->base);
    size_t n_message = n_packed + n_field + n_samples_bytes;
    if (!copies->failed && n_message <= UINT32_MAX)
        body = body_new(FRAMING_PREFIX + n_packed + n_field);
    if (body) {
        framing_prefix(body->head, (uint32_t)n_message);
        protobuf_c_message_pack(&chunk->base, body->head + FRAMING_PREFIX);
        memcpy(body->head + FRAMING_PREFIX + n_packed, field, n_field);
    }
    utf8_copies_fini(copies);
    return body;
}

struct body *wire_chunk(const struct message *message)
{
    struct utf8_copies copies = {0};
    Wire__SignalChunk chunk = WIRE__SIGNAL_CHUNK__INIT;
    int64_t shape[2] = {(int64_t)message->n_channels, message->n_samples};
    bool has_samples = !message->error_message;

    chunk.file_path = text(&copies, message->file_path);
    chunk.error_message = optional(&copies, has_samples ? "" : message->error_message);
    if (has_samples) {
        chunk.dtype = utf8_clean(&copies, message->is_double ? "float64" : "float32");
        chunk.shape = shape;
        chunk.n_shape = 2;
        chunk.has_start_uutc = message->start_uutc != 0;
        chunk.start_uutc = message->start_uutc;
        chunk.has_end_uutc = message->end_uutc != 0;
        chunk.end_uutc = message->end_uutc;
        chunk.has_fs = message->rate_hz != 0;
        chunk.fs = message->rate_hz;
        chunk.channel_names = list(&copies, message->channel_names, message->n_channels);
        chunk.n_channel_names = message->n_channels;
    }

    size_t n_bytes = has_samples ? message->n_bytes : 0;
    struct body *body = pack_chunk(&chunk, &copies, n_bytes);
    free(chunk.channel_names);
    if (!body) {
        message_release(message);
        return NULL;
    }
    body->message = message;
    body->tail = message->samples;
    body->n_tail = n_bytes;
    return body;
}

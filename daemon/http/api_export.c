/* api_export.c - /api/v1/export: the samples of a window as a file, as they become ready.
 *
 * format=csv   a line of names, then a line a sample: its time, and a value a channel, nothing
 *              where there is none
 * format=npy   NumPy's, version 1.0: float32 of (channels, samples) in Fortran's order, which is
 *              the order in which samples come
 *
 * What cannot be read to the end breaks off without an end: the client sees that the transfer
 * failed. */
#include "http/api.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <mef3/time.h>

#include "http/query.h"

enum { BLOCK_BYTES = 64 << 10, ROW_CELL = 24, NPY_HEAD = 128 };

struct export
{
    struct exchange *exchange;
    struct read *read;
    const struct message *message; /* that rows are made of; NULL: none */
    int64_t row;                   /* the next one */
    int64_t rows_before;           /* of messages that are done */
    int64_t start_uutc;
    int64_t end_uutc;
    bool is_npy;
    char *text; /* what is made and not sent */
    size_t n, room, sent;
};

/* --- What is to be sent ----------------------------------------------------------- */

static char *make_room(struct export *export, size_t n)
{
    if (export->n + n > export->room) {
        size_t room = export->n + n + BLOCK_BYTES;
        char *text = realloc(export->text, room);
        if (!text)
            return NULL;
        export->text = text;
        export->room = room;
    }
    return export->text + export->n;
}

/* A name in quotes, and those in it twice. */
static bool put_name(struct export *export, const char *name)
{
    char *to = make_room(export, 2 * strlen(name) + 3), *begin = to;

    if (!to)
        return false;
    *to++ = ',';
    *to++ = '"';
    for (; *name; name++) {
        if (*name == '"')
            *to++ = '"';
        *to++ = *name;
    }
    *to++ = '"';
    export->n += (size_t)(to - begin);
    return true;
}

static bool put_csv_head(struct export *export)
{
    static const char TIME[] = "time_uutc";
    const struct message *message = export->message;
    char *to = make_room(export, sizeof TIME);

    if (!to)
        return false;
    memcpy(to, TIME, sizeof TIME - 1);
    export->n += sizeof TIME - 1;
    for (size_t i = 0; i < message->n_channels; i++)
        if (!put_name(export, message->channel_names[i]))
            return false;
    to = make_room(export, 2);
    if (!to)
        return false;
    memcpy(to, "\r\n", 2);
    export->n += 2;
    return true;
}

static bool put_npy_head(struct export *export)
{
    char *to = make_room(export, NPY_HEAD + 1);
    int64_t n;

    if (!to || mef3_window_samples(export->start_uutc, export->end_uutc, export->message->rate_hz,
                                   &n) != MEF3_OK)
        return false;
    memset(to, ' ', NPY_HEAD);
    memcpy(to, "\x93NUMPY\1\0", 8);
    to[8] = NPY_HEAD - 10;
    to[9] = 0;
    int length = snprintf(to + 10, NPY_HEAD - 10,
                          "{'descr': '<f4', 'fortran_order': True, 'shape': (%zu, %" PRId64 "), }",
                          export->message->n_channels, n);
    to[10 + length] = ' ';
    to[NPY_HEAD - 1] = '\n';
    export->n += NPY_HEAD;
    return true;
}

static float value_of(const struct message *message, size_t channel, int64_t sample)
{
    float value;

    memcpy(&value,
           message->samples +
               (channel * (size_t)message->n_samples + (size_t)sample) * sizeof value,
           sizeof value);
    return value;
}

static bool put_csv_row(struct export *export)
{
    const struct message *message = export->message;
    char *to = make_room(export, ROW_CELL * (message->n_channels + 1) + 2), *begin = to;
    int64_t time =
        mef3_index_to_time(export->rows_before + export->row, export->start_uutc, message->rate_hz);

    if (!to)
        return false;
    to += snprintf(to, ROW_CELL, "%" PRId64, time);
    for (size_t i = 0; i < message->n_channels; i++) {
        float value = value_of(message, i, export->row);
        *to++ = ',';
        if (!isnan(value))
            to += snprintf(to, ROW_CELL, "%.9g", (double)value);
    }
    *to++ = '\r';
    *to++ = '\n';
    export->n += (size_t)(to - begin);
    return true;
}

static bool put_npy_row(struct export *export)
{
    const struct message *message = export->message;
    char *to = make_room(export, message->n_channels * sizeof(float));

    if (!to)
        return false;
    for (size_t i = 0; i < message->n_channels; i++)
        memcpy(to + i * sizeof(float),
               message->samples +
                   (i * (size_t)message->n_samples + (size_t) export->row) * sizeof(float),
               sizeof(float));
    export->n += message->n_channels * sizeof(float);
    return true;
}

/* --- Messages, one after another ---------------------------------------------------- */

static void drop_message(struct export *export)
{
    if (!export->message)
        return;
    export->rows_before += export->message->n_samples;
    message_release(export->message);
    export->message = NULL;
    export->row = 0;
}

/* Rows of the message, as many as a block has room for. */
static bool put_rows(struct export *export)
{
    const struct message *message = export->message;
    int64_t first = export->row;

    while (export->row < message->n_samples && export->n < BLOCK_BYTES) {
        if (!(export->is_npy ? put_npy_row(export) : put_csv_row(export)))
            return false;
        export->row++;
    }
    message_moved(message, (size_t)(export->row - first) * message->n_channels * sizeof(float));
    return true;
}

/* PULL_HERE: there is something to send. PULL_END: no more, and *failed_out whether that is
 * because something went wrong. */
static enum pull refill(struct export *export, bool *failed_out)
{
    enum outcome outcome;

    *failed_out = false;
    export->n = export->sent = 0;
    while (export->n == 0) {
        if (export->message && export->row == export->message->n_samples)
            drop_message(export);
        if (!export->message) {
            enum pull pulled = read_pull(export->read, &export->message, &outcome);
            *failed_out = pulled == PULL_END && outcome != OUTCOME_DONE;
            if (pulled != PULL_HERE)
                return pulled;
        }
        *failed_out = export->message->error_message || !put_rows(export);
        if (*failed_out)
            return PULL_END;
    }
    return PULL_HERE;
}

static ssize_t on_read(void *arg, uint64_t position, char *to, size_t room)
{
    struct export *export = arg;
    bool failed;

    (void)position;
    if (export->sent == export->n) {
        switch (refill(export, &failed)) {
        case PULL_WAIT:
            exchange_rest(export->exchange);
            return 0;
        case PULL_END:
            if (failed)
                tally_error(&export->exchange->tally, "the export broke off");
            return failed ? MHD_CONTENT_READER_END_WITH_ERROR : MHD_CONTENT_READER_END_OF_STREAM;
        case PULL_HERE:
            break;
        }
    }
    size_t n = export->n - export->sent;
    n = n < room ? n : room;
    memcpy(to, export->text + export->sent, n);
    export->sent += n;
    tally_bytes(&export->exchange->tally, n);
    return (ssize_t)n;
}

void export_free(struct export *export)
{
    if (!export)
        return;
    drop_message(export);
    read_free(export->read);
    free(export->text);
    free(export);
}

static enum MHD_Result start(struct exchange *exchange, const struct query *query)
{
    struct export *export = calloc(1, sizeof *export);

    if (!export)
        return MHD_NO;
    exchange->export = export;
    export->exchange = exchange;
    export->is_npy = strcmp(query->format, "npy") == 0;
    export->start_uutc = query->from_uutc;
    export->end_uutc = query->to_uutc;
    export->read = service_read_range(exchange->source->service, &exchange->client,
                                      query->recording, query->channels, query->n_channels,
                                      query->from_uutc, query->to_uutc, exchange_wake, exchange);
    exchange->read = export->read;
    return export->read ? MHD_YES : MHD_NO;
}

/* What is asked for, or why not. */
static const char *read_query(struct exchange *exchange, struct query *query)
{
    if (!query_read(query, exchange,
                    QUERY_RECORDING | QUERY_CHANNELS | QUERY_WINDOW | QUERY_FORMAT | QUERY_PICTURE))
        return query->problem;
    if (!query->has_from || !query->has_to || !query->format)
        return "from=TIME, to=TIME (in microseconds since 1970, UTC) and format= are needed";
    bool is_png = strcmp(query->format, "png") == 0;
    if (!is_png && strcmp(query->format, "csv") != 0 && strcmp(query->format, "npy") != 0)
        return "format is csv, npy or png";
    if (!is_png && (query->width || query->height || query->scale > 0))
        return "width, height and scale are of format=png alone";
    return NULL;
}

static enum MHD_Result answer(struct export *export)
{
    bool is_made = export->is_npy ? put_npy_head(export) : put_csv_head(export);
    struct MHD_Response *response =
        is_made ? MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, BLOCK_BYTES, on_read, export,
                                                    NULL)
                : NULL;

    if (!response)
        return MHD_NO;
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_DISPOSITION,
                            export->is_npy ? "attachment; filename=\"window.npy\""
                                           : "attachment; filename=\"window.csv\"");
    return exchange_answer_with(
        export->exchange, response,
        &(struct answer_body){.status = MHD_HTTP_OK,
                              .type = export->is_npy ? "application/vnd.numpy"
                                                     : "text/csv; charset=utf-8; header=present",
                              .version = export->message->version});
}

enum MHD_Result api_export(struct exchange *exchange)
{
    if (exchange->asking)
        return api_picture(exchange, NULL);
    if (!exchange->export) {
        struct query query;
        const char *problem = read_query(exchange, &query);
        if (problem)
            return exchange_problem(exchange, MHD_HTTP_BAD_REQUEST, problem);
        if (strcmp(query.format, "png") == 0)
            return api_picture(exchange, &query);
        enum MHD_Result started = start(exchange, &query);
        if (started != MHD_YES || exchange->is_answered)
            return started;
    }
    struct export *export = exchange->export;
    enum MHD_Result pulled = exchange_first_message(exchange, export->read, &export->message);
    if (pulled != MHD_YES || exchange->is_resting || exchange->is_answered)
        return pulled;
    return answer(export);
}

/* framing.c - a request's one message out of its bytes. */
#include "framing.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

static bool fail(struct fault *fault_out, enum rpc_status status, const char *text)
{
    *fault_out = (struct fault){status, text};
    return false;
}

static bool too_large(struct fault *fault_out)
{
    return fail(fault_out, RPC_RESOURCE_EXHAUSTED, "the request is larger than the server allows");
}

void framing_prefix(uint8_t out[FRAMING_PREFIX], uint32_t n)
{
    out[0] = 0;
    out[1] = (uint8_t)(n >> 24);
    out[2] = (uint8_t)(n >> 16);
    out[3] = (uint8_t)(n >> 8);
    out[4] = (uint8_t)n;
}

static uint32_t length_in(const uint8_t prefix[FRAMING_PREFIX])
{
    return (uint32_t)prefix[1] << 24 | (uint32_t)prefix[2] << 16 | (uint32_t)prefix[3] << 8 |
           prefix[4];
}

static uint32_t announced(const struct intake *intake)
{
    return length_in(intake->prefix);
}

void intake_init(struct intake *intake, struct intake_budget *budget, size_t limit)
{
    *intake = (struct intake){.budget = budget, .limit = limit};
}

void intake_fini(struct intake *intake)
{
    free(intake->bytes);
    if (intake->budget)
        intake->budget->used -= intake->room;
    intake->bytes = NULL;
    intake->room = intake->n = 0;
}

static bool make_room(struct intake *intake, size_t n, struct fault *fault_out)
{
    if (n <= intake->room)
        return true;

    size_t room = intake->room > 0 ? intake->room * 2 : 256;
    while (room < n)
        room *= 2;
    size_t more = room - intake->room;
    if (more > intake->budget->limit - intake->budget->used)
        return fail(fault_out, RPC_RESOURCE_EXHAUSTED, "too many requests are on their way");
    uint8_t *bytes = realloc(intake->bytes, room);
    if (!bytes)
        return fail(fault_out, RPC_RESOURCE_EXHAUSTED, "out of memory");
    intake->bytes = bytes;
    intake->room = room;
    intake->budget->used += more;
    return true;
}

bool intake_feed(struct intake *intake, const uint8_t *bytes, size_t n, struct fault *fault_out)
{
    while (n > 0 && intake->n_prefix < FRAMING_PREFIX) {
        intake->prefix[intake->n_prefix++] = *bytes++;
        n--;
        if (intake->n_prefix < FRAMING_PREFIX)
            continue;
        if (intake->prefix[0] > 1)
            return fail(fault_out, RPC_INVALID_ARGUMENT, "the message's prefix is malformed");
        if (announced(intake) > intake->limit)
            return too_large(fault_out);
    }
    if (n == 0)
        return true;

    if (n > announced(intake) - intake->n)
        return fail(fault_out, RPC_INVALID_ARGUMENT, "the call takes one request message");
    if (!make_room(intake, intake->n + n, fault_out))
        return false;
    memcpy(intake->bytes + intake->n, bytes, n);
    intake->n += n;
    return true;
}

/* Replace the message by what it inflates to. */
static bool inflate_message(struct intake *intake, enum encoding encoding, struct fault *fault_out)
{
    z_stream stream = {.next_in = intake->bytes, .avail_in = (uInt)intake->n};
    if (inflateInit2(&stream, encoding == ENCODING_GZIP ? 15 + 16 : 15) != Z_OK)
        return fail(fault_out, RPC_RESOURCE_EXHAUSTED, "out of memory");

    struct intake whole;
    intake_init(&whole, intake->budget, intake->limit);
    int status = Z_OK;
    while (status == Z_OK) {
        if (whole.n > intake->limit) {
            too_large(fault_out);
            goto fail;
        }
        size_t room = whole.n + (whole.n < 1024 ? 1024 : whole.n);
        if (!make_room(&whole, room, fault_out))
            goto fail;
        stream.next_out = whole.bytes + whole.n;
        stream.avail_out = (uInt)(whole.room - whole.n);
        status = inflate(&stream, Z_NO_FLUSH);
        whole.n = whole.room - stream.avail_out;
    }
    if (status != Z_STREAM_END || stream.avail_in > 0) {
        fail(fault_out, RPC_INVALID_ARGUMENT, "the compressed message is damaged");
        goto fail;
    }
    if (whole.n > intake->limit) {
        too_large(fault_out);
        goto fail;
    }
    inflateEnd(&stream);

    intake_fini(intake);
    intake->bytes = whole.bytes;
    intake->n = whole.n;
    intake->room = whole.room;
    return true;

fail:
    inflateEnd(&stream);
    intake_fini(&whole);
    return false;
}

bool intake_end(struct intake *intake, enum encoding encoding, const uint8_t **bytes_out,
                size_t *n_out, struct fault *fault_out)
{
    if (intake->n_prefix == 0)
        return fail(fault_out, RPC_INVALID_ARGUMENT, "the call takes a request message");
    if (intake->n_prefix < FRAMING_PREFIX || intake->n < announced(intake))
        return fail(fault_out, RPC_INVALID_ARGUMENT, "the request message is cut short");

    if (intake->prefix[0] == 1) {
        if (encoding == ENCODING_IDENTITY)
            return fail(fault_out, RPC_UNIMPLEMENTED, "the message is compressed in no known way");
        if (!inflate_message(intake, encoding, fault_out))
            return false;
    }
    *bytes_out = intake->bytes;
    *n_out = intake->n;
    return true;
}

/* --- One request after another ---------------------------------------------------- */

void backlog_init(struct backlog *backlog, struct intake_budget *budget)
{
    backlog->from = 0;
    intake_init(&backlog->raw, budget, 0);
}

void backlog_fini(struct backlog *backlog)
{
    intake_fini(&backlog->raw);
    backlog->from = 0;
}

bool backlog_is_empty(const struct backlog *backlog)
{
    return backlog->from == backlog->raw.n;
}

bool backlog_add(struct backlog *backlog, const uint8_t *bytes, size_t n, struct fault *fault_out)
{
    struct intake *raw = &backlog->raw;

    /* Moved only when there is no room behind: not for each small request. */
    if (raw->n + n > raw->room && backlog->from > 0) {
        raw->n -= backlog->from;
        memmove(raw->bytes, raw->bytes + backlog->from, raw->n);
        backlog->from = 0;
    }
    if (!make_room(raw, raw->n + n, fault_out))
        return false;
    if (n > 0)
        memcpy(raw->bytes + raw->n, bytes, n);
    raw->n += n;
    return true;
}

enum backlog_next backlog_next(struct backlog *backlog, struct intake *intake, size_t *n_taken_out,
                               struct fault *fault_out)
{
    size_t left = backlog->raw.n - backlog->from;

    if (left < FRAMING_PREFIX)
        return BACKLOG_NOT_WHOLE;
    const uint8_t *at = backlog->raw.bytes + backlog->from;
    size_t n = length_in(at);
    if (n > intake->limit) {
        too_large(fault_out);
        return BACKLOG_WRONG;
    }
    if (left < FRAMING_PREFIX + n)
        return BACKLOG_NOT_WHOLE;
    if (!intake_feed(intake, at, FRAMING_PREFIX + n, fault_out))
        return BACKLOG_WRONG;
    backlog->from += FRAMING_PREFIX + n;
    *n_taken_out = FRAMING_PREFIX + n;
    if (backlog_is_empty(backlog))
        backlog_fini(backlog); /* nothing is kept for a stream that is only open */
    return BACKLOG_TAKEN;
}

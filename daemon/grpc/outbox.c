/* outbox.c - what a connection has yet to write, in order. */
#include "outbox.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "base/trace.h"
#include "body.h"

enum {
    FRAME_SPANS = 3,    /* frame header, head, samples */
    FRAME_SCRATCH = 64, /* a DATA frame's header and some */
};

void outbox_init(struct outbox *outbox)
{
    outbox->first = 0;
    outbox->n = 0;
    outbox->n_scratch = 0;
    outbox->n_bytes = 0;
}

void outbox_fini(struct outbox *outbox)
{
    for (size_t i = outbox->first; i < outbox->n; i++)
        body_drop(outbox->spans[i].body);
    outbox_init(outbox);
}

bool outbox_is_empty(const struct outbox *outbox)
{
    return outbox->first == outbox->n;
}

bool outbox_has_room(const struct outbox *outbox)
{
    return outbox->n + FRAME_SPANS <= OUTBOX_SPANS &&
           outbox->n_scratch + FRAME_SCRATCH <= OUTBOX_SCRATCH && outbox->n_bytes < OUTBOX_BYTES;
}

static void add_span(struct outbox *outbox, const uint8_t *at, size_t n, struct body *body)
{
    assert(outbox->n < OUTBOX_SPANS);
    outbox->spans[outbox->n++] = (struct outbox_span){.at = at, .n = n, .body = body};
    outbox->n_bytes += n;
}

int outbox_add_copy(struct outbox *outbox, const uint8_t *bytes, size_t n)
{
    if (n > OUTBOX_SCRATCH - outbox->n_scratch) {
        struct body *body = body_new(n);
        if (!body)
            return -1;
        memcpy(body->head, bytes, n);
        add_span(outbox, body->head, n, body);
        return 0;
    }

    uint8_t *at = outbox->scratch + outbox->n_scratch;
    memcpy(at, bytes, n);
    outbox->n_scratch += n;

    struct outbox_span *last = outbox_is_empty(outbox) ? NULL : &outbox->spans[outbox->n - 1];
    if (last && !last->body && last->at + last->n == at) {
        last->n += n;
        outbox->n_bytes += n;
    } else {
        add_span(outbox, at, n, NULL);
    }
    return 0;
}

void outbox_add_body(struct outbox *outbox, struct body *body, size_t from, size_t n)
{
    assert(from <= body->n_head + body->n_tail && n <= body->n_head + body->n_tail - from);

    if (from < body->n_head) {
        size_t part = n < body->n_head - from ? n : body->n_head - from;
        add_span(outbox, body->head + from, part, body_hold(body));
        from += part;
        n -= part;
    }
    if (n > 0)
        add_span(outbox, body->tail + (from - body->n_head), n, body_hold(body));
}

static void wrote(struct outbox *outbox, size_t n)
{
    while (n > 0) {
        struct outbox_span *span = &outbox->spans[outbox->first];
        if (span->body)
            body_moved(span->body, n < span->n ? n : span->n);
        if (n < span->n) {
            span->at += n;
            span->n -= n;
            return;
        }
        n -= span->n;
        body_drop(span->body);
        outbox->first++;
    }
}

enum outbox_write outbox_write(struct outbox *outbox, int fd)
{
    while (!outbox_is_empty(outbox)) {
        struct iovec parts[OUTBOX_SPANS];
        size_t n_parts = 0;
        for (size_t i = outbox->first; i < outbox->n; i++) {
            union {
                const uint8_t *in;
                void *out;
            } base = {.in = outbox->spans[i].at};
            parts[n_parts++] = (struct iovec){base.out, outbox->spans[i].n};
        }

        struct msghdr header = {.msg_iov = parts, .msg_iovlen = n_parts};
        ssize_t n = sendmsg(fd, &header, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n >= 0)
            trace_sent("sent", (uint64_t)n);
        if (n >= 0)
            wrote(outbox, (size_t)n);
        else if (errno == EAGAIN || errno == EWOULDBLOCK)
            return OUTBOX_BLOCKED;
        else if (errno != EINTR)
            return OUTBOX_FAILED;
    }
    outbox_init(outbox);
    return OUTBOX_WRITTEN;
}

/* framing.h - a request's one message out of its bytes: a prefix of five (is it
 * compressed? how long?), then the message, cut in pieces in any way. */
#ifndef GRPC_FRAMING_H
#define GRPC_FRAMING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fault.h"
#include "metadata.h"

enum { FRAMING_PREFIX = 5 };

/* Write the prefix of an uncompressed message of n bytes. */
void framing_prefix(uint8_t out[FRAMING_PREFIX], uint32_t n);

/* What all the intakes of a server may hold together. */
struct intake_budget {
    size_t limit;
    size_t used;
};

struct intake {
    struct intake_budget *budget;
    size_t limit; /* of the message, as sent and inflated */
    uint8_t prefix[FRAMING_PREFIX];
    size_t n_prefix;
    uint8_t *bytes;
    size_t n;
    size_t room; /* charged to the budget */
};

void intake_init(struct intake *intake, struct intake_budget *budget, size_t limit);
void intake_fini(struct intake *intake);

/* Take in the next bytes. Room grows with what has come, not with what was
 * announced. */
bool intake_feed(struct intake *intake, const uint8_t *bytes, size_t n, struct fault *fault_out);

/* Nothing more will come: the message, inflated. It belongs to the intake. */
bool intake_end(struct intake *intake, enum encoding encoding, const uint8_t **bytes_out,
                size_t *n_out, struct fault *fault_out);

/* Requests of a call that takes several, one after another: bytes that have come
 * and are not taken yet. HTTP/2's window of the stream bounds it. */
struct backlog {
    struct intake raw;
    size_t from; /* of raw.bytes: what is before it was taken */
};

void backlog_init(struct backlog *backlog, struct intake_budget *budget);
void backlog_fini(struct backlog *backlog);
bool backlog_is_empty(const struct backlog *backlog);
bool backlog_add(struct backlog *backlog, const uint8_t *bytes, size_t n, struct fault *fault_out);

enum backlog_next {
    BACKLOG_NOT_WHOLE, /* the next request, or there is none */
    BACKLOG_TAKEN,     /* it is in the intake, which was new: see intake_end */
    BACKLOG_WRONG,     /* *fault_out says why */
};
enum backlog_next backlog_next(struct backlog *backlog, struct intake *intake, size_t *n_taken_out,
                               struct fault *fault_out);

#endif

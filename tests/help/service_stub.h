/* service_stub.h - a service that answers from memory, as a test tells it to.
 *
 * Implements service/service.h. Each path that does not begin with "missing"
 * is a recording of the facts below; samples are bytes of a fixed pattern. */
#ifndef TESTS_HELP_SERVICE_STUB_H
#define TESTS_HELP_SERVICE_STUB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <uv.h>

#include "service/service.h"

struct service {
    uv_loop_t *loop;

    /* The recording. */
    size_t n_channels;
    double rate_hz;
    int64_t start_uutc;
    int64_t seconds;
    const char *const *names; /* n_channels of them, made by the stub */

    /* What to do. */
    size_t message_bytes; /* samples of a message, at most about */
    bool looks;           /* open recordings are looked at before they are told of */
    bool delays;          /* an answer is ready delay_ms after it was asked for, not at once */
    uint64_t delay_ms;
    enum outcome outcome;     /* how openings and reads end, */
    unsigned n_before;        /* after so many messages when it is not DONE */
    const char *damage;       /* of every read */
    const char *read_error;   /* reads answer with this; NULL: with samples */
    const char *strange_name; /* instead of the first channel's; NULL: none */

    /* What is alive, and what has been. */
    unsigned n_openings;
    unsigned n_reads;
    struct read *latest; /* begun */
    unsigned n_messages;
    unsigned n_pulls;
    unsigned n_messages_made;
    unsigned most_messages;

    /* The state of the calls without a handle. */
    char last_path[256];
    bool opened;
    int64_t page_seconds;
    uint8_t *pattern;
    char (*name_texts)[16];
    double *rates;
    int64_t *starts;
    int64_t *ends;
};

struct service *service_stub_new(uv_loop_t *loop, size_t n_channels);

/* Timers close asynchronously: let the loop run before closing it. */
void service_stub_free(struct service *service);

/* Have the latest read, which is alive, lose its messages. */
void service_stub_shed(struct service *service);

/* Byte number `at` of message number `k` of a read. */
uint8_t service_stub_byte(unsigned k, size_t at);

#endif

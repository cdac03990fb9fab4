/* note.h - what is told of a call in the log, once, when it has ended.
 *
 * Every call has one, however it ends: answered, refused, given up by its client,
 * cut off with its connection. */
#ifndef GRPC_NOTE_H
#define GRPC_NOTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "service/service.h"

struct call;
struct lately;

/* By number, as gRPC has them. */
extern const char *const GRPC_STATUS_NAMES[];

struct note {
    uint64_t number;         /* counted since the server started */
    uint64_t waits_since_ns; /* 0: it does not */
    uint64_t waiting_ns;
    uint64_t n_messages;
    uint64_t n_bytes;
    char *session;  /* as much of the path as a line takes; NULL: none came */
    char *error;    /* of the answer; NULL: none */
    bool is_remark; /* it is: the recording was open already */
    bool is_opening;
    bool is_read;
    bool is_page;
    bool has_figures; /* of a read that has ended */
    int64_t page;
    int64_t start_uutc; /* of a range, as it was asked for */
    int64_t end_uutc;
    struct read_figures figures;
};

/* The path of the request, which is returned; "" when the request has none. */
const char *note_session(struct note *note, const char *file_path);

/* The answer's error_message; NULL and "" are none. */
void note_error(struct note *note, const char *error);

/* The client could be given a message, and there is none (yet). */
void note_waits(struct note *note, bool waits);

/* Write the line and free what the note holds. */
void note_end(struct call *call);

/* As people name it: without its service. */
const char *note_method(const struct call *call);

/* A client that was not let in. */
void note_refused_connection(struct lately *lately, int fd);

#endif

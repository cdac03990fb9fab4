/* tally.h - what is counted, and told, of connections and requests over HTTP. */
#ifndef HTTP_TALLY_H
#define HTTP_TALLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/lately.h"
#include "http/http.h"

struct guest;
struct guests;
struct read;
struct asking;

struct tally {
    struct http_counters counters;
    struct lately *lately;
    struct guests *guests;
};

/* A request's, from its first header field to its end. */
struct tally_request {
    struct tally *tally;
    struct guest *guest;
    const char *peer; /* outlives it */
    uint64_t began_ns;
    uint64_t n_bytes; /* of the answer's body */
    unsigned status;  /* of HTTP; 0: it got no answer */
    bool is_head;     /* the answer has no body */
    char path[64];
    char recording[192];
    char error[192]; /* as the client was told */
};

/* `peer`, `guest` may be "" and NULL. `recording`: NULL: the request names none. */
void tally_begin(struct tally_request *request, const char *path, const char *recording);
void tally_status(struct tally_request *request, unsigned status, size_t n_bytes);
void tally_bytes(struct tally_request *request, size_t n_bytes);
void tally_error(struct tally_request *request, const char *text);
/* What it was waiting for is told by one of the two; both NULL: it waited for nothing.
 * `is_whole`: the client got all of the answer. */
void tally_end(struct tally_request *request, const struct asking *asking, const struct read *read,
               bool is_whole);

#endif

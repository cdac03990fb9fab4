/* exchange.h - one request over HTTP and its answer, while it is being made.
 *
 * A *route* answers a path. It gives an answer at once, or starts something that the
 * exchange waits for: then the connection rests until exchange_wake. */
#ifndef HTTP_EXCHANGE_H
#define HTTP_EXCHANGE_H

#include <microhttpd.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/passwords.h"
#include "http/http.h"
#include "http/tally.h"
#include "service/service.h"

struct route;
struct samples;
struct export;

/* What an answer is made of. */
struct answer_body {
    unsigned status;
    const char *type;
    const void *bytes;
    size_t n;
    enum MHD_ResponseMemoryMode mode;
    uint64_t version; /* of what it is about; 0: it is not to be kept */
};

struct exchange {
    struct http_server *server;
    const struct http_source *source;
    struct MHD_Connection *connection;
    const char *path;
    const struct route *route;
    struct tally_request tally;
    struct client client;
    char password[PASSWORD_ROOM]; /* wiped at the end */
    bool is_resting;              /* the connection is suspended */
    bool is_answered;             /* an answer was queued */
    struct asking *asking;
    const struct read *read; /* of samples or export */
    struct samples *samples;
    struct export *export;
};

/* Answers the request, or lets it rest. Called again after each exchange_wake. MHD_NO: out of
 * memory, the connection is closed. */
typedef enum MHD_Result route_fn(struct exchange *exchange);

struct route {
    const char *path;
    route_fn *answer;
    bool is_open; /* to whoever calls the server by any name: it tells nothing of recordings */
};

/* NULL: there is none. */
const struct route *route_find(const char *path);

/* Make an answer, and free or keep its bytes as `mode` says, whatever comes of it. */
enum MHD_Result exchange_answer(struct exchange *exchange, const struct answer_body *body);
/* The same for a response that the caller made, which is let go. */
enum MHD_Result exchange_answer_with(struct exchange *exchange, struct MHD_Response *response,
                                     const struct answer_body *body);
/* What the client has is what there is. */
enum MHD_Result exchange_unchanged(struct exchange *exchange, uint64_t version);
enum MHD_Result exchange_say(struct exchange *exchange, unsigned status, const char *text);

/* RFC 9457. `detail` is for a person; copied. */
enum MHD_Result exchange_problem(struct exchange *exchange, unsigned status, const char *detail);
/* The problem that a reply's or a message's error is. */
enum MHD_Result exchange_refusal(struct exchange *exchange, enum reply_kind kind,
                                 const char *detail);
enum MHD_Result exchange_problem_of(struct exchange *exchange, enum outcome outcome);

/* The field "mef3-password" (or "mef3-password-bin") becomes the client's. False: it makes no
 * sense. */
bool exchange_take_password(struct exchange *exchange);

/* The first message of a read. Where there is none yet the exchange rests, and where there will be
 * none it has its answer; else *message_out is set. */
enum MHD_Result exchange_first_message(struct exchange *exchange, struct read *read,
                                       const struct message **message_out);

/* What the client has an answer of already, as If-None-Match has it; 0: nothing. */
uint64_t exchange_known_version(const struct exchange *exchange);

/* http.c: the connection rests until it is woken; then the route is called again. */
enum MHD_Result exchange_rest(struct exchange *exchange);
void exchange_wake(void *exchange);

#endif

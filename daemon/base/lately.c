/* lately.c - the calls that ended lately and are worth telling of. */
#include "base/lately.h"

#include <stdlib.h>
#include <string.h>

#include "base/character.h"

/* Of each minute the slowest calls are kept, so that there are enough of them when the
 * slowest of all are older than five minutes. One more than five: the first is not whole. */
enum { MINUTES = 6, MINUTE_S = 60 };

struct kept {
    struct lately_call call; /* its texts are these */
    char client[64];
    char method[64];
    char recording[192];
    char status[24];
    char text[192];
};

struct minute {
    int64_t number; /* since 1970 */
    size_t n;
    struct kept calls[LATELY_SLOW];
};

struct lately {
    struct minute minutes[MINUTES];
    struct kept refusals[LATELY_REFUSALS]; /* a ring */
    size_t n_refused;                      /* ever */
};

struct lately *lately_new(void)
{
    return calloc(1, sizeof(struct lately));
}

void lately_free(struct lately *lately)
{
    free(lately);
}

static void keep(struct kept *kept, const struct lately_call *call)
{
    kept->call = *call;
    character_copy(kept->client, sizeof kept->client, call->client);
    character_copy(kept->method, sizeof kept->method, call->method);
    character_copy(kept->recording, sizeof kept->recording, call->recording);
    character_copy(kept->status, sizeof kept->status, call->status);
    character_copy(kept->text, sizeof kept->text, call->text);
}

static struct lately_call told(const struct kept *kept)
{
    struct lately_call call = kept->call;

    call.client = kept->client;
    call.method = kept->method;
    call.recording = kept->recording;
    call.status = kept->status;
    call.text = kept->text;
    return call;
}

static void keep_slow(struct lately *lately, const struct lately_call *call)
{
    int64_t number = (int64_t)(call->at_s / MINUTE_S);
    struct minute *minute = &lately->minutes[(uint64_t)number % MINUTES];
    struct kept *fastest = minute->calls;

    if (minute->number != number)
        minute->n = 0;
    minute->number = number;
    if (minute->n < LATELY_SLOW) {
        keep(&minute->calls[minute->n++], call);
        return;
    }
    for (size_t i = 1; i < LATELY_SLOW; i++)
        if (minute->calls[i].call.took_us < fastest->call.took_us)
            fastest = &minute->calls[i];
    if (call->took_us > fastest->call.took_us)
        keep(fastest, call);
}

void lately_add(struct lately *lately, const struct lately_call *call)
{
    if (!lately)
        return;
    if (call->is_timed)
        keep_slow(lately, call);
    if (call->is_refused)
        keep(&lately->refusals[lately->n_refused++ % LATELY_REFUSALS], call);
}

static int slowest_first(const void *a, const void *b)
{
    const struct kept *const *left = a, *const *right = b;
    uint64_t l = (*left)->call.took_us, r = (*right)->call.took_us;

    return (l < r) - (l > r);
}

size_t lately_slow(const struct lately *lately, double now_s,
                   struct lately_call calls_out[LATELY_SLOW])
{
    const struct kept *found[MINUTES * LATELY_SLOW];
    size_t n = 0;

    for (size_t m = 0; lately && m < MINUTES; m++)
        for (size_t i = 0; i < lately->minutes[m].n; i++) {
            const struct kept *kept = &lately->minutes[m].calls[i];
            if (kept->call.at_s > now_s - LATELY_SECONDS && kept->call.at_s <= now_s)
                found[n++] = kept;
        }
    qsort(found, n, sizeof *found, slowest_first);
    n = n < LATELY_SLOW ? n : LATELY_SLOW;
    for (size_t i = 0; i < n; i++)
        calls_out[i] = told(found[i]);
    return n;
}

size_t lately_refusals(const struct lately *lately, struct lately_call calls_out[LATELY_REFUSALS])
{
    size_t n = 0;

    for (; lately && n < LATELY_REFUSALS && n < lately->n_refused; n++)
        calls_out[n] = told(&lately->refusals[(lately->n_refused - 1 - n) % LATELY_REFUSALS]);
    return n;
}

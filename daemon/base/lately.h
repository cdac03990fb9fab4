/* lately.h - the calls that ended lately and are worth telling of: the slowest ones with
 * where their time went, and those that were refused or ended with an error.
 *
 * For /api/v1/status. What is kept is bounded, whatever clients do: texts are cut, and made
 * of characters that can be shown. NULL for a struct lately: nobody looks, nothing is kept. */
#ifndef BASE_LATELY_H
#define BASE_LATELY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Told of: the slowest of the last five minutes; the latest refusals. */
enum { LATELY_SLOW = 20, LATELY_SECONDS = 300, LATELY_REFUSALS = 32 };

/* Parts of the time that a call took; the rest is its client's and the loop's own. */
struct lately_where {
    uint64_t open_us;   /* until its recording was open, or looked at */
    uint64_t wait_us;   /* for a worker */
    uint64_t decode_us; /* while workers were at it */
};

/* A call that has ended. Texts are never NULL; "" where there is none. */
struct lately_call {
    double at_s; /* since 1970 */
    uint64_t took_us;
    const char *client;
    const char *method;
    const char *recording;
    const char *status;
    const char *text; /* what went wrong */
    struct lately_where where;
    bool is_timed; /* may be one of the slow ones */
    bool is_refused;
};

struct lately;

struct lately *lately_new(void); /* NULL: out of memory */
void lately_free(struct lately *lately);
void lately_add(struct lately *lately, const struct lately_call *call);

/* The slowest of the five minutes before now_s, slowest first; the latest refusals, latest
 * first. How many there are; what they point to is valid until the next lately_add. */
size_t lately_slow(const struct lately *lately, double now_s,
                   struct lately_call calls_out[LATELY_SLOW]);
size_t lately_refusals(const struct lately *lately, struct lately_call calls_out[LATELY_REFUSALS]);

#endif

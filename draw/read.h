/* read.h - a page, made from a recording.
 *
 * What is wrong with a recording becomes a hatched place of the page, and is no failure. Memory
 * does not grow with the window: a column of pixels is what is kept, however many samples it has.
 */
#ifndef DRAW_READ_H
#define DRAW_READ_H

#include <mef3/mef3.h>

#include "page.h"

/* What is wanted. */
struct draw_wanted {
    int width, height;
    double scale; /* units a millimetre; 0: so that traces fill their lanes */
    bool is_positive_up, is_dark;
    bool hides_level_2; /* no text of a record that is behind the second password */
    int64_t start_uutc, end_uutc;
};

/* A channel of the page. */
struct draw_channel {
    size_t number;
    size_t place; /* what the caller knows it by */
    double rate_hz;
    int64_t n;    /* samples of the window */
    bool is_lost; /* nothing of it can be read */
};

/* In the order in which channels were recorded; those of which it is not known last. */
void draw_sort(struct mef3_session *session, struct draw_channel *channels, size_t n);

/* Samples [first, first + n) of the window of the channel of that place, and what each is. */
typedef int draw_read_fn(void *arg, size_t place, int64_t first, size_t n, int32_t *counts_out,
                         uint8_t *truth_out, struct mef3_error *error);

/* A stretch of the channel that cannot be read. */
typedef void draw_damage_fn(void *arg, size_t place, int64_t start_uutc, int64_t end_uutc);

/* The channel is done. */
typedef void draw_done_fn(void *arg, size_t place);

/* Whether a picture may be so large, and the window so long (at most 400 years). NULL, or what is
 * wrong with it, for a person. */
const char *draw_refusal(const struct draw_wanted *wanted);

/* A page of samples, from `read`. `session` must be open as a whole. */
MEF3_MUST int draw_read_page(struct mef3_session *session, const struct draw_wanted *wanted,
                             const struct draw_channel *channels, size_t n, draw_read_fn *read,
                             void *arg, struct draw_page *page_out, struct mef3_error *error);

/* The same from the index: no block is decoded of which it tells the least and the greatest. */
MEF3_MUST int draw_read_overview(struct mef3_session *session, const struct draw_wanted *wanted,
                                 const struct draw_channel *channels, size_t n,
                                 draw_damage_fn *damaged, draw_done_fn *done, void *arg,
                                 struct draw_page *page_out, struct mef3_error *error);

#endif

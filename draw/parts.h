/* parts.h - what makes a page shares: traces, events, words, and the scale. */
#ifndef DRAW_PARTS_H
#define DRAW_PARTS_H

#include "read.h"

/* Where in the window a time is, as a fraction. */
double place_of(const struct draw_page *page, int64_t uutc);

/* Bars and holes of a trace from its samples. */
MEF3_MUST int samples_read(const struct draw_page *page, const struct draw_channel *channel,
                           draw_read_fn *read, void *arg, struct draw_trace *trace,
                           struct mef3_error *error);

/* The same from the index. */
MEF3_MUST int bars_read(struct mef3_session *session, const struct draw_page *page,
                        const struct draw_channel *channel, draw_damage_fn *damaged, void *arg,
                        struct draw_trace *trace, struct mef3_error *error);

/* Records of the session and of all its channels. */
MEF3_MUST int events_read(struct mef3_session *session, bool hides_level_2, struct draw_page *page,
                          struct mef3_error *error);

/* The sensitivity that lets traces fill their lanes, where the usual one is far off. */
double fit_scale(const struct draw_page *page);

/* What units are multiplied with to be µV; 0: they are no volts. */
double units_microvolts(const char *units);

int no_memory(struct mef3_error *error);

#endif

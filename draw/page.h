/* page.h - a page of a recording as plain numbers and texts: what is to be painted.
 *
 * It is made from a recording by what knows nothing of pictures (read.h), and painted by what
 * knows nothing of recordings (paint.h), which is a module of its own. Places on the page's width
 * are fractions of the window: 0 is its start, 1 its end. */
#ifndef DRAW_PAGE_H
#define DRAW_PAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <mef3/status.h>

/* How large a picture may be, in pixels of 1/96 of an inch. */
enum {
    DRAW_LEAST_WIDTH = 320,
    DRAW_LEAST_HEIGHT = 160,
    DRAW_USUAL_WIDTH = 1600,
    DRAW_USUAL_HEIGHT = 900,
    DRAW_MOST_SIDE = 16384,
};

/* What the values of a trace are drawn as. */
enum draw_style {
    DRAW_LINE,    /* sample by sample */
    DRAW_COLUMNS, /* more samples than pixels: of each column the least and the greatest */
    DRAW_BARS,    /* of each bar the same; bars are as wide as they say */
};

/* Counts of one sample (then begin is end, and low is high), or the least and greatest of some. */
struct draw_bar {
    double begin;
    double end;
    int32_t low;
    int32_t high;
    bool is_joined; /* nothing is missing between the one before and this one */
};

/* Where nothing is drawn: nothing was recorded, or it cannot be read. */
struct draw_hole {
    double begin;
    double end;
    bool is_damage;
};

struct draw_trace {
    char *name; /* UTF-8 */
    int side;   /* of the head: -1 left, 1 right, 0 neither */
    double factor;
    double middle; /* the count that is drawn at the lane's middle */
    enum draw_style style;
    struct draw_bar *bars;
    size_t n_bars, bars_room;
    struct draw_hole *holes;
    size_t n_holes, holes_room;
};

struct draw_event {
    double begin;
    double end;  /* begin, where it has no duration */
    char *words; /* UTF-8 */
};

struct draw_page {
    size_t self_bytes; /* sizeof: a module of another release is not to guess */
    int width, height;
    bool is_dark, is_positive_up;
    double scale; /* units a millimetre */
    char unit[16];
    int64_t start_uutc, end_uutc;
    int64_t recording_uutc; /* its start; MEF3_NO_TIME: not known */
    int32_t gmt_offset_s;   /* of the clock on the wall; 0 where it is not known */
    char *title;            /* the recording's name */
    char notes[160];        /* how it is drawn */
    struct draw_trace *traces;
    size_t n_traces;
    struct draw_event *events;
    size_t n_events;
    size_t n_more_events; /* that found no room */
};

void draw_page_fini(struct draw_page *page);

/* Pixels of the width that traces have: one column each. */
int draw_columns(int width);

#endif

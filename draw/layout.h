/* layout.h - where things are on a page, in pixels of 1/96 of an inch, of which a millimetre has
 * 3.78. Plain arithmetic, for what reads and for what paints. */
#ifndef DRAW_LAYOUT_H
#define DRAW_LAYOUT_H

#define DRAW_PIXELS_PER_MM (96 / 25.4)

enum {
    LAYOUT_HEAD = 46,    /* the recording, and how it is drawn */
    LAYOUT_LABELS = 112, /* names */
    LAYOUT_RIGHT = 12,
    LAYOUT_AXIS = 40, /* the clock, and the time from the start */
};

/* Where traces are. */
struct layout {
    double left, top, width, height;
    double lane; /* the height that each of them has */
};

struct layout layout_of(int width, int height, unsigned long n_traces);

#endif

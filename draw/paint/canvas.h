/* canvas.h - what the painters of a page share: where they paint, in which colours, and text. */
#ifndef DRAW_CANVAS_H
#define DRAW_CANVAS_H

#include <cairo.h>

#include "draw/layout.h"
#include "draw/page.h"

struct colours {
    unsigned paper, ink, strong, line, faint, left, right, gap, damage, event;
};

struct canvas {
    cairo_t *to;
    const struct draw_page *page;
    const struct colours *colours;
    struct layout layout;
    cairo_font_face_t *font;
};

void canvas_use(const struct canvas *canvas, unsigned rgb);
void canvas_use_thin(const struct canvas *canvas, unsigned rgb, double share);

/* Pixels from the left of a fraction of the window. */
double canvas_x(const struct canvas *canvas, double place);

/* text.c. `y` is the line that letters stand on. What does not fit into `room` ends in "…". */
double text_width(const struct canvas *canvas, double size, const char *text);
void text_paint(const struct canvas *canvas, double x, double y, double size, double room,
                const char *text);
cairo_font_face_t *text_font(void); /* NULL: out of memory */

/* The painters, in the order in which they are called. */
void paint_holes(const struct canvas *canvas);
void paint_grid(const struct canvas *canvas);
void paint_traces(const struct canvas *canvas);
void paint_events(const struct canvas *canvas);
void paint_scale(const struct canvas *canvas);
void paint_labels(const struct canvas *canvas);
void paint_head(const struct canvas *canvas);

#endif

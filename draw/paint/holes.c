/* holes.c - what is missing: a gap is shaded, what cannot be read is hatched besides. */
#include <math.h>

#include "canvas.h"

static void hatch(const struct canvas *canvas, double x, double y, double width, double height)
{
    enum { APART = 8 };

    cairo_save(canvas->to);
    cairo_rectangle(canvas->to, x, y, width, height);
    cairo_clip(canvas->to);
    canvas_use(canvas, canvas->colours->damage);
    cairo_set_line_width(canvas->to, 1.5);
    for (double at = floor((x - height) / APART) * APART; at < x + width; at += APART) {
        cairo_move_to(canvas->to, at, y + height);
        cairo_line_to(canvas->to, at + height, y);
    }
    cairo_stroke(canvas->to);
    cairo_restore(canvas->to);
}

/* At least a pixel: the shortest of them is seen. */
static void paint_hole(const struct canvas *canvas, double top, const struct draw_hole *hole,
                       bool is_hatched)
{
    double x = fmax(canvas->layout.left, canvas_x(canvas, hole->begin));
    double end = fmin(canvas->layout.left + canvas->layout.width, canvas_x(canvas, hole->end));
    double width = fmax(1, end - x);

    if (is_hatched) {
        hatch(canvas, x, top, width, canvas->layout.lane);
        return;
    }
    /* Whole pixels: no seam between lanes. */
    cairo_set_antialias(canvas->to, CAIRO_ANTIALIAS_NONE);
    canvas_use(canvas, canvas->colours->gap);
    cairo_rectangle(canvas->to, x, top, width, canvas->layout.lane);
    cairo_fill(canvas->to);
    cairo_set_antialias(canvas->to, CAIRO_ANTIALIAS_DEFAULT);
}

void paint_holes(const struct canvas *canvas)
{
    const struct draw_page *page = canvas->page;

    for (int hatched = 0; hatched <= 1; hatched++)
        for (size_t i = 0; i < page->n_traces; i++)
            for (size_t k = 0; k < page->traces[i].n_holes; k++)
                if (!hatched || page->traces[i].holes[k].is_damage)
                    paint_hole(canvas, canvas->layout.top + (double)i * canvas->layout.lane,
                               &page->traces[i].holes[k], hatched);
}

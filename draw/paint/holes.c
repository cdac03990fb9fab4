/* holes.c - what is missing: a gap is shaded, what cannot be read is hatched besides. */
#include <math.h>

#include "canvas.h"

/* All of a lane: a clip says where of it. */
static void hatch(const struct canvas *canvas, double top)
{
    enum { APART = 8 };
    const struct layout *l = &canvas->layout;

    canvas_use(canvas, canvas->colours->damage);
    cairo_set_line_width(canvas->to, 1.5);
    for (double x = l->left - APART * ceil(l->lane / APART); x < l->left + l->width; x += APART) {
        cairo_move_to(canvas->to, x, top + l->lane);
        cairo_line_to(canvas->to, x + l->lane, top);
    }
    cairo_stroke(canvas->to);
}

/* Where a trace has holes, or only damage; each at least a pixel wide, so that it is seen. False:
 * nowhere. */
static bool holes_path(const struct canvas *canvas, const struct draw_trace *trace, double top,
                       bool only_damage)
{
    const struct layout *l = &canvas->layout;
    bool is_any = false;

    for (size_t k = 0; k < trace->n_holes; k++) {
        const struct draw_hole *hole = &trace->holes[k];
        if (only_damage && !hole->is_damage)
            continue;
        double x = fmax(l->left, canvas_x(canvas, hole->begin));
        double end = fmin(l->left + l->width, canvas_x(canvas, hole->end));
        cairo_rectangle(canvas->to, x, top, fmax(1, end - x), l->lane);
        is_any = true;
    }
    return is_any;
}

void paint_holes(const struct canvas *canvas)
{
    const struct draw_page *page = canvas->page;

    for (size_t i = 0; i < page->n_traces; i++) {
        double top = canvas->layout.top + (double)i * canvas->layout.lane;
        cairo_save(canvas->to);
        /* Whole pixels: no seam between lanes. */
        cairo_set_antialias(canvas->to, CAIRO_ANTIALIAS_NONE);
        holes_path(canvas, &page->traces[i], top, false);
        canvas_use(canvas, canvas->colours->gap);
        cairo_fill(canvas->to);
        if (holes_path(canvas, &page->traces[i], top, true)) {
            cairo_clip(canvas->to);
            cairo_set_antialias(canvas->to, CAIRO_ANTIALIAS_DEFAULT);
            hatch(canvas, top);
        }
        cairo_restore(canvas->to);
    }
}

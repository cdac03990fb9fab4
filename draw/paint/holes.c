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

/* Which of a trace's holes. Damage that is narrower than a hatch would show in is filled. */
enum which { ALL_HOLES, NARROW_DAMAGE, WIDE_DAMAGE };
static const double NARROW = 5;

static bool is_of(const struct draw_hole *hole, double width, enum which which)
{
    return which == ALL_HOLES || (hole->is_damage && (width < NARROW) == (which == NARROW_DAMAGE));
}

/* Each at least a pixel wide, so that it is seen. False: there are none. */
static bool holes_path(const struct canvas *canvas, const struct draw_trace *trace, double top,
                       enum which which)
{
    const struct layout *l = &canvas->layout;
    bool is_any = false;

    for (size_t k = 0; k < trace->n_holes; k++) {
        double x = fmax(l->left, canvas_x(canvas, trace->holes[k].begin));
        double end = fmin(l->left + l->width, canvas_x(canvas, trace->holes[k].end));
        double width = fmax(1, end - x);
        if (!is_of(&trace->holes[k], width, which))
            continue;
        cairo_rectangle(canvas->to, x, top, width, l->lane);
        is_any = true;
    }
    return is_any;
}

static void paint_lane(const struct canvas *canvas, const struct draw_trace *trace, double top)
{
    /* Whole pixels: no seam between lanes. */
    cairo_set_antialias(canvas->to, CAIRO_ANTIALIAS_NONE);
    holes_path(canvas, trace, top, ALL_HOLES);
    canvas_use(canvas, canvas->colours->gap);
    cairo_fill(canvas->to);
    holes_path(canvas, trace, top, NARROW_DAMAGE);
    canvas_use(canvas, canvas->colours->damage);
    cairo_fill(canvas->to);
    if (!holes_path(canvas, trace, top, WIDE_DAMAGE))
        return;
    cairo_clip(canvas->to);
    cairo_set_antialias(canvas->to, CAIRO_ANTIALIAS_DEFAULT);
    hatch(canvas, top);
}

void paint_holes(const struct canvas *canvas)
{
    for (size_t i = 0; i < canvas->page->n_traces; i++) {
        cairo_save(canvas->to);
        paint_lane(canvas, &canvas->page->traces[i],
                   canvas->layout.top + (double)i * canvas->layout.lane);
        cairo_restore(canvas->to);
    }
}

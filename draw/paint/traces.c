/* traces.c - traces, each in its lane, and their names beside them. */
#include <math.h>

#include "canvas.h"

/* How a trace's counts become heights. */
struct heights {
    double middle; /* of the lane, in pixels */
    double zero;   /* the count there */
    double pixels; /* a count, downwards */
    double most;   /* from there: libraries do not like figures beyond reason */
};

static double y_of(const struct heights *h, int32_t count)
{
    double pixels = (count - h->zero) * h->pixels;

    return h->middle + fmax(-h->most, fmin(h->most, pixels));
}

static struct heights heights_of(const struct canvas *canvas, size_t i)
{
    const struct draw_page *page = canvas->page;
    const struct draw_trace *trace = &page->traces[i];
    double up = page->is_positive_up ? -1 : 1;

    return (struct heights){
        .middle = canvas->layout.top + ((double)i + 0.5) * canvas->layout.lane,
        .zero = trace->middle,
        .pixels = up * trace->factor * DRAW_PIXELS_PER_MM / page->scale,
        .most = trace->style == DRAW_BARS ? 0.5 * canvas->layout.lane : 4.0 * page->height,
    };
}

static bool is_alone(const struct draw_trace *trace, size_t k)
{
    return !trace->bars[k].is_joined && (k + 1 == trace->n_bars || !trace->bars[k + 1].is_joined);
}

static void line_path(const struct canvas *canvas, const struct draw_trace *trace,
                      const struct heights *h)
{
    for (size_t k = 0; k < trace->n_bars; k++) {
        const struct draw_bar *bar = &trace->bars[k];
        double x = canvas_x(canvas, bar->begin), y = y_of(h, bar->low);
        if (bar->is_joined)
            cairo_line_to(canvas->to, x, y);
        else
            cairo_move_to(canvas->to, x, y);
        /* A sample alone between gaps is a dot, not nothing. */
        if (is_alone(trace, k))
            cairo_line_to(canvas->to, x + 1, y);
    }
}

/* From the least to the greatest in the middle of each column, and on to the next one. */
static void columns_path(const struct canvas *canvas, const struct draw_trace *trace,
                         const struct heights *h)
{
    for (size_t k = 0; k < trace->n_bars; k++) {
        const struct draw_bar *bar = &trace->bars[k];
        double x = canvas->layout.left + floor(bar->begin * canvas->layout.width) + 0.5;
        double first = y_of(h, bar->high), second = y_of(h, bar->low);
        if (bar->is_joined)
            cairo_line_to(canvas->to, x, first);
        else
            cairo_move_to(canvas->to, x, first);
        cairo_line_to(canvas->to, x, fabs(first - second) < 1 ? first + 1 : second);
    }
}

static void bars_path(const struct canvas *canvas, const struct draw_trace *trace,
                      const struct heights *h)
{
    for (size_t k = 0; k < trace->n_bars; k++) {
        const struct draw_bar *bar = &trace->bars[k];
        double x = canvas_x(canvas, bar->begin), a = y_of(h, bar->low), b = y_of(h, bar->high);
        cairo_rectangle(canvas->to, x, fmin(a, b), fmax(1, canvas_x(canvas, bar->end) - x),
                        fmax(1, fabs(a - b)));
    }
}

static unsigned colour_of(const struct canvas *canvas, int side)
{
    return side < 0   ? canvas->colours->left
           : side > 0 ? canvas->colours->right
                      : canvas->colours->ink;
}

static void paint_trace(const struct canvas *canvas, size_t i)
{
    const struct draw_trace *trace = &canvas->page->traces[i];
    struct heights h = heights_of(canvas, i);

    canvas_use(canvas, colour_of(canvas, trace->side));
    if (trace->style == DRAW_BARS) {
        bars_path(canvas, trace, &h);
        cairo_fill(canvas->to);
        return;
    }
    cairo_set_line_width(canvas->to, 1);
    cairo_set_line_join(canvas->to, CAIRO_LINE_JOIN_BEVEL);
    if (trace->style == DRAW_COLUMNS)
        columns_path(canvas, trace, &h);
    else
        line_path(canvas, trace, &h);
    cairo_stroke(canvas->to);
}

void paint_traces(const struct canvas *canvas)
{
    for (size_t i = 0; i < canvas->page->n_traces; i++)
        paint_trace(canvas, i);
}

/* Where lanes are lower than letters, each second (third, …) name is shown. */
void paint_labels(const struct canvas *canvas)
{
    const struct draw_page *page = canvas->page;
    const struct layout *l = &canvas->layout;
    double size = fmax(7, fmin(13, l->lane * 0.92));
    size_t every = (size_t)ceil(7.5 / l->lane);

    for (size_t i = 0; i < page->n_traces; i += every) {
        double middle = l->top + ((double)i + 0.5) * l->lane;
        canvas_use(canvas, colour_of(canvas, page->traces[i].side));
        text_paint(canvas, 6, middle + 0.36 * size, size, LAYOUT_LABELS - 10, page->traces[i].name);
    }
}

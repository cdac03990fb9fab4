/* grid.c - lines in time, with the clock and the time from the start beneath. */
#include <math.h>
#include <stdio.h>

#include <mef3/time.h>

#include "canvas.h"
#include "draw/clock.h"

struct grid {
    const struct canvas *canvas;
    int64_t step;
    int digits; /* of a second */
};

static double x_of(const struct canvas *canvas, int64_t uutc)
{
    const struct draw_page *page = canvas->page;

    return canvas_x(canvas, (double)(uutc - page->start_uutc) /
                                (double)(page->end_uutc - page->start_uutc));
}

/* Lines are on the clock where it was recorded: days begin there at midnight. */
static int64_t first_line(const struct draw_page *page, int64_t every)
{
    int64_t local = page->start_uutc % every + page->gmt_offset_s * CLOCK_SECOND % every;
    int64_t rest = ((local % every) + every) % every;

    return page->start_uutc + (rest > 0 ? every - rest : 0);
}

static bool is_midnight(const struct draw_page *page, int64_t uutc)
{
    return (uutc % CLOCK_DAY + page->gmt_offset_s * CLOCK_SECOND) % CLOCK_DAY == 0;
}

static void paint_lines(const struct canvas *canvas, int64_t every, unsigned colour)
{
    const struct draw_page *page = canvas->page;
    const struct layout *l = &canvas->layout;

    canvas_use(canvas, colour);
    cairo_set_line_width(canvas->to, 1);
    for (int64_t t = first_line(page, every); t < page->end_uutc; t += every) {
        double x = round(x_of(canvas, t)) + 0.5;
        cairo_move_to(canvas->to, x, l->top);
        cairo_line_to(canvas->to, x, l->top + l->height);
    }
    cairo_stroke(canvas->to);
}

/* A date, where a day begins; else the clock. */
static void paint_time(const struct grid *grid, int64_t t, double x)
{
    const struct canvas *canvas = grid->canvas;
    const struct draw_page *page = canvas->page;
    double bottom = canvas->layout.top + canvas->layout.height;
    double room = page->width - x;
    char text[CLOCK_BYTES];

    canvas_use(canvas, canvas->colours->ink);
    text_paint(canvas, x, bottom + 15, 12, room,
               is_midnight(page, t) || grid->step >= CLOCK_DAY
                   ? clock_date(t, page->gmt_offset_s, text)
                   : clock_text(t, page->gmt_offset_s, grid->digits, text));
    int64_t elapsed;
    if (page->recording_uutc == MEF3_NO_TIME ||
        __builtin_sub_overflow(t, page->recording_uutc, &elapsed))
        return;
    canvas_use(canvas, canvas->colours->strong);
    text_paint(canvas, x, bottom + 31, 12, room, clock_elapsed(elapsed, grid->digits, text));
}

void paint_grid(const struct canvas *canvas)
{
    enum { LABEL_WIDTH = 90, LABEL_LEAST = 60 };
    const struct draw_page *page = canvas->page;
    const struct layout *l = &canvas->layout;
    int64_t span = page->end_uutc - page->start_uutc;
    struct grid grid = {canvas, clock_step(span, (int)(l->width / LABEL_WIDTH)), 0};
    int64_t minor = span <= 61 * CLOCK_SECOND && grid.step > CLOCK_SECOND ? CLOCK_SECOND : 0;

    if (grid.step < CLOCK_SECOND)
        grid.digits = grid.step < CLOCK_SECOND / 100 ? 3 : 2;
    if (minor)
        paint_lines(canvas, minor, canvas->colours->faint);
    paint_lines(canvas, grid.step, canvas->colours->line);
    if (grid.step < CLOCK_DAY && span > CLOCK_DAY)
        paint_lines(canvas, CLOCK_DAY, canvas->colours->strong);
    canvas_use(canvas, canvas->colours->line);
    cairo_rectangle(canvas->to, l->left - 0.5, l->top - 0.5, l->width + 1, l->height + 1);
    cairo_stroke(canvas->to);
    for (int64_t t = first_line(page, grid.step); t < page->end_uutc; t += grid.step)
        if (x_of(canvas, t) + LABEL_LEAST < page->width)
            paint_time(&grid, t, x_of(canvas, t) + 3);
}

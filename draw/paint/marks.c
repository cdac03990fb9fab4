/* marks.c - events, the bar of the scale, and what stands above the page. */
#include <math.h>
#include <stdio.h>

#include "canvas.h"
#include "draw/clock.h"

/* A line through the page, a shade for its duration. */
static void paint_event(const struct canvas *canvas, double x, double end)
{
    const struct layout *l = &canvas->layout;

    if (end > x) {
        canvas_use_thin(canvas, canvas->colours->event, 0.13);
        cairo_rectangle(canvas->to, x, l->top, end - x, l->height);
        cairo_fill(canvas->to);
    }
    canvas_use(canvas, canvas->colours->event);
    cairo_rectangle(canvas->to, round(x), l->top, 1.5, l->height);
    cairo_fill(canvas->to);
}

/* Words at the top, in the first of three rows that has room. */
static void paint_words(const struct canvas *canvas, double x, const char *words, double ends[3])
{
    enum { ROW = 14 };
    const struct layout *l = &canvas->layout;
    double at = fmax(x, l->left), room = l->left + l->width - at - 8;

    for (int row = 0; row < 3; row++) {
        if (ends[row] >= at)
            continue;
        double width = fmin(text_width(canvas, 11, words), room);
        canvas_use(canvas, canvas->colours->paper);
        cairo_rectangle(canvas->to, at + 2, l->top + row * ROW, width + 6, ROW);
        cairo_fill(canvas->to);
        canvas_use(canvas, canvas->colours->event);
        text_paint(canvas, at + 5, l->top + row * ROW + 11, 11, room, words);
        ends[row] = at + width + 12;
        return;
    }
}

void paint_events(const struct canvas *canvas)
{
    const struct draw_page *page = canvas->page;
    double ends[3] = {-1, -1, -1};

    for (size_t i = 0; i < page->n_events; i++) {
        const struct draw_event *event = &page->events[i];
        if (event->begin >= 0)
            paint_event(canvas, canvas_x(canvas, event->begin),
                        canvas_x(canvas, fmin(event->end, 2)));
        else
            paint_event(canvas, canvas->layout.left - 2, canvas_x(canvas, fmin(event->end, 2)));
    }
    for (size_t i = 0; i < page->n_events; i++)
        paint_words(canvas, canvas_x(canvas, fmax(page->events[i].begin, 0)), page->events[i].words,
                    ends);
}

/* A bar of a centimetre and what it stands for, beneath the names: no trace is behind it. */
void paint_scale(const struct canvas *canvas)
{
    enum { MM = 10 };
    const double size = MM * DRAW_PIXELS_PER_MM;
    double y = canvas->layout.top + canvas->layout.height + 1.5;
    char words[64];

    snprintf(words, sizeof words, "%.4g %s", MM * canvas->page->scale, canvas->page->unit);
    canvas_use(canvas, canvas->colours->ink);
    cairo_rectangle(canvas->to, 8, y, 2, size);
    cairo_fill(canvas->to);
    text_paint(canvas, 16, y + size / 2 + 4, 12, LAYOUT_LABELS - 20, words);
}

/* --- Above the page ----------------------------------------------------------------- */

static bool has_hole(const struct draw_page *page, bool is_damage)
{
    for (size_t i = 0; i < page->n_traces; i++)
        for (size_t k = 0; k < page->traces[i].n_holes; k++)
            if (page->traces[i].holes[k].is_damage == is_damage)
                return true;
    return false;
}

/* What shades mean, where there are any, from the right. Where it begins. */
static double paint_key(const struct canvas *canvas, double right, bool is_damage)
{
    const char *words = is_damage ? "cannot be read" : "nothing recorded";
    double width = text_width(canvas, 12, words), x = right - width - 26, y = 9;

    canvas_use(canvas, canvas->colours->gap);
    cairo_rectangle(canvas->to, x, y, 20, 12);
    cairo_fill(canvas->to);
    canvas_use(canvas, canvas->colours->damage);
    cairo_set_line_width(canvas->to, 1.5);
    for (int at = 0; is_damage && at < 20; at += 6) {
        cairo_move_to(canvas->to, x + at, y + 12);
        cairo_line_to(canvas->to, fmin(x + at + 12, x + 20), fmax(y, y + 12 - (20 - at)));
    }
    cairo_stroke(canvas->to);
    canvas_use(canvas, canvas->colours->strong);
    text_paint(canvas, x + 26, y + 11, 12, HUGE_VAL, words);
    return x - 16;
}

static void title_of(const struct draw_page *page, char *text, size_t room)
{
    char date[CLOCK_BYTES], clock[CLOCK_BYTES], zone[CLOCK_BYTES];

    snprintf(text, room, "%.300s   %s %s %s", page->title,
             clock_date(page->start_uutc, page->gmt_offset_s, date),
             clock_text(page->start_uutc, page->gmt_offset_s, 2, clock),
             clock_zone(page->gmt_offset_s, zone));
}

void paint_head(const struct canvas *canvas)
{
    const struct draw_page *page = canvas->page;
    double right = page->width - LAYOUT_RIGHT;
    char text[512];

    for (int is_damage = 1; is_damage >= 0; is_damage--)
        if (has_hole(page, is_damage))
            right = paint_key(canvas, right, is_damage);
    title_of(page, text, sizeof text);
    canvas_use(canvas, canvas->colours->ink);
    text_paint(canvas, 6, 19, 14, right - 6, text);
    snprintf(text, sizeof text, page->n_more_events > 0 ? "%s   %zu more events" : "%s",
             page->notes, page->n_more_events);
    canvas_use(canvas, canvas->colours->strong);
    text_paint(canvas, 6, 38, 12, page->width - 12, text);
}

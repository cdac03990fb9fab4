/* paint.c - a page as a picture: its surface, and the order of painting. */
#include "draw/paint.h"

#include <cairo-svg.h>
#include <cairo.h>

#include "canvas.h"

/* As web/style.css has them: told apart by the colour-blind, text with a contrast of 4.5. */
static const struct colours LIGHT = {
    .paper = 0xffffff,
    .ink = 0x15191d,
    .strong = 0x4a5560,
    .line = 0xc3ccd4,
    .faint = 0xe6ebef,
    .left = 0x005a9c,
    .right = 0xb03a00,
    .gap = 0xdfe3e6,
    .damage = 0xc2410c,
    .event = 0x8a2f73,
};
static const struct colours DARK = {
    .paper = 0x101418,
    .ink = 0xe8ecef,
    .strong = 0xa9b4be,
    .line = 0x3a444d,
    .faint = 0x242b31,
    .left = 0x6cb8f0,
    .right = 0xf0a070,
    .gap = 0x2a3138,
    .damage = 0xff8a5c,
    .event = 0xe394c8,
};

void canvas_use_thin(const struct canvas *canvas, unsigned rgb, double share)
{
    cairo_set_source_rgba(canvas->to, (rgb >> 16) / 255.0, (rgb >> 8 & 255) / 255.0,
                          (rgb & 255) / 255.0, share);
}

void canvas_use(const struct canvas *canvas, unsigned rgb)
{
    canvas_use_thin(canvas, rgb, 1);
}

double canvas_x(const struct canvas *canvas, double place)
{
    return canvas->layout.left + place * canvas->layout.width;
}

static void paint_page(const struct canvas *canvas)
{
    const struct layout *l = &canvas->layout;

    canvas_use(canvas, canvas->colours->paper);
    cairo_paint(canvas->to);
    cairo_save(canvas->to);
    cairo_rectangle(canvas->to, l->left, l->top, l->width, l->height);
    cairo_clip(canvas->to);
    paint_holes(canvas);
    cairo_restore(canvas->to);
    paint_grid(canvas);
    cairo_save(canvas->to);
    cairo_rectangle(canvas->to, l->left, l->top, l->width, l->height);
    cairo_clip(canvas->to);
    paint_traces(canvas);
    paint_events(canvas);
    cairo_restore(canvas->to);
    paint_scale(canvas);
    paint_labels(canvas);
    paint_head(canvas);
}

/* --- Where it goes ------------------------------------------------------------------ */

struct writing {
    draw_put_fn *put;
    void *arg;
};

static cairo_status_t write_bytes(void *arg, const unsigned char *bytes, unsigned n)
{
    const struct writing *writing = arg;

    return writing->put(writing->arg, bytes, n) == 0 ? CAIRO_STATUS_SUCCESS
                                                     : CAIRO_STATUS_WRITE_ERROR;
}

static cairo_surface_t *make_surface(const struct draw_page *page, enum draw_format format,
                                     struct writing *writing)
{
    if (format == DRAW_PNG)
        return cairo_image_surface_create(CAIRO_FORMAT_RGB24, page->width, page->height);
    cairo_surface_t *surface =
        cairo_svg_surface_create_for_stream(write_bytes, writing, page->width, page->height);
    cairo_svg_surface_set_document_unit(surface, CAIRO_SVG_UNIT_PX);
    return surface;
}

static int status_of(cairo_status_t status)
{
    return status == CAIRO_STATUS_SUCCESS       ? MEF3_OK
           : status == CAIRO_STATUS_WRITE_ERROR ? MEF3_EIO
                                                : MEF3_ENOMEM;
}

__attribute__((visibility("default"))) draw_paint_fn draw_paint;

int draw_paint(const struct draw_page *page, enum draw_format format, draw_put_fn *put, void *arg)
{
    struct writing writing = {put, arg};

    if (page->self_bytes != sizeof *page)
        return MEF3_EINVAL;
    cairo_surface_t *surface = make_surface(page, format, &writing);
    struct canvas canvas = {
        .to = cairo_create(surface),
        .page = page,
        .colours = page->is_dark ? &DARK : &LIGHT,
        .layout = layout_of(page->width, page->height, page->n_traces),
        .font = text_font(),
    };
    cairo_status_t status = canvas.font ? CAIRO_STATUS_SUCCESS : CAIRO_STATUS_NO_MEMORY;
    if (canvas.font)
        paint_page(&canvas);
    if (status == CAIRO_STATUS_SUCCESS)
        status = cairo_status(canvas.to);
    if (status == CAIRO_STATUS_SUCCESS && format == DRAW_PNG)
        status = cairo_surface_write_to_png_stream(surface, write_bytes, &writing);
    cairo_destroy(canvas.to);
    cairo_surface_finish(surface);
    if (status == CAIRO_STATUS_SUCCESS)
        status = cairo_surface_status(surface);
    cairo_surface_destroy(surface);
    return status_of(status);
}

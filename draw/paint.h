/* paint.h - a page as a picture.
 *
 * Painting is a module of its own, mef3-draw.so, which is loaded where a picture is wanted: what
 * it is linked with would cost each start of a program that draws nothing (docs/ARCHITECTURE.md).
 * It opens no file: its font is a part of it. */
#ifndef DRAW_PAINT_H
#define DRAW_PAINT_H

#include "page.h"

enum draw_format { DRAW_PNG, DRAW_SVG };

/* Takes bytes of the picture; not 0: it cannot, and the painting ends. */
typedef int draw_put_fn(void *arg, const void *bytes, size_t n);

/* MEF3_ENOMEM; MEF3_EIO: `put` could not; MEF3_EINVAL: the page is not of this release. */
typedef int draw_paint_fn(const struct draw_page *page, enum draw_format format, draw_put_fn *put,
                          void *arg);

/* What the module has. */
#define DRAW_PAINT_NAME "draw_paint"
#define DRAW_MODULE "mef3-draw.so"

/* The module, loaded on the first call, for good. NULL: it cannot be, and *why_out says why. A
 * program that gives up the right to open files calls it before. */
draw_paint_fn *draw_load(const char **why_out);

#endif

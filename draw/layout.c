/* layout.c - where things are on a page. */
#include "layout.h"

#include "page.h"

int draw_columns(int width)
{
    return width - LAYOUT_LABELS - LAYOUT_RIGHT;
}

struct layout layout_of(int width, int height, unsigned long n_traces)
{
    struct layout layout = {
        .left = LAYOUT_LABELS,
        .top = LAYOUT_HEAD,
        .width = draw_columns(width),
        .height = height - LAYOUT_HEAD - LAYOUT_AXIS,
    };

    layout.lane = layout.height / (double)(n_traces > 0 ? n_traces : 1);
    return layout;
}

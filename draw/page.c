/* page.c - a page, let go. */
#include "page.h"

#include <stdlib.h>

void draw_page_fini(struct draw_page *page)
{
    for (size_t i = 0; i < page->n_traces; i++) {
        free(page->traces[i].name);
        free(page->traces[i].bars);
        free(page->traces[i].holes);
    }
    for (size_t i = 0; i < page->n_events; i++)
        free(page->events[i].words);
    free(page->traces);
    free(page->events);
    free(page->title);
    *page = (struct draw_page){0};
}

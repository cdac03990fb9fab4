/* fit.c - the sensitivity of a page: as the viewer finds it (web/toolbar.js). */
#include <math.h>
#include <stdlib.h>
#include <strings.h>

#include "layout.h"
#include "parts.h"

static const double SENSITIVITIES[] = {
    0.1, 0.2, 0.5, 1,   2,   3,   5,    7,    10,   15,    20,    30,    50,     70,
    100, 150, 200, 300, 500, 700, 1000, 2000, 5000, 10000, 20000, 50000, 100000,
};

/* All but the rarest values are to fit; of so many, which are enough. */
static const double SHARE = 0.98, USUAL = 10;
enum { MOST_SIZES = 1 << 18 };

double units_microvolts(const char *units)
{
    static const struct {
        const char *name;
        double factor;
    } row[] = {{"uV", 1},    {"\u00b5V", 1}, {"\u03bcV", 1}, {"microvolts", 1},
               {"nV", 1e-3}, {"mV", 1e3},    {"V", 1e6}};

    for (size_t i = 0; i < sizeof row / sizeof *row; i++)
        if (strcasecmp(units, row[i].name) == 0)
            return row[i].factor;
    return 0;
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static double size_of(const struct draw_trace *trace, const struct draw_bar *bar)
{
    return fabs(trace->factor) *
           fmax(fabs(bar->low - trace->middle), fabs(bar->high - trace->middle));
}

/* How far traces reach from their middles; 0: nothing is known. */
static double reach(const struct draw_page *page)
{
    size_t n_bars = 0, n = 0;

    for (size_t i = 0; i < page->n_traces; i++)
        n_bars += page->traces[i].n_bars;
    size_t every = n_bars / MOST_SIZES + 1, at = 0;
    double *sizes = malloc((n_bars / every + 1) * sizeof *sizes);
    for (size_t i = 0; sizes && i < page->n_traces; i++)
        for (size_t k = 0; k < page->traces[i].n_bars; k++)
            if (at++ % every == 0)
                sizes[n++] = size_of(&page->traces[i], &page->traces[i].bars[k]);
    if (n > 0)
        qsort(sizes, n, sizeof *sizes, by_size);
    double most = n > 0 ? sizes[(size_t)((double)(n - 1) * SHARE)] : 0;
    free(sizes);
    return isfinite(most) ? most : 0;
}

double fit_scale(const struct draw_page *page)
{
    enum { N = sizeof SENSITIVITIES / sizeof *SENSITIVITIES };
    struct layout layout = layout_of(page->width, page->height, page->n_traces);
    /* Traces may reach over their neighbours, bars may not: these are cut. */
    bool are_bars = page->n_traces > 0 && page->traces[0].style == DRAW_BARS;
    double share = are_bars ? 0.5 : 0.7;
    double wanted = reach(page) / (share * layout.lane) * DRAW_PIXELS_PER_MM;

    if (wanted == 0 || (!are_bars && wanted <= 2 * USUAL && wanted >= USUAL / 20))
        return USUAL;
    for (size_t i = 0; i < N; i++)
        if (SENSITIVITIES[i] >= wanted)
            return SENSITIVITIES[i];
    return SENSITIVITIES[N - 1];
}

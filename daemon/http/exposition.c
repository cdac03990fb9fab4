/* exposition.c - numbers as Prometheus reads them: its text format, 0.0.4. */
#include "exposition.h"

#include <inttypes.h>
#include <math.h>

#include "base/histogram.h"

static const char *const TYPE_WORDS[] = {
    [COUNTER] = "counter",
    [GAUGE] = "gauge",
    [HISTOGRAM] = "histogram",
};

void exposition_family(struct exposition *out, const char *name, enum exposition_type type,
                       const char *help)
{
    out->family = name;
    fprintf(out->file, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, TYPE_WORDS[type]);
}

static void add_value(struct exposition *out, double value)
{
    /* Up to here each whole number has a double of its own. */
    static const double MOST_EXACT = 9007199254740992.0;

    if (value == floor(value) && fabs(value) < MOST_EXACT)
        fprintf(out->file, " %.0f\n", value);
    else
        fprintf(out->file, " %.15g\n", value);
}

void exposition_sample(struct exposition *out, const char *labels, double value)
{
    fprintf(out->file, labels[0] ? "%s{%s}" : "%s%s", out->family, labels);
    add_value(out, value);
}

void exposition_histogram(struct exposition *out, const char *labels,
                          const struct histogram *histogram)
{
    const char *comma = labels[0] ? "," : "";
    uint64_t n = 0;

    for (size_t i = 0; i < HISTOGRAM_BOUNDS; i++) {
        n += histogram->counts[i];
        fprintf(out->file, "%s_bucket{%s%sle=\"%g\"} %" PRIu64 "\n", out->family, labels, comma,
                (double)histogram_bound_us(i) / 1e6, n);
    }
    n += histogram->counts[HISTOGRAM_BOUNDS];
    fprintf(out->file, "%s_bucket{%s%sle=\"+Inf\"} %" PRIu64 "\n", out->family, labels, comma, n);
    fprintf(out->file, labels[0] ? "%s_sum{%s}" : "%s_sum%s", out->family, labels);
    add_value(out, (double)histogram->sum_us / 1e6);
    fprintf(out->file, labels[0] ? "%s_count{%s} %" PRIu64 "\n" : "%s_count%s %" PRIu64 "\n",
            out->family, labels, n);
}

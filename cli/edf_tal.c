/* edf_tal.c - annotation signals: lists of texts with a time ("TAL"), one after another.
 *
 *   +12.5 0x15 3 0x14 text 0x14 another text 0x14 0x00
 *
 * an onset, maybe a duration, texts; zeros after a list, and to the signal's end. */
#include "edf.h"

#include <string.h>

#include "edf_fields.h"

enum { DURATION = 0x15, TEXT = 0x14 };

/* The onset and the duration; false: they make no sense. *at is left behind them,
 * on the byte that begins the texts. */
static bool read_times(const char *list, size_t n, struct edf_annotation *annotation, size_t *at)
{
    size_t used;

    if (n < 2 || (list[0] != '+' && list[0] != '-'))
        return false;
    int64_t onset_us = edf_seconds(list + 1, n - 1, &used);
    if (used == 0)
        return false;
    annotation->onset_us = list[0] == '-' ? -onset_us : onset_us;
    annotation->duration_us = -1;
    *at = 1 + used;
    if (*at < n && list[*at] == DURATION) {
        int64_t duration_us = edf_seconds(list + *at + 1, n - *at - 1, &used);
        *at += 1 + used;
        if (used > 0)
            annotation->duration_us = duration_us;
        else if (*at >= n || list[*at] != TEXT) /* one without a number is told by some writers */
            return false;
    }
    return *at < n && list[*at] == TEXT;
}

/* One list, its zero left out. */
static int read_list(const char *list, size_t n, edf_annotation_fn *fn, void *arg,
                     struct edf_tals *tals, bool is_first, bool *is_bad_out)
{
    struct edf_annotation annotation;
    size_t at;

    *is_bad_out = !read_times(list, n, &annotation, &at);
    if (*is_bad_out)
        return 0;
    if (is_first)
        tals->onset_us = annotation.onset_us;
    while (++at < n) {
        const char *end = memchr(list + at, TEXT, n - at);
        annotation.text = list + at;
        annotation.n = end ? (size_t)(end - annotation.text) : n - at;
        at += annotation.n;
        if (!end) {
            *is_bad_out = true;
            return 0;
        }
        int answer = annotation.n > 0 ? fn(arg, &annotation) : 0;
        if (answer != 0)
            return answer;
    }
    return 0;
}

int edf_read_tals(const uint8_t *bytes, size_t n, edf_annotation_fn *fn, void *arg,
                  struct edf_tals *tals_out)
{
    struct edf_tals tals = {.onset_us = MEF3_NO_TIME};
    bool is_first = true;

    for (size_t at = 0; at < n;) {
        if (bytes[at] == 0) {
            at++;
            continue;
        }
        const uint8_t *zero = memchr(bytes + at, 0, n - at);
        size_t length = zero ? (size_t)(zero - bytes) - at : n - at;
        bool is_bad;
        int answer = read_list((const char *)bytes + at, length, fn, arg, &tals, is_first, &is_bad);
        if (answer != 0)
            return answer;
        if (is_bad && tals.n_bad++ == 0)
            tals.bad_at = at;
        is_first = false;
        at += length;
    }
    *tals_out = tals;
    return 0;
}

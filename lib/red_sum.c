/* red_sum.c - differences to samples: plainly, and without a branch that is hard to foresee. */
#include "red_sum.h"

#include "bytes.h"

/* What the others are held to. */
size_t red_sum_plain(struct red_sum *sum, int32_t *samples_out, size_t n)
{
    size_t i;

    for (i = 0; i < n && sum->at < sum->end; i++) {
        if (*sum->at != RED_ESCAPE) {
            sum->value += (uint32_t)(int8_t)*sum->at;
            sum->at++;
        } else if (sum->end - sum->at >= RED_ESCAPE_SYMBOLS) {
            sum->value = le_u32(sum->at + 1);
            sum->at += RED_ESCAPE_SYMBOLS;
        } else {
            break;
        }
        samples_out[i] = (int32_t)sum->value;
    }
    return i;
}

/* Where some differences are escapes and some are not, no processor foresees
 * which: so both ways are gone, and one is chosen. */
size_t red_sum_portable(struct red_sum *sum, int32_t *samples_out, size_t n)
{
    const uint8_t *at = sum->at, *end = sum->end;
    uint32_t value = sum->value;
    size_t i;

    for (i = 0; i < n && end - at >= RED_ESCAPE_SYMBOLS; i++) {
        uint32_t whole = le_u32(at + 1), added = value + (uint32_t)(int8_t)*at;
        value = *at == RED_ESCAPE ? whole : added;
        at += *at == RED_ESCAPE ? RED_ESCAPE_SYMBOLS : 1;
        samples_out[i] = (int32_t)value;
    }
    sum->at = at;
    sum->value = value;
    return i + red_sum_plain(sum, samples_out + i, n - i);
}

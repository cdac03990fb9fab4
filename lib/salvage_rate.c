/* salvage_rate.c - a rate from the times of blocks, where no metadata tell it. */
#include "salvage.h"

#include <math.h>

/* Of the rates between the two, the one of fewest decimals. */
double salvage_simplest_rate(int64_t n_samples, int64_t span_us)
{
    enum { MOST_DECIMALS = 9 };

    if (n_samples <= 0 || span_us <= 1)
        return 0;
    double least = (double)n_samples * 1e6 / (double)(span_us + 1);
    double most = (double)n_samples * 1e6 / (double)(span_us - 1);
    double rate = (double)n_samples * 1e6 / (double)span_us;
    double scale = 1;
    for (int i = 0; i <= MOST_DECIMALS; i++, scale *= 10) {
        double simple = round(rate * scale) / scale;
        if (simple >= least && simple <= most && simple > 0) {
            rate = simple;
            break;
        }
    }
    return rate >= MEF3_RATE_MIN_HZ && rate <= MEF3_RATE_MAX_HZ ? rate : 0;
}

/* Whether block i follows the one before it in the file, and without a gap as far as the block
 * itself knows. */
static bool follows(const struct salvage_list *list, size_t i)
{
    const struct salvage_block *before = &list->blocks[i - 1], *block = &list->blocks[i];

    return !block->discontinuity && block->offset == before->offset + before->n_bytes &&
           block->start_uutc > before->start_uutc;
}

double salvage_rate(const struct salvage_list *list)
{
    int64_t best_samples = 0, best_span = 0, samples = 0, start = 0;

    for (size_t i = 0; i < list->n_blocks; i++) {
        const struct salvage_block *block = &list->blocks[i];
        if (i == 0 || !follows(list, i)) {
            start = block->start_uutc;
            samples = 0;
        } else if (samples > best_samples) {
            best_samples = samples;
            best_span = mef3_time_difference(block->start_uutc, start);
        }
        samples += block->n_samples;
    }
    return salvage_simplest_rate(best_samples, best_span);
}

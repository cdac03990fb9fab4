/* export_edf_scales.c - the least and the greatest count of each channel, and the scale they need.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "export_edf.h"

enum { PIECE = 1 << 20 };

static void widen(const int32_t *counts, const uint8_t *truth, size_t n, int32_t *least,
                  int32_t *greatest)
{
    for (size_t i = 0; i < n; i++) {
        if (truth[i] != MEF3_DATA || counts[i] <= MEF3_COUNT_NEG_INF ||
            counts[i] == MEF3_COUNT_POS_INF)
            continue;
        if (counts[i] < *least)
            *least = counts[i];
        if (counts[i] > *greatest)
            *greatest = counts[i];
    }
}

static int find_extremes(struct edf_out *e, const struct cat_channel *channel, int32_t *counts,
                         uint8_t *truth, int32_t *least_out, int32_t *greatest_out,
                         struct mef3_error *error)
{
    *least_out = INT32_MAX;
    *greatest_out = INT32_MIN;
    for (int64_t first = 0; first < channel->n; first += PIECE) {
        size_t n = channel->n - first < PIECE ? (size_t)(channel->n - first) : PIECE;
        int status = cat_read(e->job, channel, first, n, counts, truth, error);
        if (status != MEF3_OK)
            return status;
        widen(counts, truth, n, least_out, greatest_out);
    }
    if (*least_out > *greatest_out)
        *least_out = *greatest_out = 0; /* there is nothing */
    return MEF3_OK;
}

/* Of volts and their parts the one in which EDF's eight digits say most. Returns the factor. */
static double choose_units(struct edf_out_channel *channel, const struct mef3_channel_info *info,
                           int32_t least, int32_t greatest)
{
    static const char *const units[] = {"uV", "mV", "V"};
    double largest = fmax(fabs((double)least), fabs((double)greatest)) * fabs(info->units_factor);
    double factor = info->units_factor;
    size_t at = 0;

    while (at < 3 && strcmp(info->units, units[at]) != 0)
        at++;
    for (; at < 3 && at > 0 && largest < 1; at--, largest *= 1000, factor *= 1000)
        ;
    for (; at < 2 && largest >= 1e7; at++, largest /= 1000, factor /= 1000)
        ;
    snprintf(channel->units, sizeof channel->units, "%s", at < 3 ? units[at] : info->units);
    return factor;
}

static void tell_loss(const struct cat_wanted *wanted, const struct edf_out *e)
{
    size_t n = 0, worst = 0;
    double loss = 1;

    for (size_t i = 0; i < e->job->n_channels; i++) {
        const struct edf_out_scale *scale = &e->channels[i].scale;
        double ratio = scale->step / fabs(scale->factor);
        n += !scale->is_exact && ratio > 1;
        if (!scale->is_exact && ratio > loss) {
            loss = ratio;
            worst = i;
        }
    }
    if (n > 0)
        cli_fail(CLI_FINE,
                 "%s: the range of %zu channels does not fit %s: coarser steps, of \"%s\" "
                 "%.6g %s in place of %.6g%s",
                 wanted->path, n, e->options->is_bdf ? "24 bits" : "16 bits",
                 e->job->channels[worst].name, e->channels[worst].scale.step,
                 e->channels[worst].units, fabs(e->channels[worst].scale.factor),
                 e->options->is_bdf ? "" : "; --format bdf keeps 24 bits");
}

int edf_out_scales(const struct cat_wanted *wanted, struct edf_out *e)
{
    int32_t *counts = malloc(PIECE * sizeof *counts);
    uint8_t *truth = malloc(PIECE);
    int32_t least, greatest;
    struct mef3_error error;
    int status = CLI_FINE;

    if (!counts || !truth)
        status = cli_fail(CLI_IO, "%s: out of memory; try again with more", wanted->path);
    for (size_t i = 0; status == CLI_FINE && i < e->job->n_channels; i++) {
        const struct cat_channel *channel = &e->job->channels[i];
        const struct mef3_channel_info *info = mef3_channel_info(e->job->session, channel->number);
        if (find_extremes(e, channel, counts, truth, &least, &greatest, &error) != MEF3_OK) {
            status = cli_fail_error(&error, wanted->path, NULL);
            break;
        }
        double factor = choose_units(&e->channels[i], info, least, greatest);
        if (!edf_out_scale(least, greatest, factor, e->options->is_bdf ? 8388607 : 32767,
                           &e->channels[i].scale))
            status = cli_fail(CLI_USAGE,
                              "%s: values of channel \"%s\", %.6g to %.6g %s, cannot be "
                              "told in EDF's eight digits; leave it out with -c",
                              wanted->path, channel->name, least * factor, greatest * factor,
                              e->channels[i].units);
    }
    free(counts);
    free(truth);
    /* All of it is read once more, and told of then. */
    e->job->damage = (struct cat_damage){0};
    if (status == CLI_FINE)
        tell_loss(wanted, e);
    return status;
}

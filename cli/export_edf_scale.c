/* export_edf_scale.c - 32 bits into 16 (or 24), and the numbers of eight digits that say how. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "export_edf.h"

/* So many ranges are tried to find one whose limits have few digits. */
enum { MOST_TRIES = 40000 };

/* In eight bytes, and in as many with a sign. */
static const double LARGEST = 99999999, LARGEST_NEGATIVE = 9999999;

/* A number in eight bytes, without an exponent (not every reader knows them), rounded in the
 * direction given: -1 down, 0 to the nearest, 1 up. False: it has no room. */
static bool in_eight(double value, int direction, char text[EDF_NUMBER_BYTES])
{
    char longer[64];

    for (int digits = 6; digits >= 0; digits--) {
        double unit = pow(10, digits);
        double rounded = direction < 0   ? floor(value * unit) / unit
                         : direction > 0 ? ceil(value * unit) / unit
                                         : round(value * unit) / unit;
        if (!(fabs(rounded) < 1e9))
            return false;
        int n = snprintf(longer, sizeof longer, "%.*f", digits, rounded);
        if (digits > 0)
            while (longer[n - 1] == '0' || longer[n - 1] == '.')
                if (longer[--n] == '.')
                    break;
        if (n < EDF_NUMBER_BYTES) {
            memcpy(text, longer, (size_t)n);
            text[n] = '\0';
            return true;
        }
    }
    return false;
}

/* By which part of itself a negative limit is off when eight bytes tell it. */
static double rounding_of(double limit)
{
    double unit = 1e5, most = 10; /* "-1.00000": a digit before the point leaves five behind it */

    for (; unit > 1 && limit >= most; most *= 10)
        unit /= 10;
    return fabs(round(limit * unit) / (limit * unit) - 1);
}

/* A range from -most to most of which the limits are told exactly, or nearly. */
static bool find_range(int32_t least_most, double factor, struct edf_out_scale *scale)
{
    int32_t most = (int32_t)fmin(scale->most, LARGEST_NEGATIVE / fabs(factor));
    double best = HUGE_VAL;
    char text[EDF_NUMBER_BYTES];

    for (int tries = 0; tries < MOST_TRIES && most - tries >= least_most; tries++) {
        double error = rounding_of((most - tries) * fabs(factor));
        if (error >= best)
            continue;
        best = error;
        scale->most = most - tries;
        if (error < 1e-12)
            break;
    }
    /* Off by less than a twentieth of a step at the range's ends. */
    if (best * scale->most >= 0.05 || !in_eight(-(scale->most * fabs(factor)), 0, text))
        return false;
    strcpy(factor > 0 ? scale->physical_min : scale->physical_max, text);
    strcpy(factor > 0 ? scale->physical_max : scale->physical_min, text + 1);
    return true;
}

bool edf_out_scale(int32_t least, int32_t greatest, double factor, int32_t most_that_fits,
                   struct edf_out_scale *scale_out)
{
    struct edf_out_scale scale = {.most = most_that_fits, .is_exact = true, .factor = factor};

    if (least >= -most_that_fits && greatest <= most_that_fits) {
        int32_t needed = -least > greatest ? -least : greatest;
        scale.step = fabs(factor);
        if (find_range(needed > 0 ? needed : 1, factor, &scale)) {
            *scale_out = scale;
            return true;
        }
    }
    double low = fmin(least * factor, greatest * factor);
    double high = fmax(least * factor, greatest * factor);
    scale.is_exact = false;
    scale.most = most_that_fits;
    if (!in_eight(low, -1, scale.physical_min) || !in_eight(high, 1, scale.physical_max))
        return false;
    scale.least = strtod(scale.physical_min, NULL);
    /* Steps finer than a count say no more, and have the zero farther off than counts reach. */
    double finest = fmin(scale.least + 2.0 * scale.most * fabs(factor), LARGEST);
    if (high < finest && !in_eight(finest, 1, scale.physical_max))
        return false;
    scale.step = (strtod(scale.physical_max, NULL) - scale.least) / (2.0 * scale.most);
    *scale_out = scale;
    return true;
}

int32_t edf_out_sample(const struct edf_out_scale *scale, int32_t count)
{
    if (scale->is_exact)
        return count;
    double sample = round((count * scale->factor - scale->least) / scale->step) - scale->most;
    return (int32_t)fmax(-scale->most, fmin(scale->most, sample));
}

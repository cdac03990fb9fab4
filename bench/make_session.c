/* make_session.c - write a recording for the benches: of plain, known statistics.
 *
 *   make_session OUT.mefd CHANNELS HZ SECONDS white|eeg [SECONDS OF A BLOCK]
 *
 * white: noise of deviation 100 counts (1 uV at 0.01 uV a count) in blocks of
 * 10000 samples; eeg: a slow background of 40 uV, a little mains and noise, in
 * blocks of 4 s; or blocks as long as is said. The same words make the same bytes. */
#include <mef3/write.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "help/signal.h"

enum { STEP = 10000, NAME_BYTES = 32 };

static const double UNITS_FACTOR = 0.01;
static const int64_t START_UUTC = 1700000000000000;
static const double TAU = 6.283185307179586;

struct source {
    struct signal_random random;
    double spare;
    bool has_spare;
    double background;
};

/* Normal, of deviation 1: the polar method, two at a time. */
static double normal(struct source *source)
{
    double x, y, r;

    if (source->has_spare) {
        source->has_spare = false;
        return source->spare;
    }
    do {
        x = 2 * ((double)(signal_random(&source->random) >> 11) * 0x1p-53) - 1;
        y = 2 * ((double)(signal_random(&source->random) >> 11) * 0x1p-53) - 1;
        r = x * x + y * y;
    } while (r >= 1 || r <= 0);
    double scale = sqrt(-2 * log(r) / r);
    source->spare = y * scale;
    source->has_spare = true;
    return x * scale;
}

/* In uV. The background is noise through one pole at about 5 Hz: filtering by a
 * thirtieth of a second leaves of its deviation sqrt(a / (2 - a)). */
static double eeg_next(struct source *source, double t, double rate_hz)
{
    double a = 1 - exp(-30 / rate_hz);

    source->background += a * (normal(source) - source->background);
    return 40 * source->background / sqrt(a / (2 - a)) + 3 * sin(TAU * 50 * t) + normal(source);
}

static void fill(struct source *source, bool is_eeg, int64_t from, double rate_hz, int32_t *counts,
                 size_t n)
{
    for (size_t i = 0; i < n; i++) {
        double value = is_eeg ? eeg_next(source, (double)(from + (int64_t)i) / rate_hz, rate_hz)
                              : normal(source);
        counts[i] = (int32_t)lround(value / UNITS_FACTOR);
    }
}

static int write_channel(struct mef3_writer *writer, int number, bool is_eeg, double rate_hz,
                         int64_t n_samples, uint32_t block_samples, struct mef3_error *error)
{
    static int32_t counts[STEP];
    char name[NAME_BYTES];
    struct source source = {.random = {(uint64_t)number}};
    size_t channel;

    snprintf(name, sizeof name, "chan_%03d", number);
    struct mef3_writer_channel about;
    mef3_writer_channel_defaults(&about);
    about.name = name;
    about.rate_hz = rate_hz;
    about.units_factor = UNITS_FACTOR;
    about.block_samples = block_samples;
    about.line_hz = is_eeg ? 50 : -1;
    int status = mef3_writer_add_channel(writer, &about, &channel, error);
    for (int64_t at = 0; at < n_samples && status == MEF3_OK; at += STEP) {
        size_t n = (size_t)(n_samples - at < STEP ? n_samples - at : STEP);
        fill(&source, is_eeg, at, rate_hz, counts, n);
        status = mef3_writer_append(writer, channel, mef3_index_to_time(at, START_UUTC, rate_hz),
                                    counts, n, error);
    }
    return status;
}

int main(int argc, char **argv)
{
    static const struct mef3_writer_options options = {.session_description = "for a bench",
                                                       .reproducible = true};
    struct mef3_writer *writer;
    struct mef3_error error;

    bool is_use = argc == 6 || argc == 7;
    int n_channels = is_use ? atoi(argv[2]) : 0;
    double rate_hz = is_use ? atof(argv[3]) : 0, seconds = is_use ? atof(argv[4]) : 0;
    if (n_channels < 1 || rate_hz <= 0 || seconds <= 0) {
        fprintf(stderr,
                "usage: make_session OUT.mefd CHANNELS HZ SECONDS white|eeg [BLOCK_SECONDS]\n");
        return 2;
    }
    int status = mef3_writer_create(argv[1], &options, &writer, &error);
    if (status == MEF3_OK) {
        bool is_eeg = strcmp(argv[5], "eeg") == 0;
        int64_t n_samples = (int64_t)llround(seconds * rate_hz);
        uint32_t block_samples = argc == 7 ? (uint32_t)lround(atof(argv[6]) * rate_hz)
                                 : is_eeg  ? (uint32_t)lround(4 * rate_hz)
                                           : STEP;
        for (int i = 1; i <= n_channels && status == MEF3_OK; i++)
            status = write_channel(writer, i, is_eeg, rate_hz, n_samples, block_samples, &error);
        if (status != MEF3_OK)
            mef3_writer_abort(writer);
        else
            status = mef3_writer_finish(writer, &error);
    }
    if (status != MEF3_OK)
        fprintf(stderr, "make_session: %s: %s\n", argv[1], mef3_status_text(status));
    return status == MEF3_OK ? 0 : 1;
}

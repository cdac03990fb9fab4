/* write.c - write a recording: write OUT.mefd
 *
 * One channel at 249.7 Hz, a triangle between -1 and 1 mV: four seconds, a gap of two, four
 * seconds more. A writer that is appended to as samples come in does the same. */
#include <mef3/mef3.h>

#include <stdio.h>

enum { BLOCK = 500, N = 999, PERIOD = 200 };

/* Counts of 0.5 uV. */
static void fill(int32_t *counts, size_t n, size_t first)
{
    for (size_t i = 0; i < n; i++) {
        int32_t phase = (int32_t)((first + i) % PERIOD);
        counts[i] = 40 * (phase < PERIOD / 2 ? phase : PERIOD - phase) - 2000;
    }
}

static int write_channel(struct mef3_writer *writer, struct mef3_error *error)
{
    const int64_t start = 1600000007000000; /* 2020-09-13T12:26:47Z */
    struct mef3_writer_channel cz;
    int32_t counts[N];
    size_t channel;

    mef3_writer_channel_defaults(&cz);
    cz.name = "Cz";
    cz.rate_hz = 249.7;
    cz.units_factor = 0.5;
    cz.description = "a triangle";
    cz.block_samples = BLOCK;
    cz.line_hz = 50;
    int status = mef3_writer_add_channel(writer, &cz, &channel, error);
    fill(counts, N, 0);
    if (status == MEF3_OK)
        status = mef3_writer_append(writer, channel, start, counts, N, error);
    fill(counts, N, N);
    if (status == MEF3_OK)
        status = mef3_writer_append(writer, channel, start + 6000000, counts, N, error);
    return status;
}

int main(int argc, char **argv)
{
    struct mef3_writer_options options;
    struct mef3_writer *writer;
    struct mef3_error error;
    char text[512];

    if (argc != 2) {
        fprintf(stderr, "usage: write OUT.mefd\n");
        return 2;
    }
    mef3_writer_defaults(&options);
    options.subject_id = "nobody";
    options.recording_location = "nowhere";
    options.gmt_offset_s = 3600;
    int status = mef3_writer_create(argv[1], &options, &writer, &error);
    if (status == MEF3_OK) {
        status = write_channel(writer, &error);
        if (status == MEF3_OK)
            status = mef3_writer_finish(writer, &error);
        else
            mef3_writer_abort(writer);
    }
    if (status != MEF3_OK) {
        fprintf(stderr, "write: %s\n", mef3_error_text(&error, text, sizeof text));
        return 3;
    }
    return 0;
}

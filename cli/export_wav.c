/* export_wav.c - `mef3 export` to WAV: PCM of 32 bits, or float, for programs that listen. */
#include <endian.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "export.h"

enum { PIECE = 1 << 20, HEADER_BYTES = 12 + 36 + 48 + 8 };

static uint8_t *put16(uint8_t *to, unsigned number)
{
    to[0] = (uint8_t)number;
    to[1] = (uint8_t)(number >> 8);
    return to + 2;
}

static uint8_t *put32(uint8_t *to, uint32_t number)
{
    return put16(put16(to, number & 0xFFFF), number >> 16);
}

static uint8_t *put_text(uint8_t *to, const char *text)
{
    memcpy(to, text, 4);
    return to + 4;
}

static int prepare(const struct cat_wanted *wanted, struct cat_job *job)
{
    double rate = job->n_channels > 0 ? job->channels[0].rate_hz : 0;

    if (job->n_channels < 1 || job->n_channels > UINT16_MAX)
        return cli_fail(CLI_USAGE,
                        "%s: WAV has 1 to 65535 channels, this would be %zu; choose some "
                        "with -c",
                        wanted->path, job->n_channels);
    if (round(rate) < 1)
        return cli_fail(CLI_USAGE,
                        "%s: WAV has rates of whole Hz, and this is %.10g Hz; choose "
                        "another format",
                        wanted->path, rate);
    if (rate != round(rate))
        cli_fail(CLI_FINE, "%s: WAV has rates of whole Hz: %.10g Hz are told as %.0f Hz",
                 wanted->path, rate, round(rate));
    return CLI_FINE;
}

/* RIFF counts its bytes in 32 bits; RF64, of the EBU, is the same with 64. */
static bool write_header(const struct cat_job *job, bool is_float)
{
    static const uint8_t guid[] = {0x00, 0x00, 0x00, 0x00, 0x10, 0x00, 0x80,
                                   0x00, 0x00, 0xAA, 0x00, 0x38, 0x9B, 0x71};
    uint8_t header[HEADER_BYTES];
    uint32_t rate = (uint32_t)round(job->channels[0].rate_hz);
    unsigned frame = 4 * (unsigned)job->n_channels;
    uint64_t frames = (uint64_t)job->channels[0].n;
    uint64_t bytes = frames * frame;
    bool is_long = bytes > UINT32_MAX - HEADER_BYTES;
    uint64_t riff = bytes + HEADER_BYTES - 8;

    uint8_t *to = put_text(header, is_long ? "RF64" : "RIFF");
    to = put_text(put32(to, is_long ? UINT32_MAX : (uint32_t)riff), "WAVE");
    to = put32(put_text(to, is_long ? "ds64" : "JUNK"), 28);
    to = put32(put32(to, (uint32_t)riff), (uint32_t)(riff >> 32));
    to = put32(put32(to, (uint32_t)bytes), (uint32_t)(bytes >> 32));
    to = put32(put32(to, (uint32_t)frames), (uint32_t)(frames >> 32));
    to = put32(put_text(put32(to, 0), "fmt "), 40);
    to = put16(put16(to, 0xFFFE), (unsigned)job->n_channels); /* extensible */
    to = put32(put32(to, rate), rate * frame);
    to = put16(put16(put16(put16(to, frame), 32), 22), 32);
    to = put16(put32(to, 0), is_float ? 3 : 1); /* no loudspeakers; the kind of numbers */
    memcpy(to, guid, sizeof guid);
    to = put_text(to + sizeof guid, "data");
    to = put32(to, is_long ? UINT32_MAX : (uint32_t)bytes);
    return fwrite(header, 1, (size_t)(to - header), job->to) == HEADER_BYTES;
}

/* A sample of a channel; what is not there is silence, or no number. */
static uint32_t sample_of(int32_t count, uint8_t truth, bool is_float, double factor)
{
    float value;
    uint32_t bits;

    if (!is_float)
        return truth == MEF3_DATA && count != MEF3_COUNT_NAN ? (uint32_t)count : 0;
    mef3_counts_to_f32(&count, 1, factor, &value);
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

struct pieces {
    size_t most; /* frames */
    int32_t *counts;
    uint8_t *truth;
    uint32_t *frames;
};

static int write_frames(struct cat_job *job, const struct pieces *p, int64_t first, size_t n,
                        bool is_float, struct mef3_error *error)
{
    const size_t n_channels = job->n_channels;
    int64_t n_none = 0;

    for (size_t c = 0; c < n_channels; c++) {
        int status = cat_read(job, &job->channels[c], first, n, p->counts, p->truth, error);
        if (status != MEF3_OK)
            return status;
        double factor = job->counts ? 1 : job->channels[c].factor;
        for (size_t i = 0; i < n; i++) {
            p->frames[i * n_channels + c] =
                htole32(sample_of(p->counts[i], p->truth[i], is_float, factor));
            n_none += p->truth[i] != MEF3_DATA;
        }
    }
    job->n_not_there += n_none;
    if (fwrite(p->frames, 4 * n_channels, n, job->to) != n)
        return mef3_error_set(error, MEF3_EIO, NULL, -1, NULL, NULL, NULL);
    return MEF3_OK;
}

static int write_all(struct cat_job *job, struct mef3_error *error)
{
    bool is_float = ((struct export_options *)job->plan)->is_float;
    struct pieces p = {.most = PIECE / job->n_channels > 256 ? PIECE / job->n_channels : 256};
    int status = MEF3_OK;

    p.counts = malloc(p.most * sizeof *p.counts);
    p.truth = malloc(p.most);
    p.frames = malloc(p.most * job->n_channels * sizeof *p.frames);
    if (!p.counts || !p.truth || !p.frames)
        status = mef3_error_set(error, MEF3_ENOMEM, NULL, -1, NULL, NULL, NULL);
    else if (!write_header(job, is_float))
        status = mef3_error_set(error, MEF3_EIO, NULL, -1, NULL, NULL, NULL);
    int64_t first = 0;
    while (status == MEF3_OK) { /* once for an empty window too: what is lost is to be told */
        int64_t n = job->channels[0].n - first;
        if (n > (int64_t)p.most)
            n = (int64_t)p.most;
        status = write_frames(job, &p, first, (size_t)n, is_float, error);
        first += n;
        if (first >= job->channels[0].n)
            break;
    }
    if (status == MEF3_OK && job->n_not_there > 0)
        cli_fail(CLI_FINE, "%" PRId64 " samples that are not there are written as %s",
                 job->n_not_there, is_float ? "NaN" : "0: WAV has no other word for it");
    free(p.counts);
    free(p.truth);
    free(p.frames);
    return status;
}

const struct cat_writer export_wav = {
    .needs_one_rate = true, .prepare = prepare, .write = write_all};

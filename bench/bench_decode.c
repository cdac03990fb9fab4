/* bench_decode.c - how fast one core decodes and encodes RED blocks.
 *
 * Three kinds of data, and beside the library's decoder the plain transcription
 * of tests/compare, in the same run: the ratio of the two can be compared across
 * machines, the figures cannot. Best of a few runs each. */
#include <mef3/red.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "compare/red_ref.h"
#include "help/signal.h"

enum { N_BLOCKS = 64, N_RUNS = 5 };

/* Enough different blocks that no branch predictor learns them by heart. */
struct recording {
    uint32_t block_samples;
    uint8_t *block[N_BLOCKS];
    size_t block_bytes[N_BLOCKS];
    int32_t *samples; /* of all blocks */
    int32_t *decoded;
    uint8_t *work;
    uint8_t *encoded;
    size_t room;
    double n_differences;
};

static void *get(size_t n)
{
    void *memory = malloc(n);

    if (!memory) {
        fprintf(stderr, "bench_decode: out of memory\n");
        exit(1);
    }
    return memory;
}

static void need(bool fine, const char *what)
{
    if (!fine) {
        fprintf(stderr, "bench_decode: %s\n", what);
        exit(1);
    }
}

static bool encode(struct recording *recording, size_t i, uint8_t *block, size_t *n_out)
{
    static const struct mef3_red_params params = {.start_time = 0};

    return mef3_red_encode(recording->samples + i * recording->block_samples,
                           recording->block_samples, &params, recording->work, block,
                           recording->room, n_out) == MEF3_OK;
}

static void make(struct recording *recording, enum signal_kind kind)
{
    struct signal_random random = {(uint64_t)kind};
    size_t n = signal_info[kind].block_samples;

    *recording = (struct recording){.block_samples = (uint32_t)n};
    recording->room = mef3_red_bound((uint32_t)n);
    recording->samples = get(N_BLOCKS * n * sizeof *recording->samples);
    recording->decoded = get(n * sizeof *recording->decoded);
    recording->work = get(5 * n + 8);
    recording->encoded = get(recording->room);
    signal_fill(kind, &random, recording->samples, N_BLOCKS * n);
    for (size_t i = 0; i < N_BLOCKS; i++) {
        struct mef3_red_header header;
        recording->block[i] = get(recording->room);
        need(encode(recording, i, recording->block[i], &recording->block_bytes[i]),
             "a block could not be encoded");
        need(mef3_red_parse(recording->block[i], recording->block_bytes[i], &header, NULL) ==
                 MEF3_OK,
             "a block could not be parsed");
        recording->n_differences += header.difference_bytes;
    }
}

static void drop(struct recording *recording)
{
    for (size_t i = 0; i < N_BLOCKS; i++)
        free(recording->block[i]);
    free(recording->encoded);
    free(recording->work);
    free(recording->decoded);
    free(recording->samples);
}

typedef bool work_fn(struct recording *recording, size_t i);

static bool decode_plain(struct recording *recording, size_t i)
{
    return red_ref_decode(recording->block[i], recording->block_bytes[i], NULL, 0,
                          recording->block_samples, recording->decoded) == MEF3_OK;
}

static bool decode_library(struct recording *recording, size_t i)
{
    return mef3_red_decode(recording->block[i], recording->block_bytes[i], NULL, 0,
                           recording->block_samples, recording->decoded, NULL) == MEF3_OK;
}

static bool encode_library(struct recording *recording, size_t i)
{
    size_t n;

    return encode(recording, i, recording->encoded, &n);
}

static bool crc_library(struct recording *recording, size_t i)
{
    volatile uint32_t crc =
        mef3_crc32(MEF3_CRC_START, recording->block[i], recording->block_bytes[i]);

    (void)crc;
    return true;
}

/* Seconds for all blocks once. */
static double time_work(work_fn *work, struct recording *recording)
{
    double best = 1e9;

    for (int run = 0; run < N_RUNS; run++) {
        struct timespec from, to;
        clock_gettime(CLOCK_MONOTONIC, &from);
        for (size_t i = 0; i < N_BLOCKS; i++)
            need(work(recording, i), "a block could not be read or written");
        clock_gettime(CLOCK_MONOTONIC, &to);
        double s = (double)(to.tv_sec - from.tv_sec) + 1e-9 * (double)(to.tv_nsec - from.tv_nsec);
        best = s < best ? s : best;
    }
    return best;
}

int main(void)
{
    static const struct {
        const char *name;
        work_fn *work;
    } row[] = {
        {"decode, plain", decode_plain},
        {"decode", decode_library},
        {"encode", encode_library},
        {"CRC alone", crc_library},
    };

    printf("%-28s %9s  %-14s %11s %14s %9s\n", "data", "B/sample", "", "Msamples/s",
           "Mdiff. bytes/s", "x plain");
    for (int kind = 0; kind < N_SIGNAL_KINDS; kind++) {
        struct recording recording;
        make(&recording, (enum signal_kind)kind);
        double n = (double)N_BLOCKS * recording.block_samples, plain = 0;
        for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
            double s = time_work(row[i].work, &recording);
            if (i == 0) {
                plain = s;
                printf("%-28s %9.1f", signal_info[kind].text, recording.n_differences / n);
            } else {
                printf("%-28s %9s", "", "");
            }
            printf("  %-14s %11.1f %14.1f", row[i].name, n / s / 1e6,
                   recording.n_differences / s / 1e6);
            if (row[i].work == decode_library)
                printf(" %9.1f", plain / s);
            printf("\n");
        }
        drop(&recording);
    }
    return 0;
}

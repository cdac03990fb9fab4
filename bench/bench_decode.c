/* bench_decode.c - how fast one core decodes and encodes RED blocks.
 *
 * Three kinds of data, and beside the library's decoder and encoder the plain ones
 * of tests/compare, in the same run: the ratio of the two can be compared across
 * machines, the figures cannot. Best of a few runs each. */
#include <mef3/red.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "compare/red_ref.h"
#include "help/signal.h"
#include "red_coder.h"
#include "red_lanes.h"

enum { N_BLOCKS = 64, N_RUNS = 15 };

/* Enough different blocks that no branch predictor learns them by heart. */
struct recording {
    uint32_t block_samples;
    uint8_t *block[N_BLOCKS];
    size_t block_bytes[N_BLOCKS];
    int32_t *samples; /* of all blocks */
    int32_t *decoded;
    uint8_t *work; /* this and the next: for as many as are encoded together */
    uint8_t *encoded;
    size_t work_bytes;
    size_t room;
    double n_differences;
    const struct red_way *way; /* that decode_many goes */
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
    recording->decoded = get(N_BLOCKS * n * sizeof *recording->decoded);
    recording->work_bytes = 5 * n + 8;
    recording->work = get(RED_CODED_TOGETHER * recording->work_bytes);
    recording->encoded = get(RED_CODED_TOGETHER * recording->room);
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

/* The first n_samples of every block. */
static bool decode_tasks(struct recording *recording, uint32_t n_samples)
{
    struct red_task tasks[N_BLOCKS];

    for (size_t k = 0; k < N_BLOCKS; k++)
        tasks[k] = (struct red_task){
            .block = recording->block[k],
            .n = recording->block_bytes[k],
            .n_samples = n_samples,
            .samples_out = recording->decoded + k * recording->block_samples,
        };
    red_decode_on(recording->way, tasks, N_BLOCKS);
    for (size_t k = 0; k < N_BLOCKS; k++)
        if (tasks[k].status != MEF3_OK)
            return false;
    return true;
}

/* Work on block i; what takes all of them at once does it at the last. */
typedef bool work_fn(struct recording *recording, size_t i);

static bool decode_plain(struct recording *recording, size_t i)
{
    return red_ref_decode(recording->block[i], recording->block_bytes[i], NULL, 0,
                          recording->block_samples,
                          recording->decoded + i * recording->block_samples) == MEF3_OK;
}

static bool decode_library(struct recording *recording, size_t i)
{
    return mef3_red_decode(recording->block[i], recording->block_bytes[i], NULL, 0,
                           recording->block_samples,
                           recording->decoded + i * recording->block_samples, NULL) == MEF3_OK;
}

static bool decode_many(struct recording *recording, size_t i)
{
    return i + 1 < N_BLOCKS || decode_tasks(recording, recording->block_samples);
}

/* What a page needs of a block that is three times as long. */
static bool decode_thirds(struct recording *recording, size_t i)
{
    return i + 1 < N_BLOCKS || decode_tasks(recording, recording->block_samples / 3);
}

static bool encode_plain(struct recording *recording, size_t i)
{
    static const struct mef3_red_params params = {.start_time = 0};
    size_t n;

    return red_ref_encode(recording->samples + i * recording->block_samples,
                          recording->block_samples, &params, recording->work, recording->encoded,
                          recording->room, &n) == MEF3_OK;
}

static bool encode_library(struct recording *recording, size_t i)
{
    size_t n;

    return encode(recording, i, recording->encoded, &n);
}

/* RED_CODED_TOGETHER blocks with every RED_CODED_TOGETHERth. */
static bool encode_many(struct recording *recording, size_t i)
{
    static const struct mef3_red_params params = {.start_time = 0};
    struct red_encoding tasks[RED_CODED_TOGETHER];
    bool fine = true;

    if (i % RED_CODED_TOGETHER != 0)
        return true;
    for (size_t k = 0; k < RED_CODED_TOGETHER; k++)
        tasks[k] = (struct red_encoding){
            .samples = recording->samples + (i + k) * recording->block_samples,
            .n_samples = recording->block_samples,
            .params = &params,
            .work = recording->work + k * recording->work_bytes,
            .block_out = recording->encoded + k * recording->room,
            .room = recording->room,
        };
    red_encode_many(tasks, RED_CODED_TOGETHER);
    for (size_t k = 0; k < RED_CODED_TOGETHER; k++)
        fine &= tasks[k].status == MEF3_OK;
    return fine;
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

struct row {
    const char *name;
    work_fn *work;
    const char *plain; /* the row that it is compared to, or NULL */
};

static void print_row(bool is_tsv, const char *data, const struct row *row, double s, double plain,
                      const struct recording *recording)
{
    double n = (double)N_BLOCKS * recording->block_samples;
    double x = row->plain ? plain / s : 0;

    if (is_tsv) {
        printf("%s\t%s\t%.2f\t%.2f\t%.2f\t%.2f\n", data, row->name, recording->n_differences / n,
               n / s / 1e6, recording->n_differences / s / 1e6, x);
        return;
    }
    printf("%-28s %9.1f  %-20s %11.1f %14.1f", data, recording->n_differences / n, row->name,
           n / s / 1e6, recording->n_differences / s / 1e6);
    printf(row->plain ? " %9.1f\n" : "\n", x);
}

static void print_rows(bool is_tsv, enum signal_kind kind)
{
    static const struct row rows[] = {
        {"decode, plain", decode_plain, "decode, plain"},
        {"decode", decode_library, "decode, plain"},
        {"decode, side by side", decode_many, "decode, plain"},
        {"a third of each block", decode_thirds, "decode, plain"},
        {"encode, plain", encode_plain, "encode, plain"},
        {"encode", encode_library, "encode, plain"},
        {"encode, side by side", encode_many, "encode, plain"},
        {"CRC alone", crc_library, NULL},
    };
    struct recording recording;
    double plain = 0, decode_s = 0;

    make(&recording, kind);
    recording.way = red_best_way();
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        double s = time_work(rows[i].work, &recording);
        if (rows[i].plain == rows[i].name)
            plain = s;
        decode_s = i == 0 ? s : decode_s;
        print_row(is_tsv, signal_info[kind].text, &rows[i], s, plain, &recording);
    }
    for (size_t i = 0; (recording.way = red_way(i)); i++) {
        struct row row = {recording.way->name, decode_many, rows[0].name};
        double s = time_work(decode_many, &recording);
        print_row(is_tsv, signal_info[kind].text, &row, s, decode_s, &recording);
    }
    drop(&recording);
}

int main(int argc, char **argv)
{
    bool is_tsv = argc > 1 && strcmp(argv[1], "--tsv") == 0;

    if (!is_tsv)
        printf("%-28s %9s  %-20s %11s %14s %9s\n", "data", "B/sample", "", "Msamples/s",
               "Mdiff. bytes/s", "x plain");
    for (int kind = 0; kind < N_SIGNAL_KINDS; kind++)
        print_rows(is_tsv, (enum signal_kind)kind);
    return 0;
}

/* fuzz_encode.c - samples to a block and back: the same samples, and the same block as the plain
 * encoder's, whichever way it is made and whatever is made beside it.
 *
 * The first byte of an input: bits 0 and 1, the level of the statistics; bits 2 and 3, whether what
 * follows are samples, or differences of one or of two bytes. The second: how much less room there
 * is than may be needed. */
#include <stdlib.h>
#include <string.h>

#include <mef3/red.h>

#include "bytes.h"
#include "compare/red_ref.h"
#include "red_lanes.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

enum { MOST_SAMPLES = 4096, PREFIX = 2, MOST_TOGETHER = 16 };

static const struct mef3_keys keys = {.level = 2, .key = {"level one bytes", "level two bytes"}};

static void require(bool is_true)
{
    if (!is_true)
        abort();
}

static void *room_for(size_t n)
{
    void *room = malloc(n ? n : 1);

    require(room != NULL);
    return room;
}

static uint32_t read_samples(const uint8_t *bytes, size_t n, int kind, int32_t *samples_out)
{
    size_t width = kind == 0 ? 4 : (size_t)kind;
    uint32_t n_samples = 0, value = 0;

    for (size_t at = 0; n - at >= width && n_samples < MOST_SAMPLES; at += width) {
        if (kind == 0)
            value = le_u32(bytes + at);
        else
            value +=
                kind == 1 ? (uint32_t)(int8_t)bytes[at] : (uint32_t)(int16_t)le_u16(bytes + at);
        samples_out[n_samples++] = (int32_t)value;
    }
    return n_samples;
}

struct made {
    uint8_t *block;
    size_t room;
    size_t n;
    int status;
};

/* As many blocks side by side, the one in question the last of them: they must not mix. */
static void check_way(const struct red_way *way, size_t n_together, const int32_t *samples,
                      uint32_t n_samples, const struct mef3_red_params *params,
                      const struct made *plain)
{
    static const int32_t others[] = {1, 2, 300, -5, 1 << 30};
    struct red_encoding tasks[MOST_TOGETHER];
    size_t last = n_together - 1;

    for (size_t i = 0; i < n_together; i++) {
        uint32_t n = i < last ? 1 + (uint32_t)i % 5 : n_samples;
        size_t room = i < last ? mef3_red_bound(n) : plain->room;
        tasks[i] = (struct red_encoding){.samples = i < last ? others : samples,
                                         .n_samples = n,
                                         .params = params,
                                         .work = room_for(5 * (size_t)n + 8),
                                         .block_out = room_for(room),
                                         .room = room};
    }
    red_encode_on(way, tasks, n_together);
    require(tasks[last].status == plain->status);
    if (plain->status == MEF3_OK)
        require(tasks[last].n_out == plain->n &&
                memcmp(tasks[last].block_out, plain->block, plain->n) == 0);
    for (size_t i = 0; i < n_together; i++) {
        require(i == last || tasks[i].status == MEF3_OK);
        free(tasks[i].work);
        free(tasks[i].block_out);
    }
}

static void check_back(const struct made *made, const int32_t *samples, uint32_t n_samples)
{
    struct mef3_red_header header;
    int32_t *again = room_for(n_samples * sizeof *again);
    const struct red_way *way;

    require(mef3_red_parse(made->block, made->n, &header, NULL) == MEF3_OK);
    require(header.n_samples == n_samples && header.block_bytes == made->n);
    for (size_t i = 0; (way = red_way(i)); i++) {
        struct red_task task = {.block = made->block,
                                .n = made->n,
                                .keys = &keys,
                                .n_samples = n_samples,
                                .samples_out = again};
        memset(again, 0x5A, n_samples * sizeof *again);
        red_decode_on(way, &task, 1);
        require(task.status == MEF3_OK);
        require(memcmp(again, samples, n_samples * sizeof *again) == 0);
    }
    free(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    static int32_t buffer[MOST_SAMPLES];
    static const size_t together[] = {1, 3, MOST_TOGETHER};
    const struct red_way *way;

    if (n < PREFIX)
        return 0;
    struct mef3_red_params params = {
        .start_time = 1, .stats_level = (bytes[0] & 3) % 3, .keys = &keys};
    uint32_t n_samples = read_samples(bytes + PREFIX, n - PREFIX, (bytes[0] >> 2 & 3) % 3, buffer);
    if (n_samples == 0)
        return 0;
    /* Exactly as long as what there is: a sanitizer watches the ends. */
    int32_t *samples = room_for(n_samples * sizeof *samples);
    memcpy(samples, buffer, n_samples * sizeof *samples);
    size_t bound = mef3_red_bound(n_samples), less = (size_t)bytes[1] * bound / 256;
    struct made plain = {.block = room_for(bound - less), .room = bound - less};
    uint8_t *work = room_for(5 * (size_t)n_samples + 8);

    plain.status =
        red_ref_encode(samples, n_samples, &params, work, plain.block, plain.room, &plain.n);
    require(plain.status == MEF3_OK || (less > 0 && plain.status == MEF3_ENOSPC));
    for (size_t i = 0; (way = red_way(i)); i++)
        for (size_t k = 0; k < sizeof together / sizeof *together; k++)
            check_way(way, together[k], samples, n_samples, &params, &plain);
    if (plain.status == MEF3_OK)
        check_back(&plain, samples, n_samples);
    free(work);
    free(plain.block);
    free(samples);
    return 0;
}

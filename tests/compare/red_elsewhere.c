/* red_elsewhere.c - the decoders against the transcription on another kind of processor, run by
 * qemu: no test library, no cipher, nothing but the codec. */
#include <mef3/red.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "crypt.h"
#include "help/signal.h"
#include "layout.h"
#include "red_lanes.h"
#include "red_ref.h"

enum { N_BLOCKS = 23, MOST_SAMPLES = 3000 };

/* No block here has encrypted counts. */
int crypt_decrypt(const uint8_t key[16], uint8_t *bytes, size_t n)
{
    (void)key, (void)bytes, (void)n;
    return MEF3_ENOMEM;
}

int crypt_encrypt(const uint8_t key[16], uint8_t *bytes, size_t n)
{
    (void)key, (void)bytes, (void)n;
    return MEF3_ENOMEM;
}

static void need(bool fine, const char *what)
{
    if (!fine) {
        printf("red_elsewhere: %s\n", what);
        exit(1);
    }
}

/* A block of a random kind and length; every third has a byte changed, its CRC mended. */
static struct red_task make(struct signal_random *random)
{
    static const struct mef3_red_params params = {.start_time = 0};
    static int32_t samples[MOST_SAMPLES];
    static uint8_t work[5 * MOST_SAMPLES + 8];
    uint32_t n = 1 + signal_below(random, MOST_SAMPLES);
    size_t room = mef3_red_bound(n), n_bytes;
    uint8_t *block = malloc(room);
    int32_t *out = malloc(n * sizeof *out);

    need(block && out, "out of memory");
    signal_fill((enum signal_kind)signal_below(random, N_SIGNAL_KINDS), random, samples, n);
    need(mef3_red_encode(samples, n, &params, work, block, room, &n_bytes) == MEF3_OK,
         "a block could not be encoded");
    if (signal_below(random, 3) == 0) {
        block[RED_STATISTICS + signal_below(random, (uint32_t)n_bytes - RED_STATISTICS)] ^= 1;
        le_put_u32(block, mef3_crc32(MEF3_CRC_START, block + RED_FLAGS, n_bytes - RED_FLAGS));
    }
    return (struct red_task){.block = block, .n = n_bytes, .n_samples = n, .samples_out = out};
}

static void compare(const struct red_task *task)
{
    static int32_t plain[MOST_SAMPLES];
    int status = red_ref_decode(task->block, task->n, NULL, 0, task->n_samples, plain);

    need(task->status == status, "another status than the transcription's");
    need(status != MEF3_OK ||
             memcmp(task->samples_out, plain, task->n_samples * sizeof *plain) == 0,
         "other samples than the transcription's");
}

int main(void)
{
    struct signal_random random = {8};
    struct red_task tasks[N_BLOCKS];
    size_t n_whole = 0, n_damaged = 0;
    const struct red_way *way;

    for (int round = 0; round < 4; round++) {
        for (size_t i = 0; i < N_BLOCKS; i++)
            tasks[i] = make(&random);
        for (size_t k = 0; (way = red_way(k)); k++) {
            red_decode_on(way, tasks, N_BLOCKS);
            for (size_t i = 0; i < N_BLOCKS; i++)
                compare(&tasks[i]);
        }
        for (size_t i = 0; i < N_BLOCKS; i++) {
            *(tasks[i].status == MEF3_OK ? &n_whole : &n_damaged) += 1;
            free((uint8_t *)(uintptr_t)tasks[i].block);
            free(tasks[i].samples_out);
        }
    }
    need(n_whole > 0 && n_damaged > 0, "not both whole and damaged blocks");
    printf("%zu whole blocks and %zu damaged ones\n", n_whole, n_damaged);
    return 0;
}

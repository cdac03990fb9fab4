/* mutate_red.c - inputs of fuzz_red: a byte for the keys, and a block. */
#include "mutate.h"

#include <mef3/red.h>

#include "bytes.h"
#include "layout.h"

static const struct mutate_field fields[] = {
    {RED_FLAGS, 1},     {RED_SLOPE, 4},       {RED_INTERCEPT, 4},
    {RED_SCALE, 4},     {RED_N_SAMPLES, 4},   {RED_DIFFERENCE_BYTES, 4},
    {RED_N_SAMPLES, 2}, {RED_START_TIME, 8},  {RED_DIFFERENCE_BYTES, 2},
    {RED_PAYLOAD, 1},   {RED_PAYLOAD + 1, 4},
};

static void change_counts(uint8_t *counts, unsigned *seed)
{
    uint32_t a = mutate_below(seed, RED_N_SYMBOLS), b = mutate_below(seed, RED_N_SYMBOLS);
    uint8_t kept = counts[a];

    switch (mutate_below(seed, 4)) {
    case 0:
        counts[a] = counts[b];
        counts[b] = kept;
        break;
    case 1:
        counts[a] = 0;
        break;
    case 2:
        counts[a] = (uint8_t)(1 + mutate_below(seed, 255));
        break;
    default: /* few symbols are left */
        for (uint32_t s = 0; s < RED_N_SYMBOLS; s++)
            if (s != a && s != b)
                counts[s] = mutate_below(seed, 8) ? 0 : counts[s];
    }
}

/* The samples that the differences are just enough for, or nearly. */
static void agree(uint8_t *block, unsigned *seed)
{
    uint32_t n = le_u32(block + RED_N_SAMPLES);

    le_put_u32(block + RED_DIFFERENCE_BYTES, n + 4 + 4 * mutate_below(seed, 8));
}

size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t n, size_t most, unsigned seed)
{
    uint8_t *block = bytes + 1;

    if (n < 1 + RED_PAYLOAD || mutate_below(&seed, 4) == 0)
        n = LLVMFuzzerMutate(bytes, n, most);
    if (n < 1 + RED_PAYLOAD)
        return n;
    switch (mutate_below(&seed, 4)) {
    case 0:
        mutate_field(block, n - 1, fields, sizeof fields / sizeof *fields, &seed);
        break;
    case 1:
        change_counts(block + RED_STATISTICS, &seed);
        break;
    case 2:
        agree(block, &seed);
        break;
    default:
        break;
    }
    /* Most inputs should be all there. */
    if (mutate_below(&seed, 8))
        le_put_u32(block + RED_BLOCK_BYTES, (uint32_t)((n - 1) / RED_ALIGN * RED_ALIGN));
    mutate_mend_block(block, n - 1);
    return n;
}

/* mutate_index.c - inputs of fuzz_index: its entries are changed, made to agree with the blocks,
 * moved about; and the blocks' checksums are made true. */
#include "mutate.h"

#include <string.h>

#include "bytes.h"
#include "layout.h"

enum { PREFIX = 18 };

static const struct mutate_field prefix[] = {{0, 8}, {8, 8}, {16, 2}};

static const struct mutate_field fields[] = {
    {INDEX_FILE_OFFSET, 8},  {INDEX_FILE_OFFSET, 2}, {INDEX_START_TIME, 8}, {INDEX_START_TIME, 4},
    {INDEX_START_SAMPLE, 8}, {INDEX_N_SAMPLES, 4},   {INDEX_N_SAMPLES, 2},  {INDEX_BLOCK_BYTES, 4},
    {INDEX_BLOCK_BYTES, 2},  {INDEX_FLAGS, 1},
};

/* Bytes of the data's file; its header is the target's own. */
struct data {
    uint8_t *bytes;
    size_t n;
};

/* The block that an entry names; NULL where there is none. */
static uint8_t *block_of(const struct data *data, const uint8_t *entry, size_t *n_out)
{
    uint64_t at = le_u64(entry + INDEX_FILE_OFFSET);

    if (at < UH_BYTES || at - UH_BYTES >= data->n || data->n - (at - UH_BYTES) < RED_PAYLOAD)
        return NULL;
    *n_out = data->n - (size_t)(at - UH_BYTES);
    return data->bytes + (at - UH_BYTES);
}

static void agree(const struct data *data, uint8_t *entry)
{
    size_t n;
    const uint8_t *block = block_of(data, entry, &n);

    if (!block)
        return;
    memcpy(entry + INDEX_START_TIME, block + RED_START_TIME, 8);
    memcpy(entry + INDEX_N_SAMPLES, block + RED_N_SAMPLES, 4);
    memcpy(entry + INDEX_BLOCK_BYTES, block + RED_BLOCK_BYTES, 4);
}

static void change(uint8_t *entries, uint32_t n_entries, const struct data *data, unsigned *seed)
{
    uint8_t *entry = entries + INDEX_BYTES * (size_t)mutate_below(seed, n_entries);
    uint8_t *other = entries + INDEX_BYTES * (size_t)mutate_below(seed, n_entries);
    uint8_t kept[INDEX_BYTES];

    switch (mutate_below(seed, 5)) {
    case 0:
        memcpy(kept, entry, sizeof kept);
        memmove(entry, other, sizeof kept);
        memcpy(other, kept, sizeof kept);
        break;
    case 1:
        memmove(entry, other, sizeof kept);
        break;
    case 2:
        agree(data, entry);
        break;
    default:
        mutate_field(entry, INDEX_BYTES, fields, sizeof fields / sizeof *fields, seed);
    }
}

size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t n, size_t most, unsigned seed)
{
    if (n < PREFIX + INDEX_BYTES || mutate_below(&seed, 4) == 0)
        n = LLVMFuzzerMutate(bytes, n, most);
    if (n < PREFIX + INDEX_BYTES)
        return n;
    if (mutate_below(&seed, 16) == 0)
        mutate_field(bytes, n, prefix, sizeof prefix / sizeof *prefix, &seed);
    size_t n_entries = le_u16(bytes + 16);
    if (n_entries > (n - PREFIX) / INDEX_BYTES)
        n_entries = (n - PREFIX) / INDEX_BYTES;
    uint8_t *entries = bytes + PREFIX;
    struct data data = {entries + n_entries * INDEX_BYTES, n - PREFIX - n_entries * INDEX_BYTES};

    if (n_entries > 0)
        change(entries, (uint32_t)n_entries, &data, &seed);
    for (size_t k = 0; k < n_entries; k++) {
        size_t n_block;
        uint8_t *block = block_of(&data, entries + k * INDEX_BYTES, &n_block);
        if (block)
            mutate_mend_block(block, n_block);
    }
    return n;
}

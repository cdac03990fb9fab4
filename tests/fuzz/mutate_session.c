/* mutate_session.c - inputs of fuzz_session: one more change, of a field. */
#include "mutate.h"

#include "bytes.h"
#include "layout.h"

enum { CHANGE = 4, N_FILES = 6, TMET = 0, TIDX = 1, TDAT = 2, SOME_ENTRIES = 6 };

static const struct mutate_field of_metadata[] = {
    {UH_START_TIME, 8},
    {UH_END_TIME, 8},
    {UH_LEVEL_1_FIELD, 8},
    {META_SECTION_2_LEVEL, 1},
    {META_SECTION_3_LEVEL, 1},
    {META_SECTION_2 + S2_RATE, 8},
    {META_SECTION_2 + S2_UNITS_FACTOR, 8},
    {META_SECTION_2 + S2_N_SAMPLES, 8},
    {META_SECTION_2 + S2_N_BLOCKS, 8},
    {META_SECTION_2 + S2_MAX_BLOCK_SAMPLES, 4},
    {META_SECTION_3 + S3_TIME_OFFSET, 8},
};
static const struct mutate_field of_entry[] = {
    {INDEX_FILE_OFFSET, 8}, {INDEX_START_TIME, 8},  {INDEX_START_TIME, 4}, {INDEX_N_SAMPLES, 4},
    {INDEX_BLOCK_BYTES, 4}, {INDEX_FILE_OFFSET, 2}, {INDEX_FLAGS, 1},
};
static const struct mutate_field of_block[] = {
    {RED_FLAGS, 1},
    {RED_SLOPE, 4},
    {RED_SCALE, 4},
    {RED_DIFFERENCE_BYTES, 4},
    {RED_N_SAMPLES, 4},
    {RED_BLOCK_BYTES, 4},
    {RED_START_TIME, 8},
    {RED_STATISTICS, 8},
    {RED_STATISTICS, 1},
    {RED_PAYLOAD, 4},
    {RED_DIFFERENCE_BYTES, 2},
};

#define ONE_OF(fields, seed) ((fields)[mutate_below(seed, sizeof(fields) / sizeof *(fields))])

size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t n, size_t most, unsigned seed)
{
    uint32_t file = mutate_below(&seed, N_FILES), of_type = file % 3;
    struct mutate_field field = of_type == TMET   ? ONE_OF(of_metadata, &seed)
                                : of_type == TIDX ? ONE_OF(of_entry, &seed)
                                                  : ONE_OF(of_block, &seed);

    if (n == 0 || most < n + CHANGE + 8 || mutate_below(&seed, 3) == 0)
        return LLVMFuzzerMutate(bytes, n, most);
    if (of_type == TIDX)
        field.at += UH_BYTES + INDEX_BYTES * mutate_below(&seed, SOME_ENTRIES);
    if (of_type == TDAT) /* blocks of ten samples take this much */
        field.at += UH_BYTES + mutate_below(&seed, SOME_ENTRIES) * (RED_PAYLOAD + 16);
    bytes[0] |= mutate_below(&seed, 8) != 0; /* mend the checksums */
    uint8_t *change = bytes + n;
    change[0] = (uint8_t)file;
    le_put_u16(change + 1, (uint16_t)field.at);
    change[3] = field.bytes;
    le_put_u64(change + CHANGE, 0);
    const struct mutate_field value = {CHANGE, field.bytes};
    mutate_field(change, CHANGE + 8, &value, 1, &seed);
    return n + CHANGE + field.bytes;
}

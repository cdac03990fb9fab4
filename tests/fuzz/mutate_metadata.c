/* mutate_metadata.c - inputs of fuzz_metadata and fuzz_header: a byte, and a file that begins with
 * a universal header. The targets make its checksums true themselves. */
#include "mutate.h"

#include "layout.h"

#define S2(at) (1 + META_SECTION_2 + (at))
#define S3(at) (1 + META_SECTION_3 + (at))

static const struct mutate_field fields[] = {
    {1 + UH_TYPE, 4},          {1 + UH_VERSION_MAJOR, 1},     {1 + UH_VERSION_MINOR, 1},
    {1 + UH_BYTE_ORDER, 1},    {1 + UH_START_TIME, 8},        {1 + UH_END_TIME, 8},
    {1 + UH_N_ENTRIES, 8},     {1 + UH_SEGMENT_NUMBER, 4},    {1 + UH_LEVEL_1_FIELD, 8},
    {1 + UH_LEVEL_2_FIELD, 8}, {1 + META_SECTION_2_LEVEL, 1}, {1 + META_SECTION_3_LEVEL, 1},
    {S2(S2_RATE), 8},          {S2(S2_LOW_FILTER), 8},        {S2(S2_UNITS_FACTOR), 8},
    {S2(S2_UNITS), 2},         {S2(S2_START_SAMPLE), 8},      {S2(S2_N_SAMPLES), 8},
    {S2(S2_N_BLOCKS), 8},      {S2(S2_MAX_BLOCK_SAMPLES), 4}, {S3(S3_TIME_OFFSET), 8},
    {S3(S3_GMT_OFFSET), 4},    {S3(S3_SUBJECT_ID), 4},
};

size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t n, size_t most, unsigned seed)
{
    if (n == 0 || mutate_below(&seed, 4) == 0)
        n = LLVMFuzzerMutate(bytes, n, most);
    for (uint32_t i = mutate_below(&seed, 3); i > 0; i--)
        mutate_field(bytes, n, fields, sizeof fields / sizeof *fields, &seed);
    return n;
}

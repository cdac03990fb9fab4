/* fuzz_index.c - an index of any entries, over blocks of any bytes.
 *
 * 8 bytes sampling frequency, 8 blocks that the metadata promise, 2 number of
 * entries, the entries, and what is left is the data after its header. */
#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "layout.h"
#include "read_all.h"

enum { PREFIX = 18 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

/* A file with a true header of this type, and then a body. */
static uint8_t *file_new(const char *type, const uint8_t *body, size_t n)
{
    uint8_t *file = calloc(1, UH_BYTES + n);

    if (!file)
        abort();
    memcpy(file + UH_TYPE, type, 4);
    file[UH_VERSION_MAJOR] = 3;
    file[UH_BYTE_ORDER] = 1;
    le_put_i64(file + UH_START_TIME, 0);
    le_put_i64(file + UH_END_TIME, 1000000);
    if (n > 0 && body)
        memcpy(file + UH_BYTES, body, n);
    read_all_seal(file, UH_BYTES + n);
    return file;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    if (n < PREFIX)
        return 0;
    size_t index_bytes = le_u16(bytes + 16) * (size_t)INDEX_BYTES;
    if (index_bytes > n - PREFIX)
        index_bytes = n - PREFIX;
    size_t data_bytes = n - PREFIX - index_bytes;

    uint8_t *metadata = file_new("tmet", NULL, META_BYTES - UH_BYTES);
    memcpy(metadata + META_SECTION_2 + S2_RATE, bytes, 8);
    memcpy(metadata + META_SECTION_2 + S2_N_BLOCKS, bytes + 8, 8);
    le_put_u32(metadata + META_SECTION_2 + S2_MAX_BLOCK_SAMPLES, 100);
    read_all_seal(metadata, META_BYTES);
    uint8_t *index = file_new("tidx", bytes + PREFIX, index_bytes);
    uint8_t *data = file_new("tdat", bytes + PREFIX + index_bytes, data_bytes);
    const struct mef3_memory_file files[] = {
        {"a.timd/a-000000.segd/a-000000.tmet", metadata, META_BYTES},
        {"a.timd/a-000000.segd/a-000000.tidx", index, UH_BYTES + index_bytes},
        {"a.timd/a-000000.segd/a-000000.tdat", data, UH_BYTES + data_bytes},
    };
    read_all(files, 3, NULL);
    free(metadata);
    free(index);
    free(data);
    return 0;
}

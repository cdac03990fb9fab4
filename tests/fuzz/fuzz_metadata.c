/* fuzz_metadata.c - a .tmet of any bytes: a password's first byte, then the file. */
#include <stdlib.h>
#include <string.h>

#include "read_all.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    char password[2] = {0};

    if (n == 0)
        return 0;
    uint8_t *file = malloc(n);
    if (!file)
        return 0;
    memcpy(file, bytes + 1, n - 1);
    read_all_seal(file, n - 1);
    password[0] = (char)bytes[0];
    const struct mef3_memory_file files[] = {
        {"a.timd/a-000000.segd/a-000000.tmet", file, n - 1},
    };
    read_all(files, 1, bytes[0] ? password : NULL);
    free(file);
    return 0;
}

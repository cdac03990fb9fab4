/* fuzz_tree.c - a session of any files, under any names.
 *
 * For each file: its path up to a zero, two bytes with its length, one that says
 * whether its checksums are made true, and its bytes; a length beyond the end
 * stops there. A path "password" gives the password instead. */
#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "read_all.h"

enum { MOST_FILES = 32 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static char *text_copy(const uint8_t *bytes, size_t n)
{
    char *text = malloc(n + 1);

    if (!text)
        abort();
    memcpy(text, bytes, n);
    text[n] = '\0';
    return text;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    struct mef3_memory_file files[MOST_FILES] = {0};
    char *password = NULL;
    size_t n_files = 0;

    for (size_t at = 0; at < n && n_files < MOST_FILES;) {
        size_t path_bytes = strnlen((const char *)bytes + at, n - at);
        if (n - at < path_bytes + 4)
            break;
        char *path = text_copy(bytes + at, path_bytes);
        at += path_bytes + 1;
        size_t length = le_u16(bytes + at);
        bool is_sealed = bytes[at + 2] & 1;
        at += 3;
        if (length > n - at)
            length = n - at;
        char *body = text_copy(bytes + at, length);
        at += length;
        if (strcmp(path, "password") == 0) {
            free(password);
            free(path);
            password = body;
            continue;
        }
        if (is_sealed)
            read_all_seal((uint8_t *)body, length);
        files[n_files++] = (struct mef3_memory_file){path, (const uint8_t *)body, length};
    }
    read_all(files, n_files, password);
    for (size_t i = 0; i < n_files; i++) {
        free((void *)(uintptr_t)files[i].path);
        free((void *)(uintptr_t)files[i].bytes);
    }
    free(password);
    return 0;
}

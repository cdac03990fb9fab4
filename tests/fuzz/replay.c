/* replay.c - runs a fuzz target over a stored corpus, without libFuzzer.
 *
 * Each argument is a file or a folder of files. Where the target has a mutator, some mutants of
 * each follow, the same ones each time. The target fails by crashing; a sanitizer makes it crash
 * more readily. An empty corpus is a failure: it would prove nothing. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../help/sanitizer.h"
#include "mutate.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

/* Where the target has none, this one says so. */
__attribute__((weak)) size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t n, size_t most,
                                                     unsigned seed)
{
    (void)bytes;
    (void)n;
    (void)most;
    (void)seed;
    return SIZE_MAX;
}

enum { N_MUTANTS = UNDER_MSAN ? 0 : UNDER_ASAN ? 3 : 100, MOST_CHANGES = 4, GROWTH = 64 };

static size_t n_inputs, n_mutants;
static unsigned seed;

/* What libFuzzer brings along: here a byte is changed, put in or left out. */
size_t LLVMFuzzerMutate(uint8_t *bytes, size_t n, size_t most)
{
    uint32_t at = mutate_below(&seed, (uint32_t)n + 1), how = mutate_below(&seed, 8);

    if (how == 0 && at < n) {
        memmove(bytes + at, bytes + at + 1, n - at - 1);
        return n - 1;
    }
    if (how == 1 && n < most) {
        memmove(bytes + at + 1, bytes + at, n - at);
        n++;
    }
    if (at < n)
        bytes[at] = (uint8_t)mutate_below(&seed, 256);
    return n;
}

/* Mutants of what was just run; each has its own memory, exactly as long as it is. */
static void run_mutants(const uint8_t *bytes, size_t n)
{
    size_t most = n + GROWTH, made = n;
    uint8_t *room = malloc(most);

    if (!room)
        abort();
    seed = (unsigned)n;
    for (int i = 0; i < N_MUTANTS && made != SIZE_MAX; i++) {
        if (n > 0)
            memcpy(room, bytes, n);
        made = n;
        for (uint32_t k = mutate_below(&seed, MOST_CHANGES) + 1; k > 0 && made != SIZE_MAX; k--)
            made = LLVMFuzzerCustomMutator(room, made, most, seed + k);
        if (made == SIZE_MAX)
            break;
        uint8_t *mutant = malloc(made ? made : 1);
        if (!mutant)
            abort();
        memcpy(mutant, room, made);
        LLVMFuzzerTestOneInput(mutant, made);
        free(mutant);
        n_mutants++;
    }
    free(room);
}

static int run_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    uint8_t *bytes = NULL;
    long n;

    if (!file)
        return -1;
    if (fseek(file, 0, SEEK_END) != 0 || (n = ftell(file)) < 0 || fseek(file, 0, SEEK_SET) != 0)
        goto fail;
    /* Exactly as long as the input, so that a sanitizer sees the first byte too far. */
    bytes = malloc(n ? (size_t)n : 1);
    if (!bytes || fread(bytes, 1, (size_t)n, file) != (size_t)n)
        goto fail;
    fclose(file);
    printf("%s\n", path);
    fflush(stdout);
    LLVMFuzzerTestOneInput(bytes, (size_t)n);
    run_mutants(bytes, (size_t)n);
    free(bytes);
    n_inputs++;
    return 0;

fail:
    free(bytes);
    fclose(file);
    return -1;
}

static int run_path(const char *path)
{
    char inner[4096];
    struct dirent *entry;
    int status = 0;

    DIR *folder = opendir(path);
    if (!folder)
        return run_file(path);
    while (status == 0 && (entry = readdir(folder))) {
        if (entry->d_name[0] == '.')
            continue;
        snprintf(inner, sizeof inner, "%s/%s", path, entry->d_name);
        status = run_file(inner);
    }
    closedir(folder);
    return status;
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (run_path(argv[i]) != 0) {
            fprintf(stderr, "replay: %s: cannot be read\n", argv[i]);
            return 1;
        }
    }
    if (n_inputs == 0) {
        fprintf(stderr, "replay: no input at all\n");
        return 1;
    }
    printf("%zu inputs, %zu mutants\n", n_inputs, n_mutants);
    return 0;
}

/* replay.c - runs a fuzz target over a stored corpus, without libFuzzer.
 *
 * Each argument is a file or a folder of files. The target fails by crashing;
 * a sanitizer makes it crash more readily. An empty corpus is a failure: it
 * would prove nothing. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static size_t n_inputs;

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
    printf("%zu inputs\n", n_inputs);
    return 0;
}

/* fuzz_table.c - a NumPy file, or else the lines of a table. */
#include <stdlib.h>
#include <string.h>

#include "cli/csv.h"
#include "cli/npy.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static void read_npy(const uint8_t *bytes, size_t n)
{
    double values[64];
    struct mef3_error error;
    struct npy npy;

    if (npy_parse(bytes, n, &npy, &error) != MEF3_OK)
        return;
    if (npy.data_at > n || npy.bytes == 0 || npy.bytes > 8)
        abort();
    size_t n_values = (n - npy.data_at) / npy.bytes;
    npy_values(&npy, bytes + npy.data_at, n_values < 64 ? n_values : 64, values);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    struct csv_cells cells = {0};
    double number;

    if (n > 6 && bytes[0] == 0x93) {
        read_npy(bytes, n);
        return 0;
    }
    char *text = malloc(n + 1);
    if (!text)
        return 0;
    memcpy(text, bytes, n);
    text[n] = '\0';
    char separator = csv_separator(text);
    for (char *line = text, *end; line < text + n; line = end + 1) {
        end = line + strcspn(line, "\n");
        *end = '\0';
        if (csv_split(line, separator, &cells) != CSV_FINE)
            continue;
        for (size_t i = 0; i < cells.n; i++)
            csv_number(cells.at[i], &number);
    }
    csv_fini(&cells);
    free(text);
    return 0;
}

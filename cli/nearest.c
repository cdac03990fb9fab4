/* nearest.c - which word was meant: the one that takes the fewest slips to get from it. */
#include "nearest.h"

#include <string.h>

enum { MOST_SLIPS = 2 };

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Both are shorter than NEAREST_BYTES. cost[i][j]: slips from i letters of a to j letters of b. */
static size_t count_slips(const char *a, const char *b)
{
    size_t cost[NEAREST_BYTES][NEAREST_BYTES];
    size_t n = strlen(a);
    size_t m = strlen(b);

    for (size_t i = 0; i <= n; i++)
        cost[i][0] = i;
    for (size_t j = 0; j <= m; j++)
        cost[0][j] = j;
    for (size_t i = 1; i <= n; i++) {
        for (size_t j = 1; j <= m; j++) {
            size_t best = cost[i - 1][j - 1] + (a[i - 1] != b[j - 1]);
            best = least(best, least(cost[i - 1][j], cost[i][j - 1]) + 1);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                best = least(best, cost[i - 2][j - 2] + 1);
            cost[i][j] = best;
        }
    }
    return cost[n][m];
}

void nearest_start(struct nearest *nearest, const char *word, size_t n)
{
    *nearest = (struct nearest){.slips = MOST_SLIPS + 1};
    if (n < NEAREST_BYTES)
        memcpy(nearest->word, word, n);
}

void nearest_try(struct nearest *nearest, const char *word, size_t number)
{
    if (!nearest->word[0] || strlen(word) >= NEAREST_BYTES)
        return;
    size_t slips = count_slips(nearest->word, word);
    if (slips >= nearest->slips || (slips > 0 && 2 * slips > strlen(word)))
        return;
    nearest->is_found = true;
    nearest->number = number;
    nearest->slips = slips;
}

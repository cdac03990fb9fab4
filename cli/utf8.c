/* utf8.c - texts from elsewhere: what of them is UTF-8. */
#include "utf8.h"

#include <stdlib.h>

/* By the first byte: the length, and the range of the second byte, which keeps out
 * what is longer than needed, surrogates, and what lies beyond Unicode. */
/* clang-format off */
static const struct {
    unsigned char first, last, n, low, high;
} kinds[] = {
    {0x00, 0x7F, 1, 0x00, 0x00},
    {0xC2, 0xDF, 2, 0x80, 0xBF},
    {0xE0, 0xE0, 3, 0xA0, 0xBF},
    {0xE1, 0xEC, 3, 0x80, 0xBF},
    {0xED, 0xED, 3, 0x80, 0x9F},
    {0xEE, 0xEF, 3, 0x80, 0xBF},
    {0xF0, 0xF0, 4, 0x90, 0xBF},
    {0xF1, 0xF3, 4, 0x80, 0xBF},
    {0xF4, 0xF4, 4, 0x80, 0x8F},
};
/* clang-format on */

size_t utf8_length(const char *bytes, size_t n)
{
    const unsigned char *at = (const unsigned char *)bytes;

    for (size_t k = 0; n > 0 && k < sizeof kinds / sizeof *kinds; k++) {
        if (at[0] < kinds[k].first || at[0] > kinds[k].last)
            continue;
        if (kinds[k].n > n)
            return 0;
        for (size_t i = 1; i < kinds[k].n; i++)
            if (at[i] < (i == 1 ? kinds[k].low : 0x80) || at[i] > (i == 1 ? kinds[k].high : 0xBF))
                return 0;
        return kinds[k].n;
    }
    return 0;
}

bool utf8_is_valid(const char *bytes, size_t n)
{
    for (size_t length; n > 0; bytes += length, n -= length)
        if ((length = utf8_length(bytes, n)) == 0)
            return false;
    return true;
}

char *utf8_new(const char *bytes, size_t n)
{
    bool is_utf8 = utf8_is_valid(bytes, n);
    char *text = malloc(2 * n + 1);
    size_t k = 0;

    for (size_t i = 0; text && i < n; i++) {
        unsigned char byte = (unsigned char)bytes[i];
        if (byte == 0)
            continue;
        if (is_utf8 || byte < 0x80) {
            text[k++] = (char)byte;
        } else {
            text[k++] = (char)(0xC0 | (byte >> 6));
            text[k++] = (char)(0x80 | (byte & 0x3F));
        }
    }
    if (text)
        text[k] = '\0';
    return text;
}

/* utf8.h - texts from elsewhere: what of them is UTF-8. */
#ifndef CLI_UTF8_H
#define CLI_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/* Bytes of the character that the n bytes begin with; 0 when that is no UTF-8. */
size_t utf8_length(const char *bytes, size_t n);
bool utf8_is_valid(const char *bytes, size_t n);

/* The n bytes as a new text: as they are when they are UTF-8, else taken for
 * Latin-1. Zeros are left out. NULL: out of memory. */
char *utf8_new(const char *bytes, size_t n);

#endif

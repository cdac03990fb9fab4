/* text.h - names and texts that are UTF-8 for certain. */
#ifndef FACTS_TEXT_H
#define FACTS_TEXT_H

#include <stddef.h>
#include <stdint.h>

/* Number of bytes of the character at `at`, which is not 0; 0: UTF-8 has none that begins so. */
size_t text_decode(const char *at, uint32_t *character_out);

/* A copy that is UTF-8 for certain: a byte that is not becomes U+FFFD. What a folder's or a file's
 * name needs on its way into JSON. NULL: out of memory. */
char *text_utf8(const char *text);

#endif

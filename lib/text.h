/* text.h - texts of a file as valid UTF-8. */
#ifndef LIB_TEXT_H
#define LIB_TEXT_H

#include <stddef.h>
#include <stdint.h>

/* n bytes as UTF-8 that ends in a zero, what is not UTF-8 as U+FFFD, a byte each. No more than
 * `room` bytes are written, the zero included, and no part of a character. Returns how many the
 * whole text takes without the zero. */
size_t text_clean(const uint8_t *bytes, size_t n, char *text_out, size_t room);

/* A new string of the bytes up to the first zero or the end of the field; what
 * is not UTF-8 becomes U+FFFD, a byte each. NULL: out of memory. */
char *text_new(const uint8_t *bytes, size_t n);

/* The same of a units description: one writer stores its own notation, b'uV',
 * for which "uV" is given. */
char *text_new_units(const uint8_t *bytes, size_t n);

/* What is not UTF-8 becomes "?", a byte each, where it stands. */
void text_mend(char *text);

#endif

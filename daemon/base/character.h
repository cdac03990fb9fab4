/* character.h - where a character of UTF-8 ends, in bytes from anywhere. */
#ifndef BASE_CHARACTER_H
#define BASE_CHARACTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Length of the character at bytes[0 .. n), n > 0; 0 when there is none: a stray
 * byte, an overlong form, a surrogate, or one that is cut off. */
size_t character_length(const uint8_t *bytes, size_t n);
/* Is all of it UTF-8? */
bool characters_are_valid(const void *bytes, size_t n);

/* As much of a text as fits `room` > 0, zero-terminated, no character cut in two. What is no
 * character, and what would steer a terminal, is '?'. */
void character_copy(char *to, size_t room, const char *text);

#endif

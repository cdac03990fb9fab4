/* character.c - where a character of UTF-8 ends, in bytes from anywhere. */
#include "base/character.h"

size_t character_length(const uint8_t *bytes, size_t n)
{
    uint8_t first = bytes[0];
    if (first < 0x80)
        return 1;
    if (first < 0xC2 || first > 0xF4)
        return 0;

    size_t length = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    if (length > n)
        return 0;

    /* The second byte's range rules out overlong forms, surrogates, and what
     * is past the end. */
    uint8_t low = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
    uint8_t high = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
    if (bytes[1] < low || bytes[1] > high)
        return 0;
    for (size_t i = 2; i < length; i++)
        if ((bytes[i] & 0xC0) != 0x80)
            return 0;
    return length;
}

bool characters_are_valid(const void *bytes, size_t n)
{
    const uint8_t *at = bytes;

    for (size_t length; n > 0; at += length, n -= length)
        if ((length = character_length(at, n)) == 0)
            return false;
    return true;
}

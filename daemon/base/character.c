/* character.c - where a character of UTF-8 ends, in bytes from anywhere. */
#include "base/character.h"

#include <stdbool.h>
#include <string.h>

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

/* C0, DEL and C1. */
static bool steers(const uint8_t *bytes, size_t length)
{
    return length == 1 ? bytes[0] < 0x20 || bytes[0] == 0x7F : bytes[0] == 0xC2 && bytes[1] < 0xA0;
}

void character_copy(char *to, size_t room, const char *text)
{
    const uint8_t *from = (const uint8_t *)text;
    size_t n = strlen(text), length;

    for (; n > 0; from += length, n -= length) {
        length = character_length(from, n);
        bool is_shown = length > 0 && !steers(from, length);
        length = length > 0 ? length : 1;
        size_t taken = is_shown ? length : 1;
        if (taken >= room)
            break;
        memcpy(to, is_shown ? from : (const uint8_t *)"?", taken);
        to += taken;
        room -= taken;
    }
    *to = '\0';
}

bool characters_are_valid(const void *bytes, size_t n)
{
    const uint8_t *at = bytes;

    for (size_t length; n > 0; at += length, n -= length)
        if ((length = character_length(at, n)) == 0)
            return false;
    return true;
}

/* tar_write.c - a tar, member by member: the same bytes for the same names and contents. */
#include "tar_write.h"

#include <stdlib.h>
#include <string.h>

/* POSIX.1-2017, pax, "ustar Interchange Format". */
enum {
    BLOCK = 512,
    AT_NAME = 0,
    AT_MODE = 100,
    AT_USER = 108,
    AT_GROUP = 116,
    AT_SIZE = 124,
    AT_TIME = 136,
    AT_CHECKSUM = 148,
    AT_TYPE = 156,
    AT_MAGIC = 257,
    AT_PREFIX = 345,
    NAME_BYTES = 100,
    PREFIX_BYTES = 155,
};
static const uint64_t OCTAL_MOST = (UINT64_C(1) << 33) - 1; /* eleven digits */

static void put_octal(uint8_t *at, int digits, uint64_t number)
{
    char text[32];

    snprintf(text, sizeof text, "%0*llo", digits, (unsigned long long)number);
    memcpy(at, text, (size_t)digits);
}

/* A longer one in bytes, as GNU does it: for readers that pass pax headers over. */
static void put_size(uint8_t *at, uint64_t bytes)
{
    if (bytes <= OCTAL_MOST) {
        put_octal(at, 11, bytes);
        return;
    }
    at[0] = 0x80;
    for (int i = 0; i < 8; i++)
        at[11 - i] = (uint8_t)(bytes >> 8 * i);
}

/* Where to part the path: what follows that "/" is the name. NULL: it cannot be parted. */
static const char *find_part(const char *path, size_t n)
{
    const char *at = n > NAME_BYTES + 1 ? path + n - NAME_BYTES - 1 : path;

    for (; *at; at++)
        if (*at == '/' && at[1] && at > path && at - path <= PREFIX_BYTES)
            return at;
    return NULL;
}

/* False: only the end of the path is in the header. */
static bool put_path(uint8_t block[BLOCK], const char *path)
{
    size_t n = strlen(path);
    const char *part = n > NAME_BYTES ? find_part(path, n) : NULL;

    if (n <= NAME_BYTES) {
        memcpy(block + AT_NAME, path, n);
        return true;
    }
    if (part) {
        memcpy(block + AT_PREFIX, path, (size_t)(part - path));
        memcpy(block + AT_NAME, part + 1, n - (size_t)(part + 1 - path));
        return true;
    }
    memcpy(block + AT_NAME, path + n - NAME_BYTES, NAME_BYTES);
    return false;
}

static void seal(uint8_t block[BLOCK])
{
    uint64_t sum = 0;

    memset(block + AT_CHECKSUM, ' ', 8);
    for (size_t i = 0; i < BLOCK; i++)
        sum += block[i];
    put_octal(block + AT_CHECKSUM, 6, sum);
    block[AT_CHECKSUM + 6] = '\0';
}

/* False: the path did not fit. */
static bool make_header(uint8_t block[BLOCK], char type, const char *path, uint64_t bytes)
{
    memset(block, 0, BLOCK);
    bool fits = put_path(block, path);
    put_octal(block + AT_MODE, 7, type == '5' ? 0755 : 0644);
    put_octal(block + AT_USER, 7, 0);
    put_octal(block + AT_GROUP, 7, 0);
    put_size(block + AT_SIZE, bytes);
    put_octal(block + AT_TIME, 11, 0);
    block[AT_TYPE] = (uint8_t)type;
    memcpy(block + AT_MAGIC,
           "ustar\0"
           "00",
           8);
    seal(block);
    return fits;
}

/* "LENGTH key=value\n", where LENGTH counts itself; nothing where there is no value. */
static void put_record(FILE *to, const char *key, const char *value)
{
    size_t bare = value ? strlen(key) + strlen(value) + 3 : 0;
    size_t n = bare + 1;

    if (!value)
        return;
    while (bare + (size_t)snprintf(NULL, 0, "%zu", n) != n)
        n++;
    fprintf(to, "%zu %s=%s\n", n, key, value);
}

static bool write_pax(FILE *to, const char *path, const char *size)
{
    uint8_t block[BLOCK];
    char *text = NULL;
    size_t n = 0;
    FILE *records = open_memstream(&text, &n);

    if (!records)
        return false;
    put_record(records, "path", path);
    put_record(records, "size", size);
    bool is_whole = !ferror(records);
    is_whole = fclose(records) == 0 && is_whole;
    if (is_whole) {
        make_header(block, 'x', "PaxHeaders/member", n);
        fwrite(block, 1, BLOCK, to);
        fwrite(text, 1, n, to);
        tar_write_padding(to, n);
    }
    free(text);
    return is_whole;
}

bool tar_write_header(FILE *to, const char *path, uint64_t bytes, bool is_folder)
{
    uint8_t block[BLOCK];
    char size[32];
    bool fits = make_header(block, is_folder ? '5' : '0', path, bytes);
    bool is_long = bytes > OCTAL_MOST;

    snprintf(size, sizeof size, "%llu", (unsigned long long)bytes);
    if ((!fits || is_long) && !write_pax(to, fits ? NULL : path, is_long ? size : NULL))
        return false;
    fwrite(block, 1, BLOCK, to);
    return true;
}

void tar_write_padding(FILE *to, uint64_t bytes)
{
    static const uint8_t zeros[BLOCK];

    if (bytes % BLOCK)
        fwrite(zeros, 1, BLOCK - bytes % BLOCK, to);
}

void tar_write_end(FILE *to)
{
    static const uint8_t zeros[2 * BLOCK];

    fwrite(zeros, 1, sizeof zeros, to);
}

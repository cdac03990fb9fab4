/* tar_maker.c - a tar in memory, made member by member, right or wrong. */
#include "help/tar_maker.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    BLOCK = 512,
    AT_MODE = 100,
    AT_SIZE = 124,
    AT_CHECKSUM = 148,
    AT_TYPE = 156,
    AT_MAGIC = 257
};

static uint8_t *add(struct tar_maker *tar, size_t n)
{
    uint8_t *bytes = realloc(tar->bytes, tar->n + n + 1);

    if (!bytes)
        abort();
    memset(bytes + tar->n, 0, n);
    tar->bytes = bytes;
    tar->n += n;
    return bytes + tar->n - n;
}

void tar_maker_seal(uint8_t header[512])
{
    char text[16];
    unsigned sum = 0;

    memset(header + AT_CHECKSUM, ' ', 8);
    for (size_t i = 0; i < BLOCK; i++)
        sum += header[i];
    snprintf(text, sizeof text, "%06o", sum);
    memcpy(header + AT_CHECKSUM, text, 7);
}

void tar_maker_put(struct tar_maker *tar, char type, const char *path, const void *content,
                   size_t n)
{
    char text[32];

    tar->header = tar->n;
    uint8_t *header = add(tar, BLOCK);
    memcpy(header, path, strnlen(path, 100));
    memcpy(header + AT_MODE, "0000644", 8);
    snprintf(text, sizeof text, "%011zo", n);
    memcpy(header + AT_SIZE, text, 12);
    header[AT_TYPE] = (uint8_t)type;
    memcpy(header + AT_MAGIC,
           "ustar\0"
           "00",
           8);
    tar_maker_seal(header);
    if (n > 0)
        memcpy(add(tar, (n + BLOCK - 1) / BLOCK * BLOCK), content, n);
}

void tar_maker_file(struct tar_maker *tar, const char *path, const char *text)
{
    tar_maker_put(tar, '0', path, text, strlen(text));
}

void tar_maker_pax(struct tar_maker *tar, char type, const char *key, const char *value)
{
    char record[8192], length[32];
    size_t bare = strlen(key) + strlen(value) + 3; /* " ", "=", "\n" */
    size_t n = bare + 1;

    /* The length counts its own digits. */
    while (bare + (size_t)snprintf(length, sizeof length, "%zu", n) != n)
        n++;
    snprintf(record, sizeof record, "%zu %s=%s\n", n, key, value);
    tar_maker_put(tar, type, "PaxHeaders/x", record, n);
}

void tar_maker_change(struct tar_maker *tar, size_t at, const void *bytes, size_t n)
{
    memcpy(tar->bytes + tar->header + at, bytes, n);
    tar_maker_seal(tar->bytes + tar->header);
}

void tar_maker_zeros(struct tar_maker *tar, size_t n)
{
    add(tar, n);
}

void tar_maker_end(struct tar_maker *tar)
{
    add(tar, 2 * BLOCK);
}

void tar_maker_fini(struct tar_maker *tar)
{
    free(tar->bytes);
    memset(tar, 0, sizeof *tar);
}

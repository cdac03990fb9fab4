/* tar_maker.h - a tar in memory, made member by member, right or wrong. */
#ifndef TEST_HELP_TAR_MAKER_H
#define TEST_HELP_TAR_MAKER_H

#include <stddef.h>
#include <stdint.h>

struct tar_maker {
    uint8_t *bytes;
    size_t n;
    size_t header; /* where the last header begins */
};

/* A header, `text` as its content, and zeros to a whole block. The path is cut after 100 bytes. */
void tar_maker_put(struct tar_maker *tar, char type, const char *path, const void *content,
                   size_t n);
void tar_maker_file(struct tar_maker *tar, const char *path, const char *text);

/* A pax header of one record. */
void tar_maker_pax(struct tar_maker *tar, char type, const char *key, const char *value);

/* Change the last header, and make its checksum true. */
void tar_maker_change(struct tar_maker *tar, size_t at, const void *bytes, size_t n);

void tar_maker_zeros(struct tar_maker *tar, size_t n);
void tar_maker_end(struct tar_maker *tar);
void tar_maker_fini(struct tar_maker *tar);

/* Make the checksum of a header true. */
void tar_maker_seal(uint8_t header[512]);

#endif

/* crc.h - rooms that compute the CRC, one faster than the other: all give the same. */
#ifndef LIB_CRC_H
#define LIB_CRC_H

#include <stddef.h>
#include <stdint.h>

typedef uint32_t crc_fn(uint32_t crc, const uint8_t *bytes, size_t n);

crc_fn crc_plain; /* a byte at a time */
crc_fn crc_tables;
#ifdef __x86_64__
crc_fn crc_clmul; /* where the processor has it */
#endif

#endif

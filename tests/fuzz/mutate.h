/* mutate.h - what mutators share that know where the fields of a file are.
 *
 * A fuzzer that flips bytes is stopped by the first checksum. A target's mutator
 * (LLVMFuzzerCustomMutator) changes fields, and makes the checksums true again. It runs in
 * libFuzzer, and in replay.c, which makes some mutants of each stored input. */
#ifndef TEST_FUZZ_MUTATE_H
#define TEST_FUZZ_MUTATE_H

#include <stddef.h>
#include <stdint.h>

/* A number in a file: where, and of how many bytes; an 8-byte one may be a double. */
struct mutate_field {
    uint32_t at;
    uint8_t bytes; /* 1, 2, 4 or 8 */
};

size_t LLVMFuzzerMutate(uint8_t *bytes, size_t n, size_t most);
size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t n, size_t most, unsigned seed);

/* The next of a sequence of numbers: 0 .. n - 1. */
uint32_t mutate_below(unsigned *seed, uint32_t n);

/* One of the fields that lie within n bytes gets a value that programs stumble over, or one near
 * to what it was. */
void mutate_field(uint8_t *bytes, size_t n, const struct mutate_field *fields, size_t n_fields,
                  unsigned *seed);

/* Make the CRC of a block true that begins here, when all of it is there. */
void mutate_mend_block(uint8_t *block, size_t n);

#endif

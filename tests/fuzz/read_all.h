/* read_all.h - what the targets of the reading half share: true checksums, and reading everything.
 */
#ifndef TEST_FUZZ_READ_ALL_H
#define TEST_FUZZ_READ_ALL_H

#include <mef3/mef3.h>

/* A fuzzer cannot guess checksums: make those of the universal header true, as
 * far as the bytes reach, and for a .tmet that of the body. */
void read_all_seal(uint8_t *bytes, size_t n);

/* Open a session of these files and ask it everything. Aborts when an answer
 * contradicts what the headers promise. */
void read_all(const struct mef3_memory_file *files, size_t n_files, const char *password);

/* The same of a session that is open. */
void read_all_of(struct mef3_session *session);

#endif

/* memory_session.h - a golden session in memory, to be damaged at will.
 *
 * Loading, changing and opening fail the running test when they cannot. */
#ifndef TEST_HELP_MEMORY_SESSION_H
#define TEST_HELP_MEMORY_SESSION_H

#include <mef3/mef3.h>

enum { MEMORY_FILES = 64 };

struct memory_session {
    struct mef3_memory_file files[MEMORY_FILES];
    size_t n;
};

/* All files of the golden session NAME.mefd. */
void memory_load(struct memory_session *m, const char *name);
void memory_free(struct memory_session *m);

/* The file whose path ends so; its bytes may be changed. */
struct mef3_memory_file *memory_file(struct memory_session *m, const char *end);
uint8_t *memory_bytes(struct memory_session *m, const char *end);
/* Longer (with zeros) or shorter. */
void memory_resize(struct memory_session *m, const char *end, size_t n);
/* Another file; bytes may be NULL when n is 0. */
void memory_add(struct memory_session *m, const char *path, const void *bytes, size_t n);
void memory_remove(struct memory_session *m, const char *end);

/* Make the CRCs of the universal header true again. */
void memory_seal(struct memory_session *m, const char *end);

/* Block k of the only segment: its place in the .tdat, and the CRC made true. */
uint8_t *memory_block(struct memory_session *m, size_t k);
uint8_t *memory_entry(struct memory_session *m, size_t k);
void memory_seal_block(struct memory_session *m, size_t k);
/* The block says, in both places, that it begins at this time. */
void memory_move_block(struct memory_session *m, size_t k, int64_t uutc);

struct mef3_session *memory_open(struct memory_session *m, const char *password);

#endif

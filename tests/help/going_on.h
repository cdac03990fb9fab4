/* going_on.h - sessions on disk that a writer goes on with.
 *
 * Everything here fails the running test when it cannot be done. */
#ifndef TEST_HELP_GOING_ON_H
#define TEST_HELP_GOING_ON_H

#include <mef3/mef3.h>

/* The session that the test is about, in a folder of the test's own. */
extern char going_on_path[512];

/* Set-up and tear-down of a group of tests. */
int going_on_begin(void **state);
int going_on_end(void **state);

/* It is a golden one from now on; or one of that name that is to be made. */
void going_on_take(const char *name);
void going_on_name(const char *name);

/* Path of a file of a segment. */
void going_on_file(const char *channel, int segment, const char *type, char file[1024]);

struct mef3_session *going_on_read(const char *password);
struct mef3_writer *going_on_write(const char *password);

/* The call has not failed. */
void going_on_fine(int status, const struct mef3_error *error);

/* All of a channel from its first to its last sample. */
struct window {
    int64_t start, end;
    size_t n;
    int32_t *counts;
    uint8_t *truth;
};
struct window window_read(struct mef3_session *session, size_t channel, int64_t start, int64_t end);
void window_fini(struct window *w);

/* Sample i of what going_on_add appends. */
int32_t going_on_count(size_t i);

/* Append 150 samples to a channel where it ends, in blocks of 64. */
void going_on_add(struct mef3_writer *writer, const char *name, double rate_hz, double factor,
                  int64_t *end_out);

/* Go on with every channel; and read what was added, and what was there before. */
void going_on_add_to_all(const char *password);

#endif

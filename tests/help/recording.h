/* recording.h - recordings in memory: made for a test, then spoilt.
 *
 * Ends the program when there is no memory. For golden sessions in memory see
 * memory_session.h. */
#ifndef TEST_HELP_RECORDING_H
#define TEST_HELP_RECORDING_H

#include <mef3/mef3.h>

struct recording {
    struct recording_file {
        char *path;     /* within the session */
        uint8_t *bytes; /* exactly n of them: a sanitizer watches the end */
        size_t n;
    } * files;
    size_t n_files;
};

/* A block to be made: samples value, value + 1 ... */
struct recording_block {
    int64_t start_uutc;
    uint32_t n_samples;
    int32_t value;
};

/* Add a segment of channel "c": "c.timd/c-00000N.segd/c-00000N.t*". */
void recording_add_segment(struct recording *recording, int32_t number, double rate_hz,
                           const struct recording_block *blocks, size_t n);

struct recording_file *recording_file(const struct recording *recording, const char *path);

/* Make a file longer (with zeros) or shorter. */
void recording_resize(struct recording_file *file, size_t n);

/* Put right what CRCs a file has: of its header, its body and, of a .tdat, its blocks. */
void recording_mend(struct recording_file *file);

/* Open it. The recording must outlive the session. */
int recording_open(const struct recording *recording, const char *password,
                   struct mef3_session **session_out, struct mef3_error *error);

void recording_fini(struct recording *recording);

#endif

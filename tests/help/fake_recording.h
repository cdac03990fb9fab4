/* help/fake_recording.h - recordings that are nowhere but in a test: what a worker
 * says of them, and what a client must get, worked out sample by sample. */
#ifndef TEST_HELP_FAKE_RECORDING_H
#define TEST_HELP_FAKE_RECORDING_H

#include "help/fake_worker.h"

struct fake_segment {
    int32_t number;
    int64_t start_uutc, end_uutc;
    const struct run_row *runs;
    uint32_t n_runs;
    const char *unreadable; /* why its index is */
};

/* Samples that cannot be read. */
struct fake_damage {
    uint32_t channel;
    int32_t segment;
    int64_t first, n;
    const char *text;
};

struct fake_channel {
    const char *name;
    double rate_hz, factor;
    const struct fake_segment *segments; /* in order of time */
    uint32_t n_segments;
};

struct fake_recording {
    const char *path;      /* as clients say it */
    const char *canonical; /* as workers do */
    uint64_t identity;
    const struct fake_channel *channels; /* in order of names */
    uint32_t n_channels;
    const struct fake_damage *damage;
    uint32_t n_damage;
};

/* How the recordings' files look at present. */
struct fake_disk {
    uint64_t fingerprint;
    struct answer_stamp stamp; /* of each channel */
};

/* Of a channel that is locked or damaged; status 0: it is not. */
struct fake_refusal {
    int status;
    const char *why;
};

/* The count of a sample. */
int32_t fake_count(uint32_t channel, int32_t segment, int64_t sample);

extern struct fake_disk fake_disk;

/* Do the worker's job, but for its last answer. Counts go to `arena`. Of a large recording the
 * channels are listed, and asked for by themselves. `refusals`: one a channel, or NULL. */
void fake_answer_open(struct fake_worker *worker, const struct fake_recording *recording,
                      bool is_large, const struct fake_refusal *refusals);
void fake_answer_look(struct fake_worker *worker, const struct fake_recording *recording);
void fake_answer_metadata(struct fake_worker *worker, const struct fake_recording *recording,
                          const struct fake_refusal *refusals);
void fake_answer_index(struct fake_worker *worker, const struct fake_recording *recording);
void fake_answer_decode(struct fake_worker *worker, const struct fake_recording *recording,
                        int32_t *arena);

/* The value at each of the n places of the window, as a client gets it. */
void fake_expect(const struct fake_recording *recording, uint32_t channel, int64_t start_uutc,
                 int64_t n, bool is_double, double *values_out);

#endif

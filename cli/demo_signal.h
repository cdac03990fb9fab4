/* demo_signal.h - made-up EEG: what `mef3 demo` writes.
 *
 * Every channel is a point on the head that hears the same sources, the louder
 * the nearer: 1/f background from a dozen places, alpha from the back of the
 * head, spikes and one seizure from the left temple, mains. The same seed makes
 * the same recording. */
#ifndef CLI_DEMO_SIGNAL_H
#define CLI_DEMO_SIGNAL_H

#include <stddef.h>
#include <stdint.h>

/* Of the counts made here: microvolts a count. */
#define DEMO_UNITS_FACTOR 0.1
#define DEMO_MAINS_HZ 50.0

enum { DEMO_NAME_BYTES = 16 };

struct demo;

/* NULL when there is no memory. seconds: length of the recording, by which the
 * seizure is placed. */
struct demo *demo_new(size_t n_channels, double rate_hz, double seconds, uint64_t seed);
void demo_free(struct demo *demo);

/* 10-20 names for the first 19 channels, then contacts of depth electrodes:
 * LA1 .. LA8, RA1 .. RA8, LB1 ... */
void demo_name(size_t channel, char name_out[DEMO_NAME_BYTES]);

/* Go on by n samples (at most DEMO_STEP); then ask for each channel's, once. */
enum { DEMO_STEP = 1024 };
void demo_step(struct demo *demo, size_t n);
void demo_counts(struct demo *demo, size_t channel, int32_t *counts_out);

#endif

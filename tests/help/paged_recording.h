/* help/paged_recording.h - a fake recording for those who read on. */
#ifndef TEST_HELP_PAGED_RECORDING_H
#define TEST_HELP_PAGED_RECORDING_H

#include "help/fake_recording.h"

/* Two channels of ten minutes at 1024 Hz in blocks of 1024 samples: a second is a
 * unit. "B" is in two segments. */
enum { A, B, RATE = 1024, SECONDS = 600, HALF = 300 };
#define AT(seconds) (1500000000000000ll + 1000000ll * (seconds))
static const struct run_row WHOLE[] = {{AT(0), 0, 0, SECONDS *RATE, RATE}};
static const struct run_row HALVES[][1] = {{{AT(0), 0, 0, HALF *RATE, RATE}},
                                           {{AT(HALF), 0, 0, HALF *RATE, RATE}}};
static const struct fake_segment A_SEGMENTS[] = {{0, AT(0), AT(SECONDS), WHOLE, 1, NULL}};
static const struct fake_segment B_SEGMENTS[] = {{0, AT(0), AT(HALF), HALVES[0], 1, NULL},
                                                 {1, AT(HALF), AT(SECONDS), HALVES[1], 1, NULL}};
static const struct fake_channel CHANNELS[] = {{"A", RATE, 1, A_SEGMENTS, 1},
                                               {"B", RATE, 0.5, B_SEGMENTS, 2}};
static const struct fake_recording RECORDING[] = {
    {"/r.mefd", "/data/r.mefd", 5, CHANNELS, 2, NULL, 0}};
static const uint32_t BOTH[] = {A, B};

#endif

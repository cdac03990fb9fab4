/* help/small_recordings.h - two fake recordings that several tests of the service use. */
#ifndef TEST_HELP_SMALL_RECORDINGS_H
#define TEST_HELP_SMALL_RECORDINGS_H

#include "help/fake_recording.h"

/* /a.mefd has three channels of ten seconds at 1000 Hz ("A", "B", "it's") and a
 * slow one ("Slow", 10 Hz). A has a gap of a second in the middle, B two segments
 * that overlap. It begins at SMALL_START. */
#define SMALL_START 1500000000000000ll
#define SMALL_S 1000000ll
#define SMALL_AT(seconds) (SMALL_START + (int64_t)((seconds)*1e6))
enum { SMALL_A, SMALL_B, SMALL_SLOW, SMALL_ITS };

static const struct run_row SMALL_GAPPY[] = {{SMALL_START, 0, 0, 4000, 1000},
                                             {SMALL_AT(5), 4000, 4000, 5000, 1000}};
static const struct run_row SMALL_FIRST[] = {{SMALL_START, 0, 0, 6000, 999}};
static const struct run_row SMALL_SECOND[] = {{SMALL_AT(5.5005), 0, 0, 4499, 256}};
static const struct run_row SMALL_WHOLE[] = {{SMALL_START, 0, 0, 10000, 2000}};
static const struct run_row SMALL_TENTHS[] = {{SMALL_START, 0, 0, 100, 10}};

static const struct fake_segment SMALL_A_SEGMENTS[] = {
    {0, SMALL_START, SMALL_AT(10), SMALL_GAPPY, 2, NULL}};
static const struct fake_segment SMALL_B_SEGMENTS[] = {
    {0, SMALL_START, SMALL_AT(6), SMALL_FIRST, 1, NULL},
    {3, SMALL_AT(5.5005), SMALL_AT(10), SMALL_SECOND, 1, NULL}};
static const struct fake_segment SMALL_SLOW_SEGMENTS[] = {
    {0, SMALL_START, SMALL_AT(10), SMALL_TENTHS, 1, NULL}};
static const struct fake_segment SMALL_ITS_SEGMENTS[] = {
    {0, SMALL_START, SMALL_AT(10), SMALL_WHOLE, 1, NULL}};

static const struct fake_channel SMALL_CHANNELS[] = {{"A", 1000, 0.1, SMALL_A_SEGMENTS, 1},
                                                     {"B", 1000, -2, SMALL_B_SEGMENTS, 2},
                                                     {"Slow", 10, 1, SMALL_SLOW_SEGMENTS, 1},
                                                     {"it's", 1000, 1e-3, SMALL_ITS_SEGMENTS, 1}};

/* The same folder under two names, and one of the three quick channels only. */
static const struct fake_recording SMALL_RECORDINGS[] = {
    {"/a.mefd", "/data/a.mefd", 7, SMALL_CHANNELS, 4, NULL, 0},
    {"a.mefd", "/data/a.mefd", 7, SMALL_CHANNELS, 4, NULL, 0},
    {"/b.mefd", "/data/b.mefd", 8, SMALL_CHANNELS, 2, NULL, 0}};

#endif

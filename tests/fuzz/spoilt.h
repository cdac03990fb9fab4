/* spoilt.h - the recording of two segments that fuzz_session and fuzz_check spoil, as an input
 * says.
 *
 * An input is a byte (1: mend the CRCs) and changes:
 *   byte      file (0 .. 5) + 16 x kind (0 overwrite, 1 cut, 2 lengthen)
 *   2 bytes   where, little-endian
 *   byte      how many bytes; for "overwrite" they follow */
#ifndef TEST_FUZZ_SPOILT_H
#define TEST_FUZZ_SPOILT_H

#include "help/recording.h"

#define SPOILT_T0 INT64_C(1600000000000000)
#define SPOILT_SECOND INT64_C(1000000)

/* Fill an empty recording; free it with recording_fini. */
void spoilt_make(struct recording *recording, const uint8_t *bytes, size_t n);

/* Whether a block is so long that decoding it again and again would take minutes. */
bool spoilt_is_slow(struct mef3_session *session, size_t channel);

#endif

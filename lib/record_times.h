/* record_times.h - how times of records are stored. */
#ifndef LIB_RECORD_TIMES_H
#define LIB_RECORD_TIMES_H

#include <stdbool.h>
#include <stdint.h>

/* How a time is stored where `offset` is the recording time offset: as it is (offset 0), or with
 * the offset taken off and negated. False: it cannot be, being before 1970, or not after the
 * offset. */
bool stored_time_from_uutc(int64_t uutc, int64_t offset, int64_t *stored_out);

#endif

/* timed_source.h - how long a job waits for files: opening and reading them, summed up.
 *
 * A source around another, for --trace-request; without that setting none is made. */
#ifndef DECODE_TIMED_SOURCE_H
#define DECODE_TIMED_SOURCE_H

#include <mef3/source.h>

/* Put one around *source, if there is to be one and there is memory for it. */
void timed_source_wrap(struct mef3_source *source);

/* Steps `opened` and `read` of a job, as they have been since the last time this was said. */
void timed_source_tell(uint32_t job);

#endif

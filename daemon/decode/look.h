/* look.h - whether a recording changed on disk, without reading it. */
#ifndef DECODE_LOOK_H
#define DECODE_LOOK_H

#include <stdint.h>

#include "ipc/job.h"

/* A number that is another when a channel or segment came or went, or when the last segment
 * of a channel was written to; 0: there is no such folder. A recording that is being
 * written to at this moment may have another one each time. Of a tar file: another one when
 * anything was written to it. */
uint64_t look_fingerprint(const char *canonical);

/* Of the last segment of a channel, whose first and last segments have these numbers. In a tar
 * file whatever changes may move all that is in it: the stamp is the whole file's, and one that
 * was written to does not continue what it was. */
struct answer_stamp look_stamp(const char *canonical, const char *channel, int32_t first_segment,
                               int32_t last_segment);

#endif

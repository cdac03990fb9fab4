/* segment.h - a segment's metadata, as far as they can be read. */
#ifndef LIB_SEGMENT_H
#define LIB_SEGMENT_H

#include "metadata.h"
#include "session_internal.h"

/* What a segment's .tmet says beyond struct segment. Points into the buffer
 * that was given for reading it. */
struct segment_metadata {
    bool has_metadata; /* the sections that `metadata` has can be read */
    struct metadata metadata;
    struct section2 section2; /* only when the segment's status is MEF3_OK */
};

/* Of a zeroed segment: that nothing is known of it. */
void segment_init(struct segment *segment, int32_t number);

/* Read the .tmet of a segment whose stem is set. How it went goes
 * into info.status and info.error; a segment that cannot be read still gets its
 * span from whatever universal header of its files can be. `buffer` is scratch
 * of META_BYTES bytes. Fails with MEF3_ENOMEM only. */
MEF3_MUST int segment_read(const struct mef3_source *source, const char *password, uint8_t *buffer,
                           struct segment *segment, struct segment_metadata *metadata_out);

/* The segment cannot be read after all: its status and error. MEF3_ENOMEM. */
MEF3_MUST int segment_refuse(struct segment *segment, const struct mef3_error *error);

/* Set the span of a segment that cannot be read, with the recording time offset
 * that the rest of the session says. */
void segment_place(struct segment *segment, int64_t recording_time_offset);

/* Free what a segment holds, its index apart. */
void segment_fini(struct segment *segment);

#endif

/* universal_header.h - the first 1024 bytes of every file, and times as they are stored. */
#ifndef LIB_UNIVERSAL_HEADER_H
#define LIB_UNIVERSAL_HEADER_H

#include <mef3/time.h>

struct universal_header {
    uint32_t body_crc;
    int64_t start_time; /* as stored */
    int64_t end_time;
    uint8_t level_uuid[16];
    uint8_t level_1_field[16];
    uint8_t level_2_field[16];
};

/* Read and check a header of UH_BYTES bytes. `type` is what the file must be,
 * "tmet"; `path` goes into the error. MEF3_EUNSUPPORTED: big-endian, or another
 * version; MEF3_ECRC; MEF3_EFORMAT: another type. */
MEF3_MUST int universal_header_parse(const uint8_t *bytes, const char *type, const char *path,
                                     struct universal_header *header_out, struct mef3_error *error);

/* Times further from 1970 than this (36,000 years) are nonsense; sums of two
 * sensible times and of spans between them cannot overflow. */
#define TIME_LIMIT_UUTC ((int64_t)1 << 60)

/* A stored time as uUTC: a negative one has the recording time offset taken off
 * and is negated. MEF3_NO_TIME: none, or nonsense. */
int64_t stored_time_to_uutc(int64_t stored, int64_t recording_time_offset);

#endif

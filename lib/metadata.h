/* metadata.h - a .tmet file: which sections can be read, and the fields that reading needs. */
#ifndef LIB_METADATA_H
#define LIB_METADATA_H

#include <mef3/red.h>

#include "universal_header.h"

struct metadata {
    int section2_level; /* 0: plain */
    int section3_level;
    const uint8_t *section2; /* decrypted; NULL: the keys do not give it */
    const uint8_t *section3;
    int64_t time_offset; /* 0 when section 3 cannot be read */
    int32_t gmt_offset_s;
};

/* Check the body of a whole .tmet (META_BYTES bytes), whose header has been
 * checked, and decrypt in place what the keys allow. MEF3_ECRC, MEF3_EUNSUPPORTED
 * (a level of encryption that does not exist), MEF3_ENOMEM. */
MEF3_MUST int metadata_open(uint8_t *bytes, const struct universal_header *header,
                            const struct mef3_keys *keys, const char *path,
                            struct metadata *metadata_out, struct mef3_error *error);

struct section2 {
    double rate_hz;
    double units_factor; /* never 0 */
    double low_filter_hz;
    double high_filter_hz;
    double notch_hz;
    double line_hz;
    int64_t acquisition_number;
    int64_t start_sample;
    int64_t n_samples;
    int64_t n_blocks;
    uint32_t max_block_samples;
};

/* Read and check section 2. MEF3_EFORMAT names the field that is out of range. */
MEF3_MUST int section2_parse(const uint8_t *section, const char *path, struct section2 *section_out,
                             struct mef3_error *error);

#endif

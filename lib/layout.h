/* layout.h - where the fields of a MEF 3.0 file are: offsets and sizes, nothing else.
 *
 * Readers and the writer share these. Universal header: the first 1024 bytes of
 * every file. Sections of a .tmet: offsets are within the section. */
#ifndef LIB_LAYOUT_H
#define LIB_LAYOUT_H

enum {
    UH_BYTES = 1024,
    UH_HEADER_CRC = 0, /* of bytes 4 .. 1023 */
    UH_BODY_CRC = 4,   /* of bytes 1024 .. end */
    UH_TYPE = 8,       /* "tmet" and the like, zero-terminated */
    UH_VERSION_MAJOR = 13,
    UH_VERSION_MINOR = 14,
    UH_BYTE_ORDER = 15, /* 1: little-endian */
    UH_START_TIME = 16,
    UH_END_TIME = 24,
    UH_N_ENTRIES = 32,
    UH_MAX_ENTRY_BYTES = 40,
    UH_SEGMENT_NUMBER = 48,
    UH_CHANNEL_NAME = 52,
    UH_SESSION_NAME = 308,
    UH_ANONYMIZED_NAME = 564,
    UH_NAME_BYTES = 256,
    UH_LEVEL_UUID = 820,
    UH_FILE_UUID = 836,
    UH_PROVENANCE_UUID = 852,
    UH_UUID_BYTES = 16,
    UH_LEVEL_1_FIELD = 868,
    UH_LEVEL_2_FIELD = 884,
};

/* The .tmet file. */
enum {
    META_BYTES = 16384,
    META_SECTION_1 = 1024,
    META_SECTION_2_LEVEL = 1024,
    META_SECTION_3_LEVEL = 1025,
    META_SECTION_2 = 2560,
    META_SECTION_2_BYTES = 10752,
    META_SECTION_3 = 13312,
    META_SECTION_3_BYTES = 3072,
};

/* Section 2. */
enum {
    S2_CHANNEL_DESCRIPTION = 0,
    S2_SESSION_DESCRIPTION = 2048,
    S2_DURATION = 4096,
    S2_REFERENCE_DESCRIPTION = 4104,
    S2_DESCRIPTION_BYTES = 2048,
    S2_ACQUISITION_NUMBER = 6152,
    S2_RATE = 6160,
    S2_LOW_FILTER = 6168,
    S2_HIGH_FILTER = 6176,
    S2_NOTCH = 6184,
    S2_LINE = 6192,
    S2_UNITS_FACTOR = 6200,
    S2_UNITS = 6208,
    S2_UNITS_BYTES = 128,
    S2_MAX_VALUE = 6336,
    S2_MIN_VALUE = 6344,
    S2_START_SAMPLE = 6352,
    S2_N_SAMPLES = 6360,
    S2_N_BLOCKS = 6368,
    S2_MAX_BLOCK_BYTES = 6376,
    S2_MAX_BLOCK_SAMPLES = 6384,
    S2_MAX_DIFFERENCE_BYTES = 6388,
    S2_BLOCK_INTERVAL = 6392,
    S2_N_DISCONTINUITIES = 6400,
    S2_MAX_CONTIGUOUS_BLOCKS = 6408,
    S2_MAX_CONTIGUOUS_BYTES = 6416,
    S2_MAX_CONTIGUOUS_SAMPLES = 6424,
};

/* Section 3. */
enum {
    S3_TIME_OFFSET = 0,
    S3_DST_START = 8,
    S3_DST_END = 16,
    S3_GMT_OFFSET = 24,
    S3_SUBJECT_NAME_1 = 28,
    S3_SUBJECT_NAME_2 = 156,
    S3_SUBJECT_ID = 284,
    S3_SUBJECT_BYTES = 128, /* of each of the three */
    S3_LOCATION = 412,
    S3_LOCATION_BYTES = 512,
    S3_NO_GMT_OFFSET = -86401,
};

/* An entry of a .tidx. Bytes 40 .. 43 and 45 .. 55 are reserved. */
enum {
    INDEX_BYTES = 56,
    INDEX_FILE_OFFSET = 0,
    INDEX_START_TIME = 8,
    INDEX_START_SAMPLE = 16,
    INDEX_N_SAMPLES = 24,
    INDEX_BLOCK_BYTES = 28,
    INDEX_MAX = 32,
    INDEX_MIN = 36,
    INDEX_FLAGS = 44, /* bit 0: discontinuity */
};

/* The header of a RED block. */
enum {
    RED_CRC = 0, /* of bytes 4 .. block bytes - 1 */
    RED_FLAGS = 4,
    RED_SLOPE = 16,
    RED_INTERCEPT = 20,
    RED_SCALE = 24,
    RED_DIFFERENCE_BYTES = 28,
    RED_N_SAMPLES = 32,
    RED_BLOCK_BYTES = 36,
    RED_START_TIME = 40,
    RED_STATISTICS = 48, /* a byte a symbol */
    RED_PAYLOAD = 304,
    RED_N_SYMBOLS = 256,
    RED_ALIGN = 8, /* a block's bytes are a multiple of it */
    RED_FILL = 0x7E,
};

/* Flags of a block. Of these an index entry has the first. */
enum {
    RED_FLAG_DISCONTINUITY = 1,
    RED_FLAG_LEVEL_1 = 2, /* statistics encrypted with that level's key */
    RED_FLAG_LEVEL_2 = 4,
};

/* What the universal header of a file that is no segment's says in place of a segment's
 * number. */
enum { UH_OF_CHANNEL = -2, UH_OF_SESSION = -3 };

/* An entry of a .ridx. */
enum {
    RIDX_BYTES = 24,
    RIDX_TYPE = 0, /* four characters and a zero */
    RIDX_VERSION_MAJOR = 5,
    RIDX_VERSION_MINOR = 6,
    RIDX_LEVEL = 7, /* signed, as of a record */
    RIDX_FILE_OFFSET = 8,
    RIDX_TIME = 16,
};

/* A record of a .rdat: a header, then the body. */
enum {
    REC_CRC = 0, /* of all bytes from 4 */
    REC_TYPE = 4,
    REC_TYPE_BYTES = 5,
    REC_VERSION_MAJOR = 9,
    REC_VERSION_MINOR = 10,
    REC_LEVEL = 11, /* signed; 0 or less: not encrypted */
    REC_BODY_BYTES = 12,
    REC_TIME = 16,
    REC_BODY = 24,
    REC_ALIGN = 16, /* writers fill bodies up to a multiple of it */
    REC_FILL = 0x7E,
};

/* Bodies of records. */
enum {
    EDFA_DURATION = 0,
    EDFA_TEXT = 8,
    LNTP_LENGTH = 0,
    LNTP_COUNTS = 8,
    SEIZ_ONSET = 0,
    SEIZ_END = 8,
    SEIZ_DURATION = 16,
    SEIZ_N_CHANNELS = 24,
    SEIZ_ONSET_CODE = 28,
    SEIZ_MARKER_1 = 32,
    SEIZ_MARKER_2 = 160,
    SEIZ_MARKER_BYTES = 128,
    SEIZ_ANNOTATION = 288,
    SEIZ_ANNOTATION_BYTES = 1024,
    SEIZ_CHANNELS = 1312,
    SEIZ_CHANNEL_BYTES = 272,
    SEIZ_CHANNEL_NAME = 0, /* in each channel's */
    SEIZ_CHANNEL_NAME_BYTES = 256,
    SEIZ_CHANNEL_ONSET = 256,
    SEIZ_CHANNEL_END = 264,
    CSTI_TASK = 0,
    CSTI_DURATION = 64,
    CSTI_STIMULUS = 72,
    CSTI_RESPONSE = 136,
    CSTI_TEXT_BYTES = 64, /* of each of the three */
    CSTI_BYTES = 200,
    ESTI_AMPLITUDE = 0,
    ESTI_FREQUENCY = 8,
    ESTI_PULSE_WIDTH = 16,
    ESTI_AMPLITUDE_UNIT = 24,
    ESTI_MODE = 28,
    ESTI_WAVEFORM = 32,
    ESTI_ANODE = 160,
    ESTI_CATHODE = 288,
    ESTI_TEXT_BYTES = 128, /* of each of the three */
    ESTI_BYTES = 416,
    CURS_ID = 0,
    CURS_TRACE_TIME = 8,
    CURS_LATENCY = 16,
    CURS_VALUE = 24,
    CURS_NAME = 32,
    CURS_NAME_BYTES = 128,
    CURS_BYTES = 160,
    EPOC_ID = 0,
    EPOC_START = 8,
    EPOC_END = 16,
    EPOC_DURATION = 24,
    EPOC_TYPE = 32,
    EPOC_TYPE_BYTES = 32,
    EPOC_TEXT = 64,
    EPOC_TEXT_BYTES = 128,
    EPOC_BYTES = 192,
};

#endif

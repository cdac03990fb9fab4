/* verify.h - inside a check: what its parts share.
 *
 *   verify.c            kinds, findings, a channel, the session
 *   verify_header.c     the universal header of any file
 *   verify_metadata.c   a .tmet by itself, and against what index and data have
 *   verify_index.c      a .tidx: entry after entry
 *   verify_blocks.c     a .tdat: block after block, decoded side by side
 *   verify_records.c    .ridx and .rdat */
#ifndef LIB_VERIFY_H
#define LIB_VERIFY_H

#include <mef3/verify.h>

#include "layout.h"
#include "session_internal.h"
#include "universal_header.h"

struct verify {
    struct mef3_session *session;
    const struct mef3_source *source;
    const char *channel; /* the folder's name; "": the session itself */
    bool is_quick;
    int (*progress)(void *arg, int64_t n_samples);
    void *progress_arg;
    mef3_finding_fn *fn;
    void *arg;
    struct mef3_verify_totals totals;
    int64_t segment; /* what findings are about: see struct mef3_finding */
    int64_t block;
};

/* Report a finding. Texts may be NULL. */
void verify_say(struct verify *v, enum mef3_finding_kind kind, const char *file, int64_t offset,
                const char *field, const char *expected, const char *found);
/* The same about numbers: decimal, hexadecimal (of 32 bits), floating. */
void verify_say_whole(struct verify *v, enum mef3_finding_kind kind, const char *file,
                      int64_t offset, const char *field, int64_t expected, int64_t found);
void verify_say_crc(struct verify *v, enum mef3_finding_kind kind, const char *file, int64_t offset,
                    const char *field, uint32_t stored, uint32_t computed);
void verify_say_real(struct verify *v, enum mef3_finding_kind kind, const char *file,
                     int64_t offset, const char *field, double expected, double found);
/* A failure of another part of the library, as it is. */
void verify_say_error(struct verify *v, enum mef3_finding_kind kind,
                      const struct mef3_error *error);

/* Open a file; a failure is a finding. MEF3_ENOMEM, or MEF3_OK: is_open_out says. */
MEF3_MUST int verify_open(struct verify *v, const char *stem, const char *suffix,
                          struct source_file *file_out, bool *is_open_out);

/* A body's checksum, taken from the bytes in the order of the file, whichever way they come. */
struct verify_crc {
    uint64_t at; /* bytes before are in it */
    uint32_t crc;
    uint32_t crc_from_0; /* begun at 0, as some writers do */
};

void verify_crc_init(struct verify_crc *crc);
/* Bytes of the file at `offset`. What lies between is read from the file; what came already is not
 * taken twice. Bytes that cannot be read end it where it is. */
void verify_crc_take(struct verify_crc *crc, const struct source_file *file, uint64_t offset,
                     const uint8_t *bytes, uint64_t n);
/* All up to `end`. */
void verify_crc_take_file(struct verify_crc *crc, const struct source_file *file, uint64_t end);
bool verify_crc_is(const struct verify_crc *crc, uint32_t stored);

/* A universal header as far as it could be read. */
struct verify_header {
    bool is_read;  /* its bytes are there, and it is little-endian MEF 3.0 */
    bool is_whole; /* and its checksum is right */
    uint32_t body_crc;
    int64_t start_time; /* as stored */
    int64_t end_time;
    int64_t n_entries;
    int64_t max_entry_bytes;
    uint8_t level_uuid[UH_UUID_BYTES];
    uint8_t password_fields[32];
};

/* What a file's header must say beside what its data say. */
struct verify_level {
    const char *channel; /* NULL: not looked at */
    int32_t number;      /* of the segment; -2 channel, -3 session */
    bool is_records;
};

void verify_header(struct verify *v, const struct source_file *file, const char *type,
                   const struct verify_level *level, struct verify_header *header_out);
/* Files of one level: UUID and password fields. */
void verify_same_level(struct verify *v, const char *file, const struct verify_header *first,
                       const struct verify_header *other);

/* What blocks add up to, for the fields that follow from it. */
struct verify_sums {
    int64_t n_blocks;
    int64_t n_samples;
    int64_t start_uutc; /* least; MEF3_NO_TIME: no block */
    int64_t end_uutc;   /* greatest */
    int64_t last_end_uutc;
    bool has_extremes;
    int32_t max;
    int32_t min;
    uint32_t max_block_bytes;
    uint32_t max_block_samples;
    uint32_t first_block_samples;
    uint32_t max_difference_bytes;
    int64_t n_discontinuities;
    int64_t run_blocks, max_run_blocks; /* of the stretch under way; of the longest */
    int64_t run_bytes, max_run_bytes;
    int64_t run_samples, max_run_samples;
};

/* A segment whose files are being looked at. */
struct verify_segment {
    struct segment *segment;
    struct source_file tmet, tidx, tdat;
    bool has_tmet, has_tidx, has_tdat; /* they are open */
    struct verify_header metadata_header, index_header, data_header;
    bool has_facts;     /* section 2 makes sense: */
    uint8_t *section_2; /* a copy of it, decrypted */
    double rate_hz;
    int64_t meta_blocks;
    int64_t meta_samples;
    struct verify_sums sums;      /* of all blocks */
    struct verify_sums meta_sums; /* of those that the metadata count */
    bool has_index;               /* the index can be read */
    uint64_t n_entries;
    uint64_t data_end; /* where the blocks so far end */
    int64_t n_lost;    /* samples that cannot be read */
    int64_t n_beyond;  /* entries whose blocks are not written yet, at the index' end */
    struct verify_crc data_crc;
    struct verify_crc data_crc_counted; /* of the blocks that the data header counts */
};

/* What is wrong with the metadata by themselves. MEF3_ENOMEM. */
MEF3_MUST int verify_metadata(struct verify *v, struct verify_segment *s);
/* And against the blocks. */
void verify_metadata_sums(struct verify *v, const struct verify_segment *s);

/* Index and data. MEF3_ENOMEM, or what the caller's progress said. */
MEF3_MUST int verify_index(struct verify *v, struct verify_segment *s);

/* Blocks are looked at so many at a time. */
struct verify_blocks;
MEF3_MUST int verify_blocks_new(struct verify *v, struct verify_segment *s,
                                struct verify_blocks **blocks_out);
/* Entry number k. MEF3_ENOMEM, or what the caller's progress said. */
MEF3_MUST int verify_blocks_add(struct verify_blocks *blocks, uint64_t k, const uint8_t *entry);
/* All that were added. */
MEF3_MUST int verify_blocks_flush(struct verify_blocks *blocks);
void verify_blocks_free(struct verify_blocks *blocks);

/* Records beside `stem`, where there are any. MEF3_ENOMEM. */
MEF3_MUST int verify_records(struct verify *v, const char *stem, const struct verify_level *level,
                             int64_t time_offset);

#endif

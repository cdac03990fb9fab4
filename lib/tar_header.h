/* tar_header.h - one header of a tar: what it says of the member that follows it. */
#ifndef LIB_TAR_HEADER_H
#define LIB_TAR_HEADER_H

#include <stdbool.h>

#include <mef3/status.h>

enum {
    TAR_BLOCK = 512,
    TAR_HEADER_PATH_ROOM = 257, /* prefix, "/", name and a zero */
    TAR_PATH_ROOM = 2048,       /* longest path of a member, its zero included */
    TAR_PART_MAX = 255,         /* longest part of one */
};

/* Types of members (the letters that tars have). */
enum {
    TAR_FILE = '0',
    TAR_FILE_V7 = '\0',
    TAR_FILE_CONTIGUOUS = '7',
    TAR_FOLDER = '5',
    TAR_VOLUME_NAME = 'V', /* GNU: the archive's title */
    TAR_LONG_PATH = 'L',   /* GNU: the path of the next member is the content of this one */
    TAR_LONG_LINK = 'K',   /* GNU: where the next one, a link, leads to */
    TAR_PAX = 'x',         /* pax: more about the next member */
    TAR_PAX_SUN = 'X',     /* the same, older */
    TAR_PAX_GLOBAL = 'g',  /* pax: more about all members from here on */
};

struct tar_header {
    char type;
    uint64_t bytes;
    char path[TAR_HEADER_PATH_ROOM]; /* as it stands there */
};

/* Nothing but zeros: the archive ends here. */
bool tar_block_is_zero(const uint8_t block[TAR_BLOCK]);

/* MEF3_ECRC: the checksum is wrong, it is no header. MEF3_EFORMAT: the length is no number. */
MEF3_MUST int tar_header_read(const uint8_t block[TAR_BLOCK], struct tar_header *header_out);

/* What a type is called where it is refused: "a symbolic link". */
const char *tar_type_name(char type);

/* How bytes that are no tar were compressed: "gzip"; NULL: not that one could see. */
const char *tar_compression(const uint8_t block[TAR_BLOCK]);

/* What a pax header says, of all that it may say. */
struct tar_pax {
    const char *path; /* in the header's bytes, without a zero at its end; NULL: nothing of it */
    size_t path_bytes;
    bool has_bytes;
    uint64_t bytes;
    bool is_sparse;
};

/* MEF3_EFORMAT: it is not made of records "LENGTH key=value\n". */
MEF3_MUST int tar_pax_read(const uint8_t *bytes, size_t n, struct tar_pax *pax_out);

/* The path of a member, beneath the archive's top: parts with one "/" between, none of them ".".
 * MEF3_EFORMAT: it leads out (a part "..", a "/" first) or has a zero in it; MEF3_ELIMIT: it is
 * too long. "" is the top itself. */
MEF3_MUST int tar_path_clean(const char *path, size_t n, char clean_out[TAR_PATH_ROOM]);

#endif

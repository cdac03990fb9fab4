/* record_index.h - the headers of a pair of record files, and what the .ridx says. */
#ifndef LIB_RECORD_INDEX_H
#define LIB_RECORD_INDEX_H

#include "record_walk.h"

/* Open both files, the .ridx first (a writer adds to it last), and read their headers and where
 * records are said to begin. What is wrong is told of. Files that are missing are no failure;
 * but a .ridx with entries and no .rdat is told of. MEF3_OK, MEF3_ENOMEM, or what walk->fn
 * answered. */
MEF3_MUST int record_index_load(struct record_walk *walk, struct mef3_error *error);

/* Whether the bytes of a type are four characters that can be shown, and a zero. */
bool record_type_is_sane(const uint8_t *type);

#endif

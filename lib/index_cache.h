/* index_cache.h - the indices that a session keeps in memory, within a budget. */
#ifndef LIB_INDEX_CACHE_H
#define LIB_INDEX_CACHE_H

#include "index.h"

/* The index of a segment, read when it is not in memory. Valid until the next
 * call; others may be dropped. The segment's own status when it cannot be read. */
MEF3_MUST int index_get(struct mef3_session *session, struct segment *segment,
                        const struct index **index_out, struct mef3_error *error);

/* Drop all. */
void index_cache_clear(struct mef3_session *session);

#endif

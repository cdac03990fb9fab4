/* runs.h - from the blocks of a segment to its runs. */
#ifndef LIB_RUNS_H
#define LIB_RUNS_H

#include "index.h"

/* The runs of blocks[0 .. n), as mef3/read.h describes them; the caller frees
 * *runs_out, which is NULL when there is none. MEF3_ENOMEM. */
MEF3_MUST int runs_build(const struct index_block *blocks, size_t n, double rate_hz,
                         struct mef3_run **runs_out, size_t *n_out);

#endif

/* source_tar.h - a session in a tar whose bytes may come from anywhere: for tests and fuzzers. */
#ifndef LIB_SOURCE_TAR_H
#define LIB_SOURCE_TAR_H

#include "tar.h"

/* As mef3_source_tar. What `input` reads from must outlive the source. `path` is the archive's,
 * "SESSION.mefd.tar". */
MEF3_MUST int source_tar_over(const struct tar_input *input, const char *path,
                              struct mef3_source *source_out, struct mef3_error *error);

#endif

/* tar_walk.h - from one header of a tar to the next. */
#ifndef LIB_TAR_WALK_H
#define LIB_TAR_WALK_H

#include "tar.h"

/* Put every file and folder of the archive into *tar, in the archive's order, with the paths that
 * it gives them. On failure *tar holds what was found so far. */
MEF3_MUST int tar_walk(const struct tar_input *input, const char *name, struct tar *tar,
                       struct mef3_error *error);

#endif

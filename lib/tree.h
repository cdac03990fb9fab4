/* tree.h - the names in a session: channels, segments of a channel, files of records. */
#ifndef LIB_TREE_H
#define LIB_TREE_H

#include "source.h"

/* Folders that were found, their suffix taken off. A zeroed one is empty. */
struct tree_names {
    struct tree_name {
        char *name;
        int32_t number; /* of a segment */
    } * items;
    size_t n;
    size_t room;
};

/* Time series channels in the order of their bytes, and how many video channels
 * there are. Names that begin with a dot and everything that is not a channel's
 * folder are passed over. MEF3_ELIMIT: more than `most`. */
MEF3_MUST int tree_list_channels(const struct mef3_source *source, size_t most,
                                 struct tree_names *names_out, size_t *n_video_out);

/* Segments of the channel in `folder`, by number: folders NAME-000000.segd, six
 * digits or more. */
MEF3_MUST int tree_list_segments(const struct mef3_source *source, const char *folder, size_t most,
                                 struct tree_names *names_out);

/* Pairs of files of records in a folder, NAME.rdat and NAME.ridx or one of them, in the order of
 * their bytes: a session or channel that was renamed has some whose name is not its own.
 * MEF3_ELIMIT: far more than any folder has. */
enum { TREE_MOST_RECORD_FILES = 64 };
MEF3_MUST int tree_list_records(const struct mef3_source *source, const char *folder,
                                struct tree_names *names_out);

void tree_names_fini(struct tree_names *names);

#endif

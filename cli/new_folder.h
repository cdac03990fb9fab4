/* new_folder.h - a folder that appears when all that is in it was written. */
#ifndef CLI_NEW_FOLDER_H
#define CLI_NEW_FOLDER_H

#include <stdbool.h>

struct new_folder {
    char *place;     /* where it is to appear */
    char *temporary; /* beside it, until then: what is to be in it is put here */
};

/* False: errno says why; EEXIST: there is something already. */
bool new_folder_open(const char *place, struct new_folder *folder_out);

/* With keep, it takes its place, unless something is there by now; else it is removed, with all
 * that is in it. False: it did not get there, and is removed; errno says why. */
bool new_folder_close(struct new_folder *folder, bool keep);

#endif

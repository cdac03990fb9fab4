/* checked.h - a session in memory, checked: what was found in it. */
#ifndef TEST_HELP_CHECKED_H
#define TEST_HELP_CHECKED_H

#include <mef3/mef3.h>

#include "help/memory_session.h"

struct checked {
    size_t n_of_kind[MEF3_N_FINDING_KINDS];
    struct mef3_finding first[MEF3_N_FINDING_KINDS]; /* of each kind */
    struct mef3_verify_totals totals;                /* of all channels, and the session */
};

/* Check all of it, under the name that its headers say. options may be NULL. */
void checked_session(struct memory_session *m, const char *name, const char *password,
                     const struct mef3_verify_options *options, struct checked *checked_out);

/* Findings of all kinds of errors. */
size_t checked_errors(const struct checked *checked);

/* How many samples of the first channel a reader reads. */
int64_t checked_readable(struct memory_session *m, const char *name);

#endif

/* verify_all.h - all channels of a recording checked, several at once. */
#ifndef CLI_VERIFY_ALL_H
#define CLI_VERIFY_ALL_H

#include <mef3/mef3.h>

#include "findings.h"

/* What was found: part 0 of the session itself, then a part a channel. */
struct verified {
    size_t n; /* channels + 1 */
    struct findings *parts;
    struct mef3_verify_totals *totals;
    struct mef3_verify_totals sum;
    const char **names; /* of the session that was given; [0] NULL */
};

struct verify_plan {
    const char *path;
    const char *password; /* NULL: none */
    bool is_quick;
    size_t n_jobs; /* threads, each with a session handle of its own */
};

/* Check it. The session names the channels and must outlive the result. On failure a line on
 * stderr, and the exit status; CLI_FINE otherwise, whatever was found. */
int verify_all(const struct verify_plan *plan, struct mef3_session *session,
               struct verified *verified_out);
void verified_fini(struct verified *verified);

#endif

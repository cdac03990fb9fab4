/* findings.h - what a check found, gathered: one line a kind, not a thousand. */
#ifndef CLI_FINDINGS_H
#define CLI_FINDINGS_H

#include <mef3/verify.h>

#include <jansson.h>
#include <stdio.h>

enum { FINDINGS_ERRORS_KEPT = 10 }; /* of each kind of error, of a channel */

/* Of a channel, or of the session. A zeroed one is empty. */
struct findings {
    struct mef3_finding *items;
    size_t n, room;
    uint64_t n_of_kind[MEF3_N_FINDING_KINDS]; /* kept or not */
    bool is_out_of_memory;
};

/* A mef3_finding_fn whose argument is a struct findings. */
void findings_add(void *arg, const struct mef3_finding *finding);
void findings_fini(struct findings *findings);

/* Findings of all parts, in their order: each error that was kept, and of warnings and notes the
 * first of a kind, with how many more there are. Errors first, notes last. */
void findings_print(FILE *to, const struct findings *parts, size_t n);
/* The same as a list; names[i]: the channel of parts[i], NULL: the session. NULL: no memory. */
json_t *findings_json(const struct findings *parts, const char *const *names, size_t n);

#endif

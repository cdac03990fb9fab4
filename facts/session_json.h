/* session_json.h - what a recording holds, as JSON: of `mef3 info --json` and of the server. */
#ifndef FACTS_SESSION_JSON_H
#define FACTS_SESSION_JSON_H

#include "coverage.h"
#include "json.h"

/* The keys are in cli/README.md. The session is one that was opened whole; coverage: one of each
 * channel. NULL: out of memory. */
json_t *session_json(const struct mef3_session *session, const struct coverage *coverage);

#endif

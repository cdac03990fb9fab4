/* info.h - the two ways of `mef3 info` to say what a recording holds. */
#ifndef CLI_INFO_H
#define CLI_INFO_H

#include <stdio.h>

#include "coverage.h"

/* For people; channels that differ in nothing but their names share a line. coverage: one of each
 * channel. False: out of memory. */
bool info_print_text(FILE *to, struct mef3_session *session, const struct coverage *coverage);

/* As JSON; the keys are in cli/README.md. False: out of memory. */
bool info_print_json(FILE *to, struct mef3_session *session, const struct coverage *coverage);

#endif

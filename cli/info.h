/* info.h - what a recording holds, for people. */
#ifndef CLI_INFO_H
#define CLI_INFO_H

#include <stdio.h>

#include "facts/coverage.h"

/* For people; channels that differ in nothing but their names share a line. coverage: one of each
 * channel. False: out of memory. */
bool info_print_text(FILE *to, struct mef3_session *session, const struct coverage *coverage);

#endif

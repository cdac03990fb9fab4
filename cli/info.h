/* info.h - the two ways of `mef3 info` to say what a recording holds. */
#ifndef CLI_INFO_H
#define CLI_INFO_H

#include <stdio.h>

#include "recording.h"

/* For people. coverage: one of each channel. */
void info_print_text(FILE *to, struct mef3_session *session,
                     const struct recording_coverage *coverage);

/* As JSON; the keys are in cli/README.md. False: out of memory. */
bool info_print_json(FILE *to, struct mef3_session *session,
                     const struct recording_coverage *coverage);

#endif

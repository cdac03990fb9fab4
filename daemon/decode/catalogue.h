/* catalogue.h - what the server is to know of a recording, told to it. */
#ifndef DECODE_CATALOGUE_H
#define DECODE_CATALOGUE_H

#include "decode/answer.h"
#include "decode/sessions.h"

/* Answer with the recording's channels and their segments. Not MEF3_OK, and
 * `text` for the client, when it cannot be served: locked, damaged, or empty.
 * `path` is what the client called it. */
int catalogue_answer(struct answering *to, const struct open_session *open, const char *path,
                     char *text, size_t room);

#endif

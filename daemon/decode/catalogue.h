/* catalogue.h - what the server is to know of a recording, told to it. */
#ifndef DECODE_CATALOGUE_H
#define DECODE_CATALOGUE_H

#include "decode/answer.h"
#include "decode/sessions.h"

/* Answer JOB_OPEN: with the channels and segments of a small recording, with a list of the
 * channels of a large one. Not MEF3_OK: memory ran out, or the recording has more than is
 * allowed; `text` says it. */
int catalogue_open(struct answering *to, const struct open_session *open, char *text, size_t room);

/* Answer JOB_METADATA: read the metadata of these channels. Each is served, and told with its
 * segments; or locked or damaged; or has nothing to be read, and is passed over. */
int catalogue_channels(struct answering *to, const struct open_session *open,
                       const struct job_item *items, size_t n, char *text, size_t room);

#endif

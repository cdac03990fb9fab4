/* tell.h - questions about recordings that a client asked, answered as it will read them.
 *
 * The server does not look into the answers, so they are made whole here: JSON, UTF-8, or what
 * tell_envelope.c describes. */
#ifndef DECODE_TELL_H
#define DECODE_TELL_H

#include <jansson.h>

#include "decode/answer.h"
#include "decode/sessions.h"

/* Answers a JOB_TELL, all but its ANSWER_DONE. On failure the status, and `text` for the
 * client. */
int tell(struct answering *to, const struct roots *roots, struct sessions *sessions,
         const struct job *job, char *text, size_t room);

/* What answers are put into: it is sent in pieces as it comes. */
struct telling_out;
void tell_bytes(struct telling_out *out, const void *bytes, size_t n);
/* Called now and then where an answer takes its time: else its worker counts as stuck. */
void tell_alive(struct telling_out *out);

/* Each makes one answer; NULL: out of memory. */
json_t *tell_list(const struct roots *roots, const struct job_question *question);

/* Each gives a status, and where it fails an error. */
int tell_metadata(struct mef3_session *session, const char *canonical, bool by_list,
                  json_t **json_out, struct mef3_error *error);
int tell_availability(struct mef3_session *session, const struct job *job, json_t **json_out,
                      struct mef3_error *error);
int tell_records(struct mef3_session *session, const struct job *job, bool by_list,
                 json_t **json_out, struct mef3_error *error);
int tell_picture(struct mef3_session *session, const struct job *job, bool by_list,
                 struct telling_out *out, struct mef3_error *error);
int tell_envelope(const struct open_session *open, const struct job *job, struct telling_out *out,
                  struct mef3_error *error);

#endif

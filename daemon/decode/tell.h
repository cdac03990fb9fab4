/* tell.h - questions about recordings that a client asked, answered as it will read them.
 *
 * The server does not look into the answers, so they are made whole here: JSON, UTF-8. */
#ifndef DECODE_TELL_H
#define DECODE_TELL_H

#include <jansson.h>

#include "decode/answer.h"
#include "decode/sessions.h"

/* Answers a JOB_TELL, all but its ANSWER_DONE. On failure the status, and `text` for the
 * client. */
int tell(struct answering *to, const struct roots *roots, struct sessions *sessions,
         const struct job *job, char *text, size_t room);

/* Each makes one answer; NULL: out of memory. */
json_t *tell_list(const struct roots *roots, const struct job_question *question);
json_t *tell_availability(struct mef3_session *session, const struct job *job);

/* Puts what was made (NULL: it could not be) into the object; false: it is not there. */
static inline bool tell_set(json_t *object, const char *key, json_t *value)
{
    return json_object_set_new(object, key, value) == 0;
}

#endif

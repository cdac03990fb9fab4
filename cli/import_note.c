/* import_note.c - an annotation of another format becomes a record of the session. */
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "import.h"
#include "utf8.h"

/* One with a duration is an annotation of EDF, as MEF calls it; one without is a note. */
static int make_body(const char *text, int64_t duration_us, struct mef3_record *record,
                     uint8_t *body, size_t room)
{
    int status;

    record->version_major = 1;
    record->body = body;
    if (duration_us < 0) {
        memcpy(record->type, "Note", 5);
        status = mef3_record_make_note(text, body, room, &record->n_body);
    } else {
        memcpy(record->type, "EDFA", 5);
        status = mef3_record_make_edfa(duration_us, text, body, room, &record->n_body);
    }
    return status;
}

int import_note(struct import_job *job, int64_t time_uutc, int64_t duration_us, const char *bytes,
                size_t n)
{
    struct mef3_record record = {.time_uutc = time_uutc};
    struct mef3_error error = {.status = MEF3_ENOMEM};

    char *text = utf8_new(bytes, n);
    size_t room = text ? strlen(text) + MEF3_EDFA_BYTES + 1 : 0;
    uint8_t *body = malloc(room + 1);
    int status = MEF3_ENOMEM;
    if (text && body)
        status = make_body(text, duration_us, &record, body, room);
    if (status == MEF3_OK)
        status = mef3_writer_add_record(job->writer, MEF3_SESSION_RECORDS, &record, &error);
    free(body);
    free(text);
    if (status == MEF3_EINVAL) { /* a time that MEF cannot tell; the others can be */
        import_lose(job, "an annotation at %lld (uUTC) cannot be stored", (long long)time_uutc);
        return CLI_FINE;
    }
    if (status != MEF3_OK)
        return cli_fail_error(&error, job->o->out, NULL);
    job->n_notes++;
    return CLI_FINE;
}

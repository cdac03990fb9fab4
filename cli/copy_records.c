/* copy_records.c - records from one session into another. */
#include "copy.h"

#include <stdlib.h>
#include <string.h>

/* Records are written in lots: one by one would take a dozen system calls each. */
enum { LOT = 256 };

struct lot {
    struct copy_job *job;
    const char *channel;
    struct mef3_record records[LOT];
    size_t n;
    size_t number; /* channel in the copy */
    struct mef3_error error;
};

static void free_bodies(struct lot *lot)
{
    for (size_t i = 0; i < lot->n; i++)
        free((void *)(uintptr_t)lot->records[i].body);
    lot->n = 0;
}

static void lose(struct lot *lot, const struct mef3_error *error)
{
    copy_lose(lot->job, lot->channel, 0, error);
    lot->job->losses.n_places--; /* they are counted apart */
    lot->job->losses.n_records++;
}

/* Where the lot as a whole is refused, one of them is at fault, and is left out. */
static int write_lot(struct lot *lot)
{
    struct mef3_error why;

    int status =
        mef3_writer_add_records(lot->job->writer, lot->number, lot->records, lot->n, &lot->error);
    if (status == MEF3_OK)
        lot->job->n_records += lot->n;
    if (status == MEF3_EINVAL || status == MEF3_ELIMIT) {
        status = MEF3_OK;
        for (size_t i = 0; status == MEF3_OK && i < lot->n; i++) {
            status = mef3_writer_add_record(lot->job->writer, lot->number, &lot->records[i], &why);
            if (status == MEF3_OK) {
                lot->job->n_records++;
            } else if (status == MEF3_EINVAL || status == MEF3_ELIMIT) {
                lose(lot, &why);
                status = MEF3_OK;
            } else {
                lot->error = why;
            }
        }
    }
    free_bodies(lot);
    return status;
}

/* What a person may have written about the subject, and what nobody knows, is not anonymous. */
static bool is_left_out(const struct copy_job *job, const struct mef3_record *record)
{
    return job->options->anonymise && !job->options->keeps_records &&
           strcmp(record->type, "LNTP") != 0;
}

/* As the copy encrypts: nothing is less secret than it was, or than the rest of the copy. */
static int level_of(const struct copy_job *job, const struct mef3_record *record)
{
    if (job->n_passwords == 0)
        return 0;
    return record->level < 2 || job->n_passwords < 2 ? 1 : 2;
}

static int take(void *arg, const struct mef3_record *record)
{
    struct lot *lot = arg;
    struct copy_job *job = lot->job;

    if (record->status != MEF3_OK) {
        lose(lot, record->error);
        return MEF3_OK;
    }
    if (is_left_out(job, record)) {
        job->n_left_out++;
        return MEF3_OK;
    }
    uint8_t *body = malloc(record->n_body + 1);
    if (!body)
        return mef3_error_set(&lot->error, MEF3_ENOMEM, NULL, -1, NULL, NULL, NULL);
    if (record->n_body > 0)
        memcpy(body, record->body, record->n_body);
    struct mef3_record *to = &lot->records[lot->n++];
    *to = *record;
    to->body = body;
    to->level = level_of(job, record);
    if (record->time_uutc != MEF3_NO_TIME)
        to->time_uutc = record->time_uutc + job->shift_us;
    if (mef3_record_shift(to->type, body, to->n_body, record->time_offset, job->shift_us) !=
        MEF3_OK)
        to->time_uutc = MEF3_NO_TIME; /* refused with the lot, and told of */
    to->time_offset = 0;
    return lot->n < LOT ? MEF3_OK : write_lot(lot);
}

int copy_records(struct copy_job *job, size_t channel, size_t number, struct mef3_error *error)
{
    const struct mef3_record_filter filter = {.from_uutc = job->from_uutc, .to_uutc = job->to_uutc};
    struct lot *lot = calloc(1, sizeof *lot);

    if (!lot)
        return mef3_error_set(error, MEF3_ENOMEM, NULL, -1, NULL, NULL, NULL);
    lot->job = job;
    lot->number = number;
    if (channel != MEF3_SESSION_RECORDS)
        lot->channel = mef3_channel_info(job->session, channel)->name;
    int status = mef3_records_read(job->session, channel, &filter, take, lot, &lot->error);
    if (status == MEF3_OK && lot->n > 0)
        status = write_lot(lot);
    if (status != MEF3_OK && error)
        *error = lot->error;
    free_bodies(lot);
    free(lot);
    return status;
}

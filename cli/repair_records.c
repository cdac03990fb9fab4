/* repair_records.c - records that are whole, and one for each loss. */
#include "repair.h"

#include <inttypes.h>
#include <string.h>

struct copying {
    struct mef3_writer *writer;
    size_t to;
    size_t n;
    size_t n_lost;
    struct mef3_error error; /* of the writer */
};

static int each_record(void *arg, const struct mef3_record *record)
{
    struct copying *c = arg;

    if (record->status != MEF3_OK) {
        c->n_lost++;
        return MEF3_OK;
    }
    int status = mef3_writer_add_record(c->writer, c->to, record, &c->error);
    /* One whose time cannot be said, or whose type is none: it is damaged in its way. */
    if (status == MEF3_EINVAL || status == MEF3_ELIMIT) {
        c->n_lost++;
        return MEF3_OK;
    }
    c->n += status == MEF3_OK;
    return status;
}

int repair_copy_records(struct repair *repair, size_t channel, size_t to, size_t *n_out,
                        size_t *n_lost_out, struct mef3_error *error)
{
    struct copying c = {.writer = repair->writer, .to = to};

    int status = mef3_records_read(repair->session, channel, NULL, each_record, &c, error);
    if (status != MEF3_OK && c.error.status == status)
        *error = c.error;
    *n_out = c.n;
    *n_lost_out = c.n_lost;
    return status;
}

/* When a loss is marked: where it begins, or, where nobody knows, where it ends. */
static int64_t time_of(const struct repair *repair, const struct mef3_loss *loss)
{
    const struct mef3_channel_info *info = mef3_channel_info(repair->session, repair->current);

    return loss->start_uutc != MEF3_NO_TIME ? loss->start_uutc
           : loss->end_uutc != MEF3_NO_TIME ? loss->end_uutc
                                            : info->start_uutc;
}

static int mark_loss(struct repair *repair, const struct mef3_loss *loss, struct mef3_error *error)
{
    size_t number = repair->channels[repair->current].number;
    uint8_t body[512];
    char text[400], samples[64] = "samples";
    struct mef3_record record = {
        .type = "SyLg", .time_uutc = time_of(repair, loss), .body = body, .version_major = 1};

    if (record.time_uutc == MEF3_NO_TIME)
        return MEF3_OK;
    if (loss->n_samples >= 0)
        snprintf(samples, sizeof samples, "%s%" PRId64 " samples",
                 loss->is_estimate ? "about " : "", loss->n_samples);
    int n = snprintf(text, sizeof text, "mef3 repair: %s lost: %s (segment %d", samples,
                     mef3_loss_text(loss->kind), loss->segment);
    if (loss->block >= 0)
        n += snprintf(text + n, sizeof text - (size_t)n, ", block %" PRId64, loss->block);
    if (loss->end_uutc != MEF3_NO_TIME)
        n += snprintf(text + n, sizeof text - (size_t)n, ", until %" PRId64, loss->end_uutc);
    snprintf(text + n, sizeof text - (size_t)n, ")");
    int status = mef3_record_make_note(text, body, sizeof body, &record.n_body);
    if (status == MEF3_OK)
        status = mef3_writer_add_record(repair->writer, number, &record, error);
    /* A time from before the recording can be told of cannot be marked. */
    return status == MEF3_EINVAL ? MEF3_OK : status;
}

int repair_mark_losses(struct repair *repair, struct mef3_error *error)
{
    int status = MEF3_OK;

    for (size_t i = 0; status == MEF3_OK && i < repair->n_losses; i++)
        if (repair->losses[i].channel == repair->current)
            status = mark_loss(repair, &repair->losses[i].loss, error);
    return status;
}

/* repair.c - channels of a damaged recording: from the salvage to the writer. */
#include "repair.h"

#include <stdlib.h>
#include <string.h>

#include "cli.h"

/* Room of the texts that a session has, their zero included. */
enum { DESCRIPTION_BYTES = 2048, SUBJECT_BYTES = 128, LOCATION_BYTES = 512 };

/* A text that was made readable may be longer than its field is: as much as fits, in whole
 * characters. */
static const char *fit(const char *text, size_t room, char *to)
{
    size_t n = strlen(text);

    if (n < room)
        return text;
    for (n = room - 1; n > 0 && ((unsigned char)text[n] & 0xC0) == 0x80;)
        n--;
    memcpy(to, text, n);
    to[n] = '\0';
    return to;
}

static int begin(struct repair *repair, const struct mef3_salvage_facts *facts)
{
    const struct mef3_session_info *info = mef3_session_info(repair->session);
    char description[DESCRIPTION_BYTES], name_1[SUBJECT_BYTES], name_2[SUBJECT_BYTES],
        id[SUBJECT_BYTES], location[LOCATION_BYTES];
    struct mef3_writer_options options;
    bool is_day = info->gmt_offset_s > -86400 && info->gmt_offset_s < 86400;

    mef3_writer_defaults(&options);
    options.session_description = fit(info->session_description, sizeof description, description);
    options.subject_name_1 = fit(info->subject_name_1, sizeof name_1, name_1);
    options.subject_name_2 = fit(info->subject_name_2, sizeof name_2, name_2);
    options.subject_id = fit(info->subject_id, sizeof id, id);
    options.recording_location = fit(info->recording_location, sizeof location, location);
    if (is_day)
        options.gmt_offset_s = info->gmt_offset_s;
    /* An offset that is not before all times would make them unsayable; as uUTC they are. */
    if (facts && facts->has_time_offset && facts->time_offset > 0 &&
        (info->start_uutc == MEF3_NO_TIME || info->start_uutc > facts->time_offset))
        options.recording_time_offset = facts->time_offset;
    options.password_1 = facts && facts->password_1[0] ? facts->password_1 : NULL;
    options.password_2 = facts && facts->password_2[0] ? facts->password_2 : NULL;
    return mef3_writer_create(repair->out, &options, &repair->writer, &repair->error);
}

static int each_fact(void *arg, const struct mef3_salvage_facts *facts)
{
    struct repair *repair = arg;
    struct repaired_channel *channel = &repair->channels[repair->current];
    const struct mef3_channel_info *info = mef3_channel_info(repair->session, repair->current);
    char description[DESCRIPTION_BYTES], reference[DESCRIPTION_BYTES];
    struct mef3_writer_channel to;
    int status = repair->writer ? MEF3_OK : begin(repair, facts);

    channel->facts = *facts;
    explicit_bzero(channel->facts.password_1, sizeof channel->facts.password_1);
    explicit_bzero(channel->facts.password_2, sizeof channel->facts.password_2);
    if (status != MEF3_OK || facts->rate_hz == 0)
        return status; /* losses are still told of */
    mef3_writer_channel_defaults(&to);
    to.name = info->name;
    to.rate_hz = facts->rate_hz;
    to.units_factor = facts->units_factor;
    if (facts->is_factor_known)
        to.units = facts->units;
    to.description = fit(info->description, sizeof description, description);
    to.reference = fit(info->reference, sizeof reference, reference);
    if (facts->block_samples > 0)
        to.block_samples = facts->block_samples;
    to.acquisition_number = info->acquisition_number < -1 ? -1 : info->acquisition_number;
    to.low_filter_hz = info->low_filter_hz;
    to.high_filter_hz = info->high_filter_hz;
    to.notch_hz = info->notch_hz;
    to.line_hz = info->line_hz;
    status = mef3_writer_add_channel(repair->writer, &to, &channel->number, &repair->error);
    channel->is_written = status == MEF3_OK;
    return status;
}

static int each_segment(void *arg, int32_t number)
{
    struct repair *repair = arg;
    struct repaired_channel *channel = &repair->channels[repair->current];

    channel->is_renumbered |= number != (int32_t)channel->n_segments;
    if (channel->n_segments++ == 0 || !channel->is_written)
        return MEF3_OK;
    return mef3_writer_next_segment(repair->writer, channel->number, &repair->error);
}

static int each_loss(void *arg, const struct mef3_loss *loss)
{
    struct repair *repair = arg;
    struct repaired_channel *channel = &repair->channels[repair->current];

    if (repair->n_losses == repair->losses_room) {
        size_t room = repair->losses_room ? 2 * repair->losses_room : 16;
        struct repaired_loss *losses = realloc(repair->losses, room * sizeof *losses);
        if (!losses)
            return mef3_error_set(&repair->error, MEF3_ENOMEM, NULL, -1, NULL, NULL, NULL);
        repair->losses = losses;
        repair->losses_room = room;
    }
    repair->losses[repair->n_losses++] =
        (struct repaired_loss){.loss = *loss, .channel = repair->current};
    if (loss->n_samples < 0)
        channel->n_unknown++;
    else
        channel->n_lost += loss->n_samples;
    return MEF3_OK;
}

static int each_stretch(void *arg, const struct mef3_salvaged *samples)
{
    struct repair *repair = arg;
    struct repaired_channel *channel = &repair->channels[repair->current];

    if (cli_interrupted())
        return mef3_error_set(&repair->error, MEF3_ECHANGED, NULL, -1, NULL, NULL, NULL);
    channel->n_saved += samples->n_samples;
    progress_add(&repair->bar, samples->n_samples);
    return mef3_writer_append(repair->writer, channel->number, samples->start_uutc, samples->counts,
                              samples->n_samples, &repair->error);
}

static int repair_channel(struct repair *repair, size_t number, struct mef3_error *error)
{
    static const struct mef3_salvage_calls calls = {
        .facts = each_fact, .segment = each_segment, .loss = each_loss, .samples = each_stretch};
    struct repaired_channel *channel = &repair->channels[number];

    repair->current = number;
    channel->name = mef3_channel_info(repair->session, number)->name;
    repair->error = (struct mef3_error){.status = MEF3_OK};
    int status = mef3_salvage_channel(repair->session, number, &calls, repair, error);
    if (status != MEF3_OK && repair->error.status != MEF3_OK)
        *error = repair->error; /* it knows more */
    if (status == MEF3_OK && channel->is_written)
        status = repair_copy_records(repair, number, channel->number, &channel->n_records,
                                     &channel->n_lost_records, error);
    if (status == MEF3_OK && channel->is_written)
        status = repair_mark_losses(repair, error);
    return status;
}

int repair_run(struct repair *repair, struct mef3_error *error)
{
    int status = MEF3_OK;

    repair->n_channels = mef3_session_info(repair->session)->n_channels;
    repair->channels = calloc(repair->n_channels + 1, sizeof *repair->channels);
    if (!repair->channels)
        return mef3_error_set(error, MEF3_ENOMEM, NULL, -1, NULL, NULL, NULL);
    int64_t n_samples = 0;
    for (size_t i = 0; i < repair->n_channels; i++)
        n_samples += mef3_channel_info(repair->session, i)->n_samples;
    progress_start(&repair->bar, "saving", n_samples > 0 ? (uint64_t)n_samples : 0,
                   PROGRESS_SAMPLES);
    for (size_t i = 0; status == MEF3_OK && i < repair->n_channels; i++)
        status = repair_channel(repair, i, error);
    progress_end(&repair->bar);
    if (status == MEF3_OK && !repair->writer && begin(repair, NULL) != MEF3_OK) {
        *error = repair->error;
        status = error->status;
    }
    if (status == MEF3_OK)
        status = repair_copy_records(repair, MEF3_SESSION_RECORDS, MEF3_SESSION_RECORDS,
                                     &repair->n_records, &repair->n_lost_records, error);
    if (status == MEF3_OK)
        status = mef3_writer_finish(repair->writer, error);
    else
        mef3_writer_abort(repair->writer);
    repair->writer = NULL;
    return status;
}

void repair_fini(struct repair *repair)
{
    free(repair->channels);
    free(repair->losses);
}

/* copy_facts.c - what a copy says of the session and its channels, and by how much its times are
 * moved. */
#include "copy.h"

#include <string.h>

#include "cli.h"
#include "recording.h"

static const int64_t US = 1000000, DAY_US = 86400 * (int64_t)1000000;
/* The date that an anonymised recording begins at: 2000-01-01. */
static const int64_t NO_DATE_UUTC = 946684800 * (int64_t)1000000;
/* What a block has in a channel that tells nothing of its blocks. */
enum { USUAL_BLOCK = 1000 };

/* Nothing of the subject, and nothing that a person wrote about the session. */
static void describe_nobody(const struct copy_job *job, struct mef3_writer_options *options)
{
    const char *name = job->options->name;

    options->subject_id = name;
    options->anonymized_name = name;
}

static void describe_as_it_is(const struct copy_job *job, struct mef3_writer_options *options)
{
    const struct mef3_session_info *info = mef3_session_info(job->session);

    options->session_description = info->session_description;
    options->subject_name_1 = info->subject_name_1;
    options->subject_name_2 = info->subject_name_2;
    options->subject_id = info->subject_id;
    options->recording_location = info->recording_location;
    options->anonymized_name = info->anonymized_name;
    options->gmt_offset_s = info->gmt_offset_s;
    options->recording_time_offset =
        info->recording_time_offset == 0 ? 0 : info->recording_time_offset + job->shift_us;
    if (job->shift_us == 0) {
        options->dst_start_uutc = info->dst_start;
        options->dst_end_uutc = info->dst_end;
    }
}

void copy_describe(const struct copy_job *job, struct mef3_writer_options *options_out)
{
    mef3_writer_defaults(options_out);
    if (job->options->anonymise)
        describe_nobody(job, options_out);
    else
        describe_as_it_is(job, options_out);
}

/* The length of blocks that a channel has: its first run says, else the metadata do. */
static uint32_t usual_block(struct mef3_session *session, size_t channel)
{
    const struct mef3_segment_info *segment;
    const struct mef3_run *runs;
    uint32_t most = 0;
    size_t n;

    for (size_t s = 0; (segment = mef3_segment_info(session, channel, s)); s++) {
        if (segment->status != MEF3_OK)
            continue;
        if (mef3_segment_runs(session, channel, s, &runs, &n, NULL) == MEF3_OK && n > 0)
            return runs[0].block_samples;
        if (segment->max_block_samples > most)
            most = segment->max_block_samples;
    }
    return most > 0 && most <= MEF3_RED_MAX_SAMPLES ? most : USUAL_BLOCK;
}

void copy_describe_channel(struct copy_job *job, size_t channel,
                           struct mef3_writer_channel *channel_out)
{
    const struct mef3_channel_info *info = mef3_channel_info(job->session, channel);
    int64_t block = job->options->block_samples;

    mef3_writer_channel_defaults(channel_out);
    channel_out->name = info->name;
    channel_out->rate_hz = info->rate_hz;
    channel_out->units_factor = info->units_factor;
    channel_out->units = info->units;
    channel_out->description = info->description;
    channel_out->reference = info->reference;
    channel_out->acquisition_number = info->acquisition_number;
    channel_out->low_filter_hz = info->low_filter_hz;
    channel_out->high_filter_hz = info->high_filter_hz;
    channel_out->notch_hz = info->notch_hz;
    channel_out->line_hz = info->line_hz;
    channel_out->block_samples = block > 0 ? (uint32_t)block : usual_block(job->session, channel);
}

int copy_choose_shift(struct copy_job *job)
{
    const struct copy_options *o = job->options;
    int64_t start = mef3_session_info(job->session)->start_uutc;
    int64_t to = start;

    if (o->has_time_offset)
        job->shift_us =
            (int64_t)(o->time_offset_s * (double)US + (o->time_offset_s < 0 ? -0.5 : 0.5));
    if (start == MEF3_NO_TIME || o->has_time_offset)
        return CLI_FINE;
    if (o->start) {
        int exit_status = recording_time("--start", o->start, start, &to);
        if (exit_status != CLI_FINE)
            return exit_status;
    } else if (o->anonymise) {
        /* The time of the day stays: sleep and drugs follow it. */
        int64_t into_day = start % DAY_US;
        to = NO_DATE_UUTC + (into_day < 0 ? into_day + DAY_US : into_day);
    }
    job->shift_us = mef3_time_difference(to, start);
    return CLI_FINE;
}

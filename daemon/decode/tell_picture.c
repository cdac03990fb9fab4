/* tell_picture.c - a window of channels as a PNG: the page that `mef3 plot` draws. */
#include <stdlib.h>

#include "decode/tell.h"
#include "draw/paint.h"
#include "draw/read.h"

/* Samples of all channels together: more would have a worker busy for seconds. */
enum { MOST_SAMPLES = 16 << 20 };

struct picture {
    struct mef3_session *session;
    struct draw_wanted wanted;
    struct draw_channel *channels;
};

static int read_samples(void *arg, size_t place, int64_t first, size_t n, int32_t *counts_out,
                        uint8_t *truth_out, struct mef3_error *error)
{
    const struct picture *picture = arg;

    if (n == 0) /* nothing is known of it */
        return MEF3_OK;
    return mef3_read_window_part(picture->session, place, picture->wanted.start_uutc,
                                 picture->wanted.end_uutc, first, n, counts_out, truth_out, NULL,
                                 NULL, error);
}

/* One that cannot be read at all has no samples, and is hatched. */
static int choose_channels(struct picture *picture, const struct job *job, struct mef3_error *error)
{
    int64_t all = 0;

    for (uint32_t i = 0; i < job->n_items; i++) {
        struct draw_channel *channel = &picture->channels[i];
        const struct mef3_channel_info *info =
            mef3_channel_info(picture->session, job->items[i].channel);
        if (!info)
            return mef3_error_set(error, MEF3_EINVAL, NULL, -1, "channel", NULL, NULL);
        *channel = (struct draw_channel){
            .number = job->items[i].channel,
            .place = job->items[i].channel,
            .rate_hz = info->rate_hz,
            .is_lost = info->status != MEF3_OK,
        };
        if (!channel->is_lost && info->rate_hz > 0 &&
            mef3_window_samples(picture->wanted.start_uutc, picture->wanted.end_uutc, info->rate_hz,
                                &channel->n) != MEF3_OK)
            channel->n = MOST_SAMPLES + 1;
        all = channel->n > MOST_SAMPLES ? MOST_SAMPLES + 1 : all + channel->n;
        if (all > MOST_SAMPLES)
            return mef3_error_set(error, MEF3_ELIMIT, NULL, -1, "samples of the picture",
                                  "at most 16777216", "more: ask for less at a time");
    }
    if (job->question.is_all)
        draw_sort(picture->session, picture->channels, job->n_items);
    return MEF3_OK;
}

static int put(void *arg, const void *bytes, size_t n)
{
    tell_bytes(arg, bytes, n);
    return 0;
}

static int paint(struct picture *picture, const struct job *job, struct telling_out *out,
                 struct mef3_error *error)
{
    struct draw_page page;
    const char *why;
    draw_paint_fn *paint_page = draw_load(&why);
    int status = paint_page ? choose_channels(picture, job, error)
                            : mef3_error_set(error, MEF3_EIO, DRAW_MODULE, -1, NULL, NULL, NULL);

    if (status == MEF3_OK)
        status = draw_read_page(picture->session, &picture->wanted, picture->channels, job->n_items,
                                read_samples, picture, &page, error);
    if (status != MEF3_OK)
        return status;
    status = paint_page(&page, DRAW_PNG, put, out);
    draw_page_fini(&page);
    return status == MEF3_OK ? MEF3_OK : mef3_error_set(error, status, NULL, -1, NULL, NULL, NULL);
}

int tell_picture(struct mef3_session *session, const struct job *job, bool by_list,
                 struct telling_out *out, struct mef3_error *error)
{
    const struct job_question *question = &job->question;
    struct picture picture = {
        .session = session,
        .wanted = {.width = question->width > DRAW_MOST_SIDE ? 0 : (int)question->width,
                   .height = question->height > DRAW_MOST_SIDE ? 0 : (int)question->height,
                   .scale = question->scale,
                   .hides_level_2 = by_list,
                   .start_uutc = question->start_uutc,
                   .end_uutc = question->end_uutc},
        .channels = calloc(job->n_items + 1, sizeof *picture.channels),
    };
    const char *refusal = draw_refusal(&picture.wanted);

    if (!picture.channels)
        return mef3_error_set(error, MEF3_ENOMEM, NULL, -1, NULL, NULL, NULL);
    int status = refusal ? mef3_error_set(error, MEF3_EINVAL, NULL, -1, refusal, NULL, NULL)
                         : paint(&picture, job, out, error);
    free(picture.channels);
    return status;
}

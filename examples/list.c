/* list.c - what a recording holds: list SESSION
 *
 * A password is taken from MEF3_PASSWORD. Damaged segments do not keep the rest from being
 * listed; each says what is wrong with it. */
#include <mef3/mef3.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static void show_segments(const struct mef3_session *session, size_t channel, size_t n)
{
    char text[512];

    for (size_t i = 0; i < n; i++) {
        const struct mef3_segment_info *segment = mef3_segment_info(session, channel, i);
        if (segment->status != MEF3_OK)
            printf("  segment %" PRId32 ": %s\n", segment->number,
                   mef3_error_text(segment->error, text, sizeof text));
    }
}

int main(int argc, char **argv)
{
    struct mef3_session *session;
    struct mef3_error error;
    char text[512];

    if (argc != 2) {
        fprintf(stderr, "usage: list SESSION\n");
        return 2;
    }
    if (mef3_session_open_folder(argv[1], getenv("MEF3_PASSWORD"), &session, &error) != MEF3_OK) {
        fprintf(stderr, "list: %s\n", mef3_error_text(&error, text, sizeof text));
        return 3;
    }
    const struct mef3_session_info *info = mef3_session_info(session);
    printf("%s: %zu channels\n", info->name, info->n_channels);
    for (size_t i = 0; i < info->n_channels; i++) {
        const struct mef3_channel_info *channel = mef3_channel_info(session, i);
        printf("%s: %g Hz, %" PRId64 " samples of %g %s in %zu segments\n", channel->name,
               channel->rate_hz, channel->n_samples, channel->units_factor, channel->units,
               channel->n_segments);
        show_segments(session, i, channel->n_segments);
    }
    int exit_status = info->n_damaged > 0 || info->n_locked > 0 ? 1 : 0;
    mef3_session_close(session);
    return exit_status;
}

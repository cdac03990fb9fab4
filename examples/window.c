/* window.c - print a window of a channel: window SESSION CHANNEL START END
 *
 * START and END are microseconds since 1970; END is exclusive. A line a sample: its time and
 * its value in the channel's units, or "gap", or "unreadable"; what cannot be read is told on
 * stderr, a line a block. A password is taken from MEF3_PASSWORD. */
#include <mef3/mef3.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static int refuse(const struct mef3_error *error)
{
    char text[512];

    fprintf(stderr, "window: %s\n", mef3_error_text(error, text, sizeof text));
    return 3;
}

/* Called for each block that cannot be read. */
static void tell(void *n_damaged, const struct mef3_damage *damage)
{
    char text[512];

    fprintf(stderr, "window: %" PRId64 " samples: %s\n", damage->n,
            mef3_error_text(&damage->error, text, sizeof text));
    ++*(size_t *)n_damaged;
}

static void show(const struct mef3_channel_info *channel, int64_t start, const int32_t *counts,
                 const uint8_t *truth, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        double value;
        mef3_counts_to_f64(&counts[i], 1, channel->units_factor, &value);
        printf("%" PRId64 " ", mef3_index_to_time((int64_t)i, start, channel->rate_hz));
        if (truth[i] == MEF3_DATA)
            printf("%.17g\n", value);
        else
            puts(truth[i] == MEF3_GAP ? "gap" : "unreadable");
    }
}

static int read_and_show(struct mef3_session *session, const char *name, int64_t start, int64_t end)
{
    struct mef3_error error;
    size_t n_damaged = 0;
    int64_t n;

    size_t number = (size_t)mef3_channel_find(session, name); /* -1 is no channel's number */
    const struct mef3_channel_info *channel = mef3_channel_info(session, number);
    int status = channel ? mef3_window_samples(start, end, channel->rate_hz, &n) : MEF3_EINVAL;
    if (status != MEF3_OK) {
        fprintf(stderr, "window: no such channel, or no such window\n");
        return 2;
    }
    int32_t *counts = calloc((size_t)n + 1, sizeof *counts);
    uint8_t *truth = calloc((size_t)n + 1, sizeof *truth);
    if (!counts || !truth)
        mef3_error_set(&error, status = MEF3_ENOMEM, NULL, -1, "window", NULL, NULL);
    else
        status = mef3_read_window(session, number, start, end, counts, truth, (size_t)n, tell,
                                  &n_damaged, &error);
    if (status == MEF3_OK)
        show(channel, start, counts, truth, (size_t)n);
    free(counts);
    free(truth);
    if (status != MEF3_OK)
        return refuse(&error);
    return n_damaged > 0 ? 1 : 0;
}

int main(int argc, char **argv)
{
    struct mef3_session *session;
    struct mef3_error error;

    if (argc != 5) {
        fprintf(stderr, "usage: window SESSION CHANNEL START END\n");
        return 2;
    }
    if (mef3_session_open_folder(argv[1], getenv("MEF3_PASSWORD"), &session, &error) != MEF3_OK)
        return refuse(&error);
    int exit_status =
        read_and_show(session, argv[2], strtoll(argv[3], NULL, 10), strtoll(argv[4], NULL, 10));
    mef3_session_close(session);
    return exit_status;
}

/* fuzz_check.c - a spoilt recording, verified and salvaged: whatever stands in it, what is told
 * makes sense, the two agree with each other and with a reader, and there is an end.
 * Inputs: spoilt.h */
#include <stdlib.h>
#include <string.h>

#include <mef3/salvage.h>
#include <mef3/verify.h>

#include "spoilt.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static void require(bool condition)
{
    if (!condition)
        abort();
}

static void check_error(const struct mef3_error *error)
{
    char text[1024];

    require(error->status < 0 && error->file[0]);
    require(memchr(mef3_error_text(error, text, sizeof text), 0, sizeof text) != NULL);
}

static void see_finding(void *arg, const struct mef3_finding *finding)
{
    uint64_t *by_severity = arg;

    require(finding->kind < MEF3_N_FINDING_KINDS);
    require(finding->segment >= -1 && finding->block >= -1);
    check_error(&finding->error);
    by_severity[mef3_finding_severity(finding->kind)]++;
}

static struct mef3_verify_totals verify(struct mef3_session *session, size_t channel, bool is_quick)
{
    const struct mef3_verify_options options = {.quick = is_quick};
    struct mef3_verify_totals totals;
    uint64_t n[MEF3_ERROR + 1] = {0};

    require(mef3_verify_channel(session, channel, &options, see_finding, n, &totals, NULL) ==
            MEF3_OK);
    require(totals.n_notes == n[MEF3_NOTE] && totals.n_warnings == n[MEF3_WARNING] &&
            totals.n_errors == n[MEF3_ERROR]);
    require(totals.n_readable >= 0 && totals.n_readable <= totals.n_samples);
    require(totals.n_readable_blocks <= totals.n_blocks);
    require(totals.n_readable_records <= totals.n_records);
    return totals;
}

struct saved {
    size_t n_facts;
    double rate_hz;
    int64_t end_uutc;
    int32_t segment;
    int64_t n_samples;
    uint64_t n_losses;
};

static int see_facts(void *arg, const struct mef3_salvage_facts *facts)
{
    struct saved *saved = arg;

    require(saved->n_facts++ == 0);
    require(facts->rate_hz >= 0);
    saved->rate_hz = facts->rate_hz;
    return 0;
}

static int see_segment(void *arg, int32_t number)
{
    struct saved *saved = arg;

    require(saved->n_facts == 1);
    saved->segment = number;
    return 0;
}

static int see_loss(void *arg, const struct mef3_loss *loss)
{
    struct saved *saved = arg;

    require(loss->kind < MEF3_N_LOSS_KINDS && loss->n_samples >= -1 && loss->block >= -1);
    check_error(&loss->error);
    saved->n_losses++;
    return 0;
}

/* In order of time, none twice; a clock that drifts may put a block back by half a sample. */
static int see_samples(void *arg, const struct mef3_salvaged *samples)
{
    struct saved *saved = arg;
    volatile int32_t last;

    require(saved->rate_hz > 0 && samples->n_samples > 0 && samples->segment == saved->segment);
    int64_t late = mef3_time_difference(samples->start_uutc, saved->end_uutc);
    require(late >= -MEF3_RUN_TOLERANCE_US || (double)-late <= 0.5e6 / saved->rate_hz);
    for (uint32_t i = 0; i < samples->n_samples; i++)
        last = samples->counts[i];
    (void)last;
    saved->end_uutc = mef3_index_to_time(samples->n_samples, samples->start_uutc, saved->rate_hz);
    saved->n_samples += samples->n_samples;
    return 0;
}

static struct saved salvage(struct mef3_session *session, size_t channel)
{
    static const struct mef3_salvage_calls calls = {
        .facts = see_facts, .segment = see_segment, .loss = see_loss, .samples = see_samples};
    struct saved saved = {.end_uutc = INT64_MIN / 2};

    require(mef3_salvage_channel(session, channel, &calls, &saved, NULL) == MEF3_OK);
    return saved;
}

static void count_damage(void *arg, const struct mef3_damage *damage)
{
    (void)damage;
    ++*(size_t *)arg;
}

/* Where verify finds no error, a reader meets none, and no block is lost. */
static void read_whole(struct mef3_session *session, size_t channel)
{
    enum { MOST = 4096 };
    const struct mef3_channel_info *info = mef3_channel_info(session, channel);
    int32_t counts[MOST];
    size_t n_damages = 0;

    for (size_t s = 0; s < info->n_segments; s++) {
        const struct mef3_segment_info *segment = mef3_segment_info(session, channel, s);
        for (int64_t at = 0, n; at < segment->n_samples; at += n) {
            n = segment->n_samples - at < MOST ? segment->n_samples - at : MOST;
            require(mef3_read_samples(session, channel, s, at, (size_t)n, counts, count_damage,
                                      &n_damages, NULL) == MEF3_OK);
        }
    }
    require(n_damages == 0);
}

static void check_channel(struct mef3_session *session, size_t channel)
{
    struct mef3_verify_totals quick = verify(session, channel, true);
    if (spoilt_is_slow(session, channel))
        return;
    struct mef3_verify_totals whole = verify(session, channel, false);
    struct saved saved = salvage(session, channel);

    require(quick.n_samples == whole.n_samples && quick.n_blocks == whole.n_blocks);
    require(whole.n_readable <= quick.n_readable && whole.n_errors >= quick.n_errors);
    if (whole.n_errors > 0)
        return;
    require(whole.n_readable == whole.n_samples);
    read_whole(session, channel);
    require(saved.n_samples + (int64_t)(saved.n_losses ? whole.n_samples : 0) >= whole.n_samples);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    struct recording recording = {0};
    struct mef3_verify_totals totals;
    struct mef3_session *session;
    uint64_t by_severity[MEF3_ERROR + 1] = {0};

    if (n < 1)
        return 0;
    spoilt_make(&recording, bytes, n);
    require(recording_open(&recording, NULL, &session, NULL) == MEF3_OK);
    for (size_t c = 0; c < mef3_session_info(session)->n_channels; c++)
        check_channel(session, c);
    require(mef3_verify_session(session, NULL, see_finding, by_severity, &totals, NULL) == MEF3_OK);
    mef3_session_close(session);
    recording_fini(&recording);
    return 0;
}

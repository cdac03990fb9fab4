/* checked.c - a session in memory, checked: what was found in it. */
#include "help/checked.h"

#include <stdlib.h>
#include <string.h>

#include "help/test.h"

static void note(void *arg, const struct mef3_finding *finding)
{
    struct checked *found = arg;
    char text[1024];

    assert_true(finding->kind < MEF3_N_FINDING_KINDS);
    assert_true(finding->error.status < 0);
    assert_true(strlen(mef3_error_text(&finding->error, text, sizeof text)) > 0);
    if (found->n_of_kind[finding->kind]++ == 0)
        found->first[finding->kind] = *finding;
}

static void add(struct mef3_verify_totals *sum, const struct mef3_verify_totals *totals)
{
    sum->n_errors += totals->n_errors;
    sum->n_warnings += totals->n_warnings;
    sum->n_notes += totals->n_notes;
    sum->n_samples += totals->n_samples;
    sum->n_readable += totals->n_readable;
    sum->n_blocks += totals->n_blocks;
    sum->n_readable_blocks += totals->n_readable_blocks;
    sum->n_records += totals->n_records;
    sum->n_readable_records += totals->n_readable_records;
}

void checked_session(struct memory_session *m, const char *name, const char *password,
                     const struct mef3_verify_options *options, struct checked *found)
{
    struct mef3_source source;
    struct mef3_session *session;
    struct mef3_verify_totals totals;
    struct mef3_error error;

    memset(found, 0, sizeof *found);
    assert_int_equal(mef3_source_memory(name, m->files, m->n, &source), MEF3_OK);
    assert_int_equal(mef3_session_open_lazy(&source, password, &session, &error), MEF3_OK);
    assert_int_equal(mef3_verify_session(session, options, note, found, &totals, &error), MEF3_OK);
    add(&found->totals, &totals);
    for (size_t c = 0; c < mef3_session_info(session)->n_channels; c++) {
        assert_int_equal(mef3_verify_channel(session, c, options, note, found, &totals, &error),
                         MEF3_OK);
        add(&found->totals, &totals);
    }
    mef3_session_close(session);
}

size_t checked_errors(const struct checked *found)
{
    size_t n = 0;

    for (int kind = 0; kind < MEF3_N_FINDING_KINDS; kind++)
        if (mef3_finding_severity((enum mef3_finding_kind)kind) == MEF3_ERROR)
            n += found->n_of_kind[kind];
    return n;
}

int64_t checked_readable(struct memory_session *m, const char *name)
{
    struct mef3_source source;
    struct mef3_session *session;
    struct mef3_error error;
    int64_t n_readable = 0, n;

    assert_int_equal(mef3_source_memory(name, m->files, m->n, &source), MEF3_OK);
    assert_int_equal(mef3_session_open(&source, NULL, &session, &error), MEF3_OK);
    const struct mef3_channel_info *info = mef3_channel_info(session, 0);
    if (info->start_uutc != MEF3_NO_TIME &&
        mef3_window_samples(info->start_uutc - 60000000, info->end_uutc + 60000000, info->rate_hz,
                            &n) == MEF3_OK) {
        int32_t *counts = calloc((size_t)n, sizeof *counts);
        uint8_t *truth = calloc((size_t)n, 1);
        assert_true(counts && truth);
        assert_int_equal(mef3_read_window(session, 0, info->start_uutc - 60000000,
                                          info->end_uutc + 60000000, counts, truth, (size_t)n, NULL,
                                          NULL, &error),
                         MEF3_OK);
        for (int64_t i = 0; i < n; i++)
            n_readable += truth[i] == MEF3_DATA;
        free(counts);
        free(truth);
    }
    mef3_session_close(session);
    return n_readable;
}

/* tell_availability.c - when channels have data; those that are alike are told of once. */
#include <stdlib.h>
#include <string.h>

#include "decode/tell.h"
#include "facts/coverage.h"
#include "facts/json.h"

/* More is told of nobody: some 40 bytes each. */
enum { MOST_SPANS = 300000 };

struct groups {
    struct coverage *first; /* of each group: its spans, cut to the window */
    json_t **channels;
    size_t n;
    size_t n_spans;
};

/* What of it lies in the window. A gap is no data before and after: a window that reaches
 * beyond the recording is told of what there is. */
static void cut(struct coverage *coverage, int64_t from, int64_t to)
{
    size_t n = 0;

    for (size_t i = 0; i < coverage->n; i++) {
        struct stretch s = coverage->stretches[i];
        s.start_uutc = s.start_uutc < from ? from : s.start_uutc;
        s.end_uutc = s.end_uutc > to ? to : s.end_uutc;
        if (s.start_uutc < s.end_uutc)
            coverage->stretches[n++] = s;
    }
    coverage->n = n;
}

static bool is_alike(const struct coverage *a, const struct coverage *b)
{
    return a->n == b->n &&
           (a->n == 0 || memcmp(a->stretches, b->stretches, a->n * sizeof *a->stretches) == 0);
}

/* Takes the coverage. False: out of memory. */
static bool put(struct groups *groups, const char *name, struct coverage *coverage)
{
    size_t at = 0;

    while (at < groups->n && !is_alike(&groups->first[at], coverage))
        at++;
    if (at < groups->n) {
        coverage_fini(coverage);
    } else {
        groups->first[at] = *coverage;
        groups->channels[at] = json_array();
        groups->n_spans += coverage->n;
        groups->n++;
    }
    return json_array_append_new(groups->channels[at], json_text(name)) == 0;
}

static json_t *spans_json(const struct coverage *coverage)
{
    json_t *array = json_array();

    for (size_t i = 0; i < coverage->n; i++) {
        const struct stretch *s = &coverage->stretches[i];
        json_t *row = json_pack("[I,I,I]", (json_int_t)s->start_uutc, (json_int_t)s->end_uutc,
                                (json_int_t)s->kind);
        if (json_array_append_new(array, row) != 0) {
            json_decref(array);
            return NULL;
        }
    }
    return array;
}

static json_t *groups_json(const struct groups *groups)
{
    json_t *array = json_array();

    for (size_t i = 0; i < groups->n; i++) {
        json_t *row = json_pack("{s:O,s:o}", "channels", groups->channels[i], "spans",
                                spans_json(&groups->first[i]));
        if (json_array_append_new(array, row) != 0) {
            json_decref(array);
            return NULL;
        }
    }
    return json_pack("{s:o}", "groups", array);
}

static int read_all(struct mef3_session *session, const struct job *job, struct groups *groups,
                    struct mef3_error *error)
{
    for (uint32_t i = 0; i < job->n_items; i++) {
        struct coverage coverage;
        size_t channel = job->items[i].channel;
        int status = coverage_read(session, channel, 0, &coverage, error);
        if (status != MEF3_OK)
            return status;
        cut(&coverage, job->question.start_uutc, job->question.end_uutc);
        if (!put(groups, mef3_channel_info(session, channel)->name, &coverage))
            return mef3_error_set(error, MEF3_ENOMEM, NULL, -1, NULL, NULL, NULL);
        if (groups->n_spans > MOST_SPANS)
            return mef3_error_set(error, MEF3_ELIMIT, NULL, -1, "stretches of data and gaps",
                                  "at most 300000 in the window", "more");
    }
    return MEF3_OK;
}

int tell_availability(struct mef3_session *session, const struct job *job, json_t **json_out,
                      struct mef3_error *error)
{
    struct groups groups = {
        .first = calloc(job->n_items + 1, sizeof *groups.first),
        .channels = calloc(job->n_items + 1, sizeof(json_t *)),
    };
    int status = MEF3_ENOMEM;

    if (groups.first && groups.channels)
        status = read_all(session, job, &groups, error);
    else
        mef3_error_set(error, MEF3_ENOMEM, NULL, -1, NULL, NULL, NULL);
    if (status == MEF3_OK)
        *json_out = groups_json(&groups);
    for (size_t i = 0; i < groups.n; i++) {
        coverage_fini(&groups.first[i]);
        json_decref(groups.channels[i]);
    }
    free(groups.first);
    free(groups.channels);
    return status;
}

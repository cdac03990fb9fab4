/* index_cache.c - the indices that a session keeps in memory, within a budget. */
#include "index_cache.h"

#include <stdlib.h>

static void take_off(struct mef3_session *session, struct segment *segment)
{
    if (segment->newer)
        segment->newer->older = segment->older;
    else
        session->newest = segment->older;
    if (segment->older)
        segment->older->newer = segment->newer;
    else
        session->oldest = segment->newer;
    segment->newer = NULL;
    segment->older = NULL;
}

static void put_first(struct mef3_session *session, struct segment *segment)
{
    segment->older = session->newest;
    if (session->newest)
        session->newest->newer = segment;
    else
        session->oldest = segment;
    session->newest = segment;
}

static void drop(struct mef3_session *session, struct segment *segment)
{
    take_off(session, segment);
    session->index_bytes -= index_memory(segment->index);
    index_free(segment->index);
    segment->index = NULL;
}

/* Runs are in order of time. */
static void note_span(struct segment *segment)
{
    const struct index *index = segment->index;

    if (index->n_runs == 0)
        return;
    const struct mef3_run *first = &index->runs[0];
    const struct mef3_run *last = &index->runs[index->n_runs - 1];
    segment->index_start_uutc = mef3_index_to_time(first->first_sample - first->origin_sample,
                                                   first->origin_uutc, segment->info.rate_hz);
    segment->index_end_uutc =
        mef3_index_to_time(last->first_sample + last->n_samples - last->origin_sample,
                           last->origin_uutc, segment->info.rate_hz);
}

int index_get(struct mef3_session *session, struct segment *segment, const struct index **index_out,
              struct mef3_error *error)
{
    if (segment->info.status != MEF3_OK) {
        if (error)
            *error = *segment->error;
        return segment->info.status;
    }
    if (segment->index) {
        take_off(session, segment);
    } else {
        int status = index_load(&session->source, segment, &segment->index, error);
        if (status != MEF3_OK)
            return status;
        session->index_bytes += index_memory(segment->index);
        note_span(segment);
    }
    put_first(session, segment);
    while (session->index_bytes > session->index_budget && session->oldest != segment)
        drop(session, session->oldest);
    *index_out = segment->index;
    return MEF3_OK;
}

void index_cache_clear(struct mef3_session *session)
{
    while (session->oldest)
        drop(session, session->oldest);
}

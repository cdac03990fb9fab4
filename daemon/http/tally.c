/* tally.c - what is counted, and told, of connections and requests over HTTP. */
#include "http/tally.h"

#include <stdio.h>
#include <time.h>

#include <uv.h>

#include "base/character.h"
#include "base/guests.h"
#include "service/service.h"

void tally_begin(struct tally_request *request, const char *path, const char *recording)
{
    request->began_ns = uv_hrtime();
    request->tally->counters.requests_active++;
    character_copy(request->path, sizeof request->path, path);
    character_copy(request->recording, sizeof request->recording, recording ? recording : "");
    guest_calls(request->guest);
    guest_asks(request->guest, request->path, request->recording);
}

void tally_status(struct tally_request *request, unsigned status, size_t n_bytes)
{
    request->status = status;
    tally_bytes(request, n_bytes);
}

void tally_bytes(struct tally_request *request, size_t n_bytes)
{
    if (request->is_head)
        return;
    request->n_bytes += n_bytes;
    request->tally->counters.bytes += n_bytes;
    guest_takes(request->guest, n_bytes);
}

void tally_error(struct tally_request *request, const char *text)
{
    character_copy(request->error, sizeof request->error, text);
}

static struct lately_where where_of(const struct asking *asking, const struct read *read)
{
    struct read_figures figures = {0};

    if (asking)
        asking_waits(asking, &figures.waits);
    else if (read)
        read_figures(read, &figures);
    return (struct lately_where){
        .open_us = figures.waits.opening_ns / 1000,
        .wait_us = figures.waits.queueing_ns / 1000,
        .decode_us = figures.waits.working_ns / 1000,
    };
}

static void tell_lately(const struct tally_request *request, const struct lately_call *timed)
{
    struct lately_call call = *timed;
    struct timespec now;
    char status[16] = "cut short";

    clock_gettime(CLOCK_REALTIME, &now);
    if (request->status)
        snprintf(status, sizeof status, "%u", request->status);
    call.at_s = (double)now.tv_sec + (double)now.tv_nsec / 1e9;
    call.client = request->peer;
    call.method = request->path;
    call.recording = request->recording;
    call.status = status;
    call.text = request->error;
    call.is_refused = request->status >= 400 || request->error[0];
    lately_add(request->tally->lately, &call);
}

void tally_end(struct tally_request *request, const struct asking *asking, const struct read *read,
               bool is_whole)
{
    struct http_counters *counters = &request->tally->counters;
    const struct lately_call timed = {
        .took_us = (uv_hrtime() - request->began_ns) / 1000,
        .where = where_of(asking, read),
        .is_timed = asking || read,
    };

    counters->requests_active--;
    counters->ended[is_whole ? request->status / 100 : HTTP_CUT_SHORT]++;
    histogram_add(timed.is_timed ? &counters->took_recording : &counters->took_page, timed.took_us);
    tell_lately(request, &timed);
    guest_has_called(request->guest);
}

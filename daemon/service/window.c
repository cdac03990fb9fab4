/* window.c - what a read asks for, checked against the recording that it names. */
#include "service/window.h"

#include <stdlib.h>

#include <mef3/time.h>

#include "service/messages.h"

/* How much longer than the recording a window may be. */
#define MOST_BEYOND_US (86400 * 1000000ll)

#define REFUSE(kind, error, ...) \
    (window->refusal = (kind), text_add(error, __VA_ARGS__), MEF3_EINVAL)

static int find_page(struct window *window, int64_t page, const struct entry *entry,
                     struct text *error)
{
    const struct recording *recording = entry->recording;

    if (entry->page_us == 0)
        return REFUSE(REPLY_NONSENSE, error,
                      "No chunks available for file: %s. Set a segment size to init chunks.",
                      entry->path);
    if (page < 0 || page >= registry_n_pages(entry))
        return REFUSE(REPLY_NONSENSE, error, "Invalid chunk request: %lld for %s", (long long)page,
                      entry->path);
    window->start_uutc = recording->start_uutc + page * entry->page_us;
    window->end_uutc =
        mef3_time_difference(recording->end_uutc, window->start_uutc) > entry->page_us
            ? window->start_uutc + entry->page_us
            : recording->end_uutc;
    return MEF3_OK;
}

static int take_channels(struct window *window, size_t n)
{
    window->channels = calloc(n, sizeof *window->channels);
    window->names = calloc(n, sizeof *window->names);
    window->n_channels = n;
    return window->channels && window->names ? MEF3_OK : MEF3_ENOMEM;
}

/* The channels that the file's selection has. */
static int select_page_channels(struct window *window, const struct entry *entry)
{
    int status =
        take_channels(window, entry->selected ? entry->n_selected : entry->recording->n_channels);

    for (size_t i = 0; status == MEF3_OK && i < window->n_channels; i++)
        window->channels[i] = entry->selected ? entry->selected[i] : (uint32_t)i;
    return status;
}

/* The channels that were asked for, in that order. */
static int select_range_channels(struct window *window, const struct request *request,
                                 const struct recording *recording, struct text *error)
{
    int status = take_channels(window, request->n_names ? request->n_names : recording->n_channels);
    size_t n_unknown = 0;

    for (size_t i = 0; status == MEF3_OK && i < window->n_channels; i++) {
        int64_t place =
            request->n_names ? recording_find_channel(recording, request->names[i]) : (int64_t)i;
        if (place >= 0)
            window->channels[i] = (uint32_t)place;
        else
            window->names[n_unknown++] = request->names[i];
    }
    if (n_unknown == 0 && window->n_channels > registry_most_channels(recording))
        return REFUSE(REPLY_TOO_LARGE, error, "Too many channels: %zu; the recording has %zu",
                      window->n_channels, recording->n_channels);
    if (n_unknown == 0)
        return status;
    status = REFUSE(REPLY_UNKNOWN_CHANNEL, error, "Unknown channels: ");
    text_add_list(error, window->names, n_unknown);
    return status;
}

static int compare_rates(const void *a, const void *b)
{
    const double *one = a, *other = b;

    return (*one > *other) - (*one < *other);
}

static int refuse_rates(struct window *window, const struct recording *recording,
                        struct text *error)
{
    size_t n = window->n_channels;
    double *rates = calloc(n, sizeof *rates);

    if (!rates)
        return MEF3_ENOMEM;
    for (size_t i = 0; i < n; i++)
        rates[i] = recording->rates[window->channels[i]];
    qsort(rates, n, sizeof *rates, compare_rates);
    int status = REFUSE(REPLY_DAMAGED, error, "Requested channels do not share a sampling rate: {");
    for (size_t i = 0; i < n; i++) {
        if (i > 0 && rates[i] == rates[i - 1])
            continue;
        text_add(error, i > 0 ? ", " : "");
        text_add_number(error, rates[i]);
    }
    text_add(error, "}");
    free(rates);
    return status;
}

static int find_rate(struct window *window, const struct recording *recording, struct text *error)
{
    window->rate_hz = recording->rates[window->channels[0]];
    for (size_t i = 1; i < window->n_channels; i++)
        if (recording->rates[window->channels[i]] != window->rate_hz)
            return refuse_rates(window, recording, error);
    return MEF3_OK;
}

/* A window over nothing would cost the server as much as one over data. */
static int count_samples(struct window *window, const struct recording *recording, bool is_page,
                         struct text *error)
{
    int64_t span = mef3_time_difference(window->end_uutc, window->start_uutc);
    int64_t own = mef3_time_difference(recording->end_uutc, recording->start_uutc);

    if (span > MOST_BEYOND_US && span - MOST_BEYOND_US > (own > 0 ? own : 0))
        return REFUSE(REPLY_TOO_LARGE, error,
                      "Requested window is too long: %lld s; the recording has %lld s, and a "
                      "window may be at most a day longer",
                      (long long)(span / 1000000), (long long)(own / 1000000));
    if (mef3_window_samples(window->start_uutc, window->end_uutc, window->rate_hz,
                            &window->n_samples) != MEF3_OK)
        return REFUSE(REPLY_TOO_LARGE, error, "Requested window cannot be counted in samples");
    if (!is_page && window->n_samples == 0)
        return REFUSE(REPLY_NONSENSE, error, "Requested window is shorter than one sample");
    return MEF3_OK;
}

int window_resolve(struct window *window, const struct request *request, const struct entry *entry,
                   struct text *error)
{
    struct recording *recording = entry->recording;
    int status = MEF3_OK;

    *window = (struct window){.start_uutc = request->start_uutc,
                              .end_uutc = request->end_uutc,
                              .is_double = request->is_page};
    if (request->is_page)
        status = find_page(window, request->page, entry, error);
    if (status == MEF3_OK)
        status = request->is_page ? select_page_channels(window, entry)
                                  : select_range_channels(window, request, recording, error);
    if (status == MEF3_OK && window->end_uutc <= window->start_uutc)
        status = REFUSE(REPLY_NONSENSE, error, "end_uutc must be greater than start_uutc");
    if (status == MEF3_OK)
        status = find_rate(window, recording, error);
    if (status == MEF3_OK)
        status = count_samples(window, recording, request->is_page, error);
    if (status != MEF3_OK)
        return status;
    window->recording = recording;
    recording_ref(recording);
    for (size_t i = 0; i < window->n_channels; i++)
        window->names[i] = recording->names[window->channels[i]];
    size_t a_sample = window->n_channels * (window->is_double ? sizeof(double) : sizeof(float));
    window->samples_a_message = a_sample < MESSAGE_BYTES ? (int64_t)(MESSAGE_BYTES / a_sample) : 1;
    return MEF3_OK;
}

void window_fini(struct window *window, struct service *service)
{
    if (window->recording)
        recording_unref(service, window->recording);
    free(window->names);
    free(window->channels);
    *window = (struct window){0};
}

int64_t window_time(const struct window *window, int64_t at)
{
    double span = (double)mef3_time_difference(window->end_uutc, window->start_uutc);

    if (at >= window->n_samples)
        return window->end_uutc;
    return window->start_uutc + (int64_t)((double)at / (double)window->n_samples * span);
}

/* growth.c - a recording that changed on disk: what was added, or another one in its place.
 *
 * Each state that is noticed is a recording of its own: reads under way keep the one
 * that they began with. One that only continues what was known has its number, and
 * so its tiles. */
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "service/state.h"

/* The samples' file is the one that it was, at most with more at its end; or there was none.
 * Writers put the new totals into its header when its blocks are there already. */
static bool is_longer(const struct answer_stamp *was, const struct answer_stamp *is)
{
    if (was->file == 0)
        return true;
    return was->file == is->file &&
           (is->bytes > was->bytes || (is->bytes == was->bytes && is->blocks == was->blocks));
}

static int32_t last_number(const struct channel *channel)
{
    int32_t number = -1;

    for (size_t i = 0; i < channel->n_segments; i++)
        if (channel->segments[i].number > number)
            number = channel->segments[i].number;
    return number;
}

/* The segments that are known are the first of those that were found. The last one may
 * have become longer, and may have had no time before there was anything in it. */
static bool channel_continues(const struct channel *known, const struct channel *found)
{
    int32_t last = last_number(known);

    if (strcmp(known->name, found->name) != 0 || known->number != found->number ||
        known->rate_hz != found->rate_hz || known->units_factor != found->units_factor ||
        (known->stamp.first != 0 && known->stamp.first != found->stamp.first) ||
        found->n_segments < known->n_segments)
        return false;
    if (last_number(found) == last && !is_longer(&known->stamp, &found->stamp))
        return false;
    for (size_t i = 0; i < known->n_segments; i++) {
        const struct segment *was = &known->segments[i], *is = &found->segments[i];
        if (was->number != is->number || (was->number != last && was->start_uutc != is->start_uutc))
            return false;
    }
    return true;
}

bool recording_continues(const struct recording *known, const struct recording *found)
{
    if (known->identity != found->identity || known->n_channels != found->n_channels)
        return false;
    for (size_t i = 0; i < known->n_channels; i++)
        if (!channel_continues(&known->channels[i], &found->channels[i]))
            return false;
    return true;
}

static bool same_stamp(const struct answer_stamp *a, const struct answer_stamp *b)
{
    return a->file == b->file && a->bytes == b->bytes && a->changed_ns == b->changed_ns;
}

static bool copy_runs(const struct segment *from, struct segment *to)
{
    if (from->n_runs > 0) {
        to->runs = malloc(from->n_runs * sizeof *to->runs);
        if (!to->runs)
            return false;
        memcpy(to->runs, from->runs, from->n_runs * sizeof *to->runs);
    }
    to->n_runs = from->n_runs;
    to->needed_at = from->needed_at;
    to->state = RUNS_KNOWN;
    return true;
}

/* What is known of indices that have not changed need not be read again. */
static void inherit_runs(struct service *service, const struct recording *known,
                         struct recording *found)
{
    size_t most = service->parts.index_bytes / sizeof(struct run_row);

    for (size_t c = 0; c < known->n_channels; c++) {
        const struct channel *was = &known->channels[c];
        struct channel *is = &found->channels[c];
        int32_t open = same_stamp(&was->stamp, &is->stamp) ? -1 : last_number(was);
        for (size_t i = 0; i < was->n_segments; i++) {
            const struct segment *segment = &was->segments[i];
            if (segment->state != RUNS_KNOWN || segment->number == open ||
                service->n_runs + segment->n_runs > most || !copy_runs(segment, &is->segments[i]))
                continue;
            found->n_runs += segment->n_runs;
            service->n_runs += segment->n_runs;
        }
    }
}

/* The selection, in the places of the later recording; none when it lacks one of them. */
static void carry_selection(struct entry *entry, const struct recording *later)
{
    for (size_t i = 0; entry->selected && i < entry->n_selected; i++) {
        const char *name = entry->recording->names[entry->selected[i]];
        int64_t place = recording_find_channel(later, name);
        if (place >= 0) {
            entry->selected[i] = (uint32_t)place;
            continue;
        }
        free(entry->selected);
        entry->selected = NULL;
    }
}

/* The entries of `known` are those of `found`. */
static void hand_over(struct service *service, struct recording *known, struct recording *found)
{
    struct entry *entry;

    TAILQ_FOREACH(entry, &service->entries, link) {
        if (entry->recording != known)
            continue;
        carry_selection(entry, found);
        recording_ref(found);
        entry->recording = found;
        recording_unref(service, known);
    }
}

static void add(struct service *service, struct recording *recording, uint64_t number)
{
    recording->number = number;
    LIST_INSERT_HEAD(&service->recordings, recording, link);
}

struct recording *recording_settle(struct service *service, struct recording *found)
{
    struct recording *known = registry_find_recording(service, found->canonical, found->password);

    if (!known) {
        add(service, found, ++service->last_number);
        return found;
    }
    if (!known->stale && known->identity == found->identity &&
        known->fingerprint == found->fingerprint) {
        known->opening = found->opening;
        known->look_due_ms = found->look_due_ms;
        recording_free(found);
        return known;
    }
    recording_ref(known);
    known->is_past = true;
    if (!known->stale && recording_continues(known, found)) {
        service->n_grown++;
        log_debug("recording_grown", LOG_U64("recording", known->number));
        add(service, found, known->number);
        inherit_runs(service, known, found);
        ahead_follow(service, known, found);
        hand_over(service, known, found);
    } else {
        service->n_replaced++;
        known->stale = true;
        add(service, found, ++service->last_number);
        log_info("recording_replaced", LOG_U64("recording", known->number),
                 LOG_U64("by", found->number));
        ahead_forget_recording(service, known);
        hand_over(service, known, found);
    }
    recording_unref(service, known);
    return found;
}

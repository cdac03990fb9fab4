/* repair_report.c - what was saved and what was lost, as text and as JSON. */
#include "repair.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "json.h"
#include "moment.h"

static const char *const rate_words[] = {[MEF3_RATE_METADATA] = "metadata",
                                         [MEF3_RATE_BLOCKS] = "blocks",
                                         [MEF3_RATE_HEADER] = "header"};

struct sums {
    int64_t n_saved;
    int64_t n_lost;
    size_t n_unknown;
    size_t n_records;
    size_t n_lost_records;
};

static struct sums add_up(const struct repair *repair)
{
    struct sums sums = {.n_records = repair->n_records, .n_lost_records = repair->n_lost_records};

    for (size_t i = 0; i < repair->n_channels; i++) {
        const struct repaired_channel *channel = &repair->channels[i];
        sums.n_saved += channel->n_saved;
        sums.n_lost += channel->n_lost;
        sums.n_unknown += channel->n_unknown;
        sums.n_records += channel->n_records;
        sums.n_lost_records += channel->n_lost_records;
    }
    return sums;
}

static void print_clean(FILE *to, const char *text)
{
    char copy[1024];

    snprintf(copy, sizeof copy, "%s", text);
    fputs(cli_clean(copy), to);
}

/* What had to be guessed of a channel. */
static void print_channel(FILE *to, const struct repaired_channel *channel)
{
    const struct mef3_salvage_facts *facts = &channel->facts;

    if (!channel->is_written) {
        print_clean(to, channel->name);
        fputs(": nothing can be saved: no metadata tell the rate, nor do the blocks\n", to);
        return;
    }
    if (facts->rate_source != MEF3_RATE_METADATA) {
        print_clean(to, channel->name);
        fprintf(to, ": no metadata can be read; %.10g Hz was worked out from %s\n", facts->rate_hz,
                facts->rate_source == MEF3_RATE_BLOCKS ? "the times of its blocks"
                                                       : "the span in a header");
    }
    if (!facts->is_factor_known) {
        print_clean(to, channel->name);
        fputs(": the units factor is not known; 1 was taken, so values are counts\n", to);
    }
    if (channel->is_renumbered) {
        print_clean(to, channel->name);
        fputs(": segments were missing; the others are numbered anew\n", to);
    }
}

static void print_loss(FILE *to, const struct repair *repair, const struct repaired_loss *lost)
{
    const struct mef3_loss *loss = &lost->loss;
    char text[1024], start[MOMENT_BYTES], end[MOMENT_BYTES];

    fputs("lost: ", to);
    print_clean(to, repair->channels[lost->channel].name);
    fprintf(to, ": segment %d", loss->segment);
    if (loss->block >= 0)
        fprintf(to, ", block %" PRId64, loss->block);
    if (loss->n_samples >= 0)
        fprintf(to, ": %s%" PRId64 " samples", loss->is_estimate ? "about " : "", loss->n_samples);
    else
        fputs(": nobody knows how many samples", to);
    if (loss->start_uutc != MEF3_NO_TIME)
        fprintf(to, ", from %s", moment_text(loss->start_uutc, start));
    if (loss->end_uutc != MEF3_NO_TIME)
        fprintf(to, ", to %s", moment_text(loss->end_uutc, end));
    fprintf(to, ": %s: ", mef3_loss_text(loss->kind));
    print_clean(to, mef3_error_text(&loss->error, text, sizeof text));
    fputc('\n', to);
}

void repair_print(FILE *to, const struct repair *repair)
{
    struct sums sums = add_up(repair);

    for (size_t i = 0; i < repair->n_channels; i++)
        print_channel(to, &repair->channels[i]);
    for (size_t i = 0; i < repair->n_losses; i++)
        print_loss(to, repair, &repair->losses[i]);
    print_clean(to, repair->out);
    fprintf(to, ": %" PRId64 " samples saved, %" PRId64 " lost in %zu places", sums.n_saved,
            sums.n_lost, repair->n_losses);
    if (sums.n_unknown > 0)
        fprintf(to, " (in %zu of them nobody knows how many)", sums.n_unknown);
    fprintf(to, "; %zu records saved, %zu lost\n", sums.n_records, sums.n_lost_records);
}

static json_t *whole_or_null(bool is_known, int64_t value)
{
    return is_known ? json_integer(value) : json_null();
}

static json_t *loss_json(const struct repair *repair, const struct repaired_loss *lost)
{
    const struct mef3_loss *loss = &lost->loss;

    return json_pack(
        "{s:s, s:s, s:i, s:o, s:I, s:I, s:o, s:b, s:o, s:o, s:o}", "channel",
        repair->channels[lost->channel].name, "kind", mef3_loss_word(loss->kind), "segment",
        (int)loss->segment, "block", whole_or_null(loss->block >= 0, loss->block), "offset",
        (json_int_t)loss->file_offset, "n_bytes", (json_int_t)loss->n_bytes, "n_samples",
        whole_or_null(loss->n_samples >= 0, loss->n_samples), "is_estimate", (int)loss->is_estimate,
        "start_uutc", whole_or_null(loss->start_uutc != MEF3_NO_TIME, loss->start_uutc), "end_uutc",
        whole_or_null(loss->end_uutc != MEF3_NO_TIME, loss->end_uutc), "error",
        json_error_line(&loss->error));
}

static json_t *channel_json(const struct repaired_channel *channel)
{
    const struct mef3_salvage_facts *facts = &channel->facts;

    return json_pack("{s:s, s:b, s:f, s:s, s:f, s:b, s:s, s:b, s:I, s:I, s:I, s:I, s:I}", "name",
                     channel->name, "is_saved", (int)channel->is_written, "rate_hz", facts->rate_hz,
                     "rate_from", rate_words[facts->rate_source], "units_factor",
                     facts->units_factor, "is_units_factor_known", (int)facts->is_factor_known,
                     "units", facts->units, "is_renumbered", (int)channel->is_renumbered,
                     "n_samples", (json_int_t)channel->n_saved, "n_lost_samples",
                     (json_int_t)channel->n_lost, "n_unknown_losses",
                     (json_int_t)channel->n_unknown, "n_records", (json_int_t)channel->n_records,
                     "n_lost_records", (json_int_t)channel->n_lost_records);
}

bool repair_print_json(FILE *to, const struct repair *repair)
{
    struct sums sums = add_up(repair);
    json_t *channels = json_array(), *losses = json_array();
    bool is_fine = channels && losses;

    for (size_t i = 0; is_fine && i < repair->n_channels; i++)
        is_fine = json_array_append_new(channels, channel_json(&repair->channels[i])) == 0;
    for (size_t i = 0; is_fine && i < repair->n_losses; i++)
        is_fine = json_array_append_new(losses, loss_json(repair, &repair->losses[i])) == 0;
    if (!is_fine) {
        json_decref(channels);
        json_decref(losses);
        return false;
    }
    json_t *object = json_pack(
        "{s:o, s:o, s:I, s:I, s:I, s:I, s:I, s:o, s:o}", "input", json_text(repair->path), "output",
        json_text(repair->out), "n_samples", (json_int_t)sums.n_saved, "n_lost_samples",
        (json_int_t)sums.n_lost, "n_unknown_losses", (json_int_t)sums.n_unknown, "n_records",
        (json_int_t)sums.n_records, "n_lost_records", (json_int_t)sums.n_lost_records, "channels",
        channels, "losses", losses);
    return json_print(to, object);
}

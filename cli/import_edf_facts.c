/* import_edf_facts.c - a session and its channels, of what an EDF header says. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "export_edf.h"
#include "import_edf.h"

/* What of the patient's and recording's fields MEF has a place for. */
static void add_person(const struct edf_import *e, struct edf_person *person,
                       struct mef3_writer_options *session)
{
    if (e->edf.kind == EDF_PLAIN) {
        session->subject_id = e->edf.patient;
        return;
    }
    edf_person_of(e->edf.patient, person);
    session->subject_id = person->code;
    session->subject_name_1 = person->name;
    if (person->sex[0] || person->birthdate[0] || person->more[0])
        cli_fail(CLI_FINE,
                 "%s: MEF has no place for the patient's sex, date of birth and further "
                 "words; they are left out",
                 e->job->o->path);
}

static void add_words(char *text, size_t room, const char *words)
{
    size_t n = strlen(text);

    if (words[0])
        snprintf(text + n, room - n, "%s%s", n > 0 ? ", " : "", words);
}

/* Number, technician, equipment and more: of EDF+ without the date, which is known. */
static void describe(const struct edf *edf, bool *is_ours_out, char text[4 * EDF_TEXT_80])
{
    struct edf_session parts;

    *is_ours_out = false;
    if (edf->kind == EDF_PLAIN) {
        snprintf(text, 4 * EDF_TEXT_80, "%s", edf->recording);
        return;
    }
    edf_session_of(edf->recording, &parts);
    *is_ours_out = strcmp(parts.equipment, EXPORT_EDF_EQUIPMENT) == 0;
    text[0] = '\0';
    add_words(text, 4 * EDF_TEXT_80, parts.code);
    add_words(text, 4 * EDF_TEXT_80, parts.technician);
    if (!*is_ours_out)
        add_words(text, 4 * EDF_TEXT_80, parts.equipment);
    add_words(text, 4 * EDF_TEXT_80, parts.more);
}

/* A signal that cannot be imported is lost, and the others are not. */
static int add_channel(struct edf_import *e, size_t i, bool is_ours, double *residue_out)
{
    const struct edf_signal *signal = &e->edf.signals[i];
    struct edf_import_channel *channel = &e->channels[i];
    struct mef3_writer_channel facts;
    struct edf_scale scale;

    const char *why = edf_scale_of(&e->edf, signal, &scale);
    double rate_hz = e->edf.record_s > 0 ? signal->n_samples / e->edf.record_s : 0;
    if (!why && (rate_hz < MEF3_RATE_MIN_HZ || rate_hz > MEF3_RATE_MAX_HZ))
        why = "its rate is beyond what MEF may have";
    if (why) {
        import_lose(e->job,
                    "signal %zu \"%s\": %s (digital %d to %d, physical %.9g to %.9g, %u "
                    "samples in %.9g s)",
                    i + 1, signal->label, why, signal->digital_min, signal->digital_max,
                    signal->physical_min, signal->physical_max, signal->n_samples, e->edf.record_s);
        return CLI_FINE;
    }
    struct edf_filters filters = edf_filters_of(signal->prefilter);
    mef3_writer_channel_defaults(&facts);
    facts.name = signal->label;
    facts.rate_hz = rate_hz;
    facts.units_factor = scale.factor;
    facts.units = signal->units;
    facts.description = signal->transducer;
    facts.acquisition_number = (int64_t)i + 1;
    facts.low_filter_hz = filters.high_pass_hz;
    facts.high_filter_hz = filters.low_pass_hz;
    facts.notch_hz = filters.notch_hz;
    *channel = (struct edf_import_channel){
        .is_used = true,
        .rate_hz = rate_hz,
        .shift = scale.shift,
        .has_none = is_ours,
        .none = signal->digital_min - 1 + scale.shift,
    };
    *residue_out = scale.residue;
    facts.block_samples = 0;
    return import_add_channel(e->job, &facts, &channel->number);
}

int edf_import_begin(struct edf_import *e)
{
    struct mef3_writer_options session;
    struct edf_person person;
    char description[4 * EDF_TEXT_80];
    size_t n_shifted = 0;
    double worst = 0;
    const char *worst_label = "";
    const char *worst_units = "";
    double fastest_hz = 0;
    bool is_ours;

    mef3_writer_defaults(&session);
    add_person(e, &person, &session);
    describe(&e->edf, &is_ours, description);
    session.session_description = description;
    if (e->job->o->has_zone)
        session.gmt_offset_s = e->job->o->zone_s;
    int status = import_begin(e->job, &session);
    for (size_t i = 0; status == CLI_FINE && i < e->edf.n_signals; i++) {
        double residue = 0;
        if (e->edf.signals[i].is_annotation)
            continue;
        status = add_channel(e, i, is_ours, &residue);
        fastest_hz = fmax(fastest_hz, e->channels[i].rate_hz);
        n_shifted += residue != 0;
        if (fabs(residue) > fabs(worst)) {
            worst = residue;
            worst_label = e->edf.signals[i].label;
            worst_units = e->edf.signals[i].units;
        }
    }
    e->tolerance_us = fmax(MEF3_RUN_TOLERANCE_US, fastest_hz > 0 ? 0.5e6 / fastest_hz : 0);
    if (status == CLI_FINE && n_shifted > 0)
        cli_fail(CLI_FINE,
                 "%s: the zero of %zu signals lies between two steps, and MEF has no "
                 "offset: their values are moved by up to half a step, \"%s\" by %.6g %s",
                 e->job->o->path, n_shifted, worst_label, -worst, worst_units);
    return status;
}

void edf_mark_none(int32_t *counts, size_t n, int32_t none)
{
    for (size_t i = 0; i < n; i++)
        if (counts[i] == none)
            counts[i] = MEF3_COUNT_NAN;
}

/* fuzz_edf.c - an EDF or BDF file of any bytes: its header, its scales and texts, and what follows
 * the header as samples and as annotations. */
#include <stdlib.h>

#include "cli/edf.h"
#include "cli/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static int take(void *arg, const struct edf_annotation *annotation)
{
    const struct edf_annotation *last = arg;
    char *text = utf8_new(annotation->text, annotation->n);

    if (!text)
        return 1;
    /* A time from a file can be added to its start. */
    if (annotation->n == 0 || annotation->onset_us > INT64_MAX / 2 ||
        annotation->onset_us < -(INT64_MAX / 2) || annotation->duration_us < -1)
        abort();
    free(text);
    return last != NULL;
}

static void look_at_signal(const struct edf *edf, const struct edf_signal *signal)
{
    struct edf_scale scale;

    edf_filters_of(signal->prefilter);
    if (signal->is_annotation || edf_scale_of(edf, signal, &scale))
        return;
    /* No sample becomes one of the reserved counts. */
    if (scale.factor == 0 || scale.shift > (1 << 30) || scale.shift < -(1 << 30))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    static int32_t counts[4096];
    struct edf_person person;
    struct edf_session session;
    struct mef3_error error;
    struct edf_tals tals;
    struct edf edf;

    if (edf_parse(bytes, n, &edf, &error) != MEF3_OK)
        return edf_read_tals(bytes, n, take, NULL, &tals);
    edf_person_of(edf.patient, &person);
    edf_session_of(edf.recording, &session);
    for (size_t i = 0; i < edf.n_signals; i++)
        look_at_signal(&edf, &edf.signals[i]);
    size_t left = n - edf.header_bytes;
    size_t n_samples = left / edf.sample_bytes;
    edf_counts(bytes + edf.header_bytes, n_samples < 4096 ? n_samples : 4096, edf.sample_bytes, 1,
               counts);
    if (edf_read_tals(bytes + edf.header_bytes, left, take, NULL, &tals) != 0)
        abort();
    edf_fini(&edf);
    return 0;
}

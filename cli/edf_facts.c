/* edf_facts.c - what the texts and numbers of an EDF header say of a signal and a recording. */
#include "edf.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* The limits in the header have eight digits at most, and some writers cut them: what is off by
 * less than this part of a count is taken for that. */
static const double ROUNDING = 0.05;
/* Of the counts that an int32 has, so many are left for the shift. */
static const double MOST_SHIFT = 1 << 30;

/* 0.1 and not 0.10000000000000002, where the difference is that of the arithmetic. */
static double tidy(double number)
{
    char text[32];

    snprintf(text, sizeof text, "%.13g", number);
    double tidied = strtod(text, NULL);
    return fabs(tidied - number) <= 4 * 0x1p-52 * fabs(number) ? tidied : number;
}

const char *edf_scale_of(const struct edf *edf, const struct edf_signal *signal,
                         struct edf_scale *scale_out)
{
    const int32_t most = edf->is_bdf ? 8388607 : 32767;

    if (signal->n_samples == 0)
        return "it has no samples";
    if (signal->digital_min >= signal->digital_max)
        return "its digital minimum is not below its digital maximum";
    if (signal->digital_min < -most - 1 || signal->digital_max > most)
        return "its digital minimum and maximum do not fit its samples";
    double range = signal->physical_max - signal->physical_min;
    if (range == 0)
        return "its physical minimum and maximum are equal";
    double factor = range / ((double)signal->digital_max - signal->digital_min);
    double zero = signal->physical_min / factor - signal->digital_min;
    if (!isfinite(factor) || !isnormal(factor) || !isfinite(zero) || fabs(zero) > MOST_SHIFT)
        return "its values are too far from zero for their steps";
    double shift = round(zero);
    bool is_whole = fabs(zero - shift) < ROUNDING;
    *scale_out = (struct edf_scale){.factor = tidy(factor),
                                    .shift = (int32_t)shift,
                                    .residue = is_whole ? 0 : (zero - shift) * factor};
    return NULL;
}

void edf_counts(const uint8_t *bytes, size_t n, size_t sample_bytes, int32_t shift,
                int32_t *counts_out)
{
    if (sample_bytes == 2) {
        for (size_t i = 0; i < n; i++) {
            uint32_t bits = (uint32_t)bytes[2 * i] | (uint32_t)bytes[2 * i + 1] << 8;
            counts_out[i] = (int32_t)(bits ^ 0x8000) - 0x8000 + shift;
        }
    } else {
        for (size_t i = 0; i < n; i++) {
            const uint8_t *at = bytes + 3 * i;
            uint32_t bits = at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16;
            counts_out[i] = (int32_t)(bits ^ 0x800000) - 0x800000 + shift;
        }
    }
}

/* "0.1Hz", "DC", ": 75 Hz"; -1 when it is nothing in Hz (a time constant, say). */
static double frequency(const char *at)
{
    char *end;

    while (*at == ':' || *at == ' ')
        at++;
    if (strncasecmp(at, "DC", 2) == 0)
        return 0;
    if (!((*at >= '0' && *at <= '9') || *at == '.'))
        return -1;
    double number = strtod(at, &end);
    while (*end == ' ')
        end++;
    bool is_hz = *end == '\0' || *end == ';' || *end == ',' || strncasecmp(end, "Hz", 2) == 0 ||
                 ((*end == 'H' || *end == 'L' || *end == 'N') && strchr(end, ':'));
    return is_hz && isfinite(number) && number >= 0 ? number : -1;
}

/* Where `key` begins a word and is followed by a colon. */
static const char *find_key(const char *text, const char *key)
{
    size_t n = strlen(key);

    for (const char *at = text; *at; at++)
        if ((at == text || strchr(" ;,", at[-1])) && strncasecmp(at, key, n) == 0 &&
            at[n + strspn(at + n, " ")] == ':')
            return at + n;
    return NULL;
}

struct edf_filters edf_filters_of(const char *prefilter)
{
    const char *high = find_key(prefilter, "HP");
    const char *low = find_key(prefilter, "LP");
    const char *notch = find_key(prefilter, "N");

    return (struct edf_filters){.high_pass_hz = high ? frequency(high + strspn(high, " ")) : -1,
                                .low_pass_hz = low ? frequency(low + strspn(low, " ")) : -1,
                                .notch_hz = notch ? frequency(notch + strspn(notch, " ")) : -1};
}

/* The next word, underscores made spaces, "X" (not known) made "". */
static const char *next_word(const char *at, char *word)
{
    at += strspn(at, " ");
    size_t n = strcspn(at, " ");
    memcpy(word, at, n);
    word[n] = '\0';
    if (strcmp(word, "X") == 0)
        word[0] = '\0';
    for (size_t i = 0; word[i]; i++)
        if (word[i] == '_')
            word[i] = ' ';
    return at + n;
}

/* What is left of the field: words that the standard does not name. */
static void rest(const char *at, char *text)
{
    at += strspn(at, " ");
    memcpy(text, at, strlen(at) + 1);
}

void edf_person_of(const char *patient, struct edf_person *person_out)
{
    patient = next_word(patient, person_out->code);
    patient = next_word(patient, person_out->sex);
    patient = next_word(patient, person_out->birthdate);
    patient = next_word(patient, person_out->name);
    rest(patient, person_out->more);
}

void edf_session_of(const char *recording, struct edf_session *session_out)
{
    char date[EDF_TEXT_80];

    recording = next_word(recording, date); /* "Startdate" */
    recording = next_word(recording, date);
    recording = next_word(recording, session_out->code);
    recording = next_word(recording, session_out->technician);
    recording = next_word(recording, session_out->equipment);
    rest(recording, session_out->more);
}

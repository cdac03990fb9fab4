/* edf_file.h - an EDF or BDF file in memory, field by field, to be spoilt. */
#ifndef TEST_HELP_EDF_FILE_H
#define TEST_HELP_EDF_FILE_H

#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { EDF_FILE_SIGNALS = 2, EDF_FILE_BYTES = 256 * (1 + EDF_FILE_SIGNALS) };

/* Where fields are in a header of EDF_FILE_SIGNALS. */
#define EDF_FILE_AT(start, length, signal) (256 + EDF_FILE_SIGNALS * (start) + (signal) * (length))

static inline void edf_file_put(uint8_t *header, size_t at, size_t n, const char *text)
{
    size_t length = strlen(text);

    memset(header + at, ' ', n);
    memcpy(header + at, text, length < n ? length : n);
}

/* Two signals, 256 and 1 samples a second: one of an electrode, one of annotations. */
static inline void edf_file_header(uint8_t header[EDF_FILE_BYTES])
{
    static const struct {
        size_t at, n;
        const char *text;
    } fields[] = {
        {0, 8, "0"},
        {8, 80, "MCH-0234567 F 02-MAY-1951 Haagse_Harry"},
        {88, 80, "Startdate 02-MAR-2002 EMG561 BK/JOP Sony. MNC R Median Nerve."},
        {168, 8, "02.03.02"},
        {176, 8, "14.27.05"},
        {184, 8, "768"},
        {192, 44, "EDF+C"},
        {236, 8, "10"},
        {244, 8, "1"},
        {252, 4, "2"},
        {EDF_FILE_AT(0, 16, 0), 16, "EEG Fp1-Ref"},
        {EDF_FILE_AT(0, 16, 1), 16, "EDF Annotations"},
        {EDF_FILE_AT(16, 80, 0), 80, "AgAgCl electrode"},
        {EDF_FILE_AT(16, 80, 1), 80, ""},
        {EDF_FILE_AT(96, 8, 0), 8, "\xB5V"},
        {EDF_FILE_AT(96, 8, 1), 8, ""},
        {EDF_FILE_AT(104, 8, 0), 8, "-3276.8"},
        {EDF_FILE_AT(104, 8, 1), 8, "-1"},
        {EDF_FILE_AT(112, 8, 0), 8, "3276.7"},
        {EDF_FILE_AT(112, 8, 1), 8, "1"},
        {EDF_FILE_AT(120, 8, 0), 8, "-32768"},
        {EDF_FILE_AT(120, 8, 1), 8, "-32768"},
        {EDF_FILE_AT(128, 8, 0), 8, "32767"},
        {EDF_FILE_AT(128, 8, 1), 8, "32767"},
        {EDF_FILE_AT(136, 80, 0), 80, "HP:0.1Hz LP:75Hz N:50Hz"},
        {EDF_FILE_AT(136, 80, 1), 80, ""},
        {EDF_FILE_AT(216, 8, 0), 8, "256"},
        {EDF_FILE_AT(216, 8, 1), 8, "30"},
        {EDF_FILE_AT(224, 32, 0), 32, ""},
        {EDF_FILE_AT(224, 32, 1), 32, ""},
    };

    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        edf_file_put(header, fields[i].at, fields[i].n, fields[i].text);
}

#endif

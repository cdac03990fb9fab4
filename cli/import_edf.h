/* import_edf.h - an EDF or BDF file that is being imported. */
#ifndef CLI_IMPORT_EDF_H
#define CLI_IMPORT_EDF_H

#include "edf.h"
#include "import.h"

/* What became of a signal. */
struct edf_import_channel {
    bool is_used; /* not for annotations, and what has no scale */
    size_t number;
    double rate_hz;
    int32_t shift;
    bool has_none; /* a count that stands for "no sample": of our own export */
    int32_t none;
};

struct edf_import {
    struct import_job *job;
    struct edf edf;
    int64_t n_records; /* that are there */
    int64_t start_uutc;
    struct edf_import_channel *channels; /* one a signal */
    double tolerance_us;                 /* half a sample of the fastest */

    /* The run that records are added to. */
    bool has_run;
    int64_t run_uutc;
    int64_t n_run_records;

    uint8_t *window; /* a part of the file */
    size_t window_room;
    uint64_t window_at;
    size_t n_window;
    int32_t *counts;
    int note_status;
};

/* Start the session and its channels, from the header. An exit status. */
int edf_import_begin(struct edf_import *e);

/* Counts that stand for "no sample" are gaps. */
void edf_mark_none(int32_t *counts, size_t n, int32_t none);

#endif

/* export.h - `mef3 export`: formats beyond those of `mef3 cat`. */
#ifndef CLI_EXPORT_H
#define CLI_EXPORT_H

#include "cat.h"

/* What those take beside what is wanted of the recording; job->plan points to it. */
struct export_options {
    bool is_bdf;    /* EDF: 24 bits, not 16 */
    bool is_float;  /* WAV: values, not counts */
    int32_t zone_s; /* EDF: its clock is so far ahead of UTC */
    void *plan;     /* the format's own; freed by it */
};

extern const struct cat_writer export_edf;
extern const struct cat_writer export_wav;

#endif

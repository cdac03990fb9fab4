/* export_edf.h - EDF+ and BDF+ as `mef3 export` writes them, in parts.
 *
 * Prepared is all that the header says and what follows needs: how long a record
 * is, when records begin, how counts become samples, and the annotations. Then
 * header and records are written one after another, so that a pipe will do. */
#ifndef CLI_EXPORT_EDF_H
#define CLI_EXPORT_EDF_H

#include "cat.h"
#include "export.h"

/* The equipment that the recording field names: in such a file the sample one below a signal's
 * digital minimum stands for "no sample here". */
#define EXPORT_EDF_EQUIPMENT "mef3"

enum { EDF_NUMBER_BYTES = 9 };

/* How the counts of a channel become samples: from -most to most, and below it "none". */
struct edf_out_scale {
    int32_t most;
    char physical_min[EDF_NUMBER_BYTES];
    char physical_max[EDF_NUMBER_BYTES];
    bool is_exact; /* sample = count */
    double factor; /* else: sample = round((count x factor - least) / step) - most */
    double least;
    double step; /* in units */
};

/* For counts from least to greatest. False: their values have no room in eight digits. */
bool edf_out_scale(int32_t least, int32_t greatest, double factor, int32_t most_that_fits,
                   struct edf_out_scale *scale_out);
/* Only counts of the range that the scale was made for. */
int32_t edf_out_sample(const struct edf_out_scale *scale, int32_t count);

struct edf_out_channel {
    char label[17];
    char units[9];
    double rate_hz;
    uint32_t n_samples; /* in a record */
    struct edf_out_scale scale;
};

/* Records that follow one another, and the first one's time. */
struct edf_out_stretch {
    int64_t start_uutc;
    int64_t n_records;
};

/* An annotation, as its list of bytes. */
struct edf_out_note {
    int64_t time_uutc;
    size_t n;
    char *list;
};

struct edf_out {
    struct cat_job *job;
    const struct export_options *options;
    size_t sample_bytes;
    struct edf_out_channel *channels; /* one a channel of the job */

    double record_s;
    char record_text[EDF_NUMBER_BYTES];
    bool is_exact; /* record_text is record_s */
    struct edf_out_stretch *stretches;
    size_t n_stretches;
    int64_t n_records;
    bool has_gaps;      /* records do not follow one another */
    int64_t start_uutc; /* of the file, a whole second; onsets are from it */

    struct edf_out_note *notes; /* in the order of time */
    size_t n_notes;
    size_t notes_room;
    size_t next_note;
    size_t annotation_bytes; /* in a record */
    uint8_t *header;
    size_t n_header;
    int64_t window_end_uutc; /* of the whole job */
    int64_t n_none;          /* samples that are written, but not there */
};

/* Each returns an exit status, with a line on stderr when it is not CLI_FINE. */

/* Records: their length, and when they begin. */
int edf_out_grid(const struct cat_wanted *wanted, struct edf_out *e);
/* Scales, from the least and the greatest count of each channel in the window. */
int edf_out_scales(const struct cat_wanted *wanted, struct edf_out *e);
/* The session's and the channels' records that are texts with a time. */
int edf_out_notes(const struct cat_wanted *wanted, struct edf_out *e);
/* A time as an onset: "+1.5"; text has room for 32. Returns its length. */
size_t edf_out_onset(const struct edf_out *e, int64_t time_uutc, char *text);

/* The header; tells what of it had to be cut. False: out of memory. */
bool edf_out_header(const struct cat_wanted *wanted, const struct edf_out *e, uint8_t **bytes_out,
                    size_t *n_out);

#endif

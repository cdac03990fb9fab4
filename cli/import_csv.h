/* import_csv.h - a table that is being imported. */
#ifndef CLI_IMPORT_CSV_H
#define CLI_IMPORT_CSV_H

#include "csv.h"
#include "import.h"

/* A longer line is refused. */
enum { CSV_LINE_BYTES = 1 << 24 };

enum csv_times { CSV_UUTC, CSV_ISO, CSV_SECONDS };

struct csv_import {
    struct import_job *job;
    char *line;
    int64_t n_lines; /* read so far: the number of the one that is looked at */
    char separator;
    struct csv_cells cells;
    bool has_times; /* the first column is one */
    enum csv_times times;
    char **names; /* of the other columns */
    size_t n_names;
    double rate_hz;
    double *row;

    /* Rows that are not yet written, a channel after the other, `stride` of each. */
    double *held;
    size_t stride;
    size_t n_held;
    bool has_run;
    int64_t run_uutc;
    int64_t n_run; /* rows of the run that are written */
};

/* All of these return an exit status. */
int csv_next_line(struct csv_import *t, bool *is_end_out);
/* The next row's values into t->row, and its time, if there are times. */
int csv_next_row(struct csv_import *t, int64_t *time_out, bool *is_end_out);

/* The first line: names, and what the first column is. */
int csv_read_names(struct csv_import *t);
bool csv_time(const struct csv_import *t, const char *cell, int64_t *uutc_out);

/* As the options say, or from the first rows' times; the table is then read from its start. */
int csv_find_rate(struct csv_import *t);

#endif

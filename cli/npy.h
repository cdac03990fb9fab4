/* npy.h - the header of a NumPy file, and its numbers. Bytes in, values out; no I/O.
 *
 * Every byte is untrusted; what is wrong is told as in edf.h. */
#ifndef CLI_NPY_H
#define CLI_NPY_H

#include <stdbool.h>

#include <mef3/status.h>

/* A longer header than this is refused. */
enum { NPY_MAX_HEADER = 1 << 16 };

struct npy {
    char kind;    /* 'i', 'u' or 'f' */
    size_t bytes; /* a number: 1, 2, 4 or 8; of 'f' 4 or 8 */
    bool is_big_endian;
    bool is_fortran;     /* the first index runs fastest */
    size_t n_dimensions; /* 1 or 2 */
    uint64_t shape[2];
    size_t data_at; /* where the numbers begin */
};

/* Of the file's first n bytes, which should be NPY_MAX_HEADER or all of it.
 * MEF3_EFORMAT, MEF3_ETRUNCATED; MEF3_EUNSUPPORTED: an array, but not one of these. */
MEF3_MUST int npy_parse(const uint8_t *bytes, size_t n, struct npy *npy_out,
                        struct mef3_error *error);

/* n numbers as double; whole ones of 64 bits are rounded beyond 2^53. */
void npy_values(const struct npy *npy, const uint8_t *bytes, size_t n, double *values_out);

#endif

/* npy.c - the header of a NumPy file, and its numbers.
 *
 * A magic, a version, a length, and a Python literal:
 *   {'descr': '<f8', 'fortran_order': False, 'shape': (19, 1000), } */
#include "npy.h"

#include <stdio.h>
#include <string.h>

struct reader {
    const uint8_t *bytes;
    size_t at;
    size_t end;
};

static void skip_space(struct reader *r)
{
    while (r->at < r->end && memchr(" \t\r\n", r->bytes[r->at], 4))
        r->at++;
}

/* The next byte that is no space, if it is this one. */
static bool take(struct reader *r, char byte)
{
    skip_space(r);
    if (r->at == r->end || r->bytes[r->at] != (uint8_t)byte)
        return false;
    r->at++;
    return true;
}

static bool take_word(struct reader *r, const char *word)
{
    size_t n = strlen(word);

    skip_space(r);
    if (r->end - r->at < n || memcmp(r->bytes + r->at, word, n) != 0)
        return false;
    r->at += n;
    return true;
}

/* A text in quotes, without escapes. */
static bool take_text(struct reader *r, char text[32])
{
    size_t n = 0;

    skip_space(r);
    if (r->at == r->end || (r->bytes[r->at] != '\'' && r->bytes[r->at] != '"'))
        return false;
    uint8_t quote = r->bytes[r->at++];
    for (; r->at < r->end && r->bytes[r->at] != quote; r->at++) {
        if (n == 31 || r->bytes[r->at] == '\\' || r->bytes[r->at] == 0)
            return false;
        text[n++] = (char)r->bytes[r->at];
    }
    text[n] = '\0';
    return r->at++ < r->end;
}

static bool take_whole(struct reader *r, uint64_t *number_out)
{
    uint64_t number = 0;
    size_t from;

    skip_space(r);
    for (from = r->at; r->at < r->end && r->bytes[r->at] >= '0' && r->bytes[r->at] <= '9'; r->at++)
        if (__builtin_mul_overflow(number, 10, &number) ||
            __builtin_add_overflow(number, r->bytes[r->at] - '0', &number))
            return false;
    *number_out = number;
    return r->at > from;
}

/* "(19, 1000)", "(19,)": as many dimensions as there are, the first two are kept. */
static bool take_shape(struct reader *r, struct npy *npy)
{
    uint64_t number;

    npy->n_dimensions = 0;
    if (!take(r, '('))
        return false;
    while (!take(r, ')')) {
        if (!take_whole(r, &number))
            return false;
        if (npy->n_dimensions < 2)
            npy->shape[npy->n_dimensions] = number;
        npy->n_dimensions++;
        if (!take(r, ','))
            return take(r, ')');
    }
    return true;
}

enum { DESCR = 1, ORDER = 2, SHAPE = 4 };

static bool take_literal(struct reader *r, struct npy *npy, char descr[32])
{
    char key[32];
    int seen = 0;

    if (!take(r, '{'))
        return false;
    while (!take(r, '}')) {
        if (!take_text(r, key) || !take(r, ':'))
            return false;
        if (strcmp(key, "descr") == 0) {
            seen |= DESCR;
            skip_space(r);
            if (r->at < r->end && r->bytes[r->at] == '[') {
                strcpy(descr, "["); /* a record of several numbers: told of by the caller */
                return true;
            }
            if (!take_text(r, descr))
                return false;
        } else if (strcmp(key, "fortran_order") == 0) {
            seen |= ORDER;
            npy->is_fortran = take_word(r, "True");
            if (!npy->is_fortran && !take_word(r, "False"))
                return false;
        } else if (strcmp(key, "shape") == 0) {
            seen |= SHAPE;
            if (!take_shape(r, npy))
                return false;
        } else {
            return false;
        }
        if (!take(r, ','))
            return take(r, '}') && seen == (DESCR | ORDER | SHAPE);
    }
    return seen == (DESCR | ORDER | SHAPE);
}

/* "<f8", "|i1" */
static bool read_descr(const char *descr, struct npy *npy)
{
    if (strlen(descr) != 3 || !strchr("<>|=", descr[0]) || !strchr("iuf", descr[1]))
        return false;
    npy->is_big_endian = descr[0] == '>';
    npy->kind = descr[1];
    npy->bytes = (size_t)(descr[2] - '0');
    if (npy->kind == 'f')
        return npy->bytes == 4 || npy->bytes == 8;
    return npy->bytes == 1 || npy->bytes == 2 || npy->bytes == 4 || npy->bytes == 8;
}

static int wrong(struct mef3_error *error, int status, size_t at, const char *field,
                 const char *expected, const char *found)
{
    return mef3_error_set(error, status, NULL, (int64_t)at, field, expected, found);
}

/* Where the literal lies. */
static int find_literal(const uint8_t *bytes, size_t n, struct reader *r, struct mef3_error *error)
{
    char found[40];

    if (n < 12)
        return wrong(error, MEF3_ETRUNCATED, 0, "header", "12 bytes or more", "fewer");
    if (memcmp(bytes, "\x93NUMPY", 6) != 0)
        return wrong(error, MEF3_EFORMAT, 0, "magic", "0x93 \"NUMPY\"", "other bytes");
    if (bytes[6] < 1 || bytes[6] > 3) {
        snprintf(found, sizeof found, "%d", bytes[6]);
        return wrong(error, MEF3_EUNSUPPORTED, 6, "version", "1, 2 or 3", found);
    }
    size_t length = bytes[8] | (size_t)bytes[9] << 8;
    *r = (struct reader){.bytes = bytes, .at = 10};
    if (bytes[6] > 1) {
        length |= (size_t)bytes[10] << 16 | (size_t)bytes[11] << 24;
        r->at = 12;
    }
    if (length > NPY_MAX_HEADER - r->at || length > n - r->at) {
        snprintf(found, sizeof found, "%zu, of %zu", length, n);
        return wrong(error, MEF3_ETRUNCATED, 8, "header length", "what there is, and below 65536",
                     found);
    }
    r->end = r->at + length;
    return MEF3_OK;
}

int npy_parse(const uint8_t *bytes, size_t n, struct npy *npy_out, struct mef3_error *error)
{
    struct npy npy = {0};
    struct reader r;
    char descr[32] = "";
    char found[48];

    int status = find_literal(bytes, n, &r, error);
    if (status != MEF3_OK)
        return status;
    npy.data_at = r.end;
    if (!take_literal(&r, &npy, descr))
        return wrong(error, MEF3_EFORMAT, r.at, "header",
                     "a dictionary of descr, fortran_order and shape", "something else");
    snprintf(found, sizeof found, "'%s'", descr);
    if (!read_descr(descr, &npy))
        return wrong(error, MEF3_EUNSUPPORTED, 10, "descr",
                     "whole numbers of up to 64 bits, float32 or float64", found);
    snprintf(found, sizeof found, "%zu dimensions", npy.n_dimensions);
    if (npy.n_dimensions < 1 || npy.n_dimensions > 2)
        return wrong(error, MEF3_EUNSUPPORTED, 10, "shape", "one or two dimensions", found);
    *npy_out = npy;
    return MEF3_OK;
}

static uint64_t bits_of(const struct npy *npy, const uint8_t *at)
{
    uint64_t bits = 0;

    for (size_t i = 0; i < npy->bytes; i++)
        bits = bits << 8 | at[npy->is_big_endian ? i : npy->bytes - 1 - i];
    return bits;
}

static double value_of(const struct npy *npy, uint64_t bits)
{
    float f32;
    double f64;
    uint32_t low = (uint32_t)bits;
    int unused = 64 - 8 * (int)npy->bytes;

    if (npy->kind == 'u')
        return (double)bits;
    if (npy->kind == 'i') /* the sign is brought to the top, and back */
        return (double)((int64_t)(bits << unused) >> unused);
    if (npy->bytes == 4) {
        memcpy(&f32, &low, sizeof f32);
        return (double)f32;
    }
    memcpy(&f64, &bits, sizeof f64);
    return f64;
}

void npy_values(const struct npy *npy, const uint8_t *bytes, size_t n, double *values_out)
{
    for (size_t i = 0; i < n; i++)
        values_out[i] = value_of(npy, bits_of(npy, bytes + i * npy->bytes));
}

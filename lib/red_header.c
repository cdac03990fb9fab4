/* red_header.c - the header of a RED block: read, and checked against itself. */
#include <mef3/red.h>

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "bytes.h"
#include "layout.h"

/* A failure about a number at `offset` of the block. */
static int refuse(struct mef3_error *error, int status, int offset, const char *field,
                  const char *expected, uint64_t found)
{
    char text[24];

    snprintf(text, sizeof text, "%" PRIu64, found);
    return mef3_error_set(error, status, NULL, offset, field, expected, text);
}

/* n samples take a flag byte that is not coded, four bytes for the first, and
 * one (a difference) to five (an escape and a number) for each other. A block
 * of no samples codes nothing. */
static bool differences_can_fit(uint32_t difference_bytes, uint32_t n_samples)
{
    if (n_samples == 0)
        return difference_bytes <= 1;
    return difference_bytes >= n_samples + 4u && difference_bytes <= 5u * n_samples;
}

static int check_sizes(const struct mef3_red_header *header, size_t n, struct mef3_error *error)
{
    char there[48];

    if (header->block_bytes < RED_PAYLOAD || header->block_bytes % RED_ALIGN)
        return refuse(error, MEF3_EDAMAGED, RED_BLOCK_BYTES, "block bytes",
                      "a multiple of 8, at least 304", header->block_bytes);
    if (header->block_bytes > MEF3_RED_MAX_BYTES)
        return refuse(error, MEF3_ELIMIT, RED_BLOCK_BYTES, "block bytes", "at most 2^28",
                      header->block_bytes);
    if (header->n_samples > MEF3_RED_MAX_SAMPLES)
        return refuse(error, MEF3_ELIMIT, RED_N_SAMPLES, "number of samples", "at most 2^25",
                      header->n_samples);
    if (!differences_can_fit(header->difference_bytes, header->n_samples))
        return refuse(error, MEF3_EDAMAGED, RED_DIFFERENCE_BYTES, "difference bytes",
                      "one to five a sample", header->difference_bytes);
    if (header->block_bytes > n) {
        snprintf(there, sizeof there, "at most %zu, which are there", n);
        return refuse(error, MEF3_ETRUNCATED, RED_BLOCK_BYTES, "block bytes", there,
                      header->block_bytes);
    }
    return MEF3_OK;
}

static int check_number(float value, int at, const char *field, struct mef3_error *error)
{
    char found[24];

    if (isfinite(value))
        return MEF3_OK;
    snprintf(found, sizeof found, "%g", (double)value);
    return mef3_error_set(error, MEF3_EDAMAGED, NULL, at, field, "a finite number", found);
}

int mef3_red_parse(const uint8_t *block, size_t n, struct mef3_red_header *header_out,
                   struct mef3_error *error)
{
    if (n < RED_PAYLOAD)
        return refuse(error, MEF3_ETRUNCATED, 0, "block header", "304 bytes", n);

    uint8_t flags = block[RED_FLAGS];
    struct mef3_red_header header = {
        .crc = le_u32(block + RED_CRC),
        .difference_bytes = le_u32(block + RED_DIFFERENCE_BYTES),
        .n_samples = le_u32(block + RED_N_SAMPLES),
        .block_bytes = le_u32(block + RED_BLOCK_BYTES),
        .start_time = le_i64(block + RED_START_TIME),
        .detrend_slope = le_f32(block + RED_SLOPE),
        .detrend_intercept = le_f32(block + RED_INTERCEPT),
        .scale_factor = le_f32(block + RED_SCALE),
        .discontinuity = flags & RED_FLAG_DISCONTINUITY,
        .stats_level = flags & RED_FLAG_LEVEL_2   ? 2
                       : flags & RED_FLAG_LEVEL_1 ? 1
                                                  : 0,
    };

    int status = check_sizes(&header, n, error);
    if (status != MEF3_OK)
        return status;
    if ((flags & RED_FLAG_LEVEL_1) && (flags & RED_FLAG_LEVEL_2))
        return refuse(error, MEF3_EDAMAGED, RED_FLAGS, "flags", "one level of encryption", flags);
    status = check_number(header.detrend_slope, RED_SLOPE, "detrend slope", error);
    if (status == MEF3_OK)
        status = check_number(header.detrend_intercept, RED_INTERCEPT, "detrend intercept", error);
    if (status == MEF3_OK)
        status = check_number(header.scale_factor, RED_SCALE, "scale factor", error);
    if (status != MEF3_OK)
        return status;
    *header_out = header;
    return MEF3_OK;
}

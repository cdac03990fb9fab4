/* verify_metadata.c - a .tmet by itself, and against what index and data have. */
#include "verify.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <mef3/red.h>

#include "bytes.h"
#include "crypt.h"
#include "metadata.h"

static void check_body(struct verify *v, const struct verify_segment *s, const uint8_t *bytes)
{
    struct verify_crc crc;

    if (!s->metadata_header.is_whole)
        return;
    verify_crc_init(&crc);
    verify_crc_take(&crc, &s->tmet, UH_BYTES, bytes + UH_BYTES, META_BYTES - UH_BYTES);
    if (!verify_crc_is(&crc, s->metadata_header.body_crc))
        verify_say_crc(v, MEF3_FINDING_BODY_CRC, s->tmet.path, UH_BODY_CRC, "body CRC",
                       s->metadata_header.body_crc, crc.crc);
    if (s->metadata_header.n_entries != 1)
        verify_say_whole(v, MEF3_FINDING_HEADER_LARGEST, s->tmet.path, UH_N_ENTRIES,
                         "number of entries", 1, s->metadata_header.n_entries);
    if (s->metadata_header.max_entry_bytes != META_BYTES)
        verify_say_whole(v, MEF3_FINDING_HEADER_LARGEST, s->tmet.path, UH_MAX_ENTRY_BYTES,
                         "largest entry", META_BYTES, s->metadata_header.max_entry_bytes);
}

/* Section 2 in the clear, of a segment that can be read. */
static int take_section_2(struct verify *v, struct verify_segment *s, const uint8_t *bytes)
{
    const struct segment *segment = s->segment;
    int level = segment->info.section2_level;

    if (segment->info.status == MEF3_EPASSWORD)
        verify_say_error(v, MEF3_FINDING_LOCKED, segment->error);
    if (segment->info.status != MEF3_OK)
        return MEF3_OK;
    if (!segment->has_section3)
        verify_say(v, MEF3_FINDING_LOCKED_SUBJECT, s->tmet.path, META_SECTION_3, "section 3", NULL,
                   NULL);
    s->section_2 = malloc(META_SECTION_2_BYTES);
    if (!s->section_2)
        return MEF3_ENOMEM;
    memcpy(s->section_2, bytes + META_SECTION_2, META_SECTION_2_BYTES);
    if (level > 0) {
        int status =
            crypt_decrypt(segment->keys.key[level - 1], s->section_2, META_SECTION_2_BYTES);
        if (status != MEF3_OK)
            return status;
    }
    s->has_facts = true;
    s->meta_blocks = segment->info.n_blocks;
    s->meta_samples = segment->info.n_samples;
    if (le_f64(s->section_2 + S2_UNITS_FACTOR) == 0)
        verify_say(v, MEF3_FINDING_UNITS_FACTOR, s->tmet.path, META_SECTION_2 + S2_UNITS_FACTOR,
                   "units conversion factor", "a number other than 0", "0");
    return MEF3_OK;
}

int verify_metadata(struct verify *v, struct verify_segment *s)
{
    struct mef3_error error;

    s->rate_hz = s->segment->info.status == MEF3_OK ? s->segment->info.rate_hz : 0;
    if (!s->has_tmet)
        return MEF3_OK;
    if (s->tmet.bytes < META_BYTES) {
        verify_say_whole(v, MEF3_FINDING_TRUNCATED, s->tmet.path, (int64_t)s->tmet.bytes,
                         "bytes of the file", META_BYTES, (int64_t)s->tmet.bytes);
        return MEF3_OK;
    }
    if (s->tmet.bytes > META_BYTES)
        verify_say_whole(v, MEF3_FINDING_TOO_LONG, s->tmet.path, META_BYTES, "bytes of the file",
                         META_BYTES, (int64_t)s->tmet.bytes);
    uint8_t *bytes = malloc(META_BYTES);
    if (!bytes)
        return MEF3_ENOMEM;
    int status = source_file_read(&s->tmet, 0, bytes, META_BYTES, &error);
    if (status == MEF3_OK) {
        check_body(v, s, bytes);
        status = take_section_2(v, s, bytes);
    } else {
        verify_say_error(v, MEF3_FINDING_UNREADABLE_FILE, &error);
        status = MEF3_OK;
    }
    free(bytes);
    return status;
}

/* A whole number of section 2 that must be what the blocks say. */
static void must_be(struct verify *v, const struct verify_segment *s, enum mef3_finding_kind kind,
                    int at, const char *field, int64_t expected)
{
    int64_t found = le_i64(s->section_2 + at);

    if (found != expected)
        verify_say_whole(v, kind, s->tmet.path, META_SECTION_2 + at, field, expected, found);
}

/* A number of 32 bits of which none says "none" by all ones. */
static int64_t known_u32(const uint8_t *at)
{
    uint32_t x = le_u32(at);

    return x == UINT32_MAX ? -1 : (int64_t)x;
}

/* A bound: readers make room by it. */
static void check_bound(struct verify *v, const struct verify_segment *s, int at, const char *field,
                        int64_t greatest, int64_t stored, bool may_be_loose)
{
    if (stored < greatest && stored <= 0)
        verify_say_whole(v, MEF3_FINDING_UNSET_BOUND, s->tmet.path, META_SECTION_2 + at, field,
                         greatest, stored);
    else if (stored < greatest)
        verify_say_whole(v, MEF3_FINDING_LARGEST_BLOCK, s->tmet.path, META_SECTION_2 + at, field,
                         greatest, stored);
    else if (stored > greatest && !may_be_loose)
        verify_say_whole(v, MEF3_FINDING_LOOSE_BOUND, s->tmet.path, META_SECTION_2 + at, field,
                         greatest, stored);
}

static void check_bounds(struct verify *v, const struct verify_segment *s)
{
    const struct verify_sums *sums = &s->meta_sums;

    check_bound(v, s, S2_MAX_BLOCK_BYTES, "maximum block bytes", sums->max_block_bytes,
                le_i64(s->section_2 + S2_MAX_BLOCK_BYTES), false);
    /* By the format the usual length, which no block need have. */
    check_bound(v, s, S2_MAX_BLOCK_SAMPLES, "maximum block samples", sums->max_block_samples,
                known_u32(s->section_2 + S2_MAX_BLOCK_SAMPLES), true);
    if (!v->is_quick && s->n_lost == 0)
        check_bound(v, s, S2_MAX_DIFFERENCE_BYTES, "maximum difference bytes",
                    sums->max_difference_bytes, known_u32(s->section_2 + S2_MAX_DIFFERENCE_BYTES),
                    false);
}

static bool is_near(double a, double b, double factor)
{
    return fabs(a - b) <= 1e-9 * fabs(a) + 0.001 * fabs(factor);
}

static void check_extremes(struct verify *v, const struct verify_segment *s)
{
    const struct verify_sums *sums = &s->meta_sums;
    double factor = s->segment->info.units_factor;
    double a = sums->max * factor, b = sums->min * factor;
    double max = le_f64(s->section_2 + S2_MAX_VALUE), min = le_f64(s->section_2 + S2_MIN_VALUE);

    if (!sums->has_extremes || s->n_lost > 0)
        return;
    /* Written so that "not a number" fails as well. */
    if (!is_near(fmax(a, b), max, factor))
        verify_say_real(v, MEF3_FINDING_NATIVE_EXTREMES, s->tmet.path,
                        META_SECTION_2 + S2_MAX_VALUE, "maximum native sample value", fmax(a, b),
                        max);
    if (!is_near(fmin(a, b), min, factor))
        verify_say_real(v, MEF3_FINDING_NATIVE_EXTREMES, s->tmet.path,
                        META_SECTION_2 + S2_MIN_VALUE, "minimum native sample value", fmin(a, b),
                        min);
}

static void check_durations(struct verify *v, const struct verify_segment *s)
{
    const struct verify_sums *sums = &s->meta_sums;
    int64_t duration = le_i64(s->section_2 + S2_DURATION);
    int64_t interval = le_i64(s->section_2 + S2_BLOCK_INTERVAL);
    int64_t span = mef3_time_difference(sums->end_uutc, sums->start_uutc);
    int64_t longest = mef3_index_to_time(sums->max_block_samples, 0, s->rate_hz);
    int64_t off = mef3_time_difference(duration, span);

    if (off < -MEF3_RUN_TOLERANCE_US || off > MEF3_RUN_TOLERANCE_US)
        verify_say_whole(v, MEF3_FINDING_DURATION, s->tmet.path, META_SECTION_2 + S2_DURATION,
                         "recording duration", span, duration);
    /* All blocks may be shorter than the usual one; none may be longer. */
    if (interval < longest - 1)
        verify_say_whole(v, MEF3_FINDING_BLOCK_INTERVAL, s->tmet.path,
                         META_SECTION_2 + S2_BLOCK_INTERVAL, "block interval", longest, interval);
}

static void check_stretches(struct verify *v, const struct verify_segment *s)
{
    const struct verify_sums *sums = &s->meta_sums;

    must_be(v, s, MEF3_FINDING_DISCONTINUITY_COUNT, S2_N_DISCONTINUITIES,
            "number of discontinuities", sums->n_discontinuities);
    must_be(v, s, MEF3_FINDING_CONTIGUOUS, S2_MAX_CONTIGUOUS_BLOCKS, "maximum contiguous blocks",
            sums->max_run_blocks);
    must_be(v, s, MEF3_FINDING_CONTIGUOUS, S2_MAX_CONTIGUOUS_BYTES,
            "maximum contiguous block bytes", sums->max_run_bytes);
    must_be(v, s, MEF3_FINDING_CONTIGUOUS, S2_MAX_CONTIGUOUS_SAMPLES, "maximum contiguous samples",
            sums->max_run_samples);
}

void verify_metadata_sums(struct verify *v, const struct verify_segment *s)
{
    if (!s->has_facts || !s->has_index)
        return;
    if (s->meta_blocks > s->sums.n_blocks) {
        must_be(v, s, MEF3_FINDING_BLOCK_COUNT, S2_N_BLOCKS, "number of blocks", s->sums.n_blocks);
        return; /* all else follows from it */
    }
    if (s->meta_blocks < s->sums.n_blocks)
        verify_say_whole(v, MEF3_FINDING_GROWING, s->tmet.path, META_SECTION_2 + S2_N_BLOCKS,
                         "number of blocks", s->sums.n_blocks, s->meta_blocks);
    must_be(v, s, MEF3_FINDING_SAMPLE_COUNT, S2_N_SAMPLES, "number of samples",
            s->meta_sums.n_samples);
    if (s->meta_blocks == 0)
        return;
    check_bounds(v, s);
    check_extremes(v, s);
    check_durations(v, s);
    check_stretches(v, s);
}

/* segment.c - a segment's metadata, as far as they can be read. */
#include "segment.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "layout.h"

static void take_span(struct segment *segment, const struct universal_header *header)
{
    segment->has_span = true;
    segment->stored_start = header->start_time;
    segment->stored_end = header->end_time;
}

/* The three files of a segment carry the same span: when the .tmet cannot tell
 * it, one of the others may. */
static void take_span_elsewhere(const struct mef3_source *source, struct segment *segment)
{
    static const char *const type[] = {"tidx", "tdat"};
    struct source_file file = {0};
    struct universal_header header;
    uint8_t bytes[UH_BYTES];
    char suffix[8];

    for (size_t i = 0; i < sizeof type / sizeof *type && !segment->has_span; i++) {
        snprintf(suffix, sizeof suffix, ".%s", type[i]);
        if (source_file_open(source, segment->stem, suffix, &file, NULL) != MEF3_OK)
            continue;
        if (source_file_read(&file, 0, bytes, sizeof bytes, NULL) == MEF3_OK &&
            universal_header_parse(bytes, type[i], file.path, &header, NULL) == MEF3_OK)
            take_span(segment, &header);
        source_file_close(&file);
    }
}

static bool all_zero(const uint8_t bytes[16])
{
    static const uint8_t zero[16];

    return memcmp(bytes, zero, sizeof zero) == 0;
}

static int say_locked(const char *path, int level, const char *password,
                      const struct mef3_keys *keys, struct mef3_error *error)
{
    char expected[40];

    snprintf(expected, sizeof expected, "a password of level %d", level);
    return mef3_error_set(error, MEF3_EPASSWORD, path, META_SECTION_2, "section 2", expected,
                          !password || !password[0] ? "none"
                          : keys->level == 0        ? "a wrong one"
                                                    : "one of level 1");
}

/* Where a readable segment stands in time. */
static int set_span(struct segment *segment, const char *path, struct mef3_error *error)
{
    struct mef3_segment_info *info = &segment->info;
    int64_t start = stored_time_to_uutc(segment->stored_start, segment->time_offset);
    int64_t end = stored_time_to_uutc(segment->stored_end, segment->time_offset);
    char found[32];

    if (info->n_samples == 0 && (start == MEF3_NO_TIME || end == MEF3_NO_TIME || end < start))
        return MEF3_OK; /* nothing recorded, so no span either */
    if (start == MEF3_NO_TIME) {
        snprintf(found, sizeof found, "%lld", (long long)segment->stored_start);
        return mef3_error_set(error, MEF3_EFORMAT, path, UH_START_TIME, "start time", "a time",
                              found);
    }
    if (end == MEF3_NO_TIME || end < start) {
        snprintf(found, sizeof found, "%lld", (long long)segment->stored_end);
        return mef3_error_set(error, MEF3_EFORMAT, path, UH_END_TIME, "end time",
                              "a time not before the start", found);
    }
    info->start_uutc = start;
    info->end_uutc = end;
    return MEF3_OK;
}

/* From the file's bytes, whose header has been checked, to the segment. */
static int read_sections(const char *path, const char *password, uint8_t *bytes,
                         const struct universal_header *header, struct segment *segment,
                         struct segment_metadata *m, struct mef3_error *error)
{
    struct mef3_segment_info *info = &segment->info;

    int status = metadata_open(bytes, header, &segment->keys, path, &m->metadata, error);
    if (status != MEF3_OK)
        return status;
    m->has_metadata = true;
    info->section2_level = m->metadata.section2_level;
    info->section3_level = m->metadata.section3_level;
    segment->time_offset = m->metadata.time_offset;
    if (!m->metadata.section2)
        return say_locked(path, info->section2_level, password, &segment->keys, error);

    status = section2_parse(m->metadata.section2, path, &m->section2, error);
    if (status != MEF3_OK)
        return status;
    info->start_sample = m->section2.start_sample;
    info->n_samples = m->section2.n_samples;
    info->n_blocks = m->section2.n_blocks;
    info->max_block_samples = m->section2.max_block_samples;
    info->rate_hz = m->section2.rate_hz;
    info->units_factor = m->section2.units_factor;
    return set_span(segment, path, error);
}

/* The whole file at one go. One that is shorter than it should be may still have
 * its header, and is then read again, to say what is wrong; a longer one's CRC
 * tells whether what counts is whole. */
static int read_file(const struct source_file *file, const char *password, uint8_t *bytes,
                     struct segment *segment, struct segment_metadata *m, struct mef3_error *error)
{
    struct universal_header header;
    bool is_whole = source_file_read(file, 0, bytes, META_BYTES, NULL) == MEF3_OK;
    int status = MEF3_OK;

    if (!is_whole)
        status = source_file_read(file, 0, bytes, UH_BYTES, error);
    if (status == MEF3_OK)
        status = universal_header_parse(bytes, "tmet", file->path, &header, error);
    if (status != MEF3_OK)
        return status;
    take_span(segment, &header);
    memcpy(segment->uuid, header.level_uuid, sizeof segment->uuid);
    segment->has_password = !all_zero(header.level_1_field) || !all_zero(header.level_2_field);
    /* Without the password, what is not encrypted can still be read. */
    status = mef3_keys_from_password(password, header.level_1_field, header.level_2_field,
                                     &segment->keys);
    if (status != MEF3_OK && status != MEF3_EPASSWORD)
        return mef3_error_set(error, status, file->path, -1, NULL, NULL, NULL);
    if (!is_whole) {
        status = source_file_read(file, UH_BYTES, bytes + UH_BYTES, META_BYTES - UH_BYTES, error);
        if (status != MEF3_OK)
            return status;
    }
    return read_sections(file->path, password, bytes, &header, segment, m, error);
}

void segment_init(struct segment *segment, int32_t number)
{
    segment->info.number = number;
    segment->info.start_uutc = MEF3_NO_TIME;
    segment->info.end_uutc = MEF3_NO_TIME;
    segment->info.units_factor = 1;
    segment->index_start_uutc = INT64_MAX;
    segment->index_end_uutc = INT64_MIN;
}

int segment_refuse(struct segment *segment, const struct mef3_error *error)
{
    if (!segment->error)
        segment->error = malloc(sizeof *segment->error);
    if (!segment->error)
        return MEF3_ENOMEM;
    *segment->error = *error;
    segment->info.error = segment->error;
    segment->info.status = error->status;
    return MEF3_OK;
}

int segment_read(const struct mef3_source *source, const char *password, uint8_t *buffer,
                 struct segment *segment, struct segment_metadata *metadata_out)
{
    struct source_file file = {0};
    struct mef3_error error;

    memset(metadata_out, 0, sizeof *metadata_out);
    int status = source_file_open(source, segment->stem, ".tmet", &file, &error);
    if (status == MEF3_OK)
        status = read_file(&file, password, buffer, segment, metadata_out, &error);
    source_file_close(&file);
    if (status == MEF3_ENOMEM || (status != MEF3_OK && segment_refuse(segment, &error) != MEF3_OK))
        return MEF3_ENOMEM;
    if (!segment->has_span)
        take_span_elsewhere(source, segment);
    return MEF3_OK;
}

void segment_place(struct segment *segment, int64_t recording_time_offset)
{
    struct mef3_segment_info *info = &segment->info;

    if (info->start_uutc != MEF3_NO_TIME || info->status == MEF3_OK || !segment->has_span)
        return;
    int64_t start = stored_time_to_uutc(segment->stored_start, recording_time_offset);
    int64_t end = stored_time_to_uutc(segment->stored_end, recording_time_offset);
    if (start == MEF3_NO_TIME || end == MEF3_NO_TIME || end < start)
        return;
    info->start_uutc = start;
    info->end_uutc = end;
}

void segment_fini(struct segment *segment)
{
    mef3_keys_wipe(&segment->keys);
    free(segment->stem);
    free(segment->error);
}

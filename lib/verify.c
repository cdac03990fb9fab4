/* verify.c - a check: its findings, a channel from its folder to its records, the session. */
#include "verify.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "segment.h"

const char *mef3_finding_word(enum mef3_finding_kind kind)
{
    static const char *const words[] = {
#define FINDING_WORD(name, word, severity, status, text) word,
        MEF3_FINDING_LIST(FINDING_WORD)
#undef FINDING_WORD
    };

    return (size_t)kind < MEF3_N_FINDING_KINDS ? words[kind] : "?";
}

enum mef3_severity mef3_finding_severity(enum mef3_finding_kind kind)
{
    static const enum mef3_severity severities[] = {
#define FINDING_SEVERITY(name, word, severity, status, text) MEF3_##severity,
        MEF3_FINDING_LIST(FINDING_SEVERITY)
#undef FINDING_SEVERITY
    };

    return (size_t)kind < MEF3_N_FINDING_KINDS ? severities[kind] : MEF3_ERROR;
}

const char *mef3_finding_text(enum mef3_finding_kind kind)
{
    static const char *const texts[] = {
#define FINDING_TEXT(name, word, severity, status, text) text,
        MEF3_FINDING_LIST(FINDING_TEXT)
#undef FINDING_TEXT
    };

    return (size_t)kind < MEF3_N_FINDING_KINDS ? texts[kind] : "unknown";
}

static int status_of(enum mef3_finding_kind kind)
{
    static const int statuses[] = {
#define FINDING_STATUS(name, word, severity, status, text) MEF3_##status,
        MEF3_FINDING_LIST(FINDING_STATUS)
#undef FINDING_STATUS
    };

    return statuses[kind];
}

static void report(struct verify *v, const struct mef3_finding *finding)
{
    switch (mef3_finding_severity(finding->kind)) {
    case MEF3_ERROR:
        v->totals.n_errors++;
        break;
    case MEF3_WARNING:
        v->totals.n_warnings++;
        break;
    case MEF3_NOTE:
        v->totals.n_notes++;
        break;
    }
    v->fn(v->arg, finding);
}

void verify_say(struct verify *v, enum mef3_finding_kind kind, const char *file, int64_t offset,
                const char *field, const char *expected, const char *found)
{
    struct mef3_finding finding = {.kind = kind, .segment = v->segment, .block = v->block};

    mef3_error_set(&finding.error, status_of(kind), file, offset, field, expected, found);
    report(v, &finding);
}

void verify_say_error(struct verify *v, enum mef3_finding_kind kind, const struct mef3_error *error)
{
    struct mef3_finding finding = {
        .kind = kind, .segment = v->segment, .block = v->block, .error = *error};

    report(v, &finding);
}

void verify_say_whole(struct verify *v, enum mef3_finding_kind kind, const char *file,
                      int64_t offset, const char *field, int64_t expected, int64_t found)
{
    char expected_text[24], found_text[24];

    snprintf(expected_text, sizeof expected_text, "%" PRId64, expected);
    snprintf(found_text, sizeof found_text, "%" PRId64, found);
    verify_say(v, kind, file, offset, field, expected_text, found_text);
}

void verify_say_crc(struct verify *v, enum mef3_finding_kind kind, const char *file, int64_t offset,
                    const char *field, uint32_t stored, uint32_t computed)
{
    char expected[16], found[16];

    snprintf(expected, sizeof expected, "0x%08X", stored);
    snprintf(found, sizeof found, "0x%08X", computed);
    verify_say(v, kind, file, offset, field, expected, found);
}

void verify_say_real(struct verify *v, enum mef3_finding_kind kind, const char *file,
                     int64_t offset, const char *field, double expected, double found)
{
    char expected_text[32], found_text[32];

    snprintf(expected_text, sizeof expected_text, "%.15g", expected);
    snprintf(found_text, sizeof found_text, "%.15g", found);
    verify_say(v, kind, file, offset, field, expected_text, found_text);
}

int verify_open(struct verify *v, const char *stem, const char *suffix,
                struct source_file *file_out, bool *is_open_out)
{
    struct mef3_error error;

    *is_open_out = false;
    int status = source_file_open(v->source, stem, suffix, file_out, &error);
    if (status == MEF3_ENOMEM)
        return MEF3_ENOMEM;
    if (status == MEF3_OK)
        *is_open_out = true;
    else
        verify_say_error(
            v, status == MEF3_ENOENT ? MEF3_FINDING_MISSING_FILE : MEF3_FINDING_UNREADABLE_FILE,
            &error);
    return MEF3_OK;
}

static int open_files(struct verify *v, struct verify_segment *s)
{
    const char *stem = s->segment->stem;
    /* A segment without samples need not have index and data. */
    bool is_empty = s->segment->info.status == MEF3_OK && s->segment->info.n_blocks == 0 &&
                    s->segment->info.n_samples == 0;

    int status = verify_open(v, stem, ".tmet", &s->tmet, &s->has_tmet);
    if (status == MEF3_OK && is_empty) {
        s->has_tidx = source_file_open(v->source, stem, ".tidx", &s->tidx, NULL) == MEF3_OK;
        s->has_tdat = source_file_open(v->source, stem, ".tdat", &s->tdat, NULL) == MEF3_OK;
        return MEF3_OK;
    }
    if (status == MEF3_OK)
        status = verify_open(v, stem, ".tidx", &s->tidx, &s->has_tidx);
    if (status == MEF3_OK)
        status = verify_open(v, stem, ".tdat", &s->tdat, &s->has_tdat);
    return status;
}

static void check_headers(struct verify *v, struct verify_segment *s)
{
    const struct verify_level level = {.channel = v->channel, .number = s->segment->info.number};
    const struct verify_header *first = NULL;
    struct {
        bool is_open;
        const struct source_file *file;
        const char *type;
        struct verify_header *header;
    } files[] = {
        {s->has_tmet, &s->tmet, "tmet", &s->metadata_header},
        {s->has_tidx, &s->tidx, "tidx", &s->index_header},
        {s->has_tdat, &s->tdat, "tdat", &s->data_header},
    };

    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        if (!files[i].is_open)
            continue;
        verify_header(v, files[i].file, files[i].type, &level, files[i].header);
        if (first)
            verify_same_level(v, files[i].file->path, first, files[i].header);
        else if (files[i].header->is_whole)
            first = files[i].header;
    }
}

/* The totals of a segment: what should be there, and what of it can be read. */
static void add_samples(struct verify *v, const struct verify_segment *s)
{
    int64_t n = s->sums.n_samples;

    if (s->has_facts && s->meta_samples > n)
        n = s->meta_samples;
    v->totals.n_samples += n;
    if (s->segment->info.status == MEF3_OK && s->has_index)
        v->totals.n_readable += s->sums.n_samples - s->n_lost;
    v->totals.n_blocks += (uint64_t)s->sums.n_blocks;
}

static int check_segment(struct verify *v, struct channel *channel, struct segment *segment)
{
    struct verify_segment s = {
        .segment = segment,
        .sums = {.start_uutc = MEF3_NO_TIME, .end_uutc = MEF3_NO_TIME},
        .data_end = UH_BYTES,
    };

    v->segment = segment->info.number;
    uint64_t n_errors = v->totals.n_errors;
    int status = session_learn_segment(v->session, channel, segment);
    if (status == MEF3_OK)
        status = open_files(v, &s);
    if (status == MEF3_OK) {
        check_headers(v, &s);
        status = verify_metadata(v, &s);
        if (segment->info.status != MEF3_OK && segment->info.status != MEF3_EPASSWORD &&
            v->totals.n_errors == n_errors)
            verify_say_error(v, MEF3_FINDING_UNREADABLE_SEGMENT, segment->error);
    }
    s.meta_sums = s.sums;
    if (status == MEF3_OK)
        status = verify_index(v, &s);
    if (status == MEF3_OK) {
        verify_metadata_sums(v, &s);
        add_samples(v, &s);
        const struct verify_level level = {
            .channel = v->channel, .number = segment->info.number, .is_records = true};
        status = verify_records(v, segment->stem, &level, segment->time_offset);
    }
    source_file_close(&s.tmet);
    source_file_close(&s.tidx);
    source_file_close(&s.tdat);
    free(s.section_2);
    v->segment = -1;
    return status;
}

/* Numbers of the segments, from 0 on, one each. */
static void check_numbers(struct verify *v, const struct channel *channel)
{
    int32_t next = 0;

    for (size_t i = 0; i < channel->info.n_segments; i++) {
        int32_t number = channel->segments[i].info.number;
        v->segment = number;
        if (number < next)
            verify_say_whole(v, MEF3_FINDING_SEGMENT_TWICE, channel->folder, -1, "segment number",
                             next, number);
        else if (number > next)
            verify_say_whole(v, MEF3_FINDING_SEGMENT_MISSING, channel->folder, -1, "segment number",
                             next, number);
        next = number == INT32_MAX ? number : number + 1;
    }
    v->segment = -1;
}

/* A segment begins at the sample where the one before ends; where some are missing in between,
 * not before it. */
static void check_start_samples(struct verify *v, const struct channel *channel)
{
    int64_t before = 0;
    int32_t next = 0;
    bool is_known = true; /* `before` is */
    char path[SOURCE_PATH_MAX];

    for (size_t i = 0; i < channel->info.n_segments; i++) {
        const struct mef3_segment_info *info = &channel->segments[i].info;
        if (info->status != MEF3_OK || info->number < next) {
            is_known = false;
            continue;
        }
        v->segment = info->number;
        bool is_wrong = is_known && (info->number == next ? info->start_sample != before
                                                          : info->start_sample < before);
        snprintf(path, sizeof path, "%s.tmet", channel->segments[i].stem);
        if (is_wrong)
            verify_say_whole(v, MEF3_FINDING_START_SAMPLE, path, META_SECTION_2 + S2_START_SAMPLE,
                             "start sample", before, info->start_sample);
        is_known = !__builtin_add_overflow(info->start_sample, info->n_samples, &before);
        next = info->number == INT32_MAX ? info->number : info->number + 1;
    }
    v->segment = -1;
}

static int check_channel(struct verify *v, struct channel *channel)
{
    int64_t time_offset = 0;
    char stem[SOURCE_PATH_MAX];
    int status = session_list_channel(v->session, channel);

    if (status == MEF3_OK && channel->info.n_segments == 0 && channel->info.status != MEF3_OK)
        verify_say(v, MEF3_FINDING_UNREADABLE_FILE, channel->folder, -1, "folder", NULL,
                   mef3_status_text(channel->info.status));
    if (status == MEF3_OK)
        check_numbers(v, channel);
    for (size_t i = 0; status == MEF3_OK && i < channel->info.n_segments; i++) {
        status = check_segment(v, channel, &channel->segments[i]);
        if (channel->segments[i].has_section3)
            time_offset = channel->segments[i].time_offset;
    }
    if (status != MEF3_OK)
        return status;
    check_start_samples(v, channel);
    int n = snprintf(stem, sizeof stem, "%s/%s", channel->folder, v->channel);
    if (n < 0 || (size_t)n >= sizeof stem)
        return MEF3_OK;
    const struct verify_level level = {.channel = v->channel, .number = -2, .is_records = true};
    return verify_records(v, stem, &level, time_offset);
}

static void ignore(void *arg, const struct mef3_finding *finding)
{
    (void)arg;
    (void)finding;
}

static void begin(struct verify *v, struct mef3_session *session,
                  const struct mef3_verify_options *options, mef3_finding_fn *fn, void *arg)
{
    *v = (struct verify){
        .session = session,
        .source = &session->source,
        .channel = "",
        .is_quick = options && options->quick,
        .progress = options ? options->progress : NULL,
        .progress_arg = options ? options->progress_arg : NULL,
        .fn = fn ? fn : ignore,
        .arg = arg,
        .segment = -1,
        .block = -1,
    };
}

static int end(const struct verify *v, int status, struct mef3_verify_totals *totals_out,
               struct mef3_error *error)
{
    if (status != MEF3_OK)
        return mef3_error_set(error, status, v->channel, -1, NULL, NULL, NULL);
    *totals_out = v->totals;
    return MEF3_OK;
}

int mef3_verify_channel(struct mef3_session *session, size_t channel,
                        const struct mef3_verify_options *options, mef3_finding_fn *fn, void *arg,
                        struct mef3_verify_totals *totals_out, struct mef3_error *error)
{
    struct verify v;
    char name[SOURCE_NAME_MAX + 1];

    if (channel >= session->info.n_channels)
        return mef3_error_set(error, MEF3_EINVAL, NULL, -1, "channel", NULL, NULL);
    begin(&v, session, options, fn, arg);
    /* The folder's own bytes: the name that is shown may have had to be mended. */
    const char *folder = session->channels[channel].folder;
    snprintf(name, sizeof name, "%.*s", (int)(strlen(folder) - strlen(".timd")), folder);
    v.channel = name;
    int status = check_channel(&v, &session->channels[channel]);
    v.channel = session->channels[channel].info.name;
    return end(&v, status, totals_out, error);
}

/* All channels have the passwords of the first, or part of the recording stays locked. */
static int check_passwords(struct verify *v)
{
    struct verify_header first = {0};
    int status = MEF3_OK;

    for (size_t c = 0; status == MEF3_OK && c < v->session->info.n_channels; c++) {
        struct channel *channel = &v->session->channels[c];
        struct source_file file = {0};
        struct universal_header header;
        uint8_t bytes[UH_BYTES];
        status = session_list_channel(v->session, channel);
        if (status != MEF3_OK || channel->info.n_segments == 0 ||
            source_file_open(v->source, channel->segments[0].stem, ".tmet", &file, NULL) != MEF3_OK)
            continue;
        if (source_file_read(&file, 0, bytes, sizeof bytes, NULL) == MEF3_OK &&
            universal_header_parse(bytes, "tmet", file.path, &header, NULL) == MEF3_OK) {
            if (!first.is_whole)
                memcpy(first.password_fields, bytes + UH_LEVEL_1_FIELD,
                       sizeof first.password_fields);
            else if (memcmp(first.password_fields, bytes + UH_LEVEL_1_FIELD,
                            sizeof first.password_fields) != 0)
                verify_say(v, MEF3_FINDING_PASSWORD_FIELDS, file.path, UH_LEVEL_1_FIELD,
                           "password validation", "those of the first channel", "others");
            first.is_whole = true;
        }
        source_file_close(&file);
    }
    return status;
}

/* Times of the session's records have the offset of the first channel that tells one. */
static int find_time_offset(struct verify *v, int64_t *offset_out)
{
    *offset_out = 0;
    for (size_t c = 0; c < v->session->info.n_channels; c++) {
        struct channel *channel = &v->session->channels[c];
        int status = session_list_channel(v->session, channel);
        if (status == MEF3_OK && channel->info.n_segments > 0)
            status = session_learn_segment(v->session, channel, &channel->segments[0]);
        if (status != MEF3_OK)
            return status;
        if (channel->info.n_segments > 0 && channel->segments[0].has_section3) {
            *offset_out = channel->segments[0].time_offset;
            return MEF3_OK;
        }
    }
    return MEF3_OK;
}

int mef3_verify_session(struct mef3_session *session, const struct mef3_verify_options *options,
                        mef3_finding_fn *fn, void *arg, struct mef3_verify_totals *totals_out,
                        struct mef3_error *error)
{
    static const struct verify_level level = {.number = -3, .is_records = true};
    struct verify v;
    char count[24];
    int64_t time_offset;

    begin(&v, session, options, fn, arg);
    if (session->info.n_video_channels > 0) {
        snprintf(count, sizeof count, "%zu", session->info.n_video_channels);
        verify_say(&v, MEF3_FINDING_NOT_CHECKED, NULL, -1, "video channels", NULL, count);
    }
    int status = check_passwords(&v);
    if (status == MEF3_OK)
        status = find_time_offset(&v, &time_offset);
    if (status == MEF3_OK)
        status = verify_records(&v, session->source.name, &level, time_offset);
    return end(&v, status, totals_out, error);
}

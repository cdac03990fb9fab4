/* salvage.c - a channel salvaged: its facts, its segments, samples in order of time. */
#include "salvage.h"

#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <mef3/red.h>

#include "bytes.h"
#include "layout.h"
#include "metadata.h"
#include "text.h"
#include "universal_header.h"

const char *mef3_loss_word(enum mef3_loss_kind kind)
{
    static const char *const words[] = {
#define LOSS_WORD(name, word, text) word,
        MEF3_LOSS_LIST(LOSS_WORD)
#undef LOSS_WORD
    };

    return (size_t)kind < MEF3_N_LOSS_KINDS ? words[kind] : "?";
}

const char *mef3_loss_text(enum mef3_loss_kind kind)
{
    static const char *const texts[] = {
#define LOSS_TEXT(name, word, text) text,
        MEF3_LOSS_LIST(LOSS_TEXT)
#undef LOSS_TEXT
    };

    return (size_t)kind < MEF3_N_LOSS_KINDS ? texts[kind] : "unknown";
}

struct salvage {
    struct mef3_session *session;
    struct channel *channel;
    const struct mef3_salvage_calls *calls;
    void *arg;
    struct mef3_salvage_facts facts;
    struct mef3_keys keys;     /* of the channel, for a segment whose headers do not tell */
    struct salvage_list first; /* of the segment that was walked for the facts; */
    size_t first_number;       /* SIZE_MAX: none was */
    /* The run under way, as a writer has it: where the next sample goes. */
    int64_t run_uutc;
    int64_t run_samples; /* 0: none yet */
    uint8_t *bytes;      /* of a block */
    size_t bytes_room;
    int32_t *counts;
    size_t counts_room;
};

/* The keys of a segment by whichever header of its files is whole. Level 0: none. */
static void find_keys(const struct salvage *s, const struct segment *segment,
                      struct mef3_keys *keys_out)
{
    static const char *const types[] = {"tmet", "tidx", "tdat"};
    struct universal_header header;
    uint8_t bytes[UH_BYTES];
    char suffix[8];
    bool is_found = false;

    *keys_out = s->keys;
    for (size_t i = 0; i < sizeof types / sizeof types[0] && !is_found; i++) {
        struct source_file file = {0};
        snprintf(suffix, sizeof suffix, ".%s", types[i]);
        if (source_file_open(&s->session->source, segment->stem, suffix, &file, NULL) != MEF3_OK)
            continue;
        is_found = source_file_read(&file, 0, bytes, sizeof bytes, NULL) == MEF3_OK &&
                   universal_header_parse(bytes, types[i], file.path, &header, NULL) == MEF3_OK &&
                   mef3_keys_from_password(s->session->password, header.level_1_field,
                                           header.level_2_field, keys_out) == MEF3_OK;
        source_file_close(&file);
    }
}

/* A password with a level's key: each byte is the low one of a character, here the character. */
static void password_of(const uint8_t key[16], char text_out[64])
{
    size_t n = 0;

    for (size_t i = 0; i < 16 && key[i]; i++) {
        if (key[i] >= 0x80) {
            text_out[n++] = (char)(0xC0 | key[i] >> 6);
            text_out[n++] = (char)(0x80 | (key[i] & 0x3F));
        } else {
            text_out[n++] = (char)key[i];
        }
    }
    text_out[n] = '\0';
}

/* The offset of the first segment, of whichever channel, that tells one. */
static void find_time_offset(struct salvage *s)
{
    for (size_t c = 0; c < s->session->info.n_channels; c++) {
        const struct channel *channel = &s->session->channels[c];
        for (size_t i = 0; i < channel->info.n_segments; i++) {
            if (!channel->segments[i].has_section3)
                continue;
            s->facts.has_time_offset = true;
            s->facts.time_offset = channel->segments[i].time_offset;
            return;
        }
    }
}

static int64_t offset_of(const struct salvage *s, const struct segment *segment)
{
    return segment->has_section3 ? segment->time_offset : s->facts.time_offset;
}

/* The blocks of a segment; none where its data file cannot be opened. */
static int walk(struct salvage *s, const struct segment *segment, struct salvage_list *list_out)
{
    struct source_file file = {0};
    int status = MEF3_OK;

    memset(list_out, 0, sizeof *list_out);
    if (source_file_open(&s->session->source, segment->stem, ".tdat", &file, NULL) == MEF3_OK)
        status = salvage_walk(&file, offset_of(s, segment), list_out);
    source_file_close(&file);
    return status;
}

/* A rate from the span that the header of the data file says, if there are no gaps. */
static double rate_of_header(struct salvage *s, const struct segment *segment,
                             const struct salvage_list *list)
{
    struct source_file file = {0};
    struct universal_header header;
    uint8_t bytes[UH_BYTES];
    int64_t n_samples = 0;
    double rate = 0;

    if (list->n_blocks != 1 || list->n_holes > 0 ||
        source_file_open(&s->session->source, segment->stem, ".tdat", &file, NULL) != MEF3_OK)
        return 0;
    n_samples = list->blocks[0].n_samples;
    if (source_file_read(&file, 0, bytes, sizeof bytes, NULL) == MEF3_OK &&
        universal_header_parse(bytes, "tdat", file.path, &header, NULL) == MEF3_OK) {
        int64_t end = stored_time_to_uutc(header.end_time, offset_of(s, segment));
        if (end != MEF3_NO_TIME)
            rate = salvage_simplest_rate(n_samples,
                                         mef3_time_difference(end, list->blocks[0].start_uutc));
    }
    source_file_close(&file);
    return rate;
}

static uint32_t longest(const struct salvage_list *list)
{
    uint32_t n = 0;

    for (size_t i = 0; i < list->n_blocks; i++)
        n = list->blocks[i].n_samples > n ? list->blocks[i].n_samples : n;
    return n;
}

/* Section 2 of a .tmet whose header is damaged, and whose body has the checksum that the header
 * says: then both are right. */
static int read_body(struct salvage *s, const struct segment *segment, uint8_t *bytes)
{
    struct mef3_salvage_facts *facts = &s->facts;
    struct universal_header header = {.body_crc = le_u32(bytes + UH_BODY_CRC)};
    struct metadata metadata;
    struct section2 section;

    int status = metadata_open(bytes, &header, &s->keys, segment->stem, &metadata, NULL);
    if (status != MEF3_OK || !metadata.section2 ||
        section2_parse(metadata.section2, segment->stem, &section, NULL) != MEF3_OK)
        return status == MEF3_ENOMEM ? MEF3_ENOMEM : MEF3_OK;
    char *units = text_new_units(metadata.section2 + S2_UNITS, S2_UNITS_BYTES);
    if (!units)
        return MEF3_ENOMEM;
    snprintf(facts->units, sizeof facts->units, "%s", units);
    free(units);
    facts->rate_hz = section.rate_hz;
    facts->units_factor = section.units_factor;
    facts->is_factor_known = true;
    if (metadata.section3 && !facts->has_time_offset) {
        facts->has_time_offset = true;
        facts->time_offset = metadata.time_offset;
    }
    return MEF3_OK;
}

static int find_metadata(struct salvage *s)
{
    const struct mef3_channel_info *info = &s->channel->info;
    int status = MEF3_OK;

    if (s->channel->has_facts) {
        s->facts.rate_hz = info->rate_hz;
        s->facts.units_factor = info->units_factor;
        s->facts.is_factor_known = true;
        snprintf(s->facts.units, sizeof s->facts.units, "%s", info->units);
        return MEF3_OK;
    }
    uint8_t *bytes = malloc(META_BYTES);
    if (!bytes)
        return MEF3_ENOMEM;
    for (size_t i = 0; status == MEF3_OK && i < info->n_segments && s->facts.rate_hz == 0; i++) {
        const struct segment *segment = &s->channel->segments[i];
        struct source_file file = {0};
        if (source_file_open(&s->session->source, segment->stem, ".tmet", &file, NULL) == MEF3_OK &&
            source_file_read(&file, 0, bytes, META_BYTES, NULL) == MEF3_OK)
            status = read_body(s, segment, bytes);
        source_file_close(&file);
    }
    free(bytes);
    return status;
}

/* Walk through segments until one tells the rate, or, where it is known, has blocks. */
static int find_rate(struct salvage *s)
{
    const struct mef3_channel_info *info = &s->channel->info;
    struct mef3_salvage_facts *facts = &s->facts;
    bool is_known = facts->rate_hz > 0;
    int status = MEF3_OK;

    facts->rate_source = MEF3_RATE_METADATA;
    for (size_t i = 0; status == MEF3_OK && i < info->n_segments; i++) {
        const struct segment *segment = &s->channel->segments[i];
        salvage_list_fini(&s->first);
        status = walk(s, segment, &s->first);
        if (status != MEF3_OK)
            return status;
        s->first_number = i;
        facts->block_samples = longest(&s->first);
        if (!is_known && (facts->rate_hz = salvage_rate(&s->first)) > 0)
            facts->rate_source = MEF3_RATE_BLOCKS;
        else if (!is_known && (facts->rate_hz = rate_of_header(s, segment, &s->first)) > 0)
            facts->rate_source = MEF3_RATE_HEADER;
        if (facts->rate_hz > 0 && facts->block_samples > 0)
            break;
    }
    return status;
}

static int find_facts(struct salvage *s)
{
    const struct channel *channel = s->channel;
    struct mef3_salvage_facts *facts = &s->facts;

    find_time_offset(s);
    facts->units_factor = 1;
    for (size_t i = 0; i < channel->info.n_segments && s->keys.level == 0; i++)
        find_keys(s, &channel->segments[i], &s->keys);
    if (s->keys.level > 0)
        password_of(s->keys.key[0], facts->password_1);
    if (s->keys.level > 1)
        password_of(s->keys.key[1], facts->password_2);
    int status = find_metadata(s);
    if (status == MEF3_OK)
        status = find_rate(s);
    if (status == MEF3_OK && s->calls->facts)
        status = s->calls->facts(s->arg, facts);
    return status;
}

static int make_room(struct salvage *s, const struct salvage_block *block)
{
    if (block->n_bytes > s->bytes_room) {
        free(s->bytes);
        s->bytes = malloc(block->n_bytes);
        s->bytes_room = s->bytes ? block->n_bytes : 0;
    }
    if (block->n_samples > s->counts_room) {
        free(s->counts);
        s->counts = malloc(block->n_samples * sizeof *s->counts);
        s->counts_room = s->counts ? block->n_samples : 0;
    }
    return s->bytes && s->counts ? MEF3_OK : MEF3_ENOMEM;
}

static int say_block(const struct salvage_report *report, enum mef3_loss_kind kind,
                     const struct salvage_block *block, uint32_t first, uint32_t n,
                     const struct mef3_error *error)
{
    struct mef3_loss loss = {
        .kind = kind,
        .segment = report->segment,
        .block = -1,
        .file_offset = block->offset,
        .n_bytes = block->n_bytes,
        .n_samples = n,
        .start_uutc = mef3_index_to_time(first, block->start_uutc, report->rate_hz),
        .end_uutc = mef3_index_to_time((int64_t)first + n, block->start_uutc, report->rate_hz),
        .error = *error,
    };

    return salvage_say(report, &loss);
}

static int say_overlap(const struct salvage_report *report, const struct source_file *file,
                       const struct salvage_block *block, uint32_t first, uint32_t n)
{
    struct mef3_error error;

    mef3_error_set(&error, MEF3_EDAMAGED, file->path, (int64_t)block->offset, "start time",
                   "the end of the samples before, or later", "earlier");
    return say_block(report, MEF3_LOSS_OVERLAP, block, first, n, &error);
}

/* Hand over a block's samples, those left out in whose place there are others: of the blocks
 * before, or of the next if it is later in the file (where both claim a place, later has it). */
static int put_samples(struct salvage *s, const struct salvage_report *report,
                       const struct source_file *file, const struct salvage_block *block,
                       const struct salvage_block *next)
{
    double rate = report->rate_hz;
    int64_t first = 0, end = block->n_samples, start = block->start_uutc;
    int status = MEF3_OK;

    if (next && next->offset > block->offset) {
        int64_t until = mef3_time_to_index(next->start_uutc, start, rate);
        end = until < end ? until : end;
    }
    /* A clock that drifts puts a block back by less than half a sample; that is no overlap. */
    int64_t run_end = mef3_index_to_time(s->run_samples, s->run_uutc, rate);
    int64_t late = s->run_samples > 0 ? mef3_time_difference(start, run_end) : INT64_MAX;
    if (late < -MEF3_RUN_TOLERANCE_US && (double)-late >= 0.5e6 / rate) {
        first = mef3_time_to_index(run_end, start, rate);
        first = first < 0 ? 0 : first < end ? first : end;
        start = mef3_index_to_time(first, start, rate);
        late = mef3_time_difference(start, run_end);
    }
    if (first > 0)
        status = say_overlap(report, file, block, 0, (uint32_t)first);
    if (status == MEF3_OK && end < block->n_samples)
        status = say_overlap(report, file, block, (uint32_t)(end < 0 ? 0 : end),
                             (uint32_t)(block->n_samples - (end < 0 ? 0 : end)));
    if (status != MEF3_OK || end <= first)
        return status;
    if (late > MEF3_RUN_TOLERANCE_US || late < -MEF3_RUN_TOLERANCE_US) {
        s->run_uutc = start;
        s->run_samples = 0;
    }
    const struct mef3_salvaged samples = {
        .segment = report->segment,
        .file_offset = block->offset,
        .start_uutc = mef3_index_to_time(s->run_samples, s->run_uutc, rate),
        .n_samples = (uint32_t)(end - first),
        .counts = s->counts + first,
    };
    s->run_samples += end - first;
    return s->calls->samples ? s->calls->samples(s->arg, &samples) : MEF3_OK;
}

static int by_time(const void *a, const void *b)
{
    const struct salvage_block *x = a, *y = b;

    if (x->start_uutc != y->start_uutc)
        return x->start_uutc < y->start_uutc ? -1 : 1;
    return (x->offset > y->offset) - (x->offset < y->offset);
}

static int put_blocks(struct salvage *s, const struct salvage_report *report,
                      const struct source_file *file, const struct mef3_keys *keys,
                      struct salvage_list *list)
{
    struct mef3_error error;
    int status = MEF3_OK;

    if (list->n_blocks > 1)
        qsort(list->blocks, list->n_blocks, sizeof *list->blocks, by_time);
    for (size_t i = 0; status == MEF3_OK && i < list->n_blocks; i++) {
        const struct salvage_block *block = &list->blocks[i];
        const struct salvage_block *next = i + 1 < list->n_blocks ? block + 1 : NULL;
        status = make_room(s, block);
        if (status != MEF3_OK)
            return status;
        int read = source_file_read(file, block->offset, s->bytes, block->n_bytes, &error);
        if (read == MEF3_OK)
            read = mef3_red_decode(s->bytes, block->n_bytes, keys, 0, block->n_samples, s->counts,
                                   &error);
        if (read == MEF3_OK) {
            status = put_samples(s, report, file, block, next);
            continue;
        }
        mef3_error_set(&error, read, file->path, (int64_t)block->offset, error.field,
                       error.expected, error.found);
        status = say_block(report, MEF3_LOSS_BLOCK, block, 0, block->n_samples, &error);
    }
    return status;
}

/* All of a segment is lost. */
static int say_segment(const struct salvage_report *report, const struct segment *segment,
                       const struct mef3_error *error)
{
    const struct mef3_segment_info *info = &segment->info;
    struct mef3_loss loss = {
        .kind = MEF3_LOSS_SEGMENT,
        .segment = report->segment,
        .block = -1,
        .n_samples = info->status == MEF3_OK ? info->n_samples : -1,
        .start_uutc = info->start_uutc,
        .end_uutc = info->end_uutc,
        .error = *error,
    };

    return salvage_say(report, &loss);
}

/* Whether the segment's metadata forbid to take its data for this channel's: another rate or
 * factor, or a kind of file that is not read. */
static bool is_foreign(const struct segment *segment)
{
    return segment->info.status == MEF3_EUNSUPPORTED;
}

static int salvage_segment(struct salvage *s, size_t number)
{
    const struct segment *segment = &s->channel->segments[number];
    const struct salvage_report report = {s->calls, s->arg, segment->info.number, s->facts.rate_hz};
    struct source_file file = {0};
    struct salvage_list list = {0};
    struct mef3_error error;
    struct mef3_keys keys;
    int status = s->calls->segment ? s->calls->segment(s->arg, segment->info.number) : MEF3_OK;

    if (status != MEF3_OK)
        return status;
    if (is_foreign(segment))
        return say_segment(&report, segment, segment->error);
    int opened = source_file_open(&s->session->source, segment->stem, ".tdat", &file, &error);
    if (opened == MEF3_ENOMEM)
        return opened;
    if (opened != MEF3_OK) {
        bool is_empty = segment->info.status == MEF3_OK && segment->info.n_samples == 0;
        return is_empty ? MEF3_OK : say_segment(&report, segment, &error);
    }
    if (s->facts.rate_hz == 0) {
        mef3_error_set(&error, MEF3_EDAMAGED, file.path, -1, "sampling frequency", "a known one",
                       "none");
        status = say_segment(&report, segment, &error);
        goto done;
    }
    if (number == s->first_number) {
        list = s->first;
        memset(&s->first, 0, sizeof s->first);
    } else {
        status = salvage_walk(&file, offset_of(s, segment), &list);
    }
    find_keys(s, segment, &keys);
    if (status == MEF3_OK)
        status = salvage_losses(&report, &s->session->source, segment, &file, offset_of(s, segment),
                                &list);
    if (status == MEF3_OK)
        status = put_blocks(s, &report, &file, &keys, &list);
    mef3_keys_wipe(&keys);
done:
    salvage_list_fini(&list);
    source_file_close(&file);
    return status;
}

int mef3_salvage_channel(struct mef3_session *session, size_t channel,
                         const struct mef3_salvage_calls *calls, void *arg,
                         struct mef3_error *error)
{
    struct salvage s = {.session = session, .calls = calls, .arg = arg, .first_number = SIZE_MAX};
    int status = MEF3_OK;

    if (channel >= session->info.n_channels)
        return mef3_error_set(error, MEF3_EINVAL, NULL, -1, "channel", NULL, NULL);
    s.channel = &session->channels[channel];
    status = session_learn_channel(session, s.channel);
    if (status == MEF3_OK)
        status = find_facts(&s);
    for (size_t i = 0; status == MEF3_OK && i < s.channel->info.n_segments; i++)
        status = salvage_segment(&s, i);
    salvage_list_fini(&s.first);
    mef3_keys_wipe(&s.keys);
    OPENSSL_cleanse(&s.facts, sizeof s.facts);
    free(s.bytes);
    free(s.counts);
    return status == MEF3_OK
               ? MEF3_OK
               : mef3_error_set(error, status, s.channel->info.name, -1, NULL, NULL, NULL);
}

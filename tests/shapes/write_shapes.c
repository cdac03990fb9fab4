/* write_shapes.c - random sessions: written in odd pieces, read back and compared.
 *
 *     write_shapes FOLDER SEED FIRST N
 *
 * writes FOLDER/FIRST.mefd ... and prints of each "NAME<tab>PASSWORD". It exits with a message
 * when something is not as it was written. The same seed and number make the same session. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "help/signal.h"
#include "help/channel_model.h"

enum { MOST_CHANNELS = 3, MOST_PIECE = 700, MOST_SAMPLES = 1500 };

struct shape {
    struct signal_random random;
    char path[512];
    char texts[8][64];
    struct mef3_writer_options options;
    struct mef3_writer *writer;
    struct mef3_writer_channel channels[MOST_CHANNELS];
    struct model models[MOST_CHANNELS];
    size_t numbers[MOST_CHANNELS]; /* in the writer */
    size_t n_channels;
    bool is_opened; /* not created */
};

static uint32_t below(struct shape *shape, uint32_t n)
{
    return signal_below(&shape->random, n);
}

static bool one_in(struct shape *shape, uint32_t n)
{
    return below(shape, n) == 0;
}

static void check(int status, const struct mef3_error *error, const struct shape *shape)
{
    char text[700];

    if (status != MEF3_OK)
        model_fail("%s: %s", shape->path, mef3_error_text(error, text, sizeof text));
}

static const char *random_text(struct shape *shape, int k)
{
    static const char *const words[] = {"", "a", "two words", "Ωhm", "電極", "čárka\n", "😀"};

    snprintf(shape->texts[k], sizeof shape->texts[k], "%s%s", words[below(shape, 7)],
             words[below(shape, 7)]);
    return shape->texts[k];
}

static void choose_options(struct shape *shape)
{
    static const int64_t offsets[] = {-3000000000000000, 1500000000000000, 1, -1};
    struct mef3_writer_options *options = &shape->options;
    uint32_t level = below(shape, 3);

    mef3_writer_defaults(options);
    options->password_1 = level > 0 ? "úroveň" : NULL;
    options->password_2 = level > 1 ? "level two" : NULL;
    options->session_description = random_text(shape, 0);
    options->subject_name_1 = random_text(shape, 1);
    options->subject_name_2 = random_text(shape, 2);
    options->subject_id = random_text(shape, 3);
    options->recording_location = random_text(shape, 4);
    options->anonymized_name = random_text(shape, 5);
    options->recording_time_offset = one_in(shape, 2) ? offsets[below(shape, 4)] : 0;
    options->gmt_offset_s = one_in(shape, 2) ? -3600 * (int)below(shape, 14) : -86401;
    options->reproducible = one_in(shape, 2);
    options->durable = one_in(shape, 20);
}

static void choose_channel(struct shape *shape, size_t k)
{
    static const char *const names[MOST_CHANNELS] = {"Cz", "kanál Ω-1", "電極 000001"};
    static const double rates[] = {0.1, 1, 249.7, 256, 512, 999.5, 30000, 44100, 400000};
    static const double factors[] = {1, -0.5, 0.001, -1e-9, 12345.678};
    static const uint32_t lengths[] = {1, 2, 10, 100, 1000, 20000};
    struct mef3_writer_channel *channel = &shape->channels[k];

    mef3_writer_channel_defaults(channel);
    channel->name = names[k];
    channel->rate_hz = one_in(shape, 4) ? 0.01 * (1 + below(shape, 200000))
                                        : rates[below(shape, sizeof rates / sizeof *rates)];
    channel->units_factor = factors[below(shape, 5)];
    channel->description = "described";
    channel->reference = shape->texts[1];
    channel->block_samples = 1 + below(shape, lengths[below(shape, 6)]);
    channel->acquisition_number = one_in(shape, 2) ? (int)below(shape, 1000) : -1;
    channel->low_filter_hz = one_in(shape, 2) ? 0.1 : -1;
    channel->line_hz = one_in(shape, 2) ? 50 : -1;
    shape->models[k].rate_hz = channel->rate_hz;
}

static void add_channels(struct shape *shape)
{
    struct mef3_error error;

    for (size_t k = 0; k < shape->n_channels; k++)
        check(
            mef3_writer_add_channel(shape->writer, &shape->channels[k], &shape->numbers[k], &error),
            &error, shape);
}

/* Noise of any width, with gaps, and sometimes with counts that are reserved or nearly so. */
static void choose_counts(struct shape *shape, int32_t *counts, size_t n)
{
    static const int32_t odd[] = {MEF3_COUNT_NEG_INF, MEF3_COUNT_POS_INF, MEF3_COUNT_NEG_INF + 1,
                                  MEF3_COUNT_POS_INF - 1, 0};
    uint32_t width = below(shape, 32);
    bool has_gaps = one_in(shape, 3), has_odd = one_in(shape, 5);
    size_t gap = 0;

    for (size_t i = 0; i < n; i++) {
        int32_t noise = (int32_t)((uint32_t)signal_random(&shape->random)) >> width;
        counts[i] = noise == MEF3_COUNT_NAN ? 0 : noise;
        if (has_odd && one_in(shape, 20))
            counts[i] = odd[below(shape, 5)];
        if (gap == 0 && has_gaps && one_in(shape, 40))
            gap = 1 + below(shape, 30);
        if (gap > 0) {
            counts[i] = MEF3_COUNT_NAN;
            gap--;
        }
    }
}

static int64_t choose_start(struct shape *shape, const struct model *model)
{
    int64_t offset = shape->options.recording_time_offset;
    double sample_us = 1e6 / model->rate_hz;

    if (model->n_runs == 0) {
        int64_t least = offset ? offset + 1 : 0;
        return one_in(shape, 6) ? least : least + 1000000007 * (int64_t)below(shape, 2000000);
    }
    if (one_in(shape, 5)) /* a gap: from hardly one to many samples */
        return model_end(model) + 3 + (int64_t)(sample_us * 0.02 * below(shape, 3000));
    /* The clock of whoever appends is not quite ours. */
    return model_end(model) + (one_in(shape, 3) ? (int64_t)below(shape, 5) - 2 : 0);
}

static void append(struct shape *shape, size_t k)
{
    static int32_t counts[MOST_PIECE];
    static double values[MOST_PIECE];
    struct model *model = &shape->models[k];
    struct mef3_error error;
    size_t n = below(shape, one_in(shape, 3) ? MOST_PIECE : 30);
    int64_t start = choose_start(shape, model), least = shape->options.recording_time_offset + 1;

    if (shape->options.recording_time_offset ? start < least : start < 0)
        start += 4;
    if (model->n > MOST_SAMPLES)
        return;
    choose_counts(shape, counts, n);
    int status;
    if (one_in(shape, 3)) {
        mef3_counts_to_f64(counts, n, shape->channels[k].units_factor, values);
        status = mef3_writer_append_f64(shape->writer, shape->numbers[k], start, values, n, &error);
    } else {
        status = mef3_writer_append(shape->writer, shape->numbers[k], start, counts, n, &error);
    }
    check(status, &error, shape);
    model_append(model, start, counts, n);
    int64_t end = mef3_writer_end(shape->writer, shape->numbers[k]);
    if (model->n_runs > 0 && end != model_end(model))
        model_fail("%s: %s ends at %lld, not at %lld", shape->path, shape->channels[k].name,
                   (long long)end, (long long)model_end(model));
}

static struct mef3_session *open_session(const struct shape *shape)
{
    const struct mef3_writer_options *options = &shape->options;
    struct mef3_session *session = NULL;
    struct mef3_error error;

    check(mef3_session_open_folder(shape->path,
                                   options->password_2 ? options->password_2 : options->password_1,
                                   &session, &error),
          &error, shape);
    return session;
}

static size_t find(struct mef3_session *session, const char *name)
{
    int64_t number = mef3_channel_find(session, name);

    if (number < 0)
        model_fail("%s is not there", name);
    return (size_t)number;
}

/* Close the writer, at its end or without one, and go on with another. Of what was not flushed
 * only whole blocks are there. */
static void reopen(struct shape *shape)
{
    struct mef3_error error;

    if (one_in(shape, 2))
        check(mef3_writer_finish(shape->writer, &error), &error, shape);
    else if (shape->is_opened) /* then it leaves what is there */
        mef3_writer_abort(shape->writer);
    else
        mef3_writer_close(shape->writer);
    shape->is_opened = true;
    struct mef3_session *session = open_session(shape);
    for (size_t k = 0; k < shape->n_channels; k++) {
        size_t n = model_count(session, find(session, shape->channels[k].name));
        if (n > shape->models[k].n || shape->models[k].n - n >= shape->channels[k].block_samples)
            model_fail("%s: %zu samples of %zu are there", shape->path, n, shape->models[k].n);
        model_cut(&shape->models[k], n);
        if (one_in(shape, 2))
            shape->channels[k].block_samples = 1 + below(shape, 200);
    }
    mef3_session_close(session);
    check(mef3_writer_open(shape->path, &shape->options, &shape->writer, &error), &error, shape);
    add_channels(shape);
}

static void step(struct shape *shape)
{
    size_t k = below(shape, (uint32_t)shape->n_channels);
    struct mef3_error error;
    uint32_t what = below(shape, 40);

    if (what == 0) {
        reopen(shape);
    } else if (what == 1) {
        check(mef3_writer_next_segment(shape->writer, shape->numbers[k], &error), &error, shape);
        shape->models[k].is_cut = true;
    } else if (what == 2) {
        size_t which = one_in(shape, 2) ? MEF3_WRITER_ALL : shape->numbers[k];
        check(mef3_writer_flush(shape->writer, which, &error), &error, shape);
    } else {
        append(shape, k);
    }
}

/* One that has the session's texts; a text of no visible length is one too. */
static void check_session(const struct shape *shape)
{
    const struct mef3_writer_options *options = &shape->options;
    struct mef3_session *session = open_session(shape);
    const struct mef3_session_info *info = mef3_session_info(session);

    if (strcmp(info->session_description, options->session_description) != 0 ||
        strcmp(info->subject_name_1, options->subject_name_1) != 0 ||
        strcmp(info->subject_name_2, options->subject_name_2) != 0 ||
        strcmp(info->subject_id, options->subject_id) != 0 ||
        strcmp(info->recording_location, options->recording_location) != 0 ||
        info->recording_time_offset != options->recording_time_offset ||
        info->gmt_offset_s != options->gmt_offset_s || info->n_damaged || info->n_locked)
        model_fail("%s: the session is said to be another", shape->path);
    for (size_t k = 0; k < shape->n_channels; k++) {
        const struct mef3_writer_channel *channel = &shape->channels[k];
        size_t number = find(session, channel->name);
        const struct mef3_channel_info *is = mef3_channel_info(session, number);
        if (is->units_factor != channel->units_factor || strcmp(is->units, channel->units) != 0 ||
            strcmp(is->description, channel->description) != 0 ||
            strcmp(is->reference, channel->reference) != 0 ||
            is->low_filter_hz != channel->low_filter_hz || is->notch_hz != channel->notch_hz ||
            is->line_hz != channel->line_hz ||
            is->acquisition_number !=
                (channel->acquisition_number < 0 ? (int64_t)k + 1 : channel->acquisition_number))
            model_fail("%s: %s is said to be another", shape->path, channel->name);
        model_check(&shape->models[k], session, number);
    }
    mef3_session_close(session);
}

static void make(struct shape *shape)
{
    struct mef3_error error;

    choose_options(shape);
    shape->n_channels = 1 + below(shape, MOST_CHANNELS);
    for (size_t k = 0; k < shape->n_channels; k++)
        choose_channel(shape, k);
    check(mef3_writer_create(shape->path, &shape->options, &shape->writer, &error), &error, shape);
    add_channels(shape);
    for (uint32_t n = below(shape, 100); n > 0; n--)
        step(shape);
    check(mef3_writer_finish(shape->writer, &error), &error, shape);
    check_session(shape);
}

int main(int argc, char **argv)
{
    if (argc != 5) {
        fprintf(stderr, "usage: write_shapes FOLDER SEED FIRST N\n");
        return 2;
    }
    uint64_t seed = strtoull(argv[2], NULL, 10), first = strtoull(argv[3], NULL, 10);
    uint64_t n = strtoull(argv[4], NULL, 10);
    for (uint64_t k = first; k < first + n; k++) {
        struct shape shape = {.random = {seed * 1000003 + k}};
        snprintf(shape.path, sizeof shape.path, "%s/%llu.mefd", argv[1], (unsigned long long)k);
        make(&shape);
        const char *password = shape.options.password_2   ? shape.options.password_2
                               : shape.options.password_1 ? shape.options.password_1
                                                          : "";
        printf("%llu\t%s\n", (unsigned long long)k, password);
        for (size_t i = 0; i < shape.n_channels; i++)
            model_fini(&shape.models[i]);
    }
    return 0;
}

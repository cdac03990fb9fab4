/* test_mutations.c - golden sessions with one thing changed: what is still called data is true.
 *
 * Bytes are flipped, files cut and lengthened, at places of a fixed sequence. With the CRCs
 * as they were, no sample may be wrong and none may pass for a gap; with the CRCs mended
 * the format cannot tell, but nothing may crash and all that is missing must be told. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "help/memory_session.h"
#include "help/sanitizer.h"
#include "help/test.h"
#include "layout.h"

enum { MOST_SAMPLES = 1 << 17, MOST_CHANNELS = 16 };

/* A channel over its whole span, as it was read. */
struct view {
    size_t n;
    int32_t *counts;
    uint8_t *truth;
    uint8_t *reported;
};

struct span {
    int64_t start;
    int64_t end;
    struct view as_it_was;
};

static uint64_t state_of_random;

static size_t below(size_t n)
{
    state_of_random = state_of_random * 6364136223846793005u + 1442695040888963407u;
    return (size_t)((state_of_random >> 33) % n);
}

static void note(void *arg, const struct mef3_damage *damage)
{
    struct view *view = arg;

    assert_true(damage->error.status < 0);
    assert_true(damage->error.file[0] != '\0');
    assert_true(damage->at >= 0 && damage->n >= 0 && damage->at + damage->n <= (int64_t)view->n);
    memset(view->reported + damage->at, 1, (size_t)damage->n);
}

static void view_init(struct view *view, size_t n)
{
    *view = (struct view){n, malloc(n * sizeof(int32_t) + 1), malloc(n + 1), calloc(n + 1, 1)};
    assert_true(view->counts && view->truth && view->reported);
}

static void view_fini(struct view *view)
{
    free(view->counts);
    free(view->truth);
    free(view->reported);
}

/* False when the channel cannot be read at all; that is said, so it is no lie. */
static bool look(struct mef3_session *session, size_t channel, const struct span *span,
                 struct view *view)
{
    const struct mef3_channel_info *info = mef3_channel_info(session, channel);
    struct mef3_error error;
    int64_t n;

    if (!info || mef3_window_samples(span->start, span->end, info->rate_hz, &n) != MEF3_OK ||
        n > MOST_SAMPLES)
        return false;
    view_init(view, (size_t)n);
    if (mef3_read_window(session, channel, span->start, span->end, view->counts, view->truth,
                         view->n, note, view, &error) != MEF3_OK) {
        assert_true(info->status != MEF3_OK);
        view_fini(view);
        return false;
    }
    for (size_t i = 0; i < view->n; i++) {
        assert_true(view->truth[i] == MEF3_DATA || view->counts[i] == MEF3_COUNT_NAN);
        assert_true(view->truth[i] != MEF3_UNREADABLE || view->reported[i]);
    }
    return true;
}

/* `has_place`: what is lost has still a witness of where it was. */
static void compare(const struct view *view, const struct view *was, bool has_place,
                    const char *what)
{
    assert_row_int(view->n, was->n, what);
    for (size_t i = 0; i < view->n; i++) {
        if (has_place && view->truth[i] == MEF3_GAP && was->truth[i] == MEF3_DATA)
            fail_msg("%s: sample %zu passes for a gap", what, i);
        if (view->truth[i] == MEF3_DATA &&
            (was->truth[i] != MEF3_DATA || view->counts[i] != was->counts[i]))
            fail_msg("%s: sample %zu is wrong", what, i);
    }
}

static size_t open_spans(struct memory_session *m, const char *password, struct span *spans)
{
    struct mef3_session *session = memory_open(m, password);
    size_t n = mef3_session_info(session)->n_channels;

    assert_true(n <= MOST_CHANNELS);
    for (size_t i = 0; i < n; i++) {
        const struct mef3_channel_info *info = mef3_channel_info(session, i);
        spans[i].start = info->start_uutc;
        spans[i].end = info->end_uutc;
        assert_true(look(session, i, &spans[i], &spans[i].as_it_was));
    }
    mef3_session_close(session);
    return n;
}

/* Change one thing in a file, and say what. False: several entries of an index may be
 * gone at once, and with them where a gap was. */
static bool mutate(struct memory_session *m, size_t number, char *what, size_t room)
{
    const struct mef3_memory_file *file = &m->files[number];
    uint8_t *bytes = memory_bytes(m, file->path);
    size_t at = below(file->n);
    /* Half of the changes where the fields are, not in the long texts. */
    if (below(2))
        at = below(file->n < 2048 ? file->n : 2048);
    if (at < file->n && below(8) > 1) {
        uint8_t flip = (uint8_t)(1u << below(8));
        bytes[at] ^= flip;
        snprintf(what, room, "%s: byte %zu ^ %u", file->path, at, flip);
        return true;
    }
    if (below(4) > 0) {
        size_t n = 1 + below(64);
        n = n < file->n - at ? n : file->n - at;
        memset(bytes + at, below(2) ? 0 : 0xFF, n);
        snprintf(what, room, "%s: %zu bytes filled at %zu", file->path, n, at);
    } else {
        size_t n = below(2) ? at : file->n + below(200);
        snprintf(what, room, "%s: %zu bytes, not %zu", file->path, n, file->n);
        memory_resize(m, file->path, n);
    }
    return strcmp(file->path + strlen(file->path) - 5, ".tidx") != 0;
}

static void mend(struct memory_session *m, size_t number)
{
    const struct mef3_memory_file *file = &m->files[number];
    size_t n = strlen(file->path);

    if (file->n < UH_BYTES)
        return;
    if (strcmp(file->path + n - 5, ".tdat") == 0) {
        uint8_t *bytes = memory_bytes(m, file->path);
        for (size_t at = UH_BYTES; at + RED_PAYLOAD <= file->n;) {
            uint32_t block = le_u32(bytes + at + RED_BLOCK_BYTES);
            if (block < RED_PAYLOAD || block > file->n - at)
                break;
            le_put_u32(bytes + at, mef3_crc32(MEF3_CRC_START, bytes + at + 4, block - 4));
            at += block;
        }
    }
    memory_seal(m, file->path);
}

static void mutate_and_read(const char *name, const char *password, int rounds, bool is_mended)
{
    static struct span spans[MOST_CHANNELS];
    struct memory_session m;
    struct view view;
    char what[600];

    memory_load(&m, name);
    size_t n_channels = open_spans(&m, password, spans);
    state_of_random = 1;
    for (int round = 0; round < rounds; round++) {
        size_t number = below(m.n);
        struct mef3_memory_file *file = &m.files[number];
        struct mef3_memory_file kept = {NULL, malloc(file->n + 1), file->n};
        assert_non_null(kept.bytes);
        memcpy((uint8_t *)(uintptr_t)kept.bytes, file->bytes, file->n);

        bool has_place = mutate(&m, number, what, sizeof what);
        if (is_mended)
            mend(&m, number);
        struct mef3_session *session = memory_open(&m, password);
        for (size_t i = 0; i < n_channels; i++) {
            if (!look(session, i, &spans[i], &view))
                continue;
            if (!is_mended)
                compare(&view, &spans[i].as_it_was, has_place, what);
            view_fini(&view);
        }
        mef3_session_close(session);

        free((uint8_t *)(uintptr_t)file->bytes);
        file->bytes = kept.bytes;
        file->n = kept.n;
    }
    for (size_t i = 0; i < n_channels; i++)
        view_fini(&spans[i].as_it_was);
    memory_free(&m);
}

static const struct {
    const char *name;
    const char *password;
    int rounds;
} sessions[] = {
    {"one_channel", NULL, 1500},      {"gaps", NULL, 800},
    {"segments", NULL, 800},          {"odd_blocks", NULL, 800},
    {"encrypted", "readall", 800},    {"encrypted_utf8", "heslo-\xC5\xBE", 400},
    {"one_sample_blocks", NULL, 400}, {"appended", NULL, 800},
    {"fractional_rate", NULL, 400},
};

static int rounds_of(size_t i)
{
    return sessions[i].rounds / (UNDER_ASAN ? 4 : 1);
}

static void what_is_called_data_is_true(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof sessions / sizeof *sessions; i++)
        mutate_and_read(sessions[i].name, sessions[i].password, rounds_of(i), false);
}

static void what_is_missing_is_told_when_the_checksums_lie(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof sessions / sizeof *sessions; i++)
        mutate_and_read(sessions[i].name, sessions[i].password, rounds_of(i), true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_called_data_is_true),
        cmocka_unit_test(what_is_missing_is_told_when_the_checksums_lie),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

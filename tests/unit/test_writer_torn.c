/* test_writer_torn.c - sessions that are not whole are gone on with: what is torn is cut off, what
 * is damaged stays unreadable where it was. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <mef3/mef3.h>

#include "help/going_on.h"
#include "help/session_files.h"
#include "help/test.h"
#include "layout.h"

static void tails_that_are_torn_are_cut_off(void **state)
{
    static const struct {
        const char *why;
        const char *type;
        int added; /* bytes */
    } row[] = {
        {"half an entry", "tidx", 30},
        {"an entry that leads nowhere", "tidx", INDEX_BYTES},
        {"two, and a half", "tidx", 2 * INDEX_BYTES + 20},
        {"half a block", "tdat", 500},
        {"a block's header", "tdat", RED_PAYLOAD},
    };

    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        char file[1024];
        size_t n;
        going_on_take("one_channel");
        going_on_file("Cz", 0, row[i].type, file);
        uint8_t *bytes = files_read(file, &n);
        bytes = realloc(bytes, n + (size_t)row[i].added);
        assert_non_null(bytes);
        memset(bytes + n, 0xFF, (size_t)row[i].added);
        files_write(file, bytes, n + (size_t)row[i].added);
        free(bytes);
        going_on_add_to_all(NULL);
        files_check(going_on_path);
        going_on_file("Cz", 1, "tmet", file);
        assert_row(access(file, F_OK) != 0, row[i].why); /* no new segment */
        files_remove(going_on_path);
    }
}

/* Blocks that no header counts, and the last of which is not whole: its entry goes too. */
static void blocks_that_are_not_counted_stay_if_they_are_whole(void **state)
{
    char file[1024];
    size_t n;
    int32_t counts[640], back[640];
    struct mef3_writer_channel channel;
    struct mef3_error error;
    size_t number;
    struct mef3_writer *writer = NULL;

    (void)state;
    going_on_name("new");
    mef3_writer_channel_defaults(&channel);
    channel.name = "Cz";
    channel.rate_hz = 256;
    channel.block_samples = 64;
    for (size_t i = 0; i < 640; i++)
        counts[i] = going_on_count(i);
    going_on_fine(mef3_writer_create(going_on_path, NULL, &writer, &error), &error);
    going_on_fine(mef3_writer_add_channel(writer, &channel, &number, &error), &error);
    going_on_fine(mef3_writer_append(writer, number, 1000, counts, 640, &error), &error);
    mef3_writer_close(writer); /* never flushed */
    going_on_file("Cz", 0, "tdat", file);
    uint8_t *bytes = files_read(file, &n);
    bytes[n - 20] ^= 1;
    files_write(file, bytes, n);
    free(bytes);

    going_on_fine(mef3_writer_open(going_on_path, NULL, &writer, &error), &error);
    going_on_fine(mef3_writer_add_channel(writer, &channel, &number, &error), &error);
    assert_int_equal(mef3_writer_end(writer, number), 1000 + 9 * 250000);
    going_on_fine(mef3_writer_append(writer, number, 1000 + 9 * 250000, counts + 576, 64, &error),
                  &error);
    going_on_fine(mef3_writer_finish(writer, &error), &error);
    files_check(going_on_path);
    struct mef3_session *session = going_on_read(NULL);
    const struct mef3_run *runs;
    size_t n_runs;
    assert_int_equal(mef3_segment_runs(session, 0, 0, &runs, &n_runs, NULL), MEF3_OK);
    assert_int_equal(n_runs, 1);
    assert_int_equal(mef3_read_samples(session, 0, 0, 0, 640, back, NULL, NULL, NULL), MEF3_OK);
    assert_memory_equal(back, counts, sizeof counts);
    mef3_session_close(session);
    files_remove(going_on_path);
}

/* What was there stays unreadable where it was, and is no gap. */
static void damage_is_not_written_over(void **state)
{
    static const struct {
        const char *why;
        const char *type;
        int at;           /* which byte is changed; from the end when negative */
        bool new_segment; /* nothing more can be put into these files */
    } row[] = {
        {"a counted block's payload", "tdat", -20, false},
        {"the header of the index", "tidx", 100, true},
        {"the header of the data", "tdat", 100, true},
        {"an entry's offset", "tidx", UH_BYTES + 3 * INDEX_BYTES + INDEX_FILE_OFFSET + 2, true},
    };

    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        char file[1024];
        size_t n, n_again;
        going_on_take("one_channel");
        going_on_file("Cz", 0, row[i].type, file);
        uint8_t *bytes = files_read(file, &n);
        bytes[row[i].at < 0 ? (int)n + row[i].at : row[i].at] ^= 0x40;
        files_write(file, bytes, n);
        going_on_add_to_all(NULL);
        uint8_t *again = files_read(file, &n_again);
        assert_row(row[i].new_segment ? n_again == n : n_again > n, row[i].why);
        assert_row(memcmp(again + UH_BYTES, bytes + UH_BYTES, n - UH_BYTES) == 0, row[i].why);
        going_on_file("Cz", 1, "tmet", file);
        assert_row((access(file, F_OK) == 0) == row[i].new_segment, row[i].why);
        free(bytes);
        free(again);
        files_remove(going_on_path);
    }
}

static void an_index_that_has_lost_its_end_is_left_alone(void **state)
{
    char file[1024];
    size_t n, n_again;

    (void)state;
    going_on_take("one_channel");
    going_on_file("Cz", 0, "tidx", file);
    uint8_t *bytes = files_read(file, &n);
    files_write(file, bytes, n - INDEX_BYTES);
    free(bytes);
    going_on_add_to_all(NULL);
    free(files_read(file, &n_again));
    assert_int_equal(n_again, n - INDEX_BYTES);
    going_on_file("Cz", 1, "tmet", file);
    assert_int_equal(access(file, F_OK), 0);
    files_remove(going_on_path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tails_that_are_torn_are_cut_off),
        cmocka_unit_test(blocks_that_are_not_counted_stay_if_they_are_whole),
        cmocka_unit_test(damage_is_not_written_over),
        cmocka_unit_test(an_index_that_has_lost_its_end_is_left_alone),
    };

    return cmocka_run_group_tests(tests, going_on_begin, going_on_end);
}

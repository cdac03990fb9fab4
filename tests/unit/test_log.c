/* test_log.c - which lines are written, and that what is not is counted. */
#include "base/log.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "help/test.h"

/* stderr goes into a pipe while a test runs; cmocka's own words come after. */
static struct {
    int kept;
    int reading;
    char *text;
    size_t n;
} caught;

static void read_caught(void)
{
    char bytes[65536];
    ssize_t n;

    while ((n = read(caught.reading, bytes, sizeof bytes)) > 0) {
        caught.text = realloc(caught.text, caught.n + (size_t)n + 1);
        memcpy(caught.text + caught.n, bytes, (size_t)n);
        caught.n += (size_t)n;
        caught.text[caught.n] = '\0';
    }
}

static int catch_stderr(void **state)
{
    int ends[2];

    (void)state;
    if (pipe(ends) < 0)
        return -1;
    caught.kept = dup(STDERR_FILENO);
    caught.reading = ends[0];
    caught.text = calloc(1, 1);
    caught.n = 0;
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
    dup2(ends[1], STDERR_FILENO);
    close(ends[1]);
    log_start("test", LOG_INFO);
    log_use(LOG_LOGFMT);
    return 0;
}

static int release_stderr(void **state)
{
    (void)state;
    dup2(caught.kept, STDERR_FILENO);
    close(caught.kept);
    close(caught.reading);
    free(caught.text);
    return 0;
}

/* Lines of an event, and what they say was left out. */
struct tally {
    unsigned long n_lines;
    unsigned long n_repeated;
    unsigned n_seconds; /* in which there were lines */
};

static struct tally tally(const char *event)
{
    struct tally tally = {0};
    char word[64], second[20] = "";
    char *line = caught.text;

    snprintf(word, sizeof word, " event=%s ", event);
    while (*line) {
        char *end = strchr(line, '\n');
        assert_non_null(end);
        *end = ' ';
        char *found = strstr(line, word);
        if (found && found < end) {
            const char *repeated = strstr(found, " repeated=");
            if (repeated && repeated < end)
                tally.n_repeated += strtoul(repeated + 10, NULL, 10);
            else
                tally.n_lines++;
            tally.n_seconds += strncmp(second, line + 5, 19) != 0;
            memcpy(second, line + 5, 19);
        }
        *end = '\n';
        line = end + 1;
    }
    return tally;
}

static void levels_below_the_least_are_not_written(void **state)
{
    (void)state;
    log_debug("quiet", LOG_U64("n", 1));
    log_info("said", LOG_U64("n", 1));
    log_error("bare");
    log_start("test", LOG_ERROR);
    log_warn("quiet", LOG_U64("n", 1));
    read_caught();
    assert_int_equal(tally("quiet").n_lines, 0);
    assert_int_equal(tally("said").n_lines, 1);
    assert_non_null(strstr(caught.text, "level=error process=test event=bare\n"));
}

static void a_flood_is_counted_and_no_count_is_lost(void **state)
{
    enum { FLOOD = 20000 };

    (void)state;
    for (int i = 0; i < FLOOD; i++) {
        log_warn("flood", LOG_I64("i", i));
        if (i % 100 == 0)
            read_caught();
    }
    log_warn("other", LOG_U64("n", 1));
    log_end();
    read_caught();
    struct tally flood = tally("flood");
    assert_int_equal(flood.n_lines + flood.n_repeated, FLOOD);
    assert_true(flood.n_lines <= (unsigned long)LOG_BURST * flood.n_seconds);
    assert_int_equal(tally("other").n_lines, 1);
    log_end();
    read_caught();
    assert_int_equal(tally("flood").n_repeated, flood.n_repeated);
}

static void a_flood_that_is_over_is_told_by_a_flush(void **state)
{
    (void)state;
    for (int i = 0; i < 2 * LOG_BURST + 1; i++)
        log_info("brief", LOG_I64("i", i));
    read_caught();
    /* Until its second is over, and not a moment of silence longer. */
    while (tally("brief").n_lines + tally("brief").n_repeated < 2 * LOG_BURST + 1) {
        log_flush();
        usleep(1000);
        read_caught();
    }
    assert_int_equal(tally("brief").n_lines + tally("brief").n_repeated, 2 * LOG_BURST + 1);
}

static void lines_that_nobody_takes_hold_nothing_up_and_are_counted(void **state)
{
    static const char FILL[4096];
    enum { LINES = 10 };

    (void)state;
    int flags = fcntl(STDERR_FILENO, F_GETFL);
    fcntl(STDERR_FILENO, F_SETFL, flags | O_NONBLOCK);
    while (write(STDERR_FILENO, FILL, sizeof FILL) > 0)
        continue;
    fcntl(STDERR_FILENO, F_SETFL, flags);
    for (int i = 0; i < LINES; i++)
        log_info("stuck", LOG_I64("i", i));
    log_end(); /* is not taken either, and is not forgotten */
    read_caught();
    caught.text[caught.n = 0] = '\0';
    log_end();
    read_caught();
    assert_int_equal(tally("stuck").n_lines, 0);
    assert_int_equal(tally("stuck").n_repeated, LINES);
}

static void words_of_the_settings(void **state)
{
    static const struct {
        const char *text;
        int level;
        int format;
    } row[] = {
        {"debug", LOG_DEBUG, -1},
        {"INFO", LOG_INFO, -1},
        {"warn", LOG_WARN, -1},
        {"Warning", LOG_WARN, -1},
        {"error", LOG_ERROR, -1},
        {"critical", -1, -1},
        {"", -1, -1},
        {"infox", -1, -1},
        {"logfmt", -1, LOG_LOGFMT},
        {"JSON", -1, LOG_JSON},
        {"json ", -1, -1},
    };

    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        assert_row_int(log_level_parse(row[i].text), row[i].level, row[i].text);
        assert_row_int(log_format_parse(row[i].text), row[i].format, row[i].text);
    }
}

#define CATCHING(test) cmocka_unit_test_setup_teardown(test, catch_stderr, release_stderr)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CATCHING(levels_below_the_least_are_not_written),
        CATCHING(a_flood_is_counted_and_no_count_is_lost),
        CATCHING(a_flood_that_is_over_is_told_by_a_flush),
        CATCHING(lines_that_nobody_takes_hold_nothing_up_and_are_counted),
        cmocka_unit_test(words_of_the_settings),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

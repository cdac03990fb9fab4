/* test_bounds.c - what a hostile recording can cost, in memory and in work: SECURITY.md says how
 * much at most, and this is where it is held to it.
 *
 *   test_bounds [FOLDER]...    and every recording in these folders
 *
 * Work is counted: bytes that are read from the source, symbols that are decoded. Nothing here
 * takes long; a limit of processor time ends what would take for ever. */
#include <mef3/mef3.h>

#include <dirent.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "bytes.h"
#include "fuzz/read_all.h"
#include "help/allocations.h"
#include "help/long_index.h"
#include "help/test.h"
#include "layout.h"
#include "red_lanes.h"

/* The bound on memory: so many times the bytes of the files, so much for each folder that stands
 * for a channel or a segment, and so much in any case. */
enum { TIMES = 5, FOLDER_BYTES = 3 << 10, ANYWAY = 4 << 20 };
enum { CPU_S = 600 };

static size_t most_memory(uint64_t file_bytes, size_t n_folders)
{
    return (size_t)(TIMES * file_bytes) + FOLDER_BYTES * n_folders + ANYWAY;
}

/* Linked with --wrap: the library's choice of a way comes here. */
const struct red_way *__real_red_best_way(void);
const struct red_way *__wrap_red_best_way(void);

static uint64_t n_symbols_decoded;

static void count_symbols(struct red_lane *lanes, size_t n, size_t n_symbols)
{
    n_symbols_decoded += n * n_symbols;
    __real_red_best_way()->decode(lanes, n, n_symbols);
}

const struct red_way *__wrap_red_best_way(void)
{
    static struct red_way counting;

    counting = *__real_red_best_way();
    counting.decode = count_symbols;
    return &counting;
}

static void no_more_than(uint64_t found, uint64_t most, const char *what)
{
    if (found > most)
        fail_msg("%s: %llu, more than %llu", what, (unsigned long long)found,
                 (unsigned long long)most);
}

/* An index of any kind: memory in proportion, read a few times, and no more than two runs an
 * entry. An algorithm that is worse than n log n would not come to an end here. */
static void an_index_takes_memory_in_proportion(void **state)
{
    static const char *const names[N_LONG_INDEX_KINDS] = {
        "regular", "gaps", "outward", "inward", "earlier", "faulty", "same bytes"};
    enum { N = 1 << 18 };
    const struct mef3_run *runs;
    struct mef3_session *session;
    struct mef3_source source;
    struct mef3_error error;
    size_t n;

    (void)state;
    for (int kind = 0; kind < N_LONG_INDEX_KINDS; kind++) {
        struct long_index facts = {.n_channels = 1, .n_entries = N, .kind = kind};
        long_index_source(&facts, &source);
        allocations_begin(-1);
        assert_row_int(mef3_session_open(&source, NULL, &session, &error), MEF3_OK, names[kind]);
        assert_row_int(mef3_segment_runs(session, 0, 0, &runs, &n, &error), MEF3_OK, names[kind]);
        allocations_end();
        no_more_than(n, 2 * N, names[kind]);
        no_more_than(allocations.bytes_most, most_memory(META_BYTES + long_index_bytes(&facts), 2),
                     names[kind]);
        no_more_than(facts.bytes_read, 2 * (META_BYTES + long_index_bytes(&facts)), names[kind]);
        mef3_session_close(session);
    }
}

static void an_index_longer_than_there_may_be_is_not_even_read(void **state)
{
    struct long_index facts = {
        .n_channels = 1, .n_entries = (1 << 23) + 1, .kind = LONG_INDEX_FAULTY};
    const struct mef3_run *runs;
    struct mef3_session *session;
    struct mef3_source source;
    struct mef3_error error;
    size_t n;

    (void)state;
    long_index_source(&facts, &source);
    allocations_begin(-1);
    assert_int_equal(mef3_session_open(&source, NULL, &session, &error), MEF3_OK);
    assert_int_equal(mef3_segment_runs(session, 0, 0, &runs, &n, &error), MEF3_ELIMIT);
    allocations_end();
    assert_string_equal(error.field, "number of index entries");
    assert_string_equal(error.found, "8388609");
    no_more_than(allocations.bytes_most, most_memory(META_BYTES, 2), "memory");
    mef3_session_close(session);
}

static void an_index_that_names_bytes_again_and_again_has_them_read_a_few_times(void **state)
{
    enum { N = 3000 };
    static int32_t counts[N];
    struct long_index facts = {.n_channels = 1, .n_entries = N, .kind = LONG_INDEX_SAME_BYTES};
    struct mef3_session *session;
    struct mef3_source source;
    struct mef3_error error;

    (void)state;
    long_index_source(&facts, &source);
    assert_int_equal(mef3_session_open(&source, NULL, &session, &error), MEF3_OK);
    assert_int_equal(mef3_read_samples(session, 0, 0, 0, N, counts, NULL, NULL, &error), MEF3_OK);
    no_more_than(facts.bytes_read, 5 * long_index_data_bytes(&facts), "bytes read");
    mef3_session_close(session);
}

/* A block: counts of symbol 0 and of another, and a payload of zeros. */
static void put_block(uint8_t *block, uint32_t bytes, uint32_t n_samples, uint8_t other,
                      int64_t start_uutc)
{
    memset(block, 0, bytes);
    le_put_u32(block + RED_DIFFERENCE_BYTES, n_samples + 4);
    le_put_u32(block + RED_N_SAMPLES, n_samples);
    le_put_u32(block + RED_BLOCK_BYTES, bytes);
    le_put_i64(block + RED_START_TIME, start_uutc);
    block[RED_STATISTICS] = 255;
    block[RED_STATISTICS + 1] = other;
    le_put_u32(block + RED_CRC, mef3_crc32(MEF3_CRC_START, block + RED_FLAGS, bytes - RED_FLAGS));
}

static void a_block_is_not_decoded_beyond_what_its_bytes_can_hold(void **state)
{
    enum { BYTES = RED_PAYLOAD + 8 };
    static uint8_t block[BYTES];
    struct mef3_error error;
    int32_t count = 1;

    (void)state;
    /* One symbol alone: written down where it is wanted. */
    n_symbols_decoded = 0;
    put_block(block, BYTES, MEF3_RED_MAX_SAMPLES, 0, 0);
    assert_int_equal(mef3_red_decode(block, BYTES, NULL, MEF3_RED_MAX_SAMPLES - 1, 1, &count, NULL),
                     MEF3_OK);
    assert_int_equal(count, 0);
    assert_int_equal(n_symbols_decoded, 0);
    /* With another beside it, each takes a little of the payload. */
    put_block(block, BYTES, MEF3_RED_MAX_SAMPLES, 1, 0);
    assert_int_equal(mef3_red_decode(block, BYTES, NULL, 0, 1, &count, &error), MEF3_EDAMAGED);
    assert_string_equal(error.field, "difference bytes");
    uint32_t n = MEF3_RED_MAX_SAMPLES;
    do {
        n -= n / 64;
        put_block(block, BYTES, n, 1, 0);
    } while (mef3_red_decode(block, BYTES, NULL, n - 1, 1, &count, &error) != MEF3_OK);
    assert_true(n > 1000);
    no_more_than(n_symbols_decoded, MEF3_RED_MOST_SYMBOLS * BYTES, "symbols");
}

struct crafted {
    uint8_t metadata[META_BYTES];
    uint8_t *index, *data;
    size_t n_index, n_data;
};

static void put_header(uint8_t *bytes, size_t n, const char *type)
{
    memcpy(bytes + UH_TYPE, type, 4);
    bytes[UH_VERSION_MAJOR] = 3;
    bytes[UH_BYTE_ORDER] = 1;
    le_put_i64(bytes + UH_START_TIME, 0);
    le_put_i64(bytes + UH_END_TIME, (int64_t)1 << 50);
    le_put_u32(bytes + UH_BODY_CRC, mef3_crc32(MEF3_CRC_START, bytes + UH_BYTES, n - UH_BYTES));
    le_put_u32(bytes + UH_HEADER_CRC,
               mef3_crc32(MEF3_CRC_START, bytes + UH_BODY_CRC, UH_BYTES - UH_BODY_CRC));
}

/* n blocks, each of which begins a sample before the one that was there before it: of that, all
 * that is left is its last sample, for which it has to be decoded to its end. */
static void craft(struct crafted *c, size_t n, uint32_t bytes, uint32_t n_samples, uint8_t other)
{
    uint8_t *section = c->metadata + META_SECTION_2;

    memset(c->metadata, 0, sizeof c->metadata);
    c->n_index = UH_BYTES + n * INDEX_BYTES;
    c->n_data = UH_BYTES + n * bytes;
    c->index = calloc(1, c->n_index);
    c->data = calloc(1, c->n_data);
    assert_true(c->index && c->data);
    for (size_t k = 0; k < n; k++) {
        uint8_t *entry = c->index + UH_BYTES + k * INDEX_BYTES;
        int64_t start = (int64_t)(n - k) * 1000;
        put_block(c->data + UH_BYTES + k * bytes, bytes, n_samples, other, start);
        le_put_u64(entry + INDEX_FILE_OFFSET, UH_BYTES + k * bytes);
        le_put_i64(entry + INDEX_START_TIME, start);
        le_put_u32(entry + INDEX_N_SAMPLES, n_samples);
        le_put_u32(entry + INDEX_BLOCK_BYTES, bytes);
    }
    le_put_f64(section + S2_RATE, 1000);
    le_put_f64(section + S2_UNITS_FACTOR, 1);
    le_put_i64(section + S2_N_BLOCKS, (int64_t)n);
    put_header(c->metadata, META_BYTES, "tmet");
    put_header(c->index, c->n_index, "tidx");
    put_header(c->data, c->n_data, "tdat");
}

static void no_damage(void *arg, const struct mef3_damage *damage)
{
    (void)arg;
    fail_msg("%s: %s", damage->error.file, damage->error.field);
}

static void a_window_costs_what_the_bytes_of_its_blocks_can_hold(void **state)
{
    enum { N = 600 };
    static const struct {
        const char *why;
        uint32_t bytes, n_samples;
        uint8_t other;
    } row[] = {
        {"blocks of one symbol, which could be 2^25 samples each", RED_PAYLOAD,
         MEF3_RED_MAX_SAMPLES, 0},
        {"blocks that hold the most that so few bytes can", RED_PAYLOAD + 8, 100000, 1},
    };
    static int32_t counts[N];
    static uint8_t truth[N];
    struct mef3_session *session;
    struct mef3_source source;
    struct mef3_error error;

    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        static struct crafted c;
        craft(&c, N, row[i].bytes, row[i].n_samples, row[i].other);
        const struct mef3_memory_file files[] = {
            {"c.timd/c-000000.segd/c-000000.tmet", c.metadata, META_BYTES},
            {"c.timd/c-000000.segd/c-000000.tidx", c.index, c.n_index},
            {"c.timd/c-000000.segd/c-000000.tdat", c.data, c.n_data},
        };
        n_symbols_decoded = 0;
        allocations_begin(-1);
        assert_int_equal(mef3_source_memory("c", files, 3, &source), MEF3_OK);
        assert_int_equal(mef3_session_open(&source, NULL, &session, &error), MEF3_OK);
        int64_t end = (int64_t)(row[i].n_samples + N) * 1000;
        assert_row_int(mef3_read_window(session, 0, end - N * 1000, end, counts, truth, N,
                                        no_damage, NULL, &error),
                       MEF3_OK, row[i].why);
        allocations_end();
        for (size_t k = 0; k < N; k++)
            assert_row(truth[k] == MEF3_DATA && counts[k] == 0, row[i].why);
        no_more_than(n_symbols_decoded, MEF3_RED_MOST_SYMBOLS * (uint64_t)c.n_data, row[i].why);
        no_more_than(allocations.bytes_most, most_memory(META_BYTES + c.n_index + c.n_data, 2),
                     row[i].why);
        mef3_session_close(session);
        free(c.index);
        free(c.data);
    }
}

/* A recording of names: n channels, or one channel of n segments, and no file in them. */
struct names {
    size_t n_channels, n_segments;
};

static int list_names(void *self, const char *folder, mef3_name_fn *each, void *arg)
{
    const struct names *names = self;
    size_t n = folder[0] ? names->n_segments : names->n_channels;
    char name[300];
    int status = MEF3_OK;

    /* As long as names can be. */
    for (size_t i = 0; status == MEF3_OK && i < n; i++) {
        snprintf(name, sizeof name, "%0*d-%07zu.%s", 255 - 5 - 8, 0, i,
                 folder[0] ? "segd" : "timd");
        status = each(arg, name, true);
    }
    return status;
}

static int open_none(void *self, const char *path, void **file_out, uint64_t *bytes_out)
{
    (void)self;
    (void)path;
    (void)file_out;
    (void)bytes_out;
    return MEF3_ENOENT;
}

static void free_nothing(void *self)
{
    (void)self;
}

static const struct mef3_source_ops ops_of_names = {
    .list = list_names, .open = open_none, .free = free_nothing};

static int open_names(struct names names, struct mef3_session **session_out)
{
    struct mef3_source source = {.ops = &ops_of_names, .self = &names};

    return mef3_session_open(&source, NULL, session_out, NULL);
}

static void names_take_memory_in_proportion_and_there_are_not_too_many(void **state)
{
    static const struct {
        const char *why;
        struct names names;
        int status;
    } row[] = {
        {"as many channels as there may be", {MEF3_MAX_CHANNELS, 0}, MEF3_OK},
        {"one more", {MEF3_MAX_CHANNELS + 1, 0}, MEF3_ELIMIT},
        {"many segments, of which nothing can be read", {1, 20000}, MEF3_OK},
        {"channels and segments", {300, 50}, MEF3_OK},
        {"more segments than there may be, of all channels together", {1000, 1001}, MEF3_ELIMIT},
    };

    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct mef3_session *session = NULL;
        size_t n = row[i].names.n_channels * (1 + row[i].names.n_segments);
        allocations_begin(-1);
        assert_row_int(open_names(row[i].names, &session), row[i].status, row[i].why);
        allocations_end();
        no_more_than(allocations.bytes_most, most_memory(0, n), row[i].why);
        mef3_session_close(session);
    }
}

static uint64_t n_file_bytes, n_folders;

static int weigh(const char *path, const struct stat *st, int type, struct FTW *walk)
{
    (void)path;
    (void)walk;
    n_folders += type == FTW_D;
    n_file_bytes += type == FTW_F ? (uint64_t)st->st_size : 0;
    return 0;
}

static void a_recording_takes_memory_in_proportion(const char *path)
{
    struct mef3_session *session;

    n_file_bytes = n_folders = 0;
    assert_int_equal(nftw(path, weigh, 8, FTW_PHYS), 0);
    allocations_begin(-1);
    if (mef3_session_open_folder(path, "readall", &session, NULL) == MEF3_OK) {
        read_all_of(session);
        mef3_session_close(session);
    }
    allocations_end();
    assert_row_int(allocations.n_in_use, 0, path);
    no_more_than(allocations.bytes_most, most_memory(n_file_bytes, n_folders), path);
}

static char **folders;

static void every_recording_takes_memory_in_proportion(void **state)
{
    char path[4096];
    size_t n = 0;

    (void)state;
    for (char **folder = folders; *folder; folder++) {
        struct dirent *entry;
        DIR *dir = opendir(*folder);
        assert_non_null(dir);
        while ((entry = readdir(dir))) {
            if (!strstr(entry->d_name, ".mefd"))
                continue;
            snprintf(path, sizeof path, "%s/%s", *folder, entry->d_name);
            a_recording_takes_memory_in_proportion(path);
            n++;
        }
        closedir(dir);
    }
    assert_true(n > 0 || !*folders);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_index_takes_memory_in_proportion),
        cmocka_unit_test(an_index_longer_than_there_may_be_is_not_even_read),
        cmocka_unit_test(an_index_that_names_bytes_again_and_again_has_them_read_a_few_times),
        cmocka_unit_test(a_block_is_not_decoded_beyond_what_its_bytes_can_hold),
        cmocka_unit_test(a_window_costs_what_the_bytes_of_its_blocks_can_hold),
        cmocka_unit_test(names_take_memory_in_proportion_and_there_are_not_too_many),
        cmocka_unit_test(every_recording_takes_memory_in_proportion),
    };
    struct rlimit cpu = {CPU_S, CPU_S};

    (void)argc;
    folders = argv + 1;
    setrlimit(RLIMIT_CPU, &cpu);
    return cmocka_run_group_tests(tests, NULL, NULL);
}

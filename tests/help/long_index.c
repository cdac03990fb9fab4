/* long_index.c - recordings whose indices are long, and which take no memory. */
#include "help/long_index.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "layout.h"

/* A longer index has a wrong checksum: to make it true would take long. */
enum { SAMPLE_US = 1000, BLOCK_BYTES = RED_PAYLOAD, MOST_CHECKED = 1 << 22 };

struct kept {
    struct long_index *facts;
    uint8_t metadata[META_BYTES];
    uint8_t index[UH_BYTES]; /* the headers of the other two */
    uint8_t data[UH_BYTES];
};

/* What is asked of, by the name's end; "c0" and the others are alike. */
enum file { METADATA = 1, INDEX, DATA };

uint64_t long_index_bytes(const struct long_index *facts)
{
    return UH_BYTES + (uint64_t)facts->n_entries * INDEX_BYTES;
}

uint64_t long_index_data_bytes(const struct long_index *facts)
{
    return UH_BYTES + (uint64_t)facts->n_entries * BLOCK_BYTES;
}

static void put_entry(const struct long_index *facts, size_t k, uint8_t entry[INDEX_BYTES])
{
    int64_t n = (int64_t)facts->n_entries, i = (int64_t)k, first = i, n_samples = 1;
    uint64_t offset = UH_BYTES + k * BLOCK_BYTES, bytes = BLOCK_BYTES;

    if (facts->kind == LONG_INDEX_FAULTY) {
        memset(entry, 0xFF, INDEX_BYTES);
        return;
    }
    if (facts->kind == LONG_INDEX_GAPS)
        first = 2 * i;
    if (facts->kind == LONG_INDEX_OUTWARD)
        first = n - i, n_samples = 2 * i + 1;
    if (facts->kind == LONG_INDEX_INWARD)
        first = i, n_samples = 2 * (n - i) - 1;
    if (facts->kind == LONG_INDEX_EARLIER)
        first = n - i, n_samples = 1 << 20;
    if (facts->kind == LONG_INDEX_SAME_BYTES)
        offset = UH_BYTES, bytes = long_index_data_bytes(facts) - UH_BYTES;
    memset(entry, 0, INDEX_BYTES);
    le_put_u64(entry + INDEX_FILE_OFFSET, offset);
    le_put_i64(entry + INDEX_START_TIME, LONG_INDEX_START + first * SAMPLE_US);
    le_put_u32(entry + INDEX_N_SAMPLES, (uint32_t)n_samples);
    le_put_u32(entry + INDEX_BLOCK_BYTES, (uint32_t)bytes);
}

/* Bytes [offset, offset + n) of the entries, offset counted from the first. */
static void put_entries(const struct long_index *facts, uint64_t offset, uint8_t *to, size_t n)
{
    uint8_t entry[INDEX_BYTES];

    while (n > 0) {
        size_t within = offset % INDEX_BYTES;
        size_t some = INDEX_BYTES - within < n ? INDEX_BYTES - within : n;
        put_entry(facts, offset / INDEX_BYTES, entry);
        memcpy(to, entry + within, some);
        to += some;
        offset += some;
        n -= some;
    }
}

static int list(void *self, const char *folder, mef3_name_fn *each, void *arg)
{
    struct long_index *facts = ((const struct kept *)self)->facts;
    char name[64];
    int status = MEF3_OK;

    facts->n_calls++;
    if (folder[0]) {
        snprintf(name, sizeof name, "%.*s-000000.segd", (int)strcspn(folder, "."), folder);
        return each(arg, name, true);
    }
    for (size_t i = 0; status == MEF3_OK && i < facts->n_channels; i++) {
        snprintf(name, sizeof name, "c%zu.timd", i);
        status = each(arg, name, true);
    }
    return status;
}

static int open_file(void *self, const char *path, void **file_out, uint64_t *bytes_out)
{
    static enum file files[] = {METADATA, INDEX, DATA};
    struct long_index *facts = ((const struct kept *)self)->facts;
    const char *type = path + strlen(path) - 4;

    facts->n_calls++;
    size_t i = strcmp(type, "tmet") == 0 ? 0 : strcmp(type, "tidx") == 0 ? 1 : 2;
    *file_out = &files[i];
    *bytes_out = i == 0   ? META_BYTES
                 : i == 1 ? long_index_bytes(facts)
                          : long_index_data_bytes(facts);
    return MEF3_OK;
}

static int read_file(void *self, void *file, uint64_t offset, void *bytes_out, size_t n,
                     size_t *n_out)
{
    struct kept *kept = self;
    struct long_index *facts = kept->facts;
    enum file which = *(const enum file *)file;
    uint64_t bytes = which == METADATA ? META_BYTES
                     : which == INDEX  ? long_index_bytes(facts)
                                       : long_index_data_bytes(facts);
    const uint8_t *head = which == METADATA ? kept->metadata
                          : which == INDEX  ? kept->index
                                            : kept->data;
    size_t n_head = which == METADATA ? META_BYTES : UH_BYTES;
    uint8_t *to = bytes_out;

    facts->n_calls++;
    n = offset > bytes ? 0 : n < bytes - offset ? n : (size_t)(bytes - offset);
    *n_out = n;
    facts->bytes_read += n;
    size_t some = offset >= n_head ? 0 : n < n_head - offset ? n : n_head - (size_t)offset;
    memcpy(to, head + (some ? offset : 0), some);
    if (which == INDEX && n > some)
        put_entries(facts, offset + some - UH_BYTES, to + some, n - some);
    else
        memset(to + some, 0, n - some);
    return MEF3_OK;
}

static int length(void *self, void *file, uint64_t *bytes_out)
{
    return open_file(self, *(const enum file *)file == INDEX ? "tidx" : "tdat", &file, bytes_out);
}

static void close_file(void *self, void *file)
{
    (void)self;
    (void)file;
}

static const struct mef3_source_ops ops = {
    .list = list,
    .open = open_file,
    .read = read_file,
    .length = length,
    .close = close_file,
    .free = free,
};

static void put_header(uint8_t *bytes, const char *type, const struct long_index *facts,
                       uint32_t body_crc)
{
    memcpy(bytes + UH_TYPE, type, 4);
    bytes[UH_VERSION_MAJOR] = 3;
    bytes[UH_BYTE_ORDER] = 1;
    le_put_i64(bytes + UH_START_TIME, LONG_INDEX_START);
    le_put_i64(bytes + UH_END_TIME,
               LONG_INDEX_START + (2 * (int64_t)facts->n_entries + 1) * SAMPLE_US);
    le_put_u32(bytes + UH_BODY_CRC, body_crc);
    le_put_u32(bytes + UH_HEADER_CRC,
               mef3_crc32(MEF3_CRC_START, bytes + UH_BODY_CRC, UH_BYTES - UH_BODY_CRC));
}

static uint32_t crc_of_entries(const struct long_index *facts)
{
    uint32_t crc = MEF3_CRC_START;
    uint8_t entry[INDEX_BYTES];

    if (facts->n_entries > MOST_CHECKED)
        return 0;
    for (size_t k = 0; k < facts->n_entries; k++) {
        put_entry(facts, k, entry);
        crc = mef3_crc32(crc, entry, INDEX_BYTES);
    }
    return crc;
}

void long_index_source(struct long_index *facts, struct mef3_source *source_out)
{
    struct kept *kept = calloc(1, sizeof *kept);

    if (!kept) {
        perror("long_index");
        exit(1);
    }
    uint8_t *section = kept->metadata + META_SECTION_2;
    kept->facts = facts;
    le_put_f64(section + S2_RATE, 1e6 / SAMPLE_US);
    le_put_f64(section + S2_UNITS_FACTOR, 1);
    le_put_i64(section + S2_N_SAMPLES, (int64_t)facts->n_entries);
    le_put_i64(section + S2_N_BLOCKS, (int64_t)facts->n_entries);
    le_put_u32(section + S2_MAX_BLOCK_SAMPLES, 1);
    put_header(kept->metadata, "tmet", facts,
               mef3_crc32(MEF3_CRC_START, kept->metadata + UH_BYTES, META_BYTES - UH_BYTES));
    put_header(kept->index, "tidx", facts, crc_of_entries(facts));
    put_header(kept->data, "tdat", facts, 0);
    *source_out = (struct mef3_source){.ops = &ops, .self = kept, .name = "long"};
}

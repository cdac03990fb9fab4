/* tar_header.c - one header of a tar: what it says of the member that follows it. */
#include "tar_header.h"

#include <string.h>

/* POSIX.1-2017, pax, "ustar Interchange Format". GNU's has "ustar  " at AT_MAGIC, and other things
 * than a prefix at AT_PREFIX. */
enum {
    AT_NAME = 0,
    NAME_BYTES = 100,
    AT_SIZE = 124,
    SIZE_BYTES = 12,
    AT_CHECKSUM = 148,
    CHECKSUM_BYTES = 8,
    AT_TYPE = 156,
    AT_MAGIC = 257,
    MAGIC_BYTES = 6, /* with its zero */
    AT_PREFIX = 345,
    PREFIX_BYTES = 155,
};

bool tar_block_is_zero(const uint8_t block[TAR_BLOCK])
{
    static const uint8_t zeros[TAR_BLOCK];

    return memcmp(block, zeros, TAR_BLOCK) == 0;
}

/* Octal digits, spaces before them, a space or a zero after them; no digit is 0. */
static bool octal(const uint8_t *at, size_t n, uint64_t *number_out)
{
    uint64_t number = 0;
    size_t i = 0;

    while (i < n && at[i] == ' ')
        i++;
    for (; i < n && at[i] >= '0' && at[i] <= '7'; i++)
        number = 8 * number + (at[i] - (uint64_t)'0'); /* 12 digits at most: 36 bits */
    while (i < n && (at[i] == ' ' || at[i] == '\0'))
        i++;
    *number_out = number;
    return i == n;
}

/* GNU: with the first bit set, a number in bytes, the greatest first. The second bit is a sign. */
static bool binary(const uint8_t *at, size_t n, uint64_t *number_out)
{
    uint64_t number = at[0] & 0x7F;

    for (size_t i = 1; i < n; i++) {
        if (number > INT64_MAX >> 8)
            return false;
        number = number << 8 | at[i];
    }
    *number_out = number;
    return true;
}

/* The sum of all bytes, the checksum's own taken for spaces. Some old tars took bytes for signed.
 */
static bool has_true_checksum(const uint8_t block[TAR_BLOCK])
{
    uint32_t sum = 0, n_high = 0, own_sum = 0, own_high = 0;
    uint64_t said;

    for (size_t i = 0; i < TAR_BLOCK; i++) {
        sum += block[i];
        n_high += block[i] >> 7;
    }
    for (size_t i = AT_CHECKSUM; i < AT_CHECKSUM + CHECKSUM_BYTES; i++) {
        own_sum += block[i];
        own_high += block[i] >> 7;
    }
    sum += CHECKSUM_BYTES * ' ' - own_sum;
    return octal(block + AT_CHECKSUM, CHECKSUM_BYTES, &said) &&
           (said == sum || said + 256 * (uint64_t)(n_high - own_high) == sum);
}

static void join_path(const uint8_t block[TAR_BLOCK], char path[TAR_HEADER_PATH_ROOM])
{
    const char *name = (const char *)block + AT_NAME;
    const char *prefix = (const char *)block + AT_PREFIX;
    bool is_ustar = memcmp(block + AT_MAGIC, "ustar", MAGIC_BYTES) == 0;
    size_t n_name = strnlen(name, NAME_BYTES);
    size_t n = is_ustar ? strnlen(prefix, PREFIX_BYTES) : 0;

    memcpy(path, prefix, n);
    if (n > 0)
        path[n++] = '/';
    memcpy(path + n, name, n_name);
    path[n + n_name] = '\0';
}

int tar_header_read(const uint8_t block[TAR_BLOCK], struct tar_header *header_out)
{
    struct tar_header header;

    if (!has_true_checksum(block))
        return MEF3_ECRC;
    bool is_number = block[AT_SIZE] & 0x80 ? binary(block + AT_SIZE, SIZE_BYTES, &header.bytes)
                                           : octal(block + AT_SIZE, SIZE_BYTES, &header.bytes);
    if (!is_number)
        return MEF3_EFORMAT;
    header.type = (char)block[AT_TYPE];
    join_path(block, header.path);
    *header_out = header;
    return MEF3_OK;
}

const char *tar_type_name(char type)
{
    switch (type) {
    case '1':
        return "a hard link";
    case '2':
        return "a symbolic link";
    case '3':
    case '4':
        return "a device";
    case '6':
        return "a pipe";
    case 'S':
        return "a sparse file";
    case 'M':
        return "the rest of a file from another volume";
    default:
        return "a member of a type not known";
    }
}

const char *tar_compression(const uint8_t block[TAR_BLOCK])
{
    static const struct {
        const char *name;
        const char *magic;
        size_t n;
    } row[] = {
        {"gzip", "\x1F\x8B", 2},        {"bzip2", "BZh", 3},
        {"xz", "\xFD\x37zXZ", 5},       {"zstd", "\x28\xB5\x2F\xFD", 4},
        {"lz4", "\x04\x22\x4D\x18", 4}, {"lzip", "LZIP", 4},
        {"compress", "\x1F\x9D", 2},    {"zip", "PK\3\4", 4},
        {"7-Zip", "7z\xBC\xAF", 4},
    };

    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++)
        if (memcmp(block, row[i].magic, row[i].n) == 0)
            return row[i].name;
    return NULL;
}

/* Decimal digits, at least one, up to `end`; returns what follows them, NULL: no number. */
static const char *decimal(const char *at, const char *end, uint64_t *number_out)
{
    uint64_t number = 0;
    const char *digit = at;

    for (; digit < end && *digit >= '0' && *digit <= '9'; digit++) {
        if (number > INT64_MAX / 10 - 1)
            return NULL;
        number = 10 * number + (uint64_t)(*digit - '0');
    }
    *number_out = number;
    return digit > at ? digit : NULL;
}

static bool is_key(const char *key, size_t n, const char *name)
{
    return n == strlen(name) && memcmp(key, name, n) == 0;
}

/* One record's key and value. An empty value takes back what was said before. */
static bool take_record(struct tar_pax *pax, const char *key, size_t n_key, const char *value,
                        size_t n_value)
{
    static const char sparse[] = "GNU.sparse.";

    if (n_key >= sizeof sparse - 1 && memcmp(key, sparse, sizeof sparse - 1) == 0)
        pax->is_sparse = true;
    if (is_key(key, n_key, "path")) {
        pax->path = n_value > 0 ? value : NULL;
        pax->path_bytes = n_value;
    }
    if (!is_key(key, n_key, "size"))
        return true;
    pax->has_bytes = n_value > 0;
    return n_value == 0 || decimal(value, value + n_value, &pax->bytes) == value + n_value;
}

int tar_pax_read(const uint8_t *bytes, size_t n, struct tar_pax *pax_out)
{
    const char *at = (const char *)bytes;
    const char *end = at + n;
    struct tar_pax pax = {0};

    /* Some writers fill the rest with zeros. */
    while (at < end && *at != '\0') {
        uint64_t length;
        const char *key = decimal(at, end, &length);
        if (!key || key == end || *key != ' ' || length > (uint64_t)(end - at) ||
            length <= (uint64_t)(key - at) + 1)
            return MEF3_EFORMAT;
        const char *last = at + length - 1;
        key++;
        const char *equals = memchr(key, '=', (size_t)(last - key));
        if (*last != '\n' || !equals || equals == key ||
            !take_record(&pax, key, (size_t)(equals - key), equals + 1,
                         (size_t)(last - equals - 1)))
            return MEF3_EFORMAT;
        at = last + 1;
    }
    *pax_out = pax;
    return MEF3_OK;
}

int tar_path_clean(const char *path, size_t n, char clean_out[TAR_PATH_ROOM])
{
    char clean[TAR_PATH_ROOM];
    size_t done = 0;

    if ((n > 0 && path[0] == '/') || memchr(path, '\0', n))
        return MEF3_EFORMAT;
    for (size_t at = 0, part; at < n; at += part + 1) {
        const char *slash = memchr(path + at, '/', n - at);
        part = slash ? (size_t)(slash - path) - at : n - at;
        if (part == 2 && memcmp(path + at, "..", 2) == 0)
            return MEF3_EFORMAT;
        if (part == 0 || (part == 1 && path[at] == '.'))
            continue;
        if (part > TAR_PART_MAX || part + 2 > sizeof clean - done)
            return MEF3_ELIMIT;
        if (done > 0)
            clean[done++] = '/';
        memcpy(clean + done, path + at, part);
        done += part;
    }
    clean[done] = '\0';
    memcpy(clean_out, clean, done + 1);
    return MEF3_OK;
}

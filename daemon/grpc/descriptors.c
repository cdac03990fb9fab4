/* descriptors.c - the files of the wire contract, as protoc describes them.
 *
 * A FileDescriptorSet of some kilobytes, walked as it stands: nobody asks often
 * enough to make an index worth it. The bytes are the build's own and are
 * trusted; the walk stays within them all the same. */
#include "descriptors.h"

#include <stdio.h>
#include <string.h>

/* Field numbers of google/protobuf/descriptor.proto. */
enum {
    SET_FILE = 1,
    FILE_NAME = 1,
    FILE_PACKAGE = 2,
    FILE_MESSAGE = 4,
    FILE_ENUM = 5,
    FILE_SERVICE = 6,
    MESSAGE_FIELD = 2,
    MESSAGE_NESTED = 3,
    MESSAGE_ENUM = 4,
    MESSAGE_ONEOF = 8,
    ENUM_VALUE = 2,
    SERVICE_METHOD = 2,
    ANY_NAME = 1, /* of all but the set */
};

static const uint8_t CONTRACT[] = {
#include "contract.binpb.inc"
};

static bool take_varint(struct descriptor_bytes *rest, uint64_t *value_out)
{
    uint64_t value = 0;

    for (unsigned shift = 0; rest->n > 0 && shift < 64; shift += 7) {
        uint8_t byte = *rest->at++;
        rest->n--;
        value |= (uint64_t)(byte & 0x7F) << shift;
        if (byte < 0x80) {
            *value_out = value;
            return true;
        }
    }
    return false;
}

/* The next field that holds bytes; others are passed over. */
static bool take_field(struct descriptor_bytes *rest, uint64_t *number_out,
                       struct descriptor_bytes *value_out)
{
    uint64_t tag, value;

    while (take_varint(rest, &tag)) {
        if ((tag & 7) == 0) {
            if (!take_varint(rest, &value))
                return false;
            continue;
        }
        if ((tag & 7) != 2 || !take_varint(rest, &value) || value > rest->n)
            return false; /* descriptors have no numbers of fixed width */
        *number_out = tag >> 3;
        *value_out = (struct descriptor_bytes){rest->at, (size_t)value};
        rest->at += value;
        rest->n -= (size_t)value;
        return true;
    }
    return false;
}

/* The first field of that number; nothing when there is none. */
static struct descriptor_bytes field(struct descriptor_bytes message, uint64_t wanted)
{
    struct descriptor_bytes value;
    uint64_t number;

    while (take_field(&message, &number, &value))
        if (number == wanted)
            return value;
    return (struct descriptor_bytes){(const uint8_t *)"", 0};
}

static bool next_file(struct descriptor_bytes *rest, struct descriptor_bytes *file_out)
{
    uint64_t number;

    while (take_field(rest, &number, file_out))
        if (number == SET_FILE)
            return true;
    return false;
}

/* What is left of `symbol` after this name: NULL when it does not begin with it,
 * "" when it is just that, else what follows the dot. An empty name is passed. */
static const char *after(const char *symbol, struct descriptor_bytes name)
{
    if (name.n == 0)
        return symbol;
    if (strncmp(symbol, (const char *)name.at, name.n) != 0)
        return NULL;
    symbol += name.n;
    if (*symbol == '.' && symbol[1])
        return symbol + 1;
    return *symbol ? NULL : symbol;
}

/* What may stand in a thing of some kind, and of which kind that is. */
enum kind { IN_FILE, IN_MESSAGE, IN_ENUM, IN_SERVICE, IN_NOTHING };

static const struct {
    enum kind in;
    uint64_t number;
    enum kind is;
} INSIDE[] = {
    {IN_FILE, FILE_MESSAGE, IN_MESSAGE},      {IN_FILE, FILE_ENUM, IN_ENUM},
    {IN_FILE, FILE_SERVICE, IN_SERVICE},      {IN_MESSAGE, MESSAGE_FIELD, IN_NOTHING},
    {IN_MESSAGE, MESSAGE_NESTED, IN_MESSAGE}, {IN_MESSAGE, MESSAGE_ENUM, IN_ENUM},
    {IN_MESSAGE, MESSAGE_ONEOF, IN_NOTHING},  {IN_ENUM, ENUM_VALUE, IN_NOTHING},
    {IN_SERVICE, SERVICE_METHOD, IN_NOTHING},
};

static bool find_kind(enum kind in, uint64_t number, enum kind *kind_out)
{
    for (size_t i = 0; i < sizeof INSIDE / sizeof *INSIDE; i++) {
        if (INSIDE[i].in == in && INSIDE[i].number == number) {
            *kind_out = INSIDE[i].is;
            return true;
        }
    }
    return false;
}

/* Is `symbol` defined in this thing? As deep as the contract's own nesting. */
static bool defines(struct descriptor_bytes thing, enum kind kind, const char *symbol)
{
    struct descriptor_bytes value;
    uint64_t number;
    enum kind inner;

    while (take_field(&thing, &number, &value)) {
        if (!find_kind(kind, number, &inner))
            continue;
        const char *rest = after(symbol, field(value, ANY_NAME));
        if (rest && *rest == '\0')
            return true;
        if (inner == IN_ENUM) /* its values stand beside it, not in it */
            rest = symbol;
        if (rest && defines(value, inner, rest))
            return true;
    }
    return false;
}

bool descriptors_of_file(const char *name, struct descriptor_bytes *file_out)
{
    struct descriptor_bytes rest = {CONTRACT, sizeof CONTRACT}, file;

    while (next_file(&rest, &file)) {
        struct descriptor_bytes its_name = field(file, FILE_NAME);
        if (its_name.n == strlen(name) && memcmp(its_name.at, name, its_name.n) == 0) {
            *file_out = file;
            return true;
        }
    }
    return false;
}

bool descriptors_of_symbol(const char *symbol, struct descriptor_bytes *file_out)
{
    struct descriptor_bytes rest = {CONTRACT, sizeof CONTRACT}, file;

    while (next_file(&rest, &file)) {
        const char *inside = after(symbol, field(file, FILE_PACKAGE));
        if (inside && *inside && defines(file, IN_FILE, inside)) {
            *file_out = file;
            return true;
        }
    }
    return false;
}

size_t descriptors_services(char names_out[][DESCRIPTORS_NAME], size_t room)
{
    struct descriptor_bytes rest = {CONTRACT, sizeof CONTRACT}, file, value;
    uint64_t number;
    size_t n = 0;

    while (next_file(&rest, &file)) {
        struct descriptor_bytes package = field(file, FILE_PACKAGE);
        while (take_field(&file, &number, &value)) {
            if (number != FILE_SERVICE)
                continue;
            struct descriptor_bytes name = field(value, ANY_NAME);
            if (n < room)
                snprintf(names_out[n], DESCRIPTORS_NAME, "%.*s%s%.*s", (int)package.n,
                         (const char *)package.at, package.n ? "." : "", (int)name.n,
                         (const char *)name.at);
            n++;
        }
    }
    return n;
}

bool descriptors_has_service(const char *name)
{
    char names[DESCRIPTORS_MOST_SERVICES][DESCRIPTORS_NAME];
    size_t n = descriptors_services(names, DESCRIPTORS_MOST_SERVICES);

    for (size_t i = 0; i < n && i < DESCRIPTORS_MOST_SERVICES; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

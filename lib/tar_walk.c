/* tar_walk.c - from one header of a tar to the next. */
#include "tar_walk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tar_header.h"

/* A longer header of headers is refused; those that writers make have some hundred bytes. */
enum { LONGEST_SPECIAL = 1 << 20 };

struct walk {
    const struct tar_input *input;
    const char *name;
    struct mef3_error *error;
    struct tar *tar;
    uint64_t at;   /* the header that is looked at, */
    uint64_t body; /* and what follows it */
    /* What headers before it said of the next member. */
    bool has_path;
    char path[TAR_PATH_ROOM];
    bool has_bytes;
    uint64_t bytes;
};

/* The end of a long text tells more than its beginning. */
static const char *ending(const char *text, size_t room)
{
    size_t n = strlen(text);

    return n < room ? text : text + n - room + 1;
}

static int refuse(const struct walk *walk, int status, const char *field, const char *expected,
                  const char *found)
{
    return mef3_error_set(walk->error, status, walk->name, (int64_t)walk->at, field, expected,
                          found);
}

/* A member that is refused for what it is. */
static int refuse_member(const struct walk *walk, int status, const char *path,
                         const char *expected, const char *what)
{
    char found[96];

    snprintf(found, sizeof found, "%s: %.60s", what, ending(path, 60));
    return refuse(walk, status, "member", expected, found);
}

/* Exactly n bytes. */
static int get(const struct walk *walk, uint64_t at, void *bytes_out, size_t n)
{
    const struct tar_input *input = walk->input;
    size_t got = 0;
    int status = n > 0 ? input->read(input->self, at, bytes_out, n, &got) : MEF3_OK;

    if (status == MEF3_OK && got < n)
        status = MEF3_ECHANGED; /* its length said that there are so many */
    return status == MEF3_OK ? status : refuse(walk, status, NULL, NULL, NULL);
}

/* Whether the archive has as many bytes as a member's header says. */
static int check_length(const struct walk *walk, uint64_t bytes, const char *path)
{
    uint64_t left = walk->input->bytes - walk->body;
    char expected[96];
    char found[96];

    if (bytes <= left)
        return MEF3_OK;
    snprintf(expected, sizeof expected, "%llu bytes of %.60s", (unsigned long long)bytes,
             ending(path, 60));
    snprintf(found, sizeof found, "%llu", (unsigned long long)left);
    return refuse(walk, MEF3_ETRUNCATED, "member", expected, found);
}

static int make_room(struct tar *tar, size_t n_path)
{
    if (tar->n == tar->room) {
        size_t room = tar->room ? 2 * tar->room : 64;
        struct tar_member *items = realloc(tar->items, room * sizeof *items);
        if (!items)
            return MEF3_ENOMEM;
        tar->items = items;
        tar->room = room;
    }
    if (n_path > tar->paths_room - tar->n_paths) {
        size_t room = 2 * tar->paths_room + TAR_PATH_ROOM;
        char *paths = realloc(tar->paths, room);
        if (!paths)
            return MEF3_ENOMEM;
        tar->paths = paths;
        tar->paths_room = room;
    }
    return MEF3_OK;
}

static int keep(const struct walk *walk, const char *path, uint64_t bytes, bool is_folder)
{
    struct tar *tar = walk->tar;
    size_t n = strlen(path) + 1;

    if (tar->n == MEF3_MAX_TAR_MEMBERS)
        return refuse(walk, MEF3_ELIMIT, "number of members", NULL, NULL);
    int status = make_room(tar, n);
    if (status != MEF3_OK)
        return refuse(walk, status, NULL, NULL, NULL);
    memcpy(tar->paths + tar->n_paths, path, n);
    tar->items[tar->n++] = (struct tar_member){
        .at = walk->body, .bytes = bytes, .path = tar->n_paths, .is_folder = is_folder};
    tar->n_paths += n;
    return MEF3_OK;
}

static int clean(const struct walk *walk, const char *path, size_t n, char clean_out[TAR_PATH_ROOM])
{
    char shown[64];
    int status = tar_path_clean(path, n, clean_out);

    if (status == MEF3_OK)
        return status;
    size_t n_shown = n < sizeof shown ? n : sizeof shown - 1;
    memcpy(shown, path, n_shown);
    shown[n_shown] = '\0';
    return refuse(walk, status, "name of a member", "a path beneath the archive's top", shown);
}

static bool ends_in_slash(const char *path)
{
    size_t n = strlen(path);

    return n > 0 && path[n - 1] == '/';
}

/* A file or a folder, or what is neither; *bytes_out is what to pass over. */
static int take_member(struct walk *walk, const struct tar_header *header, uint64_t *bytes_out)
{
    char path[TAR_PATH_ROOM];
    uint64_t bytes = walk->has_bytes ? walk->bytes : header->bytes;
    bool is_folder = header->type == TAR_FOLDER;
    int status = MEF3_OK;

    if (walk->has_path)
        memcpy(path, walk->path, sizeof path);
    else
        status = clean(walk, header->path, strlen(header->path), path);
    walk->has_path = walk->has_bytes = false;
    if (status != MEF3_OK)
        return status;
    if (!is_folder && header->type != TAR_FILE && header->type != TAR_FILE_V7 &&
        header->type != TAR_FILE_CONTIGUOUS)
        return refuse_member(walk, MEF3_EUNSUPPORTED, path, "a plain file or a folder",
                             tar_type_name(header->type));
    /* Tars of the first days have no type for folders. */
    if (!is_folder && ends_in_slash(header->path) && bytes == 0)
        is_folder = true;
    if (is_folder)
        bytes = 0; /* what is said of a folder is no length of a content */
    if (!path[0] && !is_folder)
        return refuse(walk, MEF3_EFORMAT, "name of a member", "one", "none");
    status = check_length(walk, bytes, path);
    if (status == MEF3_OK && path[0])
        status = keep(walk, path, bytes, is_folder);
    *bytes_out = bytes;
    return status;
}

static int take_long_path(struct walk *walk, const uint8_t *bytes, size_t n)
{
    size_t n_path = strnlen((const char *)bytes, n);

    int status = clean(walk, (const char *)bytes, n_path, walk->path);
    walk->has_path = status == MEF3_OK;
    return status;
}

static int take_pax(struct walk *walk, char type, const uint8_t *bytes, size_t n)
{
    struct tar_pax pax;

    if (tar_pax_read(bytes, n, &pax) != MEF3_OK)
        return refuse(walk, MEF3_EFORMAT, "pax header", "records LENGTH KEY=VALUE", "others");
    if (pax.is_sparse)
        return refuse(walk, MEF3_EUNSUPPORTED, "member", "a plain file or a folder",
                      "a sparse file");
    if (type == TAR_PAX_GLOBAL) {
        /* Readers of tars disagree about what that would mean. */
        if (pax.path || pax.has_bytes)
            return refuse(walk, MEF3_EUNSUPPORTED, "pax header",
                          "no name or length for all members", "one");
        return MEF3_OK;
    }
    if (pax.has_bytes) {
        walk->has_bytes = true;
        walk->bytes = pax.bytes;
    }
    if (!pax.path)
        return MEF3_OK;
    int status = clean(walk, pax.path, pax.path_bytes, walk->path);
    walk->has_path = status == MEF3_OK;
    return status;
}

/* A member whose content is about others. */
static int take_special(struct walk *walk, const struct tar_header *header)
{
    int status = check_length(walk, header->bytes, header->path);

    if (status != MEF3_OK || header->type == TAR_LONG_LINK || header->type == TAR_VOLUME_NAME)
        return status;
    if (header->bytes > LONGEST_SPECIAL)
        return refuse(walk, MEF3_ELIMIT, "length of a header", "at most 1048576", "more");
    size_t n = (size_t)header->bytes;
    uint8_t *bytes = malloc(n + 1);
    if (!bytes)
        return refuse(walk, MEF3_ENOMEM, NULL, NULL, NULL);
    status = get(walk, walk->body, bytes, n);
    if (status == MEF3_OK)
        status = header->type == TAR_LONG_PATH ? take_long_path(walk, bytes, n)
                                               : take_pax(walk, header->type, bytes, n);
    free(bytes);
    return status;
}

static bool is_special(char type)
{
    return type == TAR_LONG_PATH || type == TAR_LONG_LINK || type == TAR_PAX ||
           type == TAR_PAX_SUN || type == TAR_PAX_GLOBAL || type == TAR_VOLUME_NAME;
}

static int refuse_block(const struct walk *walk, int status, const uint8_t block[TAR_BLOCK])
{
    const char *compression = tar_compression(block);
    char found[64];

    if (status != MEF3_ECRC)
        return refuse(walk, status, "length of a member", "a number", "something else");
    if (walk->at > 0)
        return refuse(walk, status, "header of a member", NULL, NULL);
    if (!compression)
        return refuse(walk, MEF3_EFORMAT, NULL, "a tar file", "something else");
    snprintf(found, sizeof found, "one that %s has compressed", compression);
    return refuse(walk, MEF3_EUNSUPPORTED, NULL, "an uncompressed tar file", found);
}

/* One header, and what it is about. */
static int take(struct walk *walk, bool *is_end_out)
{
    uint8_t block[TAR_BLOCK];
    struct tar_header header;
    uint64_t left = walk->input->bytes - walk->at;

    if (left < TAR_BLOCK)
        return refuse(walk, walk->at > 0 ? MEF3_ETRUNCATED : MEF3_EFORMAT, "end of the archive",
                      "512 zeros", left > 0 ? "fewer bytes" : "nothing");
    int status = get(walk, walk->at, block, TAR_BLOCK);
    if (status != MEF3_OK)
        return status;
    *is_end_out = tar_block_is_zero(block);
    if (*is_end_out)
        return MEF3_OK;
    status = tar_header_read(block, &header);
    if (status != MEF3_OK)
        return refuse_block(walk, status, block);
    walk->body = walk->at + TAR_BLOCK;
    uint64_t bytes = header.bytes;
    status =
        is_special(header.type) ? take_special(walk, &header) : take_member(walk, &header, &bytes);
    if (status != MEF3_OK)
        return status;
    /* Lengths are no more than what is left, and that is at most INT64_MAX. */
    uint64_t blocks = bytes / TAR_BLOCK + (bytes % TAR_BLOCK != 0);
    walk->at = walk->body + blocks * TAR_BLOCK;
    if (walk->at > walk->input->bytes) /* the last block is cut short */
        walk->at = walk->input->bytes;
    return MEF3_OK;
}

int tar_walk(const struct tar_input *input, const char *name, struct tar *tar,
             struct mef3_error *error)
{
    struct walk walk = {.input = input, .name = name, .tar = tar, .error = error};
    bool is_end = false;
    int status = MEF3_OK;

    while (status == MEF3_OK && !is_end)
        status = take(&walk, &is_end);
    return status;
}

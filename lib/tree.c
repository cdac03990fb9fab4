/* tree.c - the names in a session: channels, segments of a channel, files of records. */
#include "tree.h"

#include <stdlib.h>
#include <string.h>

struct listing {
    struct tree_names names;
    size_t most;
    size_t n_video;
};

void tree_names_fini(struct tree_names *names)
{
    for (size_t i = 0; i < names->n; i++)
        free(names->items[i].name);
    free(names->items);
    memset(names, 0, sizeof *names);
}

static int add_name(struct listing *listing, const char *name, size_t n, int32_t number)
{
    struct tree_names *names = &listing->names;

    if (names->n == listing->most)
        return MEF3_ELIMIT;
    if (names->n == names->room) {
        size_t room = names->room ? 2 * names->room : 16;
        struct tree_name *items = realloc(names->items, room * sizeof *items);
        if (!items)
            return MEF3_ENOMEM;
        names->items = items;
        names->room = room;
    }
    char *copy = strndup(name, n);
    if (!copy)
        return MEF3_ENOMEM;
    names->items[names->n++] = (struct tree_name){.name = copy, .number = number};
    return MEF3_OK;
}

/* Length of the name without `suffix`; 0 when it is none of that kind.
 * Copies from other systems leave ".DS_Store" and "._*" behind. */
static size_t stem_bytes(const char *name, bool is_of_kind, const char *suffix)
{
    size_t n = strlen(name);
    size_t n_suffix = strlen(suffix);

    if (!is_of_kind || name[0] == '.' || n > SOURCE_NAME_MAX || n <= n_suffix ||
        strchr(name, '/') || strcmp(name + n - n_suffix, suffix) != 0)
        return 0;
    return n - n_suffix;
}

static int each_channel(void *arg, const char *name, bool is_folder)
{
    struct listing *listing = arg;

    if (stem_bytes(name, is_folder, ".vidd") > 0)
        listing->n_video++;
    size_t n = stem_bytes(name, is_folder, ".timd");
    return n > 0 ? add_name(listing, name, n, 0) : MEF3_OK;
}

/* The number at the end of "NAME-000000"; -1 when there is none. */
static int32_t segment_number(const char *name, size_t n)
{
    enum { LEAST_DIGITS = 6 };
    int64_t number = 0;
    size_t first = n;

    while (first > 0 && name[first - 1] >= '0' && name[first - 1] <= '9')
        first--;
    if (n - first < LEAST_DIGITS || first < 2 || name[first - 1] != '-')
        return -1;
    for (size_t i = first; i < n; i++) {
        number = 10 * number + (name[i] - '0');
        if (number > INT32_MAX)
            return -1;
    }
    return (int32_t)number;
}

static int each_segment(void *arg, const char *name, bool is_folder)
{
    size_t n = stem_bytes(name, is_folder, ".segd");
    int32_t number = n > 0 ? segment_number(name, n) : -1;

    return number >= 0 ? add_name(arg, name, n, number) : MEF3_OK;
}

static int each_record_file(void *arg, const char *name, bool is_folder)
{
    size_t n = stem_bytes(name, !is_folder, ".rdat");

    if (n == 0)
        n = stem_bytes(name, !is_folder, ".ridx");
    return n > 0 ? add_name(arg, name, n, 0) : MEF3_OK;
}

static int by_number_and_name(const void *a, const void *b)
{
    const struct tree_name *x = a;
    const struct tree_name *y = b;

    if (x->number != y->number)
        return x->number < y->number ? -1 : 1;
    return strcmp(x->name, y->name);
}

static int list(const struct mef3_source *source, const char *folder, mef3_name_fn *each,
                struct listing *listing)
{
    int status = source->ops->list(source->self, folder, each, listing);

    if (status != MEF3_OK) {
        tree_names_fini(&listing->names);
        return status;
    }
    if (listing->names.n > 1)
        qsort(listing->names.items, listing->names.n, sizeof *listing->names.items,
              by_number_and_name);
    return MEF3_OK;
}

int tree_list_channels(const struct mef3_source *source, size_t most, struct tree_names *names_out,
                       size_t *n_video_out)
{
    struct listing listing = {.most = most};

    int status = list(source, "", each_channel, &listing);
    if (status != MEF3_OK)
        return status;
    *names_out = listing.names;
    *n_video_out = listing.n_video;
    return MEF3_OK;
}

int tree_list_segments(const struct mef3_source *source, const char *folder, size_t most,
                       struct tree_names *names_out)
{
    struct listing listing = {.most = most};

    int status = list(source, folder, each_segment, &listing);
    if (status != MEF3_OK)
        return status;
    *names_out = listing.names;
    return MEF3_OK;
}

int tree_list_records(const struct mef3_source *source, const char *folder,
                      struct tree_names *names_out)
{
    struct listing listing = {.most = 2 * TREE_MOST_RECORD_FILES};
    struct tree_names *names = &listing.names;
    size_t n = 0;

    int status = list(source, folder, each_record_file, &listing);
    if (status != MEF3_OK)
        return status;
    for (size_t i = 0; i < names->n; i++) {
        if (n > 0 && strcmp(names->items[n - 1].name, names->items[i].name) == 0)
            free(names->items[i].name); /* the other file of the pair */
        else
            names->items[n++] = names->items[i];
    }
    names->n = n;
    *names_out = *names;
    return MEF3_OK;
}

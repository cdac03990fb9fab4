/* side.c - on which side of the head an electrode is, by its name: as web/montage.js has it. */
#include "side.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

/* The 10-20 system, and what 10-10 calls otherwise. */
static const char *const LEFT[] = {"fp1", "f7", "f3", "t3", "c3", "t5", "p3",
                                   "o1",  "a1", "m1", "t7", "p7", NULL};
static const char *const RIGHT[] = {"fp2", "f4", "f8", "c4", "t4", "p4", "t6",
                                    "o2",  "a2", "m2", "t8", "p8", NULL};

static size_t separators(const char *text)
{
    return strspn(text, " \t_.-");
}

/* Is the name that electrode's, with what writers put around it? */
static bool is_electrode(const char *name, const char *electrode)
{
    static const char *const references[] = {"ref", "le", "av", "avg", NULL};
    size_t n = strlen(electrode);

    if (strncasecmp(name, electrode, n) != 0)
        return false;
    const char *rest = name + n;
    size_t between = separators(rest);
    if (!rest[between])
        return rest[strspn(rest, " \t")] == '\0';
    for (size_t i = 0; between > 0 && references[i]; i++) {
        size_t length = strlen(references[i]);
        if (strncasecmp(rest + between, references[i], length) == 0 &&
            !rest[between + length + strspn(rest + between + length, " \t")])
            return true;
    }
    return false;
}

static bool is_among(const char *name, const char *const *electrodes)
{
    for (size_t i = 0; electrodes[i]; i++)
        if (is_electrode(name, electrodes[i]))
            return true;
    return false;
}

int side_of(const char *name)
{
    name += strspn(name, " \t");
    if (strncasecmp(name, "eeg", 3) == 0 && separators(name + 3) > 0)
        name += 3 + separators(name + 3);
    return is_among(name, LEFT) ? -1 : is_among(name, RIGHT) ? 1 : 0;
}

/* load.c - the module that paints, loaded. */
#include <dlfcn.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "paint.h"

/* From the folder of the program: where the build has it, and where it is installed. */
static const char *const PLACES[] = {"draw/" DRAW_MODULE, DRAW_INSTALLED "/" DRAW_MODULE};

/* The folder of this program, with a slash behind it; "": not known. */
static void own_folder(char folder[PATH_MAX])
{
    ssize_t n = readlink("/proc/self/exe", folder, PATH_MAX - 1);

    folder[n > 0 ? n : 0] = '\0';
    char *slash = strrchr(folder, '/');
    folder[slash ? slash + 1 - folder : 0] = '\0';
}

/* All of it at once: later a program may not open what it needs. Why not is of the last place. */
static void *open_module(const char **why_out)
{
    char folder[PATH_MAX], path[PATH_MAX + sizeof DRAW_INSTALLED + sizeof DRAW_MODULE];
    void *module = NULL;

    own_folder(folder);
    for (size_t i = 0; !module && i < sizeof PLACES / sizeof *PLACES; i++) {
        snprintf(path, sizeof path, "%s%s", folder, PLACES[i]);
        if (access(path, R_OK) == 0 || i + 1 == sizeof PLACES / sizeof *PLACES)
            module = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    }
    if (!module)
        *why_out = dlerror();
    return module;
}

draw_paint_fn *draw_load(const char **why_out)
{
    static draw_paint_fn *loaded;

    if (loaded)
        return loaded;
    void *module = open_module(why_out);
    union {
        void *found;
        draw_paint_fn *call;
    } symbol = {.found = module ? dlsym(module, DRAW_PAINT_NAME) : NULL};
    if (module && !symbol.found)
        *why_out = dlerror();
    loaded = symbol.call;
    return loaded;
}

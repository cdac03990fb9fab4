/* load.c - the module that paints, loaded. */
#include <dlfcn.h>

#include "paint.h"

draw_paint_fn *draw_load(const char **why_out)
{
    static draw_paint_fn *loaded;

    if (loaded)
        return loaded;
    /* Found by the program's own run path (meson.build). All of it at once: later it could not. */
    void *module = dlopen(DRAW_MODULE, RTLD_NOW | RTLD_LOCAL);
    union {
        void *found;
        draw_paint_fn *call;
    } symbol = {.found = module ? dlsym(module, DRAW_PAINT_NAME) : NULL};
    if (!symbol.found) {
        *why_out = dlerror();
        return NULL;
    }
    loaded = symbol.call;
    return loaded;
}

/* top.h - the two ways to look at a server: once, and for as long as somebody watches. */
#ifndef TOP_TOP_H
#define TOP_TOP_H

#include <stdbool.h>

#include "answer.h"
#include "fetch.h"

/* What came; NULL is no status of mef3d's. To be freed. */
struct answer *top_read(const struct fetch *fetch);

/* Both return an exit status of cli/cli.h. */
int top_once(struct fetch *fetch, const char *url, bool as_json);
int top_live(struct fetch *fetch, const char *url, double every_s);

#endif

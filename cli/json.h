/* json.h - JSON as commands print it. */
#ifndef CLI_JSON_H
#define CLI_JSON_H

#include <stdio.h>

#include "facts/json.h"

/* Print it, indented, with a newline behind, and let it go. No byte of it can command a terminal.
 * False: out of memory, or `value` is NULL. */
bool json_print(FILE *to, json_t *value);

#endif

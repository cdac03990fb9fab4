/* text.h - texts for clients, in the notation that they know: Python's. */
#ifndef SERVICE_TEXT_H
#define SERVICE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* A text that grows up to a limit; what is beyond is left out, and "..." says
 * so. Zero it to begin; text_fini frees it. */
struct text {
    char *bytes; /* zero-terminated; NULL: nothing was added, or no memory */
    size_t n;
    size_t room;
    bool full;
};

#define TEXT_MAX 16384

__attribute__((format(printf, 2, 3))) void text_add(struct text *text, const char *format, ...);

/* 'Cz', or "it's" */
void text_add_quoted(struct text *text, const char *value);

/* ['Cz', 'Pz'] */
void text_add_list(struct text *text, const char *const *values, size_t n);

/* 256.0, 249.7: the shortest that reads back the same */
void text_add_number(struct text *text, double value);

/* A copy of a list and its texts, in one piece, to be freed: a text may be short and there may
 * be many. NULL: out of memory. */
char **text_copy_list(const char *const *values, size_t n);

/* What was added, or "" */
const char *text_get(const struct text *text);
void text_fini(struct text *text);

#endif

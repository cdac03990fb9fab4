/* pages.c - the files of web/, which are part of the program. */
#include "http/pages.h"

#include <string.h>

#define ROW(path, type, version, ...) \
    {path, type, version, (const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__})},
static const struct page {
    const char *path;
    const char *type;
    uint64_t version;
    const uint8_t *bytes;
    size_t n;
} PAGES[] = {
#include "web/pages.inc"
};

static const struct page *find(const char *path)
{
    for (size_t i = 0; i < sizeof PAGES / sizeof *PAGES; i++)
        if (strcmp(path, PAGES[i].path) == 0)
            return &PAGES[i];
    return NULL;
}

bool pages_have(const char *path)
{
    return find(path) != NULL;
}

enum MHD_Result pages_answer(struct exchange *exchange)
{
    const struct page *page = find(exchange->path);
    bool is_known = exchange_known_version(exchange) == page->version;

    return exchange_answer(exchange,
                           &(struct answer_body){is_known ? MHD_HTTP_NOT_MODIFIED : MHD_HTTP_OK,
                                                 page->type, page->bytes, is_known ? 0 : page->n,
                                                 MHD_RESPMEM_PERSISTENT, page->version});
}

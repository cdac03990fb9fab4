/* query.h - what stands behind the "?" of a request, checked. */
#ifndef HTTP_QUERY_H
#define HTTP_QUERY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct exchange;

enum {
    QUERY_MOST_CHANNELS = 1024,
    QUERY_PROBLEM_BYTES = 256,
    QUERY_MOST_WIDTH = 16384,
    QUERY_MOST_ROWS = 20000
};

struct query {
    const char *recording; /* NULL: not said, as all below */
    const char *text;      /* q= */
    const char *types;     /* type=, with commas */
    const char *format;    /* format= */
    const char *level;     /* level= */
    const char *after;     /* after= */
    const char *channels[QUERY_MOST_CHANNELS];
    size_t n_channels;
    bool has_from, has_to;
    int64_t from_uutc;
    int64_t to_uutc;
    uint32_t width;                    /* 0: not said, as the next */
    uint32_t height;                   /* of a picture, as `width`: pixels */
    double scale;                      /* units a millimetre */
    uint32_t limit;                    /* likewise */
    char problem[QUERY_PROBLEM_BYTES]; /* names the parameter, the value and what is allowed */
};

/* Which parameters a route takes. */
enum {
    QUERY_RECORDING = 1, /* and must be there */
    QUERY_TEXT = 2,
    QUERY_CHANNELS = 4,
    QUERY_WINDOW = 8, /* from, to */
    QUERY_TYPES = 16,
    QUERY_WIDTH = 32, /* width, level */
    QUERY_FORMAT = 64,
    QUERY_PAGE = 128,    /* after, limit */
    QUERY_PICTURE = 256, /* width, height, scale; none of them must be there */
};

/* One more, of a query that began zeroed; then what all together must be. */
bool query_take(struct query *query, unsigned takes, const char *name, const char *value);
bool query_check(struct query *query, unsigned takes);

/* All of a request. False: query->problem says why. Texts live as long as the request. */
bool query_read(struct query *query, const struct exchange *exchange, unsigned takes);

#endif

/* query.c - what stands behind the "?" of a request, checked. */
#include "http/query.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/character.h"
#include "http/exchange.h"

struct reading {
    struct query *query;
    unsigned takes;
};

static enum MHD_Result complain(struct query *query, const char *name, const char *value,
                                const char *wanted)
{
    snprintf(query->problem, sizeof query->problem, "%.40s=%.80s: %s", name, value, wanted);
    return MHD_NO;
}

static enum MHD_Result take_once(struct query *query, const char **to, const char *name,
                                 const char *value)
{
    if (*to)
        return complain(query, name, value, "is said twice");
    *to = value;
    return MHD_YES;
}

static enum MHD_Result take_time(struct query *query, bool *has, int64_t *to, const char *name,
                                 const char *value)
{
    char *end;

    errno = 0;
    intmax_t time = strtoimax(value, &end, 10);
    if (*has)
        return complain(query, name, value, "is said twice");
    if (end == value || *end || errno || time == INT64_MIN)
        return complain(query, name, value, "is not a time in microseconds since 1970, UTC");
    *has = true;
    *to = time;
    return MHD_YES;
}

static enum MHD_Result take_number(struct query *query, uint32_t *to, const char *name,
                                   const char *value, uint32_t least, uint32_t most)
{
    char *end, wanted[64];

    errno = 0;
    intmax_t number = strtoimax(value, &end, 10);
    if (*to)
        return complain(query, name, value, "is said twice");
    snprintf(wanted, sizeof wanted, "is not a number from %" PRIu32 " to %" PRIu32, least, most);
    if (end == value || *end || errno || number < least || number > most)
        return complain(query, name, value, wanted);
    *to = (uint32_t)number;
    return MHD_YES;
}

static enum MHD_Result take_scale(struct query *query, const char *name, const char *value)
{
    char *end;
    double scale = strtod(value, &end);

    if (query->scale > 0)
        return complain(query, name, value, "is said twice");
    if (end == value || *end || !(scale >= 1e-9 && scale <= 1e9))
        return complain(query, name, value, "is not a number of units a millimetre");
    query->scale = scale;
    return MHD_YES;
}

/* *taken_out: it was one of a picture's. */
static enum MHD_Result take_picture(struct query *query, const char *name, const char *value,
                                    bool *taken_out)
{
    *taken_out = true;
    if (strcmp(name, "width") == 0)
        return take_number(query, &query->width, name, value, PICTURE_LEAST_WIDTH,
                           PICTURE_MOST_SIDE);
    if (strcmp(name, "height") == 0)
        return take_number(query, &query->height, name, value, PICTURE_LEAST_HEIGHT,
                           PICTURE_MOST_SIDE);
    if (strcmp(name, "scale") == 0)
        return take_scale(query, name, value);
    *taken_out = false;
    return MHD_YES;
}

/* Types of four characters, with commas between them. */
static enum MHD_Result take_types(struct query *query, const char *name, const char *value)
{
    for (const char *at = value; at; at = strchr(at, ',') ? strchr(at, ',') + 1 : NULL)
        if (strcspn(at, ",") != 4)
            return complain(query, name, value, "is not types of four characters: Note,EDFA");
    return take_once(query, &query->types, name, value);
}

static enum MHD_Result take(struct query *query, unsigned takes, const char *name,
                            const char *value)
{
    if (!value)
        return complain(query, name, "", "has no value");
    if (!characters_are_valid(value, strlen(value)))
        return complain(query, name, value, "is not UTF-8");
    if ((takes & QUERY_RECORDING) && strcmp(name, "recording") == 0)
        return take_once(query, &query->recording, name, value);
    if ((takes & QUERY_TEXT) && strcmp(name, "q") == 0)
        return take_once(query, &query->text, name, value);
    if ((takes & QUERY_PAGE) && strcmp(name, "after") == 0)
        return take_once(query, &query->after, name, value);
    if ((takes & QUERY_PAGE) && strcmp(name, "limit") == 0)
        return take_number(query, &query->limit, name, value, 1, QUERY_MOST_ROWS);
    if ((takes & QUERY_WINDOW) && strcmp(name, "from") == 0)
        return take_time(query, &query->has_from, &query->from_uutc, name, value);
    if ((takes & QUERY_WINDOW) && strcmp(name, "to") == 0)
        return take_time(query, &query->has_to, &query->to_uutc, name, value);
    if ((takes & QUERY_TYPES) && strcmp(name, "type") == 0)
        return take_types(query, name, value);
    if ((takes & QUERY_WIDTH) && strcmp(name, "width") == 0)
        return take_number(query, &query->width, name, value, 1, QUERY_MOST_WIDTH);
    if ((takes & QUERY_WIDTH) && strcmp(name, "level") == 0) {
        if (strcmp(value, "index") != 0 && strcmp(value, "samples") != 0)
            return complain(query, name, value, "is neither index nor samples");
        return take_once(query, &query->level, name, value);
    }
    bool is_taken = false;
    enum MHD_Result taken =
        takes & QUERY_PICTURE ? take_picture(query, name, value, &is_taken) : MHD_YES;
    if (is_taken)
        return taken;
    if ((takes & QUERY_FORMAT) && strcmp(name, "format") == 0)
        return take_once(query, &query->format, name, value);
    if (!(takes & QUERY_CHANNELS) || strcmp(name, "channel") != 0)
        return complain(query, name, value, "is no parameter of this resource");
    if (query->n_channels == QUERY_MOST_CHANNELS)
        return complain(query, name, value, "is one channel more than 1024");
    query->channels[query->n_channels++] = value;
    return MHD_YES;
}

bool query_take(struct query *query, unsigned takes, const char *name, const char *value)
{
    return take(query, takes, name, value) == MHD_YES;
}

bool query_check(struct query *query, unsigned takes)
{
    if (query->problem[0])
        return false;
    if ((takes & QUERY_RECORDING) && !query->recording)
        snprintf(query->problem, sizeof query->problem, "recording=PATH is missing");
    else if ((takes & QUERY_WIDTH) && !query->width)
        snprintf(query->problem, sizeof query->problem, "width=COLUMNS is missing");
    else if (query->has_from && query->has_to && query->to_uutc <= query->from_uutc)
        snprintf(query->problem, sizeof query->problem,
                 "to=%" PRId64 " must be greater than from=%" PRId64, query->to_uutc,
                 query->from_uutc);
    return !query->problem[0];
}

static enum MHD_Result on_parameter(void *arg, enum MHD_ValueKind kind, const char *name,
                                    const char *value)
{
    const struct reading *reading = arg;

    (void)kind;
    return take(reading->query, reading->takes, name, value);
}

bool query_read(struct query *query, const struct exchange *exchange, unsigned takes)
{
    struct reading reading = {query, takes};

    memset(query, 0, sizeof *query);
    MHD_get_connection_values(exchange->connection, MHD_GET_ARGUMENT_KIND, on_parameter, &reading);
    return query_check(query, takes);
}

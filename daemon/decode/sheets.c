/* sheets.c - what was learned of a recording's extremes, kept while it is open. */
#include "decode/sheets.h"

#include <stdlib.h>

#include "facts/losses.h"

/* Of a recording: 200 channels' sheets without a gap. */
enum { MOST_BYTES = 64 << 20 };

struct sheet {
    bool is_made;
    int64_t start_uutc; /* that of the channel when it was made, */
    int64_t end_uutc;   /* so that one that grew is looked at again, */
    size_t n_losses;    /* as is one of which more was found to be damaged */
    struct envelope_rows rows;
};

struct sheets {
    struct sheet *items; /* by channel */
    size_t n;
    size_t bytes;
};

struct sheets *sheets_new(void)
{
    return calloc(1, sizeof(struct sheets));
}

void sheets_free(struct sheets *sheets)
{
    if (!sheets)
        return;
    for (size_t i = 0; i < sheets->n; i++)
        free(sheets->items[i].rows.items);
    free(sheets->items);
    free(sheets);
}

bool sheets_suffice(const struct envelope *envelope, size_t channel)
{
    const struct mef3_channel_info *info = mef3_channel_info(envelope->session, channel);

    if (info->start_uutc == MEF3_NO_TIME || info->end_uutc <= info->start_uutc)
        return false;
    double whole = (double)info->end_uutc - (double)info->start_uutc;
    double window = (double)envelope->end_uutc - (double)envelope->start_uutc;
    return (double)envelope->width * whole <= SHEET_COLUMNS * window;
}

static struct sheet *find(struct sheets *sheets, size_t channel)
{
    if (channel >= sheets->n) {
        size_t n = channel + 64;
        struct sheet *items = realloc(sheets->items, n * sizeof *items);
        if (!items)
            return NULL;
        for (size_t i = sheets->n; i < n; i++)
            items[i] = (struct sheet){0};
        sheets->items = items;
        sheets->n = n;
    }
    return &sheets->items[channel];
}

static void forget(struct sheets *sheets, struct sheet *sheet)
{
    sheets->bytes -= sheet->rows.n * sizeof *sheet->rows.items;
    free(sheet->rows.items);
    *sheet = (struct sheet){0};
}

static int make(struct sheets *sheets, struct envelope *asked, size_t channel, struct sheet *sheet,
                struct mef3_error *error)
{
    const struct mef3_channel_info *info = mef3_channel_info(asked->session, channel);
    struct envelope whole = {
        .session = asked->session,
        .losses = asked->losses,
        .start_uutc = info->start_uutc,
        .end_uutc = info->end_uutc,
        .width = SHEET_COLUMNS,
    };
    struct envelope_rows rows = {0};
    int status = envelope_from_index(&whole, channel, &rows, error);

    asked->n_decoded += whole.n_decoded;
    if (status != MEF3_OK) {
        free(rows.items);
        return status;
    }
    /* As long as it is: the room behind is given back. */
    struct envelope_row *items = realloc(rows.items, (rows.n + 1) * sizeof *items);
    rows.items = items ? items : rows.items;
    sheets->bytes += rows.n * sizeof *rows.items;
    *sheet = (struct sheet){true, info->start_uutc, info->end_uutc,
                            losses_count(asked->losses, channel), rows};
    return MEF3_OK;
}

/* Rows that touch, are of one kind and begin in one column are one. */
static int merge(struct envelope *envelope, const struct envelope_rows *from,
                 struct envelope_rows *to, struct mef3_error *error)
{
    __int128 span = (__int128)envelope->end_uutc - envelope->start_uutc;
    int64_t column_end = INT64_MIN; /* of the last row's column */

    for (size_t i = 0; i < from->n; i++) {
        const struct envelope_row *row = &from->items[i];
        if (row->end_uutc <= envelope->start_uutc || row->start_uutc >= envelope->end_uutc)
            continue;
        struct envelope_row *last = to->n > 0 ? &to->items[to->n - 1] : NULL;
        if (last && row->start_uutc < column_end && last->end_uutc == row->start_uutc &&
            last->is_unreadable == row->is_unreadable) {
            last->end_uutc = row->end_uutc;
            last->max = last->max > row->max ? last->max : row->max;
            last->min = last->min < row->min ? last->min : row->min;
            continue;
        }
        __int128 into = (__int128)row->start_uutc - envelope->start_uutc;
        __int128 column = into <= 0 ? 0 : into * envelope->width / span;
        column_end = envelope->start_uutc +
                     (int64_t)(((column + 1) * span + envelope->width - 1) / envelope->width);
        int status = envelope_add_row(envelope, to, row, error);
        if (status != MEF3_OK)
            return status;
    }
    return MEF3_OK;
}

int envelope_from_sheet(struct sheets *sheets, struct envelope *envelope, size_t channel,
                        struct envelope_rows *rows, struct mef3_error *error)
{
    const struct mef3_channel_info *info = mef3_channel_info(envelope->session, channel);
    struct sheet *sheet = find(sheets, channel);
    int status = MEF3_OK;

    if (!sheet)
        return mef3_error_set(error, MEF3_ENOMEM, NULL, -1, NULL, NULL, NULL);
    if (sheet->is_made &&
        (sheet->start_uutc != info->start_uutc || sheet->end_uutc != info->end_uutc ||
         sheet->n_losses != losses_count(envelope->losses, channel)))
        forget(sheets, sheet);
    if (!sheet->is_made)
        status = make(sheets, envelope, channel, sheet, error);
    if (status == MEF3_OK)
        status = merge(envelope, &sheet->rows, rows, error);
    if (sheets->bytes > MOST_BYTES)
        forget(sheets, sheet);
    return status;
}

/* sheets.h - what was learned of a recording's extremes, kept while it is open.
 *
 * A *sheet* is the envelope of a whole channel in SHEET_COLUMNS columns, as its index tells it. A
 * window in which these are as many columns as are wanted is told of from it: nothing is read. */
#ifndef DECODE_SHEETS_H
#define DECODE_SHEETS_H

#include "facts/envelope.h"

enum { SHEET_COLUMNS = 8192 };

/* NULL: out of memory. */
struct sheets *sheets_new(void);
/* NULL is allowed. */
void sheets_free(struct sheets *sheets);

/* Whether the envelope that is asked for is no finer than a sheet of the channel. */
bool sheets_suffice(const struct envelope *envelope, size_t channel);

/* Rows of the channel in the window, from its sheet, which is made where there is none yet. One
 * that would take more memory than all may is made and not kept. */
MEF3_MUST int envelope_from_sheet(struct sheets *sheets, struct envelope *envelope, size_t channel,
                                  struct envelope_rows *rows, struct mef3_error *error);

#endif

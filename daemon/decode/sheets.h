/* sheets.h - what was learned of a recording's extremes, kept while it is open.
 *
 * A *sheet* is the envelope of a whole channel in SHEET_COLUMNS columns, as its index tells it. A
 * window in which these are as many columns as are wanted is told of from it: nothing is read. */
#ifndef DECODE_SHEETS_H
#define DECODE_SHEETS_H

#include "decode/envelope.h"

enum { SHEET_COLUMNS = 8192 };

/* NULL: out of memory. */
struct sheets *sheets_new(void);
/* NULL is allowed. */
void sheets_free(struct sheets *sheets);

/* Whether the envelope that is asked for is no finer than a sheet of the channel. */
bool sheets_suffice(const struct envelope *envelope, size_t channel);

/* Samples of a channel's segment could not be read: an envelope that is made of the index, which
 * knows nothing of it, marks them from now on. A few thousand such places are remembered. */
void sheets_note_damage(struct sheets *sheets, size_t channel, size_t segment, int64_t first,
                        int64_t n);
/* The next such place of a segment from *at_inout on, which begins at 0. False: no more. */
bool sheets_next_damage(const struct sheets *sheets, size_t channel, size_t segment,
                        size_t *at_inout, int64_t *first_out, int64_t *n_out);

/* Rows of the channel in the window, from its sheet, which is made where there is none yet. One
 * that would take more memory than all may is made and not kept. */
MEF3_MUST int envelope_from_sheet(struct sheets *sheets, struct envelope *envelope, size_t channel,
                                  struct envelope_rows *rows, struct mef3_error *error);

#endif

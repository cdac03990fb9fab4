/* coverage.h - when a channel has data: its stretches of data, its gaps, and what cannot be read.
 */
#ifndef FACTS_COVERAGE_H
#define FACTS_COVERAGE_H

#include <mef3/mef3.h>

enum stretch_kind { STRETCH_DATA, STRETCH_GAP, STRETCH_UNREADABLE };

struct stretch {
    int64_t start_uutc;
    int64_t end_uutc;
    int64_t kind; /* one of enum stretch_kind; as wide as the others, so that there is no padding
                     and equal lists are equal bytes */
};

/* What metadata and indices tell; a block that is damaged shows only when it is read. A gap is
 * where nothing was recorded for half a sample or more; what is unreadable is no gap. */
struct coverage {
    size_t n_runs;
    size_t n_gaps;
    int64_t gap_us;
    size_t n_bad;      /* segments of which the metadata or the index cannot be read */
    size_t n_unplaced; /* of these, those of which not even the span is known */
    struct mef3_error first_bad;
    struct stretch *stretches; /* in order, each begins where the one before ends */
    size_t n;
};

/* Gaps shorter than at_least_us are passed over (0: none). `session` may be a lazy one.
 * MEF3_ENOMEM, and what mef3_channel_learn may fail with. */
MEF3_MUST int coverage_read(struct mef3_session *session, size_t channel, int64_t at_least_us,
                            struct coverage *coverage_out, struct mef3_error *error);

/* Let the stretches go; the numbers stay. */
void coverage_fini(struct coverage *coverage);

#endif

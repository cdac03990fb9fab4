/* records.h - records as `mef3 records` prints them. */
#ifndef CLI_RECORDS_H
#define CLI_RECORDS_H

#include <stdio.h>

#include "facts/records.h"

/* False: out of memory. */
bool records_print_text(FILE *to, const struct mef3_session *session,
                        const struct records_list *list);
bool records_print_csv(FILE *to, const struct mef3_session *session,
                       const struct records_list *list);

#endif

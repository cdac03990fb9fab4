/* amount.h - sizes and lengths of time as people read them. All return `text`, of AMOUNT_BYTES. */
#ifndef CLI_AMOUNT_H
#define CLI_AMOUNT_H

#include <stdint.h>

enum { AMOUNT_BYTES = 64 };

/* "1.2 GB" */
char *amount_bytes(uint64_t bytes, char *text);

/* Two units of it: "8h02m", "21m05s", "1.5s" */
char *amount_span(int64_t us, char *text);

#endif

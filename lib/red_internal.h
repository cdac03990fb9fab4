/* red_internal.h - what the library asks of a RED block besides its samples. */
#ifndef LIB_RED_INTERNAL_H
#define LIB_RED_INTERNAL_H

#include <mef3/red.h>

/* Whether a block whose header was parsed is as it was written. MEF3_ECRC. */
MEF3_MUST int red_check_crc(const uint8_t *block, const struct mef3_red_header *header,
                            struct mef3_error *error);

#endif

/* export_edf.h - EDF+ and BDF+ as `mef3 export` writes them. */
#ifndef CLI_EXPORT_EDF_H
#define CLI_EXPORT_EDF_H

/* The equipment that the recording field names: in such a file the sample one below a signal's
 * digital minimum stands for "no sample here". */
#define EXPORT_EDF_EQUIPMENT "mef3"

#endif

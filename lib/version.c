/* version.c - the library's version. */
#include <mef3/mef3.h>

const char *mef3_version(void)
{
    return MEF3_VERSION;
}

/* mef3/mef3.h - all of libmef3: a reader and a writer of MEF 3.0.
 *
 *   struct mef3_session *session;
 *   struct mef3_error error;
 *   if (mef3_session_open_folder("night.mefd", NULL, &session, &error) != MEF3_OK)
 *       ... mef3_error_text(&error, text, sizeof text)
 *   ... mef3_read_window(session, 0, start, end, counts, truth, n, NULL, NULL, &error)
 *   mef3_session_close(session);
 */
#ifndef MEF3_MEF3_H
#define MEF3_MEF3_H

#include <mef3/counts.h>
#include <mef3/read.h>
#include <mef3/records.h>
#include <mef3/red.h>
#include <mef3/session.h>
#include <mef3/source.h>
#include <mef3/status.h>
#include <mef3/time.h>
#include <mef3/write.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The version, of these headers and of the library that is linked. The build
 * says the same number, or does not compile. */
#define MEF3_VERSION "0.1.0"
MEF3_API const char *mef3_version(void);

#ifdef __cplusplus
}
#endif
#endif

/* mef3/mef3.h - all of libmef3: MEF 3.0 recordings, read, written, checked.
 *
 * mef3/session.h opens a recording and tells what it holds, mef3/read.h reads its samples,
 * mef3/counts.h makes values of them, mef3/records.h is about its notes and marks; mef3/write.h
 * writes one, mef3/verify.h checks one, mef3/salvage.h finds what is whole in a damaged one;
 * mef3/status.h is about failures, mef3/time.h about times, mef3/source.h about where bytes come
 * from, mef3/red.h about single blocks.
 *
 * Threads: the library has no state of its own and starts no threads. What belongs to one
 * session, writer or source is for one thread at a time; each header says more.
 *
 * Example:
 *
 * ```c
 * #include <mef3/mef3.h>
 * #include <stdio.h>
 *
 * int main(void)
 * {
 *     struct mef3_session *session;
 *     struct mef3_error error;
 *     char text[512];
 *     int32_t counts[256];
 *     double values[256];
 *
 *     int status = mef3_session_open_folder("night.mefd", NULL, &session, &error);
 *     if (status != MEF3_OK) {
 *         fprintf(stderr, "%s\n", mef3_error_text(&error, text, sizeof text));
 *         return 1;
 *     }
 *     // The first second of channel 0, in the channel's units.
 *     int64_t start = mef3_session_info(session)->start_uutc;
 *     status = mef3_read_window(session, 0, start, start + 1000000, counts, NULL, 256, NULL, NULL,
 *                               &error);
 *     if (status == MEF3_OK) {
 *         const struct mef3_channel_info *info = mef3_channel_info(session, 0);
 *         mef3_counts_to_f64(counts, 256, info->units_factor, values);
 *         printf("%s: %g %g ... %g %s\n", info->name, values[0], values[1], values[255],
 *                info->units);
 *     } else {
 *         fprintf(stderr, "%s\n", mef3_error_text(&error, text, sizeof text));
 *     }
 *     mef3_session_close(session);
 *     return status == MEF3_OK ? 0 : 1;
 * }
 * ```
 *
 * It prints:
 *
 * ```text
 * gappy: 37.673 37.722 ... -0.202 uV
 * ``` */
#ifndef MEF3_MEF3_H
#define MEF3_MEF3_H

#include <mef3/counts.h>
#include <mef3/read.h>
#include <mef3/records.h>
#include <mef3/red.h>
#include <mef3/salvage.h>
#include <mef3/session.h>
#include <mef3/source.h>
#include <mef3/status.h>
#include <mef3/time.h>
#include <mef3/verify.h>
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

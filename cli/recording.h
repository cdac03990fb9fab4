/* recording.h - what `info` and `cat` share: open a recording, show what is in it. */
#ifndef CLI_RECORDING_H
#define CLI_RECORDING_H

#include <mef3/mef3.h>

/* Lines for the help of a command that takes a password. */
#define RECORDING_PASSWORD_HELP                                          \
    "  --password-file FILE   the password is the first line of FILE;\n" \
    "                         without it, the variable MEF3_PASSWORD\n"

/* Open the recording at `path`. password_file may be NULL. On failure NULL, with
 * a line on stderr and the exit status in *exit_out. */
struct mef3_session *recording_open(const char *path, const char *password_file, int *exit_out);

/* The password as recording_open takes it; "" where there is none. False: a line on stderr, and
 * the exit status in *exit_out. Wipe it when done. */
enum { RECORDING_PASSWORD_BYTES = 256 };
bool recording_password(const char *password_file, char password_out[RECORDING_PASSWORD_BYTES],
                        int *exit_out);
/* The same as recording_open, but of a session of which metadata are read when they are needed;
 * password "": none. */
struct mef3_session *recording_open_lazy(const char *path, const char *password, int *exit_out);

/* When a channel has data. A gap is where two runs are apart by half a sample
 * or more; what is unreadable is no gap. */
struct recording_coverage {
    size_t n_runs;
    size_t n_gaps;
    int64_t gap_us;
    size_t n_bad; /* segments of which the metadata or the index cannot be read */
    struct mef3_error first_bad;
};
/* False: out of memory. */
bool recording_cover(struct mef3_session *session, size_t channel,
                     struct recording_coverage *coverage_out);

#endif

/* recording.h - open a recording, with its password. */
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

/* The same, with mef3_session_open_lazy: its metadata are read when they are asked for. */
struct mef3_session *recording_open_lazy(const char *path, const char *password_file,
                                         int *exit_out);

/* For a command that opens many: the password, "" for none, which may be in `line` (to be wiped)
 * or in the environment. NULL: as above. */
enum { RECORDING_PASSWORD_BYTES = 256 };
const char *recording_password(const char *password_file, char line[RECORDING_PASSWORD_BYTES],
                               int *exit_out);

/* Open one of many, lazily, and leave it to the caller to tell of a failure. */
MEF3_MUST int recording_try(const char *path, const char *password,
                            struct mef3_session **session_out, struct mef3_error *error);

#endif

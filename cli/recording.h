/* recording.h - what commands share: open a recording with its password, find what the options name
 * in it. */
#ifndef CLI_RECORDING_H
#define CLI_RECORDING_H

#include <mef3/mef3.h>

/* Lines for the help of a command that takes a password. */
#define RECORDING_PASSWORD_HELP                                          \
    "  --password-file FILE   the password is the first line of FILE;\n" \
    "                         without it, the variable MEF3_PASSWORD\n"

/* Passwords have at most 16 characters; a line that does not fit is none. */
enum { RECORDING_PASSWORD_BYTES = 256 };
/* The password that a command was given: the first line of a file or, where that is NULL, what
 * the variable says; "" for none. Wipe it when done. CLI_FINE, or with a line on stderr CLI_IO. */
int recording_password(const char *password_file, char password_out[RECORDING_PASSWORD_BYTES]);

/* Open the recording at `path`. password_file may be NULL. On failure NULL, with
 * a line on stderr and the exit status in *exit_out. */
struct mef3_session *recording_open(const char *path, const char *password_file, int *exit_out);

/* The same of a session whose metadata are read when they are needed; password "": none. */
struct mef3_session *recording_open_lazy(const char *path, const char *password, int *exit_out);

/* The same for a command that opens many, and has its own way to tell of a failure. */
MEF3_MUST int recording_try(const char *path, const char *password,
                            struct mef3_session **session_out, struct mef3_error *error);

/* The number of a channel. CLI_FINE, or with a line on stderr CLI_USAGE. */
int recording_channel(const struct mef3_session *session, const char *path, const char *name,
                      size_t *channel_out);

/* The time that an option was given; NULL leaves *uutc_out as it is. start_uutc is what "+1" is
 * from. CLI_FINE, or with a line on stderr CLI_USAGE. */
int recording_time(const char *option, const char *text, int64_t start_uutc, int64_t *uutc_out);

#endif

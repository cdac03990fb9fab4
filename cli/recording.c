/* recording.c - open a recording, with its password. */
#include "recording.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

/* Passwords have at most 16 characters; a line that does not fit is none. */
enum { PASSWORD_BYTES = RECORDING_PASSWORD_BYTES };

static bool read_first_line(const char *path, char line[PASSWORD_BYTES])
{
    FILE *file = fopen(path, "re");

    if (!file)
        return false;
    errno = 0;
    bool is_read = fgets(line, PASSWORD_BYTES, file) != NULL;
    fclose(file);
    if (is_read)
        line[strcspn(line, "\r\n")] = '\0';
    return is_read;
}

const char *recording_password(const char *password_file, char line[PASSWORD_BYTES], int *exit_out)
{
    const char *password = getenv("MEF3_PASSWORD");

    if (password_file) {
        if (!read_first_line(password_file, line)) {
            *exit_out = cli_fail(CLI_IO, "%s: the password cannot be read: %s; check the file",
                                 password_file, errno ? strerror(errno) : "it is empty");
            return NULL;
        }
        password = line;
    }
    return password ? password : "";
}

typedef int open_fn(struct mef3_source *source, const char *password,
                    struct mef3_session **session_out, struct mef3_error *error);

static int open_with(open_fn *open, const char *path, const char *password,
                     struct mef3_session **session_out, struct mef3_error *error)
{
    struct mef3_source source;

    int status = mef3_source_folder(path, NULL, &source, error);
    if (status != MEF3_OK)
        return status;
    return open(&source, password && password[0] ? password : NULL, session_out, error);
}

int recording_try(const char *path, const char *password, struct mef3_session **session_out,
                  struct mef3_error *error)
{
    return open_with(mef3_session_open_lazy, path, password, session_out, error);
}

static struct mef3_session *open_or_tell(open_fn *open, const char *path, const char *password_file,
                                         int *exit_out)
{
    char line[PASSWORD_BYTES];
    struct mef3_session *session;
    struct mef3_error error;
    char text[1024];

    const char *password = recording_password(password_file, line, exit_out);
    if (!password)
        return NULL;
    int status = open_with(open, path, password, &session, &error);
    explicit_bzero(line, sizeof line);
    if (status == MEF3_OK)
        return session;
    error.file[0] = '\0'; /* it is the path, which is said anyway */
    mef3_error_text(&error, text, sizeof text);
    *exit_out =
        cli_fail(CLI_IO, "%s: %s; name a folder that ends in .mefd and can be read", path, text);
    return NULL;
}

struct mef3_session *recording_open(const char *path, const char *password_file, int *exit_out)
{
    return open_or_tell(mef3_session_open, path, password_file, exit_out);
}

struct mef3_session *recording_open_lazy(const char *path, const char *password_file, int *exit_out)
{
    return open_or_tell(mef3_session_open_lazy, path, password_file, exit_out);
}

/* recording.c - what commands share: open a recording with its password, find what the options name
 * in it. */
#include "recording.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "moment.h"

int recording_password(const char *password_file, char password_out[RECORDING_PASSWORD_BYTES])
{
    const char *variable = getenv("MEF3_PASSWORD");

    password_out[0] = '\0';
    if (!password_file) {
        /* One that is too long is wrong, and stays so when it is cut. */
        snprintf(password_out, RECORDING_PASSWORD_BYTES, "%s", variable ? variable : "");
        return CLI_FINE;
    }
    FILE *file = fopen(password_file, "re");
    int number = file ? 0 : errno;
    errno = 0;
    bool is_read = file && fgets(password_out, RECORDING_PASSWORD_BYTES, file);
    number = number ? number : errno;
    if (file)
        fclose(file);
    if (!is_read)
        return cli_fail(CLI_IO, "%s: the password cannot be read: %s; check the file",
                        password_file, number ? strerror(number) : "it is empty");
    password_out[strcspn(password_out, "\r\n")] = '\0';
    return CLI_FINE;
}

static struct mef3_session *cannot_open(const char *path, struct mef3_error *error, int *exit_out)
{
    char text[1024];

    error->file[0] = '\0'; /* it is the path, which is said anyway */
    mef3_error_text(error, text, sizeof text);
    *exit_out = cli_fail(CLI_IO,
                         "%s: %s; name a folder that ends in .mefd, or a file that ends in "
                         ".mefd.tar, which can be read",
                         path, text);
    return NULL;
}

struct mef3_session *recording_open(const char *path, const char *password_file, int *exit_out)
{
    char password[RECORDING_PASSWORD_BYTES];
    struct mef3_source source;
    struct mef3_session *session;
    struct mef3_error error;

    *exit_out = recording_password(password_file, password);
    if (*exit_out != CLI_FINE)
        return NULL;
    int status = mef3_source_path(path, NULL, &source, &error);
    if (status == MEF3_OK)
        status = mef3_session_open(&source, password[0] ? password : NULL, &session, &error);
    explicit_bzero(password, sizeof password);
    return status == MEF3_OK ? session : cannot_open(path, &error, exit_out);
}

int recording_try(const char *path, const char *password, struct mef3_session **session_out,
                  struct mef3_error *error)
{
    struct mef3_source source;

    int status = mef3_source_path(path, NULL, &source, error);
    if (status != MEF3_OK)
        return status;
    return mef3_session_open_lazy(&source, password[0] ? password : NULL, session_out, error);
}

struct mef3_session *recording_open_lazy(const char *path, const char *password, int *exit_out)
{
    struct mef3_session *session;
    struct mef3_error error;

    int status = recording_try(path, password, &session, &error);
    return status == MEF3_OK ? session : cannot_open(path, &error, exit_out);
}

int recording_channel(const struct mef3_session *session, const char *path, const char *name,
                      size_t *channel_out)
{
    int64_t number = mef3_channel_find(session, name);

    if (number < 0)
        return cli_fail(CLI_USAGE, "%s: there is no channel %s; mef3 info lists them", path, name);
    *channel_out = (size_t)number;
    return CLI_FINE;
}

int recording_time(const char *option, const char *text, int64_t start_uutc, int64_t *uutc_out)
{
    if (!text)
        return CLI_FINE;
    if (text[0] == '+' && start_uutc == MEF3_NO_TIME)
        return cli_fail(CLI_USAGE, "%s %s: the recording's start is not known; give a time", option,
                        text);
    if (!moment_parse(text, start_uutc, uutc_out))
        return cli_fail(CLI_USAGE,
                        "%s %s is no time; give a uUTC number, an ISO 8601 time or +seconds",
                        option, text);
    return CLI_FINE;
}

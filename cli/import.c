/* import.c - what the formats of `mef3 import` share: the session, its channels' names, losses. */
#include "import.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "utf8.h"

enum { NAME_BYTES = 64, PASSWORD_BYTES = 256 };

/* The next line, without its end. False: there is none. */
static bool next_line(FILE *file, char line[PASSWORD_BYTES])
{
    if (!fgets(line, PASSWORD_BYTES, file))
        return false;
    line[strcspn(line, "\r\n")] = '\0';
    return true;
}

static int read_passwords(const char *path, char first[PASSWORD_BYTES], char second[PASSWORD_BYTES],
                          struct mef3_writer_options *session)
{
    FILE *file = fopen(path, "re");

    errno = file ? 0 : errno;
    if (!file || !next_line(file, first) || !first[0]) {
        int error = errno;
        if (file)
            fclose(file);
        return cli_fail(CLI_IO, "%s: the password cannot be read: %s; check the file", path,
                        error ? strerror(error) : "it is empty");
    }
    session->password_1 = first;
    if (next_line(file, second) && second[0])
        session->password_2 = second;
    fclose(file);
    return CLI_FINE;
}

int import_begin(struct import_job *job, struct mef3_writer_options *session)
{
    char first[PASSWORD_BYTES] = "";
    char second[PASSWORD_BYTES] = "";
    struct mef3_error error;
    int status = CLI_FINE;

    if (job->o->password_file)
        status = read_passwords(job->o->password_file, first, second, session);
    if (status == CLI_FINE &&
        mef3_writer_create(job->o->out, session, &job->writer, &error) != MEF3_OK)
        status = cli_fail_error(&error, job->o->out,
                                error.status == MEF3_EINVAL ? "name a new folder NAME.mefd" : NULL);
    session->password_1 = session->password_2 = NULL;
    explicit_bzero(first, sizeof first);
    explicit_bzero(second, sizeof second);
    return status;
}

/* Bytes of the character at `at`, 0 when it is none that a name may have. */
static size_t character(const char *at)
{
    unsigned char byte = (unsigned char)at[0];
    bool is_control = byte < 0x20 || byte == 0x7F || (byte == 0xC2 && (unsigned char)at[1] < 0xA0);

    return is_control || byte == '/' ? 0 : utf8_length(at, strnlen(at, 4));
}

/* A channel's name becomes a folder's: what that may not have becomes "_". */
static void make_name(const char *text, char name[NAME_BYTES])
{
    size_t n = 0;

    while (*text) {
        size_t length = character(text);
        if (length == 0 || (n == 0 && *text == '.')) {
            if (n + 1 >= NAME_BYTES)
                break;
            name[n++] = '_';
            text++;
        } else {
            if (n + length >= NAME_BYTES)
                break;
            memcpy(name + n, text, length);
            n += length;
            text += length;
        }
    }
    name[n] = '\0';
}

static bool is_taken(const struct import_job *job, const char *name)
{
    for (size_t i = 0; i < job->n_channels; i++)
        if (strcmp(job->names[i], name) == 0)
            return true;
    return false;
}

/* "T3" a second time is "T3-2". */
static void make_unique(const struct import_job *job, char name[NAME_BYTES])
{
    char base[NAME_BYTES];
    char ending[16];

    memcpy(base, name, NAME_BYTES);
    for (int i = 2; is_taken(job, name); i++) {
        int n = snprintf(ending, sizeof ending, "-%d", i);
        size_t room = NAME_BYTES - 1 - (size_t)n;
        size_t length = strnlen(base, room);
        while (length > 0 && ((unsigned char)base[length] & 0xC0) == 0x80)
            length--; /* a character is not cut in two */
        memcpy(name, base, length);
        memcpy(name + length, ending, (size_t)n + 1);
    }
}

static bool keep_name(struct import_job *job, const char *name)
{
    if (job->n_channels == job->names_room) {
        size_t room = job->names_room ? 2 * job->names_room : 64;
        char **names = realloc(job->names, room * sizeof *names);
        if (!names)
            return false;
        job->names = names;
        job->names_room = room;
    }
    job->names[job->n_channels] = strdup(name);
    return job->names[job->n_channels] != NULL;
}

/* Blocks of whole seconds, of about a thousand samples or more, as `mef3 demo` has. */
static uint32_t usual_block(double rate_hz)
{
    double samples = round(ceil(1000 / rate_hz) * rate_hz);

    return (uint32_t)fmax(1, fmin(samples, 1 << 20));
}

int import_add_channel(struct import_job *job, struct mef3_writer_channel *channel,
                       size_t *number_out)
{
    const char *wanted = channel->name;
    char usual[NAME_BYTES];
    char name[NAME_BYTES];
    struct mef3_error error;

    if (!wanted || !wanted[0]) {
        snprintf(usual, sizeof usual, "ch%zu", job->n_channels + 1);
        wanted = usual;
    }
    make_name(wanted, name);
    make_unique(job, name);
    if (strcmp(name, wanted) != 0 && job->n_renamed++ == 0) {
        snprintf(job->renamed_from, sizeof job->renamed_from, "%s", wanted);
        snprintf(job->renamed_to, sizeof job->renamed_to, "%s", name);
    }
    channel->name = name;
    if (channel->block_samples == 0)
        channel->block_samples = job->o->block_samples > 0 ? (uint32_t)job->o->block_samples
                                                           : usual_block(channel->rate_hz);
    if (mef3_writer_add_channel(job->writer, channel, number_out, &error) != MEF3_OK)
        return cli_fail_error(&error, job->o->out, "choose another name, rate or factor");
    if (!keep_name(job, name))
        return cli_fail(CLI_IO, "%s: out of memory; try again with more", job->o->path);
    job->n_channels++;
    return CLI_FINE;
}

int import_append(struct import_job *job, size_t channel, int64_t start_uutc, const int32_t *counts,
                  size_t n)
{
    struct mef3_error error;

    if (cli_interrupted())
        return CLI_IO; /* told of at the end */
    if (mef3_writer_append(job->writer, channel, start_uutc, counts, n, &error) != MEF3_OK)
        return cli_fail_error(&error, job->o->out, "check the start time and the disk");
    progress_add(&job->bar, n);
    for (size_t i = 0; i < n; i++)
        job->n_samples += counts[i] != MEF3_COUNT_NAN;
    return CLI_FINE;
}

/* Whole numbers as the counts that they are. False: one is too large. */
static bool as_counts(const double *values, size_t n, int32_t *counts_out)
{
    for (size_t i = 0; i < n; i++) {
        if (!(values[i] >= INT32_MIN && values[i] <= INT32_MAX))
            return false;
        counts_out[i] = (int32_t)values[i];
    }
    return true;
}

int import_append_f64(struct import_job *job, size_t channel, int64_t start_uutc,
                      const double *values, size_t n, bool are_counts)
{
    int32_t counts[4096];
    struct mef3_error error;

    for (size_t first = 0, part; are_counts && first < n; first += part) {
        part = n - first < 4096 ? n - first : 4096;
        if (!as_counts(values + first, part, counts))
            return cli_fail(CLI_USAGE,
                            "%s: channel %s has numbers beyond 32 bits, which is what a "
                            "count has; write it as float64, and give --factor",
                            job->o->path, job->names[channel]);
        int64_t at_uutc = mef3_index_to_time((int64_t)first, start_uutc, job->o->rate_hz);
        int status = import_append(job, channel, at_uutc, counts, part);
        if (status != CLI_FINE)
            return status;
    }
    if (are_counts)
        return CLI_FINE;
    if (cli_interrupted())
        return CLI_IO;
    if (mef3_writer_append_f64(job->writer, channel, start_uutc, values, n, &error) != MEF3_OK)
        return cli_fail_error(&error, job->o->out,
                              "check the values, --factor, the start time and the disk");
    progress_add(&job->bar, n);
    for (size_t i = 0; i < n; i++)
        job->n_samples += !isnan(values[i]);
    return CLI_FINE;
}

void import_lose(struct import_job *job, const char *format, ...)
{
    va_list values;

    if (job->n_lost++ > 0)
        return;
    va_start(values, format);
    vsnprintf(job->lost, sizeof job->lost, format, values);
    va_end(values);
}

int import_refuse(const struct import_job *job, const struct mef3_error *error, const char *advice)
{
    char place[40] = "";

    if (error->status == MEF3_ENOMEM)
        return cli_fail(CLI_IO, "%s: out of memory; try again with more", job->o->path);
    if (error->offset >= 0)
        snprintf(place, sizeof place, "at byte %lld: ", (long long)error->offset);
    return cli_fail(CLI_IO, "%s: %s%s: expected %s, found %s; %s", job->o->path, place,
                    error->field, error->expected, error->found, advice);
}

int import_cannot_read(const struct import_job *job)
{
    return cli_fail(CLI_IO, "%s: cannot be read: %s; check the disk", job->o->path,
                    strerror(errno));
}

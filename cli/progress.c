/* progress.c - how far a command has come: a bar on stderr, for a person who waits. */
#include "progress.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

static const int64_t NS = 1000000000; /* nanoseconds a second */
static const int64_t FIRST_NS = 1000000000;
static const int64_t STEP_NS = 100000000;

enum { LINE_BYTES = 256, TEXT_BYTES = 48, USUAL_WIDTH = 80, LEAST_BAR = 8, MOST_BAR = 40 };

/* Whether a bar stands on the terminal: there is but one of these lines. */
static atomic_bool is_shown;

static int64_t now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * NS + now.tv_nsec;
}

static bool somebody_sees_it(void)
{
    const char *terminal = getenv("TERM");

    if (!isatty(STDERR_FILENO) || !terminal || !terminal[0] || strcmp(terminal, "dumb") == 0)
        return false;
    /* A terminal that is not ours to ask about (another session's) may be written to. */
    pid_t foreground = tcgetpgrp(STDERR_FILENO);
    return foreground < 0 || foreground == getpgrp();
}

/* In one piece, so that it mixes with no other line. Where it cannot be written nothing is lost. */
static void put(const char *text)
{
    ssize_t n = write(STDERR_FILENO, text, strlen(text));

    (void)n;
}

void progress_make_room(void)
{
    if (atomic_exchange(&is_shown, false))
        put("\r\033[K");
}

static size_t width(void)
{
    struct winsize size;

    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
        return USUAL_WIDTH;
    return size.ws_col < LINE_BYTES - 16 ? size.ws_col : LINE_BYTES - 16;
}

/* "12.3 M" of 12345678: three digits and what they count. */
static const char *short_number(double number, char text[TEXT_BYTES])
{
    static const char *const prefix[] = {"", "k", "M", "G", "T", "P", "E"};
    size_t k = 0;

    for (; number >= 999.5 && k + 1 < sizeof prefix / sizeof *prefix; k++)
        number /= 1000;
    snprintf(text, TEXT_BYTES, "%.*f %s", number < 9.95 && k > 0 ? 1 : 0, number, prefix[k]);
    return text;
}

static const char *rate_text(const struct progress *bar, char text[TEXT_BYTES])
{
    static const char *const unit[] = {
        [PROGRESS_BYTES] = "B", [PROGRESS_SAMPLES] = "samples", [PROGRESS_THINGS] = ""};
    char number[TEXT_BYTES];

    snprintf(text, TEXT_BYTES, "%.24s%s/s", short_number(bar->rate, number), unit[bar->unit]);
    return text;
}

/* "0:42", "1:02:03"; nothing when it is longer than anyone waits. */
static const char *clock_text(double seconds, const char *after, char text[TEXT_BYTES])
{
    long long s = seconds < 1e6 ? (long long)ceil(seconds) : -1;

    if (s < 0)
        text[0] = '\0';
    else if (s < 3600)
        snprintf(text, TEXT_BYTES, "%lld:%02lld%s", s / 60, s % 60, after);
    else
        snprintf(text, TEXT_BYTES, "%lld:%02lld:%02lld%s", s / 3600, s / 60 % 60, s % 60, after);
    return text;
}

/* The rate of late, not of all: it is what the rest of the way will be like. */
static void measure(struct progress *bar, uint64_t done, int64_t now)
{
    double seconds = (double)(now - bar->drawn_ns) / (double)NS;

    if (seconds <= 0 || done < bar->drawn_done)
        return;
    double rate = (double)(done - bar->drawn_done) / seconds;
    double weight = bar->rate > 0 ? -expm1(-seconds / 3) : 1;
    bar->rate += weight * (rate - bar->rate);
    bar->drawn_ns = now;
    bar->drawn_done = done;
}

static void draw_bar(size_t room, double part, char *to)
{
    size_t n = room < LEAST_BAR ? 0 : room < MOST_BAR ? room : MOST_BAR;

    if (n > 0) {
        size_t full = (size_t)(part * (double)(n - 2));
        *to++ = '[';
        memset(to, '#', full);
        memset(to + full, '.', n - 2 - full);
        to += n - 2;
        *to++ = ']';
    }
    *to = '\0';
}

static void draw(struct progress *bar, int64_t now)
{
    uint64_t done = atomic_load(&bar->done);
    uint64_t total = atomic_load(&bar->total);
    double part = total > 0 ? fmin(1, (double)done / (double)total) : 0;
    char left[LINE_BYTES], right[LINE_BYTES], middle[LINE_BYTES] = "", line[4 * LINE_BYTES];
    char rate[TEXT_BYTES], time[TEXT_BYTES], number[TEXT_BYTES];

    measure(bar, done, now);
    if (total > 0) {
        double remaining = bar->rate > 0 ? (1 - part) * (double)total / bar->rate : HUGE_VAL;
        snprintf(left, sizeof left, "%.40s %3d%% ", bar->what, (int)(100 * part));
        snprintf(right, sizeof right, " %s  %s", rate_text(bar, rate),
                 clock_text(remaining, " left", time));
    } else {
        double gone = (double)(now - bar->start_ns) / (double)NS;
        snprintf(left, sizeof left, "%.40s %.24s", bar->what, short_number((double)done, number));
        snprintf(right, sizeof right, "  %s  %s", rate_text(bar, rate),
                 clock_text(floor(gone), "", time));
    }
    size_t room = width() - 1; /* the last column stays free: some terminals begin a new line */
    size_t used = strlen(left) + strlen(right);
    if (total > 0 && used < room)
        draw_bar(room - used, part, middle);
    snprintf(line, sizeof line, "%s%s%s", left, middle, right);
    if (strlen(line) > room)
        line[room] = '\0';
    char out[sizeof line + 8];
    snprintf(out, sizeof out, "\r%s\033[K", line);
    put(out);
    atomic_store(&is_shown, true);
}

void progress_start(struct progress *bar, const char *what, uint64_t total, enum progress_unit unit)
{
    int64_t now = now_ns();

    *bar = (struct progress){
        .what = what,
        .unit = unit,
        .is_on = somebody_sees_it(),
        .start_ns = now,
        .total = total,
        .next_ns = now + FIRST_NS,
        .is_drawing = ATOMIC_FLAG_INIT,
        .drawn_ns = now,
    };
}

void progress_add(struct progress *bar, uint64_t n)
{
    atomic_fetch_add(&bar->done, n);
    if (!bar->is_on)
        return;
    int64_t now = now_ns();
    if (now < atomic_load(&bar->next_ns) || atomic_flag_test_and_set(&bar->is_drawing))
        return;
    atomic_store(&bar->next_ns, now + STEP_NS);
    draw(bar, now);
    atomic_flag_clear(&bar->is_drawing);
}

void progress_set_total(struct progress *bar, uint64_t total)
{
    atomic_store(&bar->total, total);
}

void progress_end(struct progress *bar)
{
    bar->is_on = false;
    progress_make_room();
}

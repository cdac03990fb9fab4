/* live.c - looking at a server until somebody has seen enough. */
#include "top.h"

#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "cli/cli.h"
#include "screen.h"

/* A window that changes its size between a look at the keys and the wait for them is seen after
 * this, as are signals that come then. */
enum { TURN_MS = 200, PAGE = 10 };

struct watch {
    struct fetch *fetch;
    struct answer *answer; /* view has it, too */
    struct view view;
    int64_t next_ms; /* when it is asked again */
};

static int64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static bool is_told(const struct view *view)
{
    return view->answer && section_list(view->answer, view->chosen).is_told;
}

/* The table `step` further that the server tells. */
static void choose(struct view *view, int step)
{
    view->first = 0;
    for (int i = 0; i < SECTIONS && (i == 0 || !is_told(view)); i++)
        view->chosen = (enum section)((view->chosen + SECTIONS + step) % SECTIONS);
}

static void scroll_by(struct view *view, int step)
{
    size_t n = view->answer ? section_list(view->answer, view->chosen).n : 0;
    size_t back = (size_t)-step;

    if (step < 0)
        view->first -= view->first < back ? view->first : back;
    else if (n > 0)
        view->first = view->first + (size_t)step < n ? view->first + (size_t)step : n - 1;
}

/* False: enough. */
static bool obey(struct view *view, enum screen_key key)
{
    switch (key) {
    case KEY_OF_QUIT:
        return false;
    case KEY_OF_PAUSE:
        view->is_paused = !view->is_paused;
        break;
    case KEY_OF_HELP:
        view->shows_help = !view->shows_help;
        break;
    case KEY_OF_NEXT:
        choose(view, 1);
        break;
    case KEY_OF_BEFORE:
        choose(view, -1);
        break;
    case KEY_OF_UP:
    case KEY_OF_DOWN:
        scroll_by(view, key == KEY_OF_UP ? -1 : 1);
        break;
    case KEY_OF_PAGE_UP:
    case KEY_OF_PAGE_DOWN:
        scroll_by(view, key == KEY_OF_PAGE_UP ? -PAGE : PAGE);
        break;
    case KEY_OF_NONE:
    case KEY_OF_OTHER:
        break;
    }
    return true;
}

/* What was seen before stays on the screen when nothing comes. */
static void take(struct watch *watch, enum fetch_state state)
{
    if (state == FETCH_FAILED) {
        watch->view.failure = fetch_failure(watch->fetch);
    } else if (state == FETCH_DONE) {
        struct answer *answer = top_read(watch->fetch);
        watch->view.failure = answer ? NULL : "what came is no status of mef3d's";
        if (answer) {
            free(watch->answer);
            watch->answer = answer;
            watch->view.answer = answer;
        }
    }
    if (!is_told(&watch->view))
        choose(&watch->view, 1);
    scroll_by(&watch->view, 0); /* the table may be shorter now */
}

static void ask_in_time(struct watch *watch)
{
    int64_t now = now_ms();

    if (watch->view.is_paused || now < watch->next_ms)
        return;
    fetch_begin(watch->fetch);
    watch->next_ms = now + (int64_t)(watch->view.every_s * 1e3);
}

static void go_on(struct watch *watch)
{
    while (!cli_interrupted()) {
        ask_in_time(watch);
        enum fetch_state state = fetch_wait(watch->fetch, TURN_MS, STDIN_FILENO);
        bool is_news = state == FETCH_DONE || state == FETCH_FAILED;
        if (is_news)
            take(watch, state);
        for (enum screen_key key; (key = screen_key()) != KEY_OF_NONE; is_news = true)
            if (!obey(&watch->view, key))
                return;
        if (is_news)
            screen_draw(&watch->view);
    }
}

int top_live(struct fetch *fetch, const char *url, double every_s)
{
    struct watch watch = {.fetch = fetch, .view = {.url = url, .every_s = every_s}};

    cli_catch_interrupts();
    if (!screen_open())
        return cli_fail(CLI_USAGE, "top: this terminal (TERM) is not known; use --once");
    screen_draw(&watch.view);
    go_on(&watch);
    screen_close();
    free(watch.answer);
    return CLI_FINE;
}

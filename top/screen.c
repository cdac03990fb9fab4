/* screen.c - the dashboard on a terminal. */
#include "screen.h"

#include <curses.h>
#include <stdlib.h>
#include <string.h>

/* curses has COLOR_RED and so on as macros; a pair a colour of ours, by its number. */
static const short inks[] = {
    [COLOUR_RED] = COLOR_RED, [COLOUR_GREEN] = COLOR_GREEN, [COLOUR_YELLOW] = COLOR_YELLOW};

static SCREEN *screen;
static bool has_inks;

bool screen_open(void)
{
    const char *unwanted = getenv("NO_COLOR");

    screen = newterm(NULL, stdout, stdin);
    if (!screen)
        return false;
    cbreak();
    noecho();
    keypad(stdscr, TRUE);
    nodelay(stdscr, TRUE);
    set_escdelay(50);
    curs_set(0);
    has_inks = has_colors() && !(unwanted && unwanted[0]) && start_color() == OK &&
               use_default_colors() == OK;
    for (short i = COLOUR_RED; has_inks && i <= COLOUR_YELLOW; i++)
        init_pair(i, inks[i], -1);
    return true;
}

void screen_close(void)
{
    if (!screen)
        return;
    endwin();
    delscreen(screen);
    screen = NULL;
}

static attr_t look_of(enum colour colour)
{
    if (colour == COLOUR_BOLD)
        return A_BOLD;
    if (colour == COLOUR_FAINT)
        return A_DIM;
    return colour != COLOUR_OFF && has_inks ? COLOR_PAIR(colour) : A_NORMAL;
}

static void put(int y, int x, attr_t look, const char *text)
{
    if (y < 0 || y >= LINES || x >= COLS)
        return;
    attrset(look);
    mvaddnstr(y, x, text, (int)lines_fit(text, COLS - x));
    attrset(A_NORMAL);
}

/* Lines from `first` on, from row `y` to before `end`; the row behind the last one. */
static int put_lines(const struct lines *lines, size_t first, int y, int end)
{
    for (size_t i = first; i < lines->n && y < end; i++)
        put(y++, 0, look_of(lines->at[i].colour), lines->at[i].text);
    return y;
}

static void put_tabs(const struct view *view, int y)
{
    int x = 0;

    for (int i = 0; i < SECTIONS; i++) {
        struct answer_list list = section_list(view->answer, (enum section)i);
        char text[64];
        if (!list.is_told)
            continue;
        snprintf(text, sizeof text, " %s %zu ", section_title((enum section)i),
                 list.n + list.n_more);
        put(y, x, view->chosen == (enum section)i ? A_REVERSE : A_NORMAL, text);
        x += (int)strlen(text) + 1;
    }
}

/* The chosen table from its line `first` on, below its headings; then the others as far as there is
 * room. */
static void put_tables(const struct view *view, int y, int end)
{
    for (int k = 0; k < SECTIONS && y < end; k++) {
        enum section section = (enum section)((view->chosen + k) % SECTIONS);
        struct lines lines = {0};
        size_t first = k == 0 ? view->first : 0;
        if (!section_list(view->answer, section).is_told)
            continue;
        section_table(&lines, view->answer, section);
        if (k > 0)
            put(++y, 0, A_BOLD | A_UNDERLINE, section_title(section));
        y += k > 0;
        if (lines.n > 1 && y < end) {
            put(y++, 0, look_of(lines.at[0].colour), lines.at[0].text);
            first += 1;
        }
        if (first >= lines.n && lines.n > 0)
            first = lines.n - 1;
        y = put_lines(&lines, first, y, end);
        lines_fini(&lines);
    }
}

static void put_help(int y, int end)
{
    static const char *const help[] = {
        "q            quit (Ctrl-C too)",
        "p, space     pause, and go on",
        "tab, right   the next table; shift-tab, left: the one before",
        "down, up     one row on and back; page down, page up: ten",
        "h, ?         this help, and away",
        "",
        "Requests and bytes a second are of the last 10 seconds, times and shares of",
        "the last minute. Hits are of the units that reads asked for: those that were",
        "there or under way. Used and wasted are of the units that were read ahead.",
    };

    for (size_t i = 0; i < sizeof help / sizeof *help && y < end; i++)
        put(y++, 0, A_NORMAL, help[i]);
}

static void put_foot(const struct view *view)
{
    char text[1024];

    if (view->failure) {
        snprintf(text, sizeof text, "no answer, trying again each %g s: %s", view->every_s,
                 view->failure);
        put(LINES - 1, 0, look_of(COLOUR_RED) | A_BOLD, text);
    } else {
        snprintf(text, sizeof text, "%sq quit  p pause  tab next table  ? help",
                 view->is_paused ? "PAUSED  " : "");
        put(LINES - 1, 0, view->is_paused ? A_BOLD : look_of(COLOUR_FAINT), text);
    }
}

void screen_draw(const struct view *view)
{
    struct lines summary = {0};
    int end = LINES - 1;

    erase();
    if (view->answer)
        sections_summary(&summary, view->answer, view->url);
    else
        lines_add(&summary, COLOUR_BOLD, "mef3d at %s", view->url);
    int y = put_lines(&summary, 0, 0, end) + 1;
    lines_fini(&summary);
    if (view->shows_help) {
        put_help(y, end);
    } else if (view->answer && y < end) {
        put_tabs(view, y);
        put_tables(view, y + 1, end);
    }
    put_foot(view);
    refresh();
}

enum screen_key screen_key(void)
{
    switch (getch()) {
    case ERR:
        return KEY_OF_NONE;
    case 'q':
    case 'Q':
        return KEY_OF_QUIT;
    case 'p':
    case ' ':
        return KEY_OF_PAUSE;
    case 'h':
    case '?':
        return KEY_OF_HELP;
    case '\t':
    case KEY_RIGHT:
        return KEY_OF_NEXT;
    case KEY_BTAB:
    case KEY_LEFT:
        return KEY_OF_BEFORE;
    case KEY_UP:
        return KEY_OF_UP;
    case KEY_DOWN:
        return KEY_OF_DOWN;
    case KEY_PPAGE:
        return KEY_OF_PAGE_UP;
    case KEY_NPAGE:
        return KEY_OF_PAGE_DOWN;
    default: /* KEY_RESIZE too: drawing anew is all that it wants */
        return KEY_OF_OTHER;
    }
}

/* screen.h - the dashboard on a terminal, by ncurses: draws what it is told, says what was pressed.
 */
#ifndef TOP_SCREEN_H
#define TOP_SCREEN_H

#include "sections.h"

/* What is to be seen. */
struct view {
    const char *url;
    const struct answer *answer; /* NULL: there was none yet */
    const char *failure;         /* NULL: the last one came as it should */
    double every_s;
    bool is_paused;
    bool shows_help;
    enum section chosen;
    size_t first; /* line of the chosen table that is at its top */
};

/* False: the terminal is one that ncurses does not know. */
bool screen_open(void);
/* Leaves the terminal as it was. */
void screen_close(void);

void screen_draw(const struct view *view);

enum screen_key {
    KEY_OF_NONE, /* nothing more was pressed */
    KEY_OF_OTHER,
    KEY_OF_QUIT,
    KEY_OF_PAUSE,
    KEY_OF_HELP,
    KEY_OF_NEXT,
    KEY_OF_BEFORE,
    KEY_OF_UP,
    KEY_OF_DOWN,
    KEY_OF_PAGE_UP,
    KEY_OF_PAGE_DOWN,
};

enum screen_key screen_key(void);

#endif

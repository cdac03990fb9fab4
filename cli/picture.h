/* picture.h - what `mef3 plot` and `mef3 overview` share: their options, and a page painted. */
#ifndef CLI_PICTURE_H
#define CLI_PICTURE_H

#include "cat.h"
#include "cli.h"
#include "draw/paint.h"
#include "draw/read.h"

/* Which of the two. */
enum picture_kind { PICTURE_PAGE, PICTURE_OVERVIEW };

/* Options of both, for their `arguments` and `help`. */
#define PICTURE_ARGUMENTS                                                            \
    "SESSION [-c NAME]... [--from T] [--to T] [--scale N] [--up positive|negative] " \
    "[--size WxH] [--dark] [--format png|svg] -o FILE [--password-file FILE]"
#define PICTURE_HELP_SCALE                                                                    \
    "  --scale N              so many \u00b5V a millimetre (or whatever units the channels\n" \
    "                         have); without it, 10, or what suits the page\n"
#define PICTURE_HELP                                                                     \
    "  --up positive|negative  what is up; without it, negative\n"                       \
    "  --size WxH             so many pixels, of which a millimetre has 3.78; without\n" \
    "                         it, 1600x900\n"                                            \
    "  --dark                 light on dark\n"                                           \
    "  --format png|svg       what FILE is; without it, as its name ends, or png\n"      \
    "  -o, --output FILE      write to FILE, which appears when all is written; - is\n"  \
    "                         standard output\n"

int picture_run(enum picture_kind kind, const struct cli_command *self, int argc, char **argv);

#endif

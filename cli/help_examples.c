/* help_examples.c - what commands can do, shown: the first of each is in the overview. */
#include "help.h"

#include <string.h>

/* Of a command that this program does not have nothing is shown. */
/* clang-format off */
const struct help_example help_examples[] = {
    {"ls",      "mef3 ls recordings",                   "every recording beneath a folder"},
    {"info",    "mef3 info night.mefd",                 "what a recording holds"},
    {"info",    "mef3 info night.mefd --json",          "for a program"},
    {"cat",     "mef3 cat night.mefd -c Cz --to +10",   "ten seconds of a channel"},
    {"cat",     "mef3 cat night.mefd --counts | head",  "the first numbers, as stored"},
    {"cat",     "mef3 cat night.mefd --format npy -o night.npy", "all of it, for NumPy"},
    {"plot",    "mef3 plot night.mefd -o page.png",     "its first ten seconds as a picture"},
    {"plot",    "mef3 plot night.mefd -c Cz -c Pz --from +60 --to +90 -o page.svg",
        "half a minute of two channels, to be printed"},
    {"overview", "mef3 overview night.mefd -o month.png", "all of it as a picture"},
    {"overview", "mef3 overview night.mefd --from 2024-01-15 --to 2024-01-16 -o day.svg",
        "a day of it"},
    {"gaps",    "mef3 gaps night.mefd --at-least 1",    "gaps of a second or more"},
    {"gaps",    "mef3 gaps night.mefd -c Cz --csv > gaps.csv",
        "when one channel has data, for a spreadsheet"},
    {"diff",    "mef3 diff night.mefd copy.mefd",       "is the copy the same?"},
    {"records", "mef3 records night.mefd",              "its notes, marks and seizures"},
    {"note",    "mef3 note add night.mefd --at +60 \"lights out\"", "a note a minute after the start"},
    {"verify",  "mef3 verify night.mefd",               "is anything damaged?"},
    {"repair",  "mef3 repair night.mefd saved.mefd",    "what can be saved of it"},
    {"copy",    "mef3 copy night.mefd copy.mefd",       "write it anew"},
    {"import",  "mef3 import night.edf night.mefd",     "from EDF, BDF, NPY or CSV"},
    {"export",  "mef3 export night.mefd night.edf",     "to EDF, BDF, NPY, CSV or WAV"},
    {"archive", "mef3 archive night.mefd",              "into one file, night.mefd.tar"},
    {"extract", "mef3 extract night.mefd.tar",          "out of it again"},
    {"demo",    "mef3 demo night.mefd --hours 0.1",     "a recording to try things on"},
    {"top",     "mef3 top localhost:50080",             "how a server is doing"},
    {"top",     "mef3 top --once",                      "the same, once, as text"},
    {0},
};
/* clang-format on */

const struct help_example *help_example_next(const struct cli_command *command,
                                             const struct help_example *after)
{
    for (const struct help_example *at = after ? after + 1 : help_examples; at->command; at++)
        if (strcmp(at->command, command->name) == 0)
            return at;
    return NULL;
}

/* cmd_plot.c - `mef3 plot`: a page of a recording as a picture. */
#include "picture.h"
#include "recording.h"

static int run(const struct cli_command *self, int argc, char **argv)
{
    return picture_run(PICTURE_PAGE, self, argc, argv);
}

const struct cli_command cmd_plot = {
    .name = "plot",
    .arguments = PICTURE_ARGUMENTS,
    .summary = "a page of a recording, as the viewer shows it, as a picture",
    .help = "  -c, --channel NAME     this channel; again for more, in this order;\n"
            "                         without it, all\n"
            "  --from T, --to T       from T, up to but not including T: times as of\n"
            "                         mef3 cat; without --to ten seconds, and without\n"
            "                         --from from the start. Of a page that has more samples\n"
            "                         than pixels, the least and greatest of each column are\n"
            "                         drawn; of hours and days, mef3 overview does it without\n"
            "                         reading all of them\n" PICTURE_HELP_SCALE PICTURE_HELP
                RECORDING_PASSWORD_HELP,
    .run = run,
};

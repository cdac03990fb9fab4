/* cmd_overview.c - `mef3 overview`: hours and days of a recording as a picture, from the index. */
#include "picture.h"
#include "recording.h"

static int run(const struct cli_command *self, int argc, char **argv)
{
    return picture_run(PICTURE_OVERVIEW, self, argc, argv);
}

const struct cli_command cmd_overview = {
    .name = "overview",
    .arguments = PICTURE_ARGUMENTS,
    .summary = "all of a recording as a picture: what is where, and how large",
    .help = "  -c, --channel NAME     this channel; again for more, in this order;\n"
            "                         without it, all\n"
            "  --from T, --to T       from T, up to but not including T: times as of\n"
            "                         mef3 cat; without them, all of the recording, or of\n"
            "                         the channel when there is but one. Samples are not\n"
            "                         read, but what the index says of their least and\n"
            "                         greatest; so a block that is damaged is not "
            "seen\n" PICTURE_HELP_SCALE PICTURE_HELP RECORDING_PASSWORD_HELP,
    .run = run,
};

/* cmd_demo.c - `mef3 demo`: a recording that looks like EEG. */
#include "cli.h"

static int run(const struct cli_command *self, int argc, char **argv)
{
    (void)argc, (void)argv;
    return cli_wrong_use(self, "is not built yet");
}

const struct cli_command cmd_demo = {
    .name = "demo",
    .arguments = "OUT.mefd [--channels N] [--rate HZ] [--hours H] [--seed S]",
    .summary = "write a recording that looks like EEG",
    .help = "",
    .run = run,
};

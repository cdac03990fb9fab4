/* output.h - where a command writes: standard output, or a file that appears whole.
 *
 * SIGINT, SIGTERM and SIGHUP remove what is half-written and end the command, as long as it has not
 * said cli_catch_interrupts. */
#ifndef CLI_OUTPUT_H
#define CLI_OUTPUT_H

#include <stdbool.h>
#include <stdio.h>

struct output_pending;

struct output {
    FILE *file;
    char *place;                      /* the file to be replaced, links followed; else NULL */
    struct output_pending *temporary; /* beside it; renamed when all is written */
};

/* path NULL or "-": standard output. What is no regular file, a device or a
 * pipe, is written to as it is. False: errno says why. */
bool output_open(const char *path, struct output *output_out);

/* A bar on the terminal (progress.h) is in nobody's way: what is written goes to a file, and is not
 * read as it comes. */
bool output_leaves_terminal(const struct output *output);

/* Close it; with keep, the file takes its place, else nothing is left of it.
 * False: something could not be written; errno says why. */
bool output_close(struct output *output, bool keep);

#endif

/* tar_source.h - a source over a tar in memory, and what is in it. */
#ifndef TEST_HELP_TAR_SOURCE_H
#define TEST_HELP_TAR_SOURCE_H

#include <mef3/source.h>

#include "help/tar_maker.h"

/* For struct tar_input: `self` is a struct tar_maker. */
int tar_source_read(void *self, uint64_t offset, void *bytes_out, size_t n, size_t *n_out);

/* Open it as "some/x.mefd.tar". */
int tar_source_open(struct tar_maker *tar, struct mef3_source *source_out,
                    struct mef3_error *error);

/* The names in a folder, each with a space behind it, those of folders with a "/" before that. */
void assert_listed(const struct mef3_source *source, const char *folder, const char *text);
void assert_content(const struct mef3_source *source, const char *path, const char *text);

#endif

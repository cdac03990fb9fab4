/* test.h - what every cmocka test includes. */
#ifndef TEST_HELP_TEST_H
#define TEST_HELP_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* For a row of a table that fails: print its reason, then fail. */
#define assert_row(condition, why)                                   \
    do {                                                             \
        if (!(condition))                                            \
            fail_msg("row \"%s\": not true: %s", (why), #condition); \
    } while (0)
#define assert_row_int(actual, expected, why)                                                 \
    do {                                                                                      \
        long long actual_ = (long long)(actual), expected_ = (long long)(expected);           \
        if (actual_ != expected_)                                                             \
            fail_msg("row \"%s\": %s is %lld, not %lld", (why), #actual, actual_, expected_); \
    } while (0)

#endif

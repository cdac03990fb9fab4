/* sanitizer.h - what this is compiled with. Under a sanitizer the memory that the library asks for
 * is filled or marked, megabytes of it each time: tests at random do less then, and
 * tests that stop at each call of many stop at some of them. */
#ifndef TEST_HELP_SANITIZER_H
#define TEST_HELP_SANITIZER_H

#ifdef __has_feature
#if __has_feature(memory_sanitizer)
#define UNDER_MSAN 1
#elif __has_feature(address_sanitizer)
#define UNDER_ASAN 1
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define UNDER_ASAN 1
#endif
#ifndef UNDER_MSAN
#define UNDER_MSAN 0
#endif
#ifndef UNDER_ASAN
#define UNDER_ASAN 0
#endif

#endif

/* test_host.c - which names a request may call the server by. */
#include "http/host.h"

#include "help/test.h"

static void only_names_that_are_nobody_elses_are_answered(void **state)
{
    static const struct {
        const char *host;
        const char *names;
        bool is_ours;
        const char *why;
    } row[] = {
        {NULL, "", true, "HTTP/1.0 without a Host: no browser"},
        {"127.0.0.1", "", true, "an address"},
        {"127.0.0.1:8080", "", true, "with a port"},
        {"10.1.2.3:1", "", true, "another"},
        {"[::1]", "", true, "of version 6"},
        {"[fe80::1]:8080", "", true, "with a port"},
        {"localhost", "", true, "the name of this machine for itself"},
        {"LocalHost:8080", "", true, "in other letters"},
        {"localhost.", "", true, "with the dot of a whole name"},
        {"evil.example", "", false, "anybody's name"},
        {"evil.example:8080", "eeg.example", false, "not the one that is allowed"},
        {"eeg.example:8080", "eeg.example", true, "which is"},
        {"EEG.example", "a\neeg.example", true, "the second of two"},
        {"a", "a\neeg.example", true, "the first"},
        {"eeg.exampl", "eeg.example", false, "less than it"},
        {"eeg.example.evil", "eeg.example", false, "more than it"},
        {"a\neeg.example", "a\neeg.example", false, "both of them at once"},
        {"localhost.evil.example", "", false, "it only begins so"},
        {"127.0.0.1.evil.example", "", false, "likewise"},
        {"127.1", "", false, "no address as they are written"},
        {"2130706433", "", false, "nor is a number"},
        {"::1", "", false, "an address without its brackets"},
        {"[::1", "", false, "with one"},
        {"[::1]x", "", false, "with more behind"},
        {"[evil.example]", "", false, "a name in brackets"},
        {"localhost:80x", "", false, "a port that is none"},
        {"", "", false, "nothing"},
        {":8080", "", false, "no name"},
        {".", "", false, "no more than a dot"},
        {"[", "", false, "no more than a bracket"},
        {"[]", "", false, "an empty one"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof *row; i++)
        assert_row_int(host_is_ours(row[i].host, row[i].names), row[i].is_ours, row[i].why);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_names_that_are_nobody_elses_are_answered),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

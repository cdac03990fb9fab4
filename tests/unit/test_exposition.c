/* test_exposition.c - http/exposition: numbers in Prometheus' text format. */
#include "http/exposition.h"

#include <stdlib.h>
#include <string.h>

#include "base/histogram.h"
#include "help/test.h"

static void test_a_family_is_its_help_its_type_and_its_samples(void **state)
{
    char *text;
    size_t n;
    struct exposition out = {.file = open_memstream(&text, &n)};

    (void)state;
    exposition_family(&out, "a_total", COUNTER, "What it is.");
    exposition_sample(&out, "", 3);
    exposition_sample(&out, "lane=\"now\"", 0.25);
    exposition_sample(&out, "", 9007199254740991.0);
    exposition_family(&out, "b", GAUGE, "Another.");
    exposition_sample(&out, "", -1);
    fclose(out.file);
    assert_string_equal(text, "# HELP a_total What it is.\n"
                              "# TYPE a_total counter\n"
                              "a_total 3\n"
                              "a_total{lane=\"now\"} 0.25\n"
                              "a_total 9007199254740991\n"
                              "# HELP b Another.\n"
                              "# TYPE b gauge\n"
                              "b -1\n");
    free(text);
}

static void test_the_buckets_of_a_histogram_add_up(void **state)
{
    char *text;
    size_t n;
    struct exposition out = {.file = open_memstream(&text, &n)};
    struct histogram histogram = {0};

    (void)state;
    histogram_add(&histogram, 90);
    histogram_add(&histogram, 2000);
    histogram_add(&histogram, 2500);
    histogram_add(&histogram, 60000000);
    exposition_family(&out, "t_seconds", HISTOGRAM, "Times.");
    exposition_histogram(&out, "", &histogram);
    exposition_histogram(&out, "kind=\"open\"", &histogram);
    fclose(out.file);
    static const char *const LINES[] = {
        "# TYPE t_seconds histogram\nt_seconds_bucket{le=\"0.0001\"} 1\n",
        "\nt_seconds_bucket{le=\"0.001\"} 1\n",
        "\nt_seconds_bucket{le=\"0.0025\"} 3\n",
        "\nt_seconds_bucket{le=\"30\"} 3\nt_seconds_bucket{le=\"+Inf\"} 4\n"
        "t_seconds_sum 60.00459\nt_seconds_count 4\n",
        "\nt_seconds_bucket{kind=\"open\",le=\"0.0025\"} 3\n",
        "\nt_seconds_bucket{kind=\"open\",le=\"+Inf\"} 4\n"
        "t_seconds_sum{kind=\"open\"} 60.00459\nt_seconds_count{kind=\"open\"} 4\n",
    };
    for (size_t i = 0; i < sizeof LINES / sizeof *LINES; i++)
        assert_row(strstr(text, LINES[i]), LINES[i]);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_family_is_its_help_its_type_and_its_samples),
        cmocka_unit_test(test_the_buckets_of_a_histogram_add_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* test_ahead_policy.c - what is worth reading ahead, request by request. */
#include <stdio.h>
#include <string.h>

#include "help/test.h"
#include "service/ahead_policy.h"

/* A plan as text: "*" where the old one is to be forgotten, then the spans. */
static const char *words(const struct ahead_plan *plan)
{
    static char text[4096];
    size_t n = (size_t)snprintf(text, sizeof text, "%s", plan->forget ? "*" : "");

    for (size_t i = 0; i < plan->n; i++)
        n += (size_t)snprintf(text + n, sizeof text - n, " %lld-%lld",
                              (long long)plan->spans[i].first, (long long)plan->spans[i].end);
    return text;
}

enum { MOST_STEPS = 8 };

static void each_request_has_its_plan(void **state)
{
    static const struct {
        const char *why;
        struct ahead_reach reach;
        int64_t step;
        struct ahead_span bounds;
        struct {
            struct ahead_span asked;
            const char *plan;
        } steps[MOST_STEPS];
    } row[] = {
        {"a grid is begun, then paged",
         {3, 0},
         1,
         {0, 10},
         {{{0, 0}, " 0-1 1-2 2-3 3-4"}, {{0, 1}, " 1-2 2-3 3-4"}, {{1, 2}, " 2-3 3-4 4-5"}}},
        {"a grid begun behind its first page",
         {1, 0},
         1,
         {0, 10},
         {{{0, 0}, " 0-1 1-2"}, {{5, 6}, "* 6-7"}}},
        {"the first page of all", {3, 0}, 1, {0, 10}, {{{4, 5}, " 5-6 6-7 7-8"}}},
        {"the end of the grid",
         {3, 0},
         1,
         {0, 10},
         {{{7, 8}, " 8-9 9-10"}, {{8, 9}, " 9-10"}, {{9, 10}, ""}}},
        {"a grid of fewer pages than are read ahead", {3, 0}, 1, {0, 2}, {{{0, 0}, " 0-1 1-2"}}},
        {"a grid without pages", {3, 0}, 1, {0, 0}, {{{0, 0}, ""}}},
        {"the same page again is no jump",
         {2, 0},
         1,
         {0, 10},
         {{{3, 4}, " 4-5 5-6"}, {{3, 4}, " 4-5 5-6"}}},
        {"a jump", {2, 0}, 1, {0, 99}, {{{3, 4}, " 4-5 5-6"}, {{30, 31}, "* 31-32 32-33"}}},
        {"back again, page by page",
         {2, 0},
         1,
         {0, 10},
         {{{5, 6}, " 6-7 7-8"}, {{4, 5}, " 3-4 2-3"}, {{3, 4}, " 2-3 1-2"}, {{4, 5}, " 5-6 6-7"}}},
        {"off", {0, 0}, 1, {0, 10}, {{{0, 0}, ""}, {{0, 1}, ""}, {{1, 2}, ""}, {{5, 6}, "*"}}},
        {"a range and its neighbours",
         {1, 1},
         10,
         {0, 100},
         {{{20, 30}, " 30-40 10-20"}, {{30, 40}, " 40-50 20-30"}}},
        {"back, the other way round",
         {2, 1},
         10,
         {0, 100},
         {{{50, 60}, " 60-70 40-50 70-80"}, {{40, 50}, " 30-40 50-60 20-30"}}},
        {"only behind", {0, 2}, 10, {0, 100}, {{{50, 60}, " 40-50 30-40"}}},
        {"windows are cut at both ends", {1, 1}, 10, {15, 33}, {{{20, 30}, " 30-33 15-20"}}},
        {"none is left at either end", {1, 1}, 10, {20, 30}, {{{20, 30}, ""}}},
        {"a window before the beginning", {2, 1}, 10, {0, 100}, {{{-20, -10}, " 0-10"}}},
        {"scrolled by half a window",
         {1, 0},
         10,
         {0, 100},
         {{{20, 30}, " 30-40"}, {{25, 35}, " 35-45"}, {{45, 55}, "* 55-65"}}},
        {"zoomed out and in",
         {1, 1},
         20,
         {0, 100},
         {{{40, 60}, " 60-80 20-40"}, {{30, 70}, " 70-90 10-30"}}},
        {"places at random are left alone, until there is a step",
         {1, 0},
         1,
         {0, 99},
         {{{1, 2}, " 2-3"},
          {{10, 11}, "* 11-12"},
          {{20, 21}, "* 21-22"},
          {{30, 31}, "* 31-32"},
          {{40, 41}, "*"},
          {{50, 51}, "*"},
          {{51, 52}, " 52-53"},
          {{10, 11}, "* 11-12"}}},
        {"at the end of time",
         {2, 2},
         INT64_MAX / 2,
         {INT64_MIN, INT64_MAX},
         {{{INT64_MAX - 1, INT64_MAX},
           " 4611686018427387903-9223372036854775806 "
           "0-4611686018427387903"}}},
        {"at its beginning",
         {1, 1},
         INT64_MAX,
         {INT64_MIN, INT64_MAX},
         {{{INT64_MIN, INT64_MIN + 1}, " -9223372036854775807-0"}}},
    };

    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        struct ahead_trail trail = {0};
        for (int s = 0; s < MOST_STEPS && row[i].steps[s].plan; s++) {
            struct ahead_plan plan;
            ahead_decide(&trail, row[i].reach, row[i].steps[s].asked, row[i].step, row[i].bounds,
                         &plan);
            if (strcmp(words(&plan), row[i].steps[s].plan) != 0)
                fail_msg("row \"%s\", request %d: \"%s\", not \"%s\"", row[i].why, s, words(&plan),
                         row[i].steps[s].plan);
        }
    }
}

static void a_plan_has_a_most(void **state)
{
    struct ahead_trail trail = {0};
    struct ahead_plan plan;

    (void)state;
    ahead_decide(&trail, (struct ahead_reach){UINT32_MAX, UINT32_MAX}, (struct ahead_span){0, 1}, 1,
                 (struct ahead_span){-1000000, 1000000}, &plan);
    assert_int_equal(plan.n, AHEAD_MOST);
    assert_int_equal(plan.spans[0].first, 1);
    assert_int_equal(plan.spans[1].first, -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_request_has_its_plan),
        cmocka_unit_test(a_plan_has_a_most),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

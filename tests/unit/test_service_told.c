/* test_service_told.c - what is told of the service: what was waited for, and damage. */
#include "help/test.h"

#include <stdio.h>

#include "service/state.h"

static void a_wait_is_divided_by_what_happened_in_it(void **state)
{
    static const struct {
        const char *why;
        uint64_t since, opened, started, now;
        uint64_t opening, queueing, working;
    } row[] = {
        {"all three", 100, 120, 150, 190, 20, 30, 40},
        {"open before it began", 100, 50, 150, 190, 0, 50, 40},
        {"started before it began", 100, 50, 60, 190, 0, 0, 90},
        {"started before it was open", 100, 120, 110, 190, 20, 0, 70},
        {"not open yet", 100, 190, 0, 190, 90, 0, 0},
        {"not open yet, by a later clock", 100, 500, 0, 190, 90, 0, 0},
        {"no worker yet", 100, 120, 190, 190, 20, 70, 0},
        {"no time at all", 100, 100, 100, 100, 0, 0, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct waits waits = {1, 1, 1};
        waits_add(&waits, row[i].since, row[i].opened, row[i].started, row[i].now);
        assert_row_int(waits.opening_ns, 1 + row[i].opening, row[i].why);
        assert_row_int(waits.queueing_ns, 1 + row[i].queueing, row[i].why);
        assert_row_int(waits.working_ns, 1 + row[i].working, row[i].why);
    }
}

static void damage_is_told_the_latest_first_and_no_more_than_there_is_room_for(void **state)
{
    static struct service service;
    struct service_damage told[SERVICE_DAMAGE_MOST];
    char text[32];

    (void)state;
    assert_int_equal(service_damage(&service, told), 0);
    for (int i = 0; i < SERVICE_DAMAGE_MOST + 3; i++) {
        snprintf(text, sizeof text, "block %d\n", i);
        found_add(&service.found, "/data/a.mefd", "C\xff", text);
    }
    assert_int_equal(service_damage(&service, told), SERVICE_DAMAGE_MOST);
    assert_string_equal(told[0].text, "block 34?");
    assert_string_equal(told[SERVICE_DAMAGE_MOST - 1].text, "block 3?");
    assert_string_equal(told[0].channel, "C?");
    assert_string_equal(told[0].recording, "/data/a.mefd");
    assert_true(told[0].at_s > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_wait_is_divided_by_what_happened_in_it),
        cmocka_unit_test(damage_is_told_the_latest_first_and_no_more_than_there_is_room_for),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

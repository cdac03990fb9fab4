/* test_guests.c - base/guests: who is there, by address, and no more than there is room for. */
#include "help/test.h"

#include <stdio.h>
#include <string.h>

#include "base/guests.h"

enum { ROOM = GUESTS_MOST + 2 };

static struct guests *guests;
static const struct guest *list[ROOM];

static int begin(void **state)
{
    (void)state;
    guests = guests_new();
    return guests ? 0 : -1;
}

static int end(void **state)
{
    (void)state;
    guests_free(guests);
    return 0;
}

static struct guest *enter(unsigned number)
{
    char peer[64];

    snprintf(peer, sizeof peer, "10.0.%u.%u:%u", number / 256, number % 256, 40000 + number);
    return guests_enter(guests, peer, "grpc");
}

static void test_an_address_is_one_guest_whatever_its_ports(void **state)
{
    static const struct {
        const char *why, *peer, *name;
    } row[] = {
        {"of IPv4", "127.0.0.1:50051", "127.0.0.1"},
        {"of IPv6", "[::1]:50051", "[::1]"},
        {"a socket with a name", "unix:/run/a:b.sock", "unix:/run/a:b.sock"},
        {"one without", "unix", "unix"},
        {"nobody knows", "unknown", "unknown"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof *row; i++)
        assert_row(strcmp(guests_enter(guests, row[i].peer, "grpc")->name, row[i].name) == 0,
                   row[i].why);
    struct guest *first = guests_enter(guests, "127.0.0.1:1", "grpc");
    assert_ptr_equal(guests_enter(guests, "127.0.0.1:2", "grpc"), first);
    assert_int_equal(first->connections, 3);
    assert_ptr_not_equal(guests_enter(guests, "127.0.0.1:3", "http"), first);
}

static void test_what_a_guest_did_stays_until_others_need_the_place(void **state)
{
    (void)state;
    struct guest *guest = enter(0);
    guest_calls(guest);
    guest_asks(guest, "GetSignalRange", "a\x1b.mefd");
    assert_int_equal(guest->active, 1);
    guest_takes(guest, 100);
    guest_has_called(guest);
    guest_leave(guest);
    assert_int_equal(guests_list(guests, 0, list), 1);
    assert_string_equal(list[0]->recording, "a?.mefd");
    assert_int_equal(list[0]->bytes, 100);
    assert_int_equal(guests_list(guests, 1e12, list), 0); /* seen long ago */
    for (unsigned i = 1; i <= GUESTS_MOST; i++)
        enter(i);
    assert_int_equal(guests_list(guests, 0, list), GUESTS_MOST);
    for (size_t i = 0; i < GUESTS_MOST; i++)
        assert_string_not_equal(list[i]->name, "10.0.0.0");
}

static void test_who_came_and_asked_for_nothing_is_not_told_of_afterwards(void **state)
{
    (void)state;
    struct guest *guest = enter(0);
    assert_int_equal(guests_list(guests, 0, list), 1);
    guest_leave(guest);
    assert_int_equal(guests_list(guests, 0, list), 0);
}

static void test_beyond_the_most_all_others_are_one(void **state)
{
    (void)state;
    for (unsigned i = 0; i < GUESTS_MOST; i++)
        enter(i);
    struct guest *late = enter(1000);
    assert_string_equal(late->name, "others");
    assert_ptr_equal(enter(1001), late);
    assert_string_equal(guests_enter(guests, "10.1.0.0:1", "http")->name, "others");
    assert_int_equal(guests_list(guests, 0, list), ROOM);
    guest_leave(late);
    assert_int_equal(late->connections, 1);
}

static void test_where_nobody_looks_there_is_no_guest(void **state)
{
    (void)state;
    struct guest *guest = guests_enter(NULL, "127.0.0.1:1", "grpc");
    assert_null(guest);
    guest_calls(guest);
    guest_asks(guest, "OpenFile", "");
    guest_takes(guest, 1);
    guest_has_called(guest);
    guest_leave(guest);
    assert_int_equal(guests_list(NULL, 0, list), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_an_address_is_one_guest_whatever_its_ports, begin,
                                        end),
        cmocka_unit_test_setup_teardown(test_what_a_guest_did_stays_until_others_need_the_place,
                                        begin, end),
        cmocka_unit_test_setup_teardown(
            test_who_came_and_asked_for_nothing_is_not_told_of_afterwards, begin, end),
        cmocka_unit_test_setup_teardown(test_beyond_the_most_all_others_are_one, begin, end),
        cmocka_unit_test(test_where_nobody_looks_there_is_no_guest),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* test_soon.c - calls that wait for the loop: order, no doubles, cancelling. */
#include "base/soon.h"

#include "base/container.h"
#include "help/test.h"

/* Tasks that note in which order they ran, and may queue or cancel another. */
struct note {
    struct soon_task task;
    struct place *place;
    char name;
    struct soon_task *queues;
    struct soon_task *cancels;
};

struct place {
    uv_loop_t loop;
    struct soon soon;
    char ran[64];
    size_t n;
};

static void on_note(struct soon_task *task)
{
    struct note *note = CONTAINER_OF(task, struct note, task);

    note->place->ran[note->place->n++] = note->name;
    if (note->queues)
        soon_call(&note->place->soon, note->queues);
    if (note->cancels)
        soon_cancel(&note->place->soon, note->cancels);
}

static int set_up(void **state)
{
    static struct place place;

    place = (struct place){0};
    if (uv_loop_init(&place.loop) < 0 || soon_init(&place.soon, &place.loop) < 0)
        return -1;
    *state = &place;
    return 0;
}

static int tear_down(void **state)
{
    struct place *place = *state;

    soon_fini(&place->soon);
    uv_run(&place->loop, UV_RUN_DEFAULT);
    return uv_loop_close(&place->loop);
}

static struct note note_of(struct place *place, char name)
{
    return (struct note){.task.run = on_note, .place = place, .name = name};
}

static void nothing_runs_before_the_loop_turns(void **state)
{
    struct place *place = *state;
    struct note a = note_of(place, 'a'), b = note_of(place, 'b');

    soon_call(&place->soon, &b.task);
    soon_call(&place->soon, &a.task);
    assert_string_equal(place->ran, "");
    uv_run(&place->loop, UV_RUN_DEFAULT); /* returns: nothing keeps the loop awake after */
    assert_string_equal(place->ran, "ba");
}

static void a_waiting_task_is_not_queued_twice_but_may_come_again(void **state)
{
    struct place *place = *state;
    struct note a = note_of(place, 'a');

    soon_call(&place->soon, &a.task);
    soon_call(&place->soon, &a.task);
    uv_run(&place->loop, UV_RUN_DEFAULT);
    assert_string_equal(place->ran, "a");
    soon_call(&place->soon, &a.task);
    uv_run(&place->loop, UV_RUN_DEFAULT);
    assert_string_equal(place->ran, "aa");
}

static void what_a_task_queues_waits_for_the_next_turn(void **state)
{
    struct place *place = *state;
    struct note a = note_of(place, 'a'), b = note_of(place, 'b');

    a.queues = &b.task;
    soon_call(&place->soon, &a.task);
    uv_run(&place->loop, UV_RUN_NOWAIT);
    assert_string_equal(place->ran, "a");
    uv_run(&place->loop, UV_RUN_NOWAIT);
    assert_string_equal(place->ran, "ab");
}

static void a_task_that_queues_itself_runs_once_a_turn(void **state)
{
    struct place *place = *state;
    struct note a = note_of(place, 'a');

    a.queues = &a.task;
    soon_call(&place->soon, &a.task);
    for (int turn = 0; turn < 3; turn++)
        uv_run(&place->loop, UV_RUN_NOWAIT);
    assert_string_equal(place->ran, "aaa");
    soon_cancel(&place->soon, &a.task);
}

static void a_cancelled_task_does_not_run(void **state)
{
    struct place *place = *state;
    struct note a = note_of(place, 'a'), b = note_of(place, 'b'), c = note_of(place, 'c');

    soon_cancel(&place->soon, &a.task); /* not queued: nothing */
    a.cancels = &b.task;                /* the next */
    c.cancels = &a.task;                /* one that is over */
    soon_call(&place->soon, &a.task);
    soon_call(&place->soon, &b.task);
    soon_call(&place->soon, &c.task);
    uv_run(&place->loop, UV_RUN_DEFAULT);
    assert_string_equal(place->ran, "ac");
}

static void cancelling_the_last_lets_the_loop_sleep(void **state)
{
    struct place *place = *state;
    struct note a = note_of(place, 'a');

    soon_call(&place->soon, &a.task);
    assert_true(uv_loop_alive(&place->loop));
    soon_cancel(&place->soon, &a.task);
    assert_false(uv_loop_alive(&place->loop));
    uv_run(&place->loop, UV_RUN_DEFAULT);
    assert_string_equal(place->ran, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(nothing_runs_before_the_loop_turns, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_waiting_task_is_not_queued_twice_but_may_come_again,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_a_task_queues_waits_for_the_next_turn, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_task_that_queues_itself_runs_once_a_turn, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_cancelled_task_does_not_run, set_up, tear_down),
        cmocka_unit_test_setup_teardown(cancelling_the_last_lets_the_loop_sleep, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

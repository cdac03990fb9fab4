"""The segment grid: pages of a fixed number of seconds, and the selection of channels."""
import math

import pytest

from client import Client
from golden import GOLDEN, PLAIN, SESSIONS, n_samples, same

MESSAGE_BYTES = 5 << 19
SECOND = 1_000_000
ONE = SESSIONS["one_channel"]
MANY = SESSIONS["many_channels"]
READABLE = [s for s in PLAIN + [SESSIONS["encrypted"]] if s.share_a_rate()]
PAGED = [(session, seconds) for session in READABLE for seconds in (1, 3, 3600)]


def pages_of(session, seconds):
    """The grid: [(start, end)], the last one short."""
    step = seconds * SECOND
    return [(start, min(start + step, session.end))
            for start in range(session.start, session.end, step)]


def check_messages(answer, path, start, end, names, rate):
    n = n_samples(start, end, rate)
    per_message = max(1, MESSAGE_BYTES // (len(names) * 8))
    sizes = [min(per_message, n - at) for at in range(0, n, per_message)]
    assert [list(m.shape) for m in answer.messages] == [[len(names), size] for size in sizes]
    for message in answer.messages:
        assert message.file_path == str(path)
        assert message.dtype == "float64"
        assert list(message.channel_names) == names
        assert message.fs == rate
        assert message.HasField("error_message") and message.error_message == ""
    assert answer.messages[0].start_uutc == start
    assert answer.messages[-1].end_uutc == end
    for before, after in zip(answer.messages, answer.messages[1:]):
        assert after.start_uutc == before.end_uutc


@pytest.mark.parametrize("session, seconds", PAGED, ids=[f"{s.name}-{n} s" for s, n in PAGED])
def test_every_page_of_every_recording(client, session, seconds):
    client.open(session.path)
    pages = pages_of(session, seconds)
    reply = client.set_page_seconds(session.path, seconds)
    assert reply.number_of_segments == len(pages)
    assert reply.file_path == str(session.path)
    assert reply.HasField("error_message") and reply.error_message == ""
    for number, (start, end) in enumerate(pages):
        if n_samples(start, end, session.channels[0].rate) == 0:
            continue
        answer = client.page(session.path, number)
        assert same(answer.array, session.float64(start, end)), f"page {number}"
        check_messages(answer, session.path, start, end, session.names(),
                       session.channels[0].rate)
        assert answer.damage == ""


def test_whole_pages_leave_no_empty_one_at_the_end(client):
    client.open(ONE.path)
    assert client.set_page_seconds(ONE.path, 10).number_of_segments == 2
    assert client.set_page_seconds(ONE.path, 20).number_of_segments == 1
    assert client.set_page_seconds(ONE.path, 7).number_of_segments == 3


@pytest.mark.parametrize("opened", [True, False], ids=["no grid", "not open"])
def test_the_count_is_zero_without_a_grid(client, opened):
    if opened:
        client.open(ONE.path)
    reply = client.count_pages(ONE.path)
    assert reply.file_path == str(ONE.path)
    assert reply.number_of_segments == 0


def test_the_count_is_the_grids(client):
    client.open(ONE.path)
    for seconds in (3, 10, 1):
        client.set_page_seconds(ONE.path, seconds)
        reply = client.count_pages(ONE.path)
        assert reply.number_of_segments == math.ceil(20 / seconds)
        assert reply.error_message == ""


def test_a_page_size_for_what_is_not_open_is_refused(client):
    reply = client.set_page_seconds(ONE.path, 10)
    assert reply.number_of_segments == 0
    assert reply.error_message == f"File not open: {ONE.path}"


@pytest.mark.parametrize("seconds", [0, -1, -10, -2**63])
def test_a_senseless_page_size_leaves_the_grid_as_it_is(client, seconds):
    client.open(ONE.path)
    client.set_page_seconds(ONE.path, 5)
    reply = client.set_page_seconds(ONE.path, seconds)
    assert reply.number_of_segments == 0
    assert reply.error_message != ""
    assert client.count_pages(ONE.path).number_of_segments == 4
    start = ONE.start + 15 * SECOND
    assert same(client.page(ONE.path, 3).array, ONE.float64(start, start + 5 * SECOND))


@pytest.mark.parametrize("seconds", [2**31, 2**62, 2**63 - 1])
def test_a_page_size_beyond_all_time_gives_one_page(client, seconds):
    client.open(ONE.path)
    assert client.set_page_seconds(ONE.path, seconds).number_of_segments == 1
    assert same(client.page(ONE.path, 0).array, ONE.float64(ONE.start, ONE.end))


def test_a_page_of_what_is_not_open(client):
    assert client.page(ONE.path, 0).error == f"File not open: {ONE.path}"


@pytest.mark.parametrize("page", [0, -1, 99])
def test_a_page_without_a_grid(client, page):
    client.open(ONE.path)
    assert client.page(ONE.path, page).error == \
        f"No chunks available for file: {ONE.path}. Set a segment size to init chunks."


@pytest.mark.parametrize("page", [2, -1, 9999, 2**31, 2**63 - 1, -2**63])
def test_a_page_outside_the_grid(client, page):
    client.open(ONE.path)
    client.set_page_seconds(ONE.path, 10)
    assert client.page(ONE.path, page).error == f"Invalid chunk request: {page} for {ONE.path}"
    assert same(client.page(ONE.path, 0).array,
                ONE.float64(ONE.start, ONE.start + 10 * SECOND))


def test_all_channels_are_active_at_first(client):
    client.open(MANY.path)
    reply = client.get_channels(MANY.path)
    assert list(reply.active_channels) == MANY.names()
    assert reply.HasField("error_message") and reply.error_message == ""


def test_channels_of_what_is_not_open(client):
    for reply in (client.get_channels(MANY.path), client.set_channels(MANY.path, ["LT00"])):
        assert list(reply.active_channels) == []
        assert reply.error_message == f"File not open: {MANY.path}"


def read_page(client, session, names):
    start, end = session.start, session.start + 4 * SECOND
    answer = client.page(session.path, 0)
    assert same(answer.array, session.float64(start, end, names))
    check_messages(answer, session.path, start, end, names, session.channels[0].rate)


def test_selected_channels_come_in_the_order_asked_for(client):
    client.open(MANY.path)
    client.set_page_seconds(MANY.path, 4)
    read_page(client, MANY, MANY.names())
    for names in (["LT07", "LT02"], ["LT02", "LT07"], ["LT00"]):
        reply = client.set_channels(MANY.path, names)
        assert list(reply.active_channels) == names
        assert reply.error_message == ""
        assert list(client.get_channels(MANY.path).active_channels) == names
        read_page(client, MANY, names)
        read_page(client, MANY, names)


def test_a_channel_selected_twice_is_sent_twice(client):
    client.open(MANY.path)
    client.set_page_seconds(MANY.path, 4)
    names = ["LT05", "LT01", "LT05"]
    assert list(client.set_channels(MANY.path, names).active_channels) == names
    read_page(client, MANY, names)


def test_a_selection_with_some_unknown_keeps_the_known(client):
    client.open(MANY.path)
    client.set_page_seconds(MANY.path, 4)
    reply = client.set_channels(MANY.path, ["LT07", "zz", "LT02", "it's"])
    assert list(reply.active_channels) == ["LT07", "LT02"]
    assert reply.error_message == "Some channels do not exist: ['zz', \"it's\"]"
    read_page(client, MANY, ["LT07", "LT02"])


def test_a_selection_of_unknown_channels_only_changes_nothing(client):
    client.open(MANY.path)
    client.set_page_seconds(MANY.path, 4)
    client.set_channels(MANY.path, ["LT03"])
    reply = client.set_channels(MANY.path, ["zz"])
    assert reply.error_message == "No valid channels in request. Invalid: ['zz']"
    assert list(client.get_channels(MANY.path).active_channels) == ["LT03"]
    read_page(client, MANY, ["LT03"])


def test_an_empty_selection_means_all(client):
    client.open(MANY.path)
    client.set_page_seconds(MANY.path, 4)
    client.set_channels(MANY.path, ["LT03"])
    reply = client.set_channels(MANY.path, [])
    assert list(reply.active_channels) == MANY.names()
    assert reply.error_message == ""
    read_page(client, MANY, MANY.names())


def test_grid_and_selection_are_shared_by_all_clients(client, golden_daemon):
    client.open(MANY.path)
    client.set_page_seconds(MANY.path, 4)
    client.set_channels(MANY.path, ["LT03"])
    with Client(golden_daemon.address) as other:
        assert other.count_pages(MANY.path).number_of_segments == 2
        read_page(other, MANY, ["LT03"])


def test_opening_again_keeps_grid_and_selection(client):
    client.open(MANY.path)
    client.set_page_seconds(MANY.path, 4)
    client.set_channels(MANY.path, ["LT03"])
    client.open(MANY.path)
    assert client.count_pages(MANY.path).number_of_segments == 2
    read_page(client, MANY, ["LT03"])


def test_closing_forgets_grid_and_selection(client):
    client.open(MANY.path)
    client.set_page_seconds(MANY.path, 4)
    client.set_channels(MANY.path, ["LT03"])
    client.close_file(MANY.path)
    client.open(MANY.path)
    assert client.count_pages(MANY.path).number_of_segments == 0
    assert list(client.get_channels(MANY.path).active_channels) == MANY.names()


def test_a_page_of_channels_of_different_rates_is_refused_and_a_subset_is_not(client):
    session = SESSIONS["mixed_rates"]
    client.open(session.path)
    client.set_page_seconds(session.path, 1)
    assert client.page(session.path, 0).error != ""
    client.set_channels(session.path, ["late", "slow"])
    start = session.start
    assert same(client.page(session.path, 0).array,
                session.float64(start, start + SECOND, ["late", "slow"]))


def test_a_page_of_an_encrypted_recording_outside_ascii(start):
    session = SESSIONS["encrypted_utf8"]
    daemon = start(GOLDEN, env={"MEF3_PASSWORD": session.password})
    with Client(daemon.address) as client:
        client.open(session.path)
        assert client.set_page_seconds(session.path, 60).number_of_segments == 1
        assert same(client.page(session.path, 0).array,
                    session.float64(session.start, session.end))

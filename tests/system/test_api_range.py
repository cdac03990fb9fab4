"""GetSignalRange: channels and times, every row of the contract, every golden window."""
import numpy
import pytest

from client import Client
from golden import GOLDEN, PLAIN, SESSIONS, n_samples, same

MESSAGE_BYTES = 5 << 19  # 2.5 MiB of samples
ONE = SESSIONS["one_channel"]
MANY = SESSIONS["many_channels"]
MIXED = SESSIONS["mixed_rates"]
READABLE = PLAIN + [SESSIONS["encrypted"]]
CHANNELS = [(session, channel) for session in READABLE for channel in session.channels]
WINDOWS = [(session, channel, window) for session, channel in CHANNELS
           for window in channel.windows]


def check_messages(answer, path, start, end, names, rate):
    """Everything in the messages but the samples' values."""
    n = n_samples(start, end, rate)
    per_message = max(1, MESSAGE_BYTES // (len(names) * 4))
    sizes = [min(per_message, n - at) for at in range(0, n, per_message)]
    assert [list(m.shape) for m in answer.messages] == [[len(names), size] for size in sizes]
    done = 0
    for message, size in zip(answer.messages, sizes):
        assert message.file_path == str(path)
        assert message.dtype == "float32"
        assert list(message.channel_names) == names
        assert message.fs == rate
        assert message.HasField("error_message") and message.error_message == ""
        assert len(message.array_bytes) == len(names) * size * 4
        # The span in proportion to the samples, to the microsecond that rounding leaves open.
        assert abs(message.start_uutc - (start + done * (end - start) / n)) <= 1
        done += size
        assert abs(message.end_uutc - (start + done * (end - start) / n)) <= 1
    assert answer.messages[0].start_uutc == start
    assert answer.messages[-1].end_uutc == end
    for before, after in zip(answer.messages, answer.messages[1:]):
        assert after.start_uutc == before.end_uutc


@pytest.mark.parametrize("session, channel", CHANNELS,
                         ids=[f"{s.name}-{c.name}" for s, c in CHANNELS])
def test_each_channel_whole(client, session, channel):
    client.open(session.path)
    answer = client.range(session.path, channel.start, channel.end, [channel.name])
    expected = (channel.counts * channel.factor).astype("<f4")[numpy.newaxis]
    assert same(answer.array, expected)
    assert answer.damage == ""
    check_messages(answer, session.path, channel.start, channel.end, [channel.name], channel.rate)


@pytest.mark.parametrize("session, channel, window", WINDOWS,
                         ids=[f"{s.name}-{c.name}-{w[2].stem}" for s, c, w in WINDOWS])
def test_each_golden_window(client, session, channel, window):
    start, end, path = window
    client.open(session.path)
    answer = client.range(session.path, start, end, [channel.name])
    expected = (numpy.fromfile(path, "<f8") * channel.factor).astype("<f4")[numpy.newaxis]
    assert same(answer.array, expected)
    check_messages(answer, session.path, start, end, [channel.name], channel.rate)


@pytest.mark.parametrize("session", [s for s in READABLE if s.share_a_rate()],
                         ids=lambda s: s.name)
def test_no_channel_named_means_all_in_order_of_name(client, session):
    client.open(session.path)
    answer = client.range(session.path, session.start, session.end)
    assert same(answer.array, session.float32(session.start, session.end))
    check_messages(answer, session.path, session.start, session.end, session.names(),
                   session.channels[0].rate)


@pytest.mark.parametrize("names", [["LT11", "LT03"], ["LT03", "LT03"], ["LT05", "LT00", "LT05"]],
                         ids=str)
def test_channels_come_in_the_order_asked_for_and_as_often(client, names):
    client.open(MANY.path)
    answer = client.range(MANY.path, MANY.start, MANY.end, names)
    assert same(answer.array, MANY.float32(MANY.start, MANY.end, names))
    check_messages(answer, MANY.path, MANY.start, MANY.end, names, MANY.channels[0].rate)


SECOND = 1_000_000
AROUND = [
    # why, start and end relative to the recording's
    ("wholly before", -10 * SECOND, -5 * SECOND),
    ("wholly after", 30 * SECOND, 35 * SECOND),
    ("across the start", -2 * SECOND, 3 * SECOND),
    ("across the end", 18 * SECOND, 25 * SECOND),
    ("around it all", -5 * SECOND, 40 * SECOND),
    ("one sample", 5 * SECOND, 5 * SECOND + 3907),
    ("off the grid", 1_234_567, 7_654_321),
    ("before 1970", -1_700_000_000 * SECOND, -1_699_999_999 * SECOND),
    ("ends where it begins", -4 * SECOND, 0),
    ("begins where it ends", 20 * SECOND, 24 * SECOND),
]


@pytest.mark.parametrize("why, start, end", AROUND, ids=[row[0] for row in AROUND])
def test_windows_around_a_recording(client, why, start, end):
    start, end = ONE.start + start, ONE.start + end
    client.open(ONE.path)
    answer = client.range(ONE.path, start, end)
    assert same(answer.array, ONE.float32(start, end)), why
    assert answer.damage == ""
    check_messages(answer, ONE.path, start, end, ["Cz"], 256.0)


def test_a_long_window_comes_in_messages_of_the_agreed_size(client):
    session = SESSIONS["long_block"]
    start, end = session.start - 100 * SECOND, session.end + 300 * SECOND
    client.open(session.path)
    answer = client.range(session.path, start, end)
    assert len(answer.messages) == 4
    assert same(answer.array, session.float32(start, end))
    check_messages(answer, session.path, start, end, ["A"], 5000.0)


def test_a_long_window_of_many_channels_has_all_channels_in_each_message(client):
    start, end = MANY.start - 50 * SECOND, MANY.end + 500 * SECOND
    names = MANY.names()
    client.open(MANY.path)
    answer = client.range(MANY.path, start, end)
    assert len(answer.messages) > 4
    assert same(answer.array, MANY.float32(start, end))
    check_messages(answer, MANY.path, start, end, names, 512.0)


def test_what_is_not_open_is_opened_on_demand(client):
    answer = client.range(ONE.path, ONE.start, ONE.end)
    assert same(answer.array, ONE.float32(ONE.start, ONE.end))


@pytest.mark.parametrize("path", [GOLDEN / "missing.mefd", "missing.mefd"], ids=str)
def test_what_does_not_exist_is_answered_as_by_open(client, path):
    assert client.range(path, 0, SECOND).error == f"File does not exist: {path}"


@pytest.mark.parametrize("names, listed", [
    (["zz"], "['zz']"),
    (["LT00", "zz", "LT01", "aa"], "['zz', 'aa']"),
    (["it's"], '["it\'s"]'),
    (["né"], "['né']"),
], ids=str)
def test_unknown_channels_are_named(client, names, listed):
    client.open(MANY.path)
    answer = client.range(MANY.path, MANY.start, MANY.end, names)
    assert answer.error == f"Unknown channels: {listed}"
    assert answer.messages[0].file_path == str(MANY.path)


@pytest.mark.parametrize("length, words", [
    (0, "end_uutc must be greater than start_uutc"),
    (-1, "end_uutc must be greater than start_uutc"),
    (-100 * SECOND, "end_uutc must be greater than start_uutc"),
    (1, "Requested window is shorter than one sample"),
    (1000, "Requested window is shorter than one sample"),
])
def test_a_window_without_samples_is_refused(client, length, words):
    client.open(ONE.path)
    start = ONE.start + SECOND
    assert client.range(ONE.path, start, start + length).error == words


@pytest.mark.parametrize("names", [[], ["fast", "slow"], ["slow", "late", "fast"]], ids=str)
def test_channels_of_different_rates_are_refused_together(client, names):
    client.open(MIXED.path)
    error = client.range(MIXED.path, MIXED.start, MIXED.end, names).error
    assert error.startswith("Requested channels do not share a sampling rate: {")
    assert error.endswith("}")
    assert set(error[error.index("{") + 1:-1].split(", ")) == {"2000.0", "250.0"}


def test_channels_of_one_rate_can_be_read_together_though_others_differ(client):
    client.open(MIXED.path)
    names = ["late", "slow"]
    answer = client.range(MIXED.path, MIXED.start, MIXED.end, names)
    assert same(answer.array, MIXED.float32(MIXED.start, MIXED.end, names))


def test_the_second_reading_equals_the_first(client):
    client.open(MANY.path)
    first = client.range(MANY.path, MANY.start, MANY.end)
    assert client.range(MANY.path, MANY.start, MANY.end).messages == first.messages


def test_the_path_is_echoed_as_each_request_spelt_it(client):
    for path in ("one_channel.mefd", str(ONE.path), f"{ONE.path}/"):
        client.open(path)
        answer = client.range(path, ONE.start, ONE.end)
        assert answer.messages[0].file_path == path
        assert same(answer.array, ONE.float32(ONE.start, ONE.end))


def test_an_active_selection_does_not_concern_ranges(client):
    client.open(MANY.path)
    client.set_channels(MANY.path, ["LT03"])
    answer = client.range(MANY.path, MANY.start, MANY.end)
    assert list(answer.messages[0].channel_names) == MANY.names()


def test_a_recording_with_a_password_outside_ascii(start):
    session = SESSIONS["encrypted_utf8"]
    daemon = start(GOLDEN, env={"MEF3_PASSWORD": session.password})
    with Client(daemon.address) as client:
        answer = client.range(session.path, session.start, session.end)
        assert same(answer.array, session.float32(session.start, session.end))

"""Sequences of calls as existing clients make them: viewers that page and change their minds,
training jobs that open in one process and read in others, many tools over one hour."""
import random

import numpy
import pytest

from client import Answer, Client, together
from daemon import run_tool
from golden import GOLDEN, SESSIONS, n_samples, same

MANY = SESSIONS["many_channels"]
GAPS = SESSIONS["gaps"]
SEGMENTS = SESSIONS["segments"]
SECOND = 10**6
# Each such channel is a connection of its own, as another process would make it.
ALONE = [("grpc.use_local_subchannel_pool", 1)]


class Demo:
    """The demo recording, whole, as the command reads it."""

    def __init__(self, path):
        self.path = path
        done = run_tool("cat", path, "--format", "f64")
        assert done.returncode == 0, done.stderr
        self.array = numpy.frombuffer(done.stdout, "<f8").reshape(8, -1)
        self.rate = 256

    def window(self, first, n, channels=None):
        part = self.array[:, first:first + n]
        return part if channels is None else part[channels]


@pytest.fixture(scope="module")
def recording(demo):
    return Demo(demo)


@pytest.fixture
def address(start, demo):
    return start(demo.parent, GOLDEN).address


def connect(address):
    return Client(address, ALONE)


def page_of(recording, page, seconds, channels=None):
    step = seconds * recording.rate
    return recording.window(page * step, step, channels)


def test_opened_by_one_connection_and_read_by_others(address, recording):
    with connect(address) as first:
        assert first.open(recording.path).file_opened
        n_pages = first.set_page_seconds(recording.path, 60).number_of_segments

    def reader(number):
        def work():
            for page in range(number, n_pages, 4):
                with connect(address) as client:  # which never opened anything
                    assert same(client.page(recording.path, page).array,
                                page_of(recording, page, 60))
        return work

    together([reader(number) for number in range(4)])


@pytest.mark.parametrize("order", ["one after another", "at random", "backwards"])
def test_all_pages(address, recording, order):
    with connect(address) as client:
        client.open(recording.path)
        pages = list(range(client.set_page_seconds(recording.path, 10).number_of_segments))
        if order == "at random":
            random.Random(3).shuffle(pages)
        elif order == "backwards":
            pages.reverse()
        for page in pages:
            assert same(client.page(recording.path, page).array, page_of(recording, page, 10))


def test_page_length_and_channels_change_between_reads(address, recording):
    chance = random.Random(5)
    with connect(address) as client:
        info = client.open(recording.path)
        names = list(info.channel_names)
        for _ in range(60):
            seconds = chance.choice([1, 2, 5, 10, 30, 120])
            chosen = chance.sample(range(8), chance.randint(1, 8))
            pages = client.set_page_seconds(recording.path, seconds).number_of_segments
            client.set_channels(recording.path, [names[i] for i in chosen])
            page = chance.randrange(pages)
            answer = client.page(recording.path, page)
            assert list(answer.messages[0].channel_names) == [names[i] for i in chosen]
            assert same(answer.array, page_of(recording, page, seconds, chosen))


def test_page_length_and_channels_change_while_others_read(address, recording):
    """Grid and selection are the file's. A page is of one grid and one selection all the same:
    those of the moment when it was asked for."""
    with connect(address) as client:
        info = client.open(recording.path)
        client.set_page_seconds(recording.path, 5)
    names = list(info.channel_names)
    lengths = [5, 7, 60]

    def changer():
        chance = random.Random(7)
        with connect(address) as client:
            for _ in range(150):
                client.set_page_seconds(recording.path, chance.choice(lengths))
                client.set_channels(recording.path, chance.sample(names, chance.randint(1, 8)))

    def reader(seed):
        def work():
            chance = random.Random(seed)
            with connect(address) as client:
                for _ in range(50):
                    answer = client.page(recording.path, chance.randrange(14))
                    start = answer.messages[0].start_uutc - info.start_uutc
                    end = answer.messages[-1].end_uutc - info.start_uutc
                    assert (end - start) / SECOND in lengths
                    assert start % (end - start) == 0
                    shown = {tuple(m.channel_names) for m in answer.messages}
                    assert len(shown) == 1
                    chosen = [names.index(name) for name in shown.pop()]
                    expected = recording.window(start * 256 // SECOND,
                                                (end - start) * 256 // SECOND, chosen)
                    assert same(answer.array, expected)
        return work

    together([changer] + [reader(seed) for seed in range(4)])


def test_three_clients_at_three_places(address, recording):
    with connect(address) as client:
        client.open(recording.path)
        n_pages = client.set_page_seconds(recording.path, 10).number_of_segments

    def viewer(place):
        def work():
            with connect(address) as client:
                for page in range(place, place + n_pages // 3):
                    assert same(client.page(recording.path, page).array,
                                page_of(recording, page, 10))
        return work

    together([viewer(place * n_pages // 3) for place in range(3)])


def test_many_tools_over_the_same_hour(address, recording):
    """Detectors that walk it window by window, channel by channel and whole, and viewers."""
    with connect(address) as client:
        info = client.open(recording.path)
        client.set_page_seconds(recording.path, 30)
    names = list(info.channel_names)
    n = recording.array.shape[1]

    def at(sample):
        return info.start_uutc + sample * SECOND // 256

    def detector(seconds, chosen):
        def work():
            step = seconds * 256
            with connect(address) as client:
                for first in range(0, n - step + 1, step):
                    answer = client.range(recording.path, at(first), at(first + step),
                                          [names[i] for i in chosen])
                    assert same(answer.array, recording.window(first, step, chosen).astype("<f4"))
        return work

    def viewer():
        with connect(address) as client:
            for page in range(client.count_pages(recording.path).number_of_segments):
                assert same(client.page(recording.path, page).array,
                            page_of(recording, page, 30))

    def scanner():
        with connect(address) as client:
            whole = client.range(recording.path, info.start_uutc, at(n))
            assert same(whole.array, recording.array.astype("<f4"))

    together([detector(10, [0, 1, 2]), detector(25, [7]), detector(60, range(8)),
              detector(4, [3, 1]), viewer, viewer, scanner])


def test_a_page_is_whole_though_the_file_is_closed_while_it_is_read(address, recording):
    with connect(address) as client, connect(address) as other:
        for _ in range(5):
            client.open(recording.path)
            client.set_page_seconds(recording.path, 900)
            call = client.start_page(recording.path, 0)
            first = next(call)
            assert not other.close_file(recording.path).file_opened
            rest = Answer(call)
            rest.messages.insert(0, first)
            assert same(rest.array, page_of(recording, 0, 900))
            assert client.page(recording.path, 0).error == f"File not open: {recording.path}"


def test_a_file_opened_by_many_at_once_is_opened_by_one_of_them(address, recording):
    for _ in range(5):
        replies = []

        def opener():
            with connect(address) as client:
                replies.append(client.open(recording.path))

        together([opener] * 8)
        assert all(reply.file_opened for reply in replies)
        told = [reply.error_message for reply in replies if reply.HasField("error_message")]
        assert told == [f"File already open: {recording.path}"] * 7
        facts = set()
        for reply in replies:
            reply.ClearField("error_message")
            facts.add(reply.SerializeToString(deterministic=True))
        assert len(facts) == 1
        with connect(address) as client:
            assert list(client.list().file_paths) == [str(recording.path)]
            client.close_file(recording.path)


def test_sixty_four_connections_at_once(address, recording):
    paths = [(session, session.path) for session in (MANY, GAPS, SEGMENTS)]

    def visitor(number):
        session, path = paths[number % len(paths)]
        page = number % 3

        def work():
            with connect(address) as client:
                assert client.open(path).file_opened
                client.set_page_seconds(path, 1)
                start = session.start + page * SECOND
                expected = session.float64(start, start + SECOND)
                assert expected.shape[1] == n_samples(0, SECOND, session.channels[0].rate)
                for _ in range(3):
                    assert same(client.page(path, page).array, expected)
                    assert same(client.range(path, start, start + SECOND).array,
                                expected.astype("<f4"))
        return work

    together([visitor(number) for number in range(64)])


def test_opening_and_closing_while_others_read_costs_only_who_comes_too_late(address, recording):
    """A page of a file that somebody closed is refused in words; what was begun is whole."""
    def churn():
        with connect(address) as client:
            for _ in range(40):
                client.open(recording.path)
                client.set_page_seconds(recording.path, 30)
                client.close_file(recording.path)

    refused = {f"File not open: {recording.path}",
               f"No chunks available for file: {recording.path}. "
               "Set a segment size to init chunks."}

    def reader():
        with connect(address) as client:
            for page in range(30):
                answer = client.page(recording.path, page)
                if len(answer.messages) == 1 and answer.messages[0].error_message:
                    assert answer.error in refused
                else:
                    assert same(answer.array, page_of(recording, page, 30))

    def by_range():
        with connect(address) as client:
            info = None
            while info is None or not info.file_opened:
                info = client.open(recording.path)
            for second in range(0, 600, 20):
                start = info.start_uutc + second * SECOND
                answer = client.range(recording.path, start, start + 20 * SECOND)
                if not (len(answer.messages) == 1 and answer.messages[0].error_message):
                    assert same(answer.array,
                                recording.window(second * 256, 20 * 256).astype("<f4"))
                else:  # closed between its opening and its reading
                    assert answer.error in refused

    together([churn, reader, reader, by_range])

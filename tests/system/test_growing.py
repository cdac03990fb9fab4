"""Recordings that change on disk while they are open: growing, replaced, deleted."""
import os
import shutil
import threading
import time

import numpy
import pytest

import metrics
from client import Client, together
from conftest import make_demo
from daemon import PATIENCE_S, free_port, wait_until
from golden import SESSIONS, same
from growing import Growing

SHAPES = ["one_channel", "many_channels", "gaps", "segments", "one_sample_blocks", "long_block"]


@pytest.fixture
def root(tmp_path):
    folder = tmp_path / "root"
    folder.mkdir()
    return folder


def end_of(growing):
    return max(growing.end(name) for name in growing.channels)


def is_whole_answer(client, growing):
    """A range over all there will be holds just what is written."""
    session = growing.session
    answer = client.range(growing.path, session.start, session.end)
    expected = growing.float32(session.start, session.end)
    return not answer.damage and same(answer.array, expected)


@pytest.mark.parametrize("name", SHAPES)
def test_what_is_added_is_seen_by_all_calls_without_reopening(start, root, name):
    growing = Growing(SESSIONS[name], root)
    growing.append()
    daemon = start(root)
    with Client(daemon.address) as client:
        assert client.open(growing.path).file_opened
        client.set_page_seconds(growing.path, 1)
        for _ in range(5):
            if growing.is_whole():
                break
            growing.append()
            end = end_of(growing)
            wait_until(lambda: abs(client.info(growing.path).end_uutc - end) <= 1, "the new end")
            info = client.info(growing.path)
            n_pages = -(-(info.end_uutc - info.start_uutc) // 1000000)
            assert client.count_pages(growing.path).number_of_segments == n_pages
            assert is_whole_answer(client, growing)
            last = client.page(growing.path, n_pages - 1)
            assert last.messages[-1].end_uutc == info.end_uutc
            assert not last.damage
            page_start = info.start_uutc + (n_pages - 1) * 1000000
            assert same(last.array, growing.float64(page_start, info.end_uutc))
    assert "recording_replaced" not in daemon.log()


@pytest.mark.parametrize("call", ["info", "count_pages", "range", "open"])
def test_the_first_call_after_a_pause_sees_what_was_added(start, root, call):
    """Nobody asks for long: so nobody looks at it either, until this call does."""
    growing = Growing(SESSIONS["many_channels"], root)
    growing.append(2)
    port = free_port()
    daemon = start(root, "--http", f"127.0.0.1:{port}")
    session = growing.session
    with Client(daemon.address) as client:
        client.open(growing.path)
        client.set_page_seconds(growing.path, 1)
        n_pages = client.count_pages(growing.path).number_of_segments
        assert is_whole_answer(client, growing)
        growing.append(2)
        time.sleep(1.1)  # the time that an answer may be old
        looks = metrics.Metrics(port)("mef3d_recording_looks_total")
        time.sleep(1.1)
        assert metrics.Metrics(port)("mef3d_recording_looks_total") == looks
        if call == "count_pages":
            assert client.count_pages(growing.path).number_of_segments > n_pages
        elif call == "range":
            assert is_whole_answer(client, growing)
        else:
            answer = client.info(growing.path) if call == "info" else client.open(growing.path)
            assert answer.file_opened and abs(answer.end_uutc - end_of(growing)) <= 1
        assert metrics.Metrics(port)("mef3d_recording_looks_total") == looks + 1
        assert is_whole_answer(client, growing)
        assert session.start == client.info(growing.path).start_uutc


def test_a_block_that_is_half_written_is_not_there_yet(start, root):
    growing = Growing(SESSIONS["one_channel"], root)
    growing.append(2)
    daemon = start(root)
    with Client(daemon.address) as client:
        client.open(growing.path)
        for torn in ("data", "index"):
            growing.append(torn=torn, headers=False)
            before = end_of(growing)
            for _ in range(3):
                time.sleep(0.6)
                assert abs(client.info(growing.path).end_uutc - before) <= 1
                assert is_whole_answer(client, growing)
            growing.finish_block()
            wait_until(lambda: is_whole_answer(client, growing), "the whole block")


def watched(client, path, port):
    """Wait until it has been looked at from now on."""
    def looks():
        return metrics.Metrics(port)("mef3d_recording_looks_total")

    before = looks()
    wait_until(lambda: client.info(path).file_opened and looks() > before + 1, "a look")


def test_headers_that_follow_their_blocks_later_replace_nothing(start, root):
    growing = Growing(SESSIONS["many_channels"], root)
    growing.append()
    port = free_port()
    daemon = start(root, "--http", f"127.0.0.1:{port}")
    with Client(daemon.address) as client:
        client.open(growing.path)
        for _ in range(2):
            growing.append(headers=False)
            wait_until(lambda: is_whole_answer(client, growing), "the new blocks")
            decoded = metrics.Metrics(port)("mef3d_cache_misses_total")
            growing.write_headers()
            watched(client, growing.path, port)
            assert is_whole_answer(client, growing)
            assert metrics.Metrics(port)("mef3d_cache_misses_total") == decoded
    assert "recording_replaced" not in daemon.log()


def test_a_segment_that_is_just_begun_changes_nothing_that_is_known(start, root):
    growing = Growing(SESSIONS["segments"], root)
    (name, (first, second, *_)), = growing.channels.items()
    growing.append(len(first.entries))
    port = free_port()
    daemon = start(root, "--http", f"127.0.0.1:{port}")

    def metric(name, **labels):
        return metrics.Metrics(port)(f"mef3d_recording_{name}_total", **labels)

    with Client(daemon.address) as client:
        client.open(growing.path)
        assert is_whole_answer(client, growing)
        decoded = metrics.Metrics(port)("mef3d_cache_misses_total")
        for step in second.beginnings():
            step()
            watched(client, growing.path, port)
            assert abs(client.info(growing.path).end_uutc - growing.end(name)) <= 1
            assert is_whole_answer(client, growing)
        assert metric("changes", kind="grown") > 0
        assert metrics.Metrics(port)("mef3d_cache_misses_total") == decoded
        growing.append()
        wait_until(lambda: is_whole_answer(client, growing), "the first block of the segment")
        assert metric("changes", kind="replaced") == metric("changes", kind="gone") == 0


def test_readers_of_a_growing_recording_get_what_was_there_and_never_less_again(start, root):
    growing = Growing(SESSIONS["many_channels"], root)
    growing.append()
    daemon = start(root)
    session = growing.session
    states = [growing.snapshot()]
    truths = {}
    written = threading.Event()

    def truth(name, n):
        if (name, n) not in truths:
            truths[name, n] = growing.channel_float32(name, session.start, session.end, n)
        return truths[name, n]

    def write():
        while not growing.is_whole():
            states.append(growing.next_snapshot())
            growing.append()
            time.sleep(0.4)
        written.set()

    def read():
        seen = dict.fromkeys(session.names(), 0)
        final = states[0]
        with Client(daemon.address) as client:
            while seen != final:
                is_last = written.is_set()
                answer = client.range(growing.path, session.start, session.end)
                assert not answer.damage
                for row, name in zip(answer.array, session.names()):
                    fits = [state[name] for state in list(states)
                            if same(row, truth(name, state[name]))]
                    assert fits, f"{name} is what it never was"
                    assert fits[-1] >= seen[name], f"{name} has lost samples"
                    seen[name] = fits[-1]
                final = states[-1] if is_last else None

    together([write, read, read, read, read])
    assert "recording_replaced" not in daemon.log()


def replace_by_rename(old, new):
    os.rename(old, old.with_name("away"))
    os.rename(new, old)


def replace_by_copy(old, new):
    shutil.rmtree(old)
    shutil.copytree(new, old)


def replace_in_place(old, new):
    for path in sorted(new.rglob("*.t*")):
        if path.is_file():
            with open(old / path.relative_to(new), "r+b") as out:
                data = path.read_bytes()
                out.truncate(len(data))
                out.write(data)


@pytest.mark.parametrize("replace", [replace_by_rename, replace_by_copy, replace_in_place])
@pytest.mark.parametrize("hours", ["0.01", "0.02"], ids=["as long", "longer"])
def test_of_a_recording_that_was_replaced_nothing_old_is_left(start, tmp_path, root, replace,
                                                              hours):
    def demo(name, seed, hours):
        (tmp_path / name).mkdir()
        return make_demo(tmp_path / name, "--channels", "4", "--seed", seed, "--hours", hours)

    path, other = root / "demo.mefd", root / "other.mefd"
    shutil.copytree(demo("a", "1", "0.01"), path)
    shutil.copytree(demo("b", "2", hours), other)
    new = demo("b2", "2", hours)
    daemon = start(root)
    with Client(daemon.address) as client:
        info = client.open(path)
        assert info.file_opened and client.open(other).file_opened
        span = info.start_uutc, client.info(other).end_uutc
        old, expected = client.range(path, *span).array, client.range(other, *span).array
        assert not same(old, expected)
        replace(path, new)
        noticed = False
        end = time.monotonic() + PATIENCE_S
        while not noticed or time.monotonic() < end:
            answer = client.range(path, *span)
            if answer.messages[0].error_message:
                assert "changed" in answer.error and not noticed
            elif same(answer.array, expected):
                if noticed:
                    break
                noticed = True
            else:
                assert not noticed, "old samples after new ones"
                assert same(answer.array, old), "a mixture"
            assert time.monotonic() < end
        assert client.info(path).end_uutc == client.info(other).end_uutc


def test_a_recording_that_was_deleted_is_said_to_be_gone(start, root):
    growing = Growing(SESSIONS["one_channel"], root)
    growing.append(3)
    daemon = start(root)
    with Client(daemon.address) as client:
        client.open(growing.path)
        client.set_page_seconds(growing.path, 1)
        assert is_whole_answer(client, growing)
        growing.remove()
        wait_until(lambda: not client.info(growing.path).file_opened, "it to be gone")
        span = growing.session.start, growing.session.end
        for error in (client.info(growing.path).error_message,
                      client.range(growing.path, *span).error,
                      client.page(growing.path, 0).error,
                      client.count_pages(growing.path).error_message,
                      client.set_page_seconds(growing.path, 2).error_message):
            assert "does not exist" in error
        assert "recording_gone" in daemon.log()
        shutil.copytree(growing.session.path, growing.path)
        answer = client.range(growing.path, *span)
        assert same(answer.array, growing.session.float32(*span))
        assert client.info(growing.path).file_opened


def test_the_selection_of_channels_outlives_growth(start, root):
    growing = Growing(SESSIONS["many_channels"], root)
    growing.append()
    daemon = start(root)
    names = growing.session.names()[3:5]
    with Client(daemon.address) as client:
        client.open(growing.path)
        client.set_channels(growing.path, names)
        client.set_page_seconds(growing.path, 1)
        growing.append(2)
        wait_until(lambda: abs(client.info(growing.path).end_uutc - end_of(growing)) <= 1,
                   "the new end")
        assert list(client.get_channels(growing.path).active_channels) == names
        page = client.page(growing.path, 0)
        assert list(page.messages[0].channel_names) == names
        expected = growing.float64(growing.session.start, growing.session.start + 1000000, names)
        assert numpy.isfinite(expected).any() and same(page.array, expected)

"""Passwords: from the server's file, and from a request's metadata."""
import concurrent.futures
import pathlib
import shutil
import subprocess

import grpc
import numpy
import pytest

from client import Answer, Client, wire
from daemon import BUILD
from golden import GOLDEN, SESSIONS

SECRET = SESSIONS["encrypted"]


def password_file(folder, text, mode=0o600):
    path = folder / "passwords"
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)
    return path


@pytest.fixture
def two(tmp_path):
    """A root with two recordings of the same password."""
    root = tmp_path / "root"
    for name in ("first", "other one"):
        shutil.copytree(SECRET.path, root / "ward 3" / f"{name}.mefd")
    return root


def opened(daemon, *paths):
    with Client(daemon.address) as client:
        return [client.open(path).file_opened for path in paths]


@pytest.mark.parametrize("lines, expected", [
    ("first.mefd {}", (True, False)),
    ("other\\ one.mefd {}", (False, True)),
    ("ward\\ 3/* {}", (True, True)),
    ("# a comment\n\n{root}/ward?3/f*.mefd\t{}\n", (True, False)),
    ("first.mefd wrong\n* {}", (False, True)),
    ("* {}\nfirst.mefd wrong", (True, True)),
    ("nothing.mefd {}", (False, False)),
], ids=["name", "space", "path in the root", "absolute path", "first wins", "order", "no match"])
def test_the_first_pattern_that_fits_has_the_password(start, tmp_path, two, lines, expected):
    text = lines.replace("{root}", str(two)).replace("{}", SECRET.password)
    daemon = start(two, "--password-file", password_file(tmp_path, text))
    assert opened(daemon, "ward 3/first.mefd", "ward 3/other one.mefd") == list(expected)


def test_the_variable_is_for_what_no_line_fits(start, tmp_path, two):
    daemon = start(two, "--password-file", password_file(tmp_path, "first.mefd wrong"),
                   env={"MEF3_PASSWORD": SECRET.password})
    assert opened(daemon, "ward 3/first.mefd", "ward 3/other one.mefd") == [False, True]


@pytest.mark.parametrize("text, mode, words", [
    ("* rosebud", 0o640, "chmod 600"),
    ("* rosebud", 0o604, "chmod 600"),
    ("rosebud", 0o600, "line 1: a line is PATTERN PASSWORD"),
    ("# one\n* good\nrosebud\n", 0o600, "line 3"),
    ("* " + "rosebud" * 30, 0o600, "too long"),
], ids=["group", "others", "a password alone", "the third line", "long"])
def test_a_password_file_that_is_not_right_is_refused(tmp_path, text, mode, words):
    path = password_file(tmp_path, text, mode)
    ended = subprocess.run([str(BUILD / "mef3d"), str(GOLDEN), "--password-file", str(path)],
                           capture_output=True, text=True, timeout=60)
    assert ended.returncode == 2
    assert words in ended.stderr and str(path) in ended.stderr
    assert "rosebud" not in ended.stderr


def test_a_password_is_nowhere_to_be_seen(start, tmp_path, two):
    by_file = password_file(tmp_path, f"first.mefd {SECRET.password}\nzero.mefd rosebud")
    daemon = start(two, "--password-file", by_file, "--log-level", "debug",
                   env={"MEF3_PASSWORD": "xanadu"})
    assert opened(daemon, "ward 3/first.mefd") == [True]
    seen = daemon.log()
    for process in [daemon.process, *daemon.family()]:
        for name in ("cmdline", "environ"):
            seen += pathlib.Path(f"/proc/{process.pid}/{name}").read_text(errors="replace")
    for secret in (SECRET.password, "rosebud", "xanadu"):
        assert secret not in seen


class Keyed:
    """A client whose requests carry a password."""

    def __init__(self, daemon, password, metadata=None):
        self.client = Client(daemon.address)
        self.metadata = metadata or ([("mef3-password", password)] if password else [])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.client.close()

    def ask(self, method, request):
        return getattr(self.client.stub, method)(request, timeout=100, metadata=self.metadata)

    def open(self, path):
        return self.ask("OpenFile", wire.OpenFileRequest(file_path=str(path)))

    def info(self, path):
        return self.ask("FileInfo", wire.FileInfoRequest(file_path=str(path)))

    def close(self, path):
        return self.ask("CloseFile", wire.FileInfoRequest(file_path=str(path)))

    def paths(self):
        return list(self.ask("ListOpenFiles", wire.ListOpenFilesRequest()).file_paths)

    def pages(self, path, seconds):
        return self.ask("SetSignalSegmentSize",
                        wire.SetSignalSegmentRequest(file_path=str(path), seconds=seconds))

    def page(self, path, page):
        return Answer(self.ask("GetSignalSegment",
                               wire.SignalChunkRequest(file_path=str(path), chunk_idx=page)))

    def range(self, path, start, end):
        return Answer(self.ask("GetSignalRange", wire.SignalRangeRequest(
            file_path=str(path), start_uutc=start, end_uutc=end)))


def test_a_password_of_a_request_opens_for_those_who_carry_it_and_for_nobody_else(start):
    daemon = start(GOLDEN)
    whole = SECRET.float32(SECRET.start, SECRET.end)
    with Keyed(daemon, SECRET.password) as owner, Keyed(daemon, SECRET.password) as friend, \
            Keyed(daemon, None) as nobody, Keyed(daemon, "wrong") as wrong:
        info = owner.open(SECRET.path)
        assert info.file_opened and not info.HasField("error_message")
        assert owner.pages(SECRET.path, 2).number_of_segments == 3
        page = owner.page(SECRET.path, 1).array
        assert numpy.array_equal(owner.range(SECRET.path, SECRET.start, SECRET.end).array, whole)
        assert numpy.array_equal(friend.range(SECRET.path, SECRET.start, SECRET.end).array, whole)
        assert numpy.array_equal(friend.page(SECRET.path, 1).array, page)
        assert friend.info(SECRET.path) == info
        for other in (nobody, wrong):
            assert not other.info(SECRET.path).file_opened
            assert "not open" in other.page(SECRET.path, 1).error
            assert "password" in other.range(SECRET.path, SECRET.start, SECRET.end).error
            assert other.pages(SECRET.path, 3).number_of_segments == 0
            opened = other.open(SECRET.path)
            assert not opened.file_opened and "password" in opened.error_message
            assert other.paths() == []
            other.close(SECRET.path)
        assert owner.paths() == friend.paths() == [str(SECRET.path)]
        assert numpy.array_equal(owner.page(SECRET.path, 1).array, page)
        friend.close(SECRET.path)
        assert not owner.info(SECRET.path).file_opened
    assert SECRET.password not in daemon.log()


def test_a_password_that_is_not_needed_makes_no_difference(start):
    daemon = start(GOLDEN, env={"MEF3_PASSWORD": SECRET.password})
    one = SESSIONS["one_channel"]
    with Keyed(daemon, "anything") as keyed, Keyed(daemon, None) as plain:
        for session in (one, SECRET):
            assert keyed.open(session.path).file_opened
            assert "already open" in plain.open(session.path).error_message
            assert keyed.pages(session.path, 1).number_of_segments > 0
            assert plain.page(session.path, 0).array.shape[1] > 0
        assert keyed.paths() == plain.paths() == [str(one.path), str(SECRET.path)]


def test_many_at_once_get_what_their_password_opens(start):
    daemon = start(GOLDEN, "--log-level", "debug")
    words = [SECRET.password, None, "wrong", SECRET.password] * 4

    def ask(password):
        with Keyed(daemon, password) as keyed:
            return keyed.open(SECRET.path).file_opened

    with concurrent.futures.ThreadPoolExecutor(len(words)) as threads:
        assert list(threads.map(ask, words)) == [word == SECRET.password for word in words]
    assert SECRET.password not in daemon.log()


def test_a_password_outside_ascii_comes_as_bytes(start):
    session = SESSIONS["encrypted_utf8"]
    daemon = start(GOLDEN)
    with Keyed(daemon, None, [("mef3-password-bin", session.password.encode())]) as keyed:
        assert numpy.array_equal(keyed.range(session.path, session.start, session.end).array,
                                 session.float32(session.start, session.end))


@pytest.mark.parametrize("given", [
    [("mef3-password-bin", b"\xff\xfe")], [("mef3-password-bin", b"a\0b")],
    [("mef3-password", "x" * 128)], [("mef3-password", "a"), ("mef3-password", "b")],
], ids=["not UTF-8", "a zero", "too long", "two"])
def test_a_password_that_can_be_none_is_refused(start, given):
    daemon = start(GOLDEN)
    with Keyed(daemon, None, given) as keyed:
        with pytest.raises(grpc.RpcError) as failure:
            keyed.open(SECRET.path)
        assert failure.value.code() == grpc.StatusCode.INVALID_ARGUMENT

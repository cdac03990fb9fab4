"""Passwords: from the server's file, and from a request's metadata."""
import pathlib
import shutil
import subprocess

import numpy
import pytest

from client import Client
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

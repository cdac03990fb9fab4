"""The command mef3 on the golden recordings, as the README and the contract have it."""
import json

import numpy
import pytest

from craft import Segment
from daemon import run_tool
from golden import SESSIONS, same

ALL = list(SESSIONS.values())
ONE = SESSIONS["one_channel"]
CHANNELS = [(session, channel) for session in ALL for channel in session.channels]


def password(session):
    return {"MEF3_PASSWORD": session.password} if session.password else {}


@pytest.mark.parametrize("session, channel", CHANNELS,
                         ids=[f"{s.name}-{c.name}" for s, c in CHANNELS])
def test_cat_gives_the_golden_counts_byte_for_byte(session, channel):
    done = run_tool("cat", session.path, "-c", channel.name, "--counts", "--format", "f64",
                    env=password(session))
    assert done.returncode == 0, done.stderr
    assert same(numpy.frombuffer(done.stdout, "<f8"), channel.counts)


@pytest.mark.parametrize("session, channel", [row for row in CHANNELS if row[1].windows],
                         ids=[f"{s.name}-{c.name}" for s, c in CHANNELS if c.windows])
def test_cat_gives_the_golden_windows(session, channel):
    for start, end, path in channel.windows:
        done = run_tool("cat", session.path, "-c", channel.name, "--from", start, "--to", end,
                        "--format", "f64", env=password(session))
        assert done.returncode == 0, done.stderr
        assert same(numpy.frombuffer(done.stdout, "<f8"),
                    numpy.fromfile(path, "<f8") * channel.factor)


def test_cat_formats(tmp_path):
    expected = ONE.channels[0].counts
    done = run_tool("cat", ONE.path, "--format", "f32")
    assert same(numpy.frombuffer(done.stdout, "<f4"), (expected * 0.001).astype("<f4"))
    done = run_tool("cat", ONE.path, "--counts", "--format", "i32")
    assert (numpy.frombuffer(done.stdout, "<i4") == expected).all()
    out = tmp_path / "out.npy"
    done = run_tool("cat", ONE.path, "--format", "npy", "-o", out)
    assert done.returncode == 0, done.stderr
    assert same(numpy.load(out).astype("<f8").reshape(-1), expected * 0.001)


def test_gaps_in_whole_numbers_are_marked():
    session = SESSIONS["gaps"]
    counts = session.channel("gappy").counts
    done = run_tool("cat", session.path, "-c", "gappy", "--counts", "--format", "i32")
    got = numpy.frombuffer(done.stdout, "<i4")
    assert ((got == -2**31) == numpy.isnan(counts)).all()


@pytest.mark.parametrize("session", ALL, ids=list(SESSIONS))
def test_info_in_json_has_the_facts(session):
    done = run_tool("info", session.path, "--json", env=password(session))
    assert done.returncode == 0, done.stderr
    facts = json.dumps(json.loads(done.stdout), ensure_ascii=False)
    for channel in session.channels:
        assert channel.name in facts
    text = run_tool("info", session.path, env=password(session))
    assert text.returncode == 0
    for name in session.names():
        assert name in text.stdout.decode()


def test_a_damaged_block_ends_with_1_and_the_rest_is_written(copy):
    path = copy("one_channel")
    Segment(path, "Cz").flip(2, 400)
    done = run_tool("cat", path, "--counts", "--format", "f64")
    assert done.returncode == 1
    expected = ONE.channels[0].counts.copy()
    expected[2000:3000] = numpy.nan
    assert same(numpy.frombuffer(done.stdout, "<f8"), expected)
    assert b"Cz" in done.stderr


@pytest.mark.parametrize("words", [[], ["nope"], ["cat"], ["info"], ["cat", "--nope", ONE.path],
                                   ["cat", ONE.path, "--format", "xyz"],
                                   ["cat", ONE.path, "--from", "yesterday"], ["demo"]], ids=str)
def test_wrong_use_ends_with_2(words):
    done = run_tool(*words)
    assert done.returncode == 2
    assert done.stderr


@pytest.mark.parametrize("words", [["info", "/nonexistent.mefd"], ["cat", "/nonexistent.mefd"],
                                   ["info", ONE.path / "Cz.timd"],
                                   ["info", SESSIONS["encrypted"].path],
                                   ["cat", SESSIONS["encrypted"].path]], ids=str)
def test_what_cannot_be_read_ends_with_3(words):
    done = run_tool(*words)
    if words == ["info", SESSIONS["encrypted"].path] and done.returncode == 0:
        # Without a password it still lists, and says so.
        assert b"password" in done.stdout + done.stderr
        return
    assert done.returncode == 3
    assert len(done.stderr.decode().strip().splitlines()) == 1

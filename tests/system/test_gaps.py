"""mef3 gaps: runs, gaps and what is unreadable, as text, CSV and JSON."""
import csv
import io
import json

import numpy
import pytest

from craft import SECTION_2, Segment
from daemon import run_tool
from golden import SESSIONS

GAPS = SESSIONS["gaps"]


def gaps(*words, status=0, **options):
    done = run_tool("gaps", *words, "--json", **options)
    assert done.returncode == status, done.stderr
    return {channel["name"]: channel for channel in json.loads(done.stdout)["channels"]}


@pytest.mark.parametrize("name", list(SESSIONS))
def test_the_stretches_are_those_of_the_recording(name):
    session = SESSIONS[name]
    env = {"MEF3_PASSWORD": session.password} if session.password else {}
    found = gaps(session.path, env=env)
    assert list(found) == session.names()
    for channel in session.channels:
        half = 0.5e6 / channel.rate
        expected = []
        for start, samples in channel.runs():
            end = start + len(samples) * 1e6 / channel.rate
            if expected and start - expected[-1][1] < half:
                expected[-1][1] = end
                continue
            expected.append([start, end])
        got = found[channel.name]["stretches"]
        data = [(s["start_uutc"], s["end_uutc"]) for s in got if s["kind"] == "data"]
        assert numpy.allclose(data, expected, rtol=0, atol=1.5)
        # Between them nothing is left out, and data and gaps take turns.
        assert [s["kind"] for s in got] == (["data", "gap"] * len(data))[:-1]
        assert all(a["end_uutc"] == b["start_uutc"] for a, b in zip(got, got[1:]))
        lengths = [s["duration_s"] for s in got if s["kind"] == "gap"]
        assert found[channel.name]["n_gaps"] == len(lengths)
        assert found[channel.name]["gap_s"] == pytest.approx(sum(lengths), abs=1e-9)


def test_shorter_gaps_are_passed_over():
    lengths = {bound: [s["duration_s"] for s in
                       gaps(GAPS.path, "-c", "gappy", "--at-least", bound)["gappy"]["stretches"]
                       if s["kind"] == "gap"] for bound in (0, 0.5, 1.171875, 1.5, 3)}
    assert lengths[0] == [2, 0.003906, 1.171875]
    assert lengths[0.5] == lengths[1.171875] == [2, 1.171875]
    assert lengths[1.5] == [2]
    assert lengths[3] == []


def test_csv_has_a_line_a_stretch(copy):
    path = copy("gaps")
    (path / "gappy.timd").rename(path / 'a, "b".timd')
    done = run_tool("gaps", path, "--csv")
    assert done.returncode == 0, done.stderr
    rows = list(csv.DictReader(io.StringIO(done.stdout.decode())))
    assert [row["kind"] for row in rows if row["channel"] == 'a, "b"'] == ["data", "gap"] * 3 + ["data"]
    assert [row["kind"] for row in rows if row["channel"] == "whole"] == ["data"]
    for row in rows:
        length = int(row["end_uutc"]) - int(row["start_uutc"])
        assert float(row["duration_s"]) == pytest.approx(length / 1e6)


def test_channels_come_in_the_order_that_was_asked_for():
    done = run_tool("gaps", GAPS.path, "-c", "whole", "-c", "gappy", "--csv")
    channels = [line.split(",")[0] for line in done.stdout.decode().splitlines()[1:]]
    assert channels == ["whole"] + ["gappy"] * 7
    done = run_tool("gaps", GAPS.path, "-c", "nope")
    assert done.returncode == 2 and b"nope" in done.stderr


def test_equal_channels_share_one_table(tmp_path):
    path = tmp_path / "x.mefd"
    assert run_tool("demo", path, "--channels", 64, "--hours", 0.01).returncode == 0
    text = run_tool("gaps", path).stdout.decode()
    assert text.count("from") == 1 and "(64 channels) 1 gap" in text
    names = [name.strip() for name in text.split("(64")[0].replace("\n", " ").split(",")]
    info = json.loads(run_tool("info", path, "--json").stdout)
    assert sorted(names) == sorted(channel["name"] for channel in info["channels"])
    assert max(map(len, text.splitlines())) <= 80
    # In the order that people expect, not in that of bytes.
    assert names.index("LA8") < names.index("LB1")


def test_what_is_unreadable_is_no_gap(copy):
    path = copy("segments")
    whole = gaps(path)["seg"]
    tmet = Segment(path, "seg", 1).tmet
    data = bytearray(tmet.read_bytes())
    data[SECTION_2] ^= 1
    tmet.write_bytes(data)
    damaged = gaps(path, status=1)["seg"]
    assert damaged["n_unreadable_segments"] == 1
    assert "seg-000001.tmet" in damaged["error"]
    kinds = [stretch["kind"] for stretch in damaged["stretches"]]
    assert "unreadable" in kinds
    assert (damaged["n_gaps"], damaged["gap_s"]) == (whole["n_gaps"], whole["gap_s"])
    assert damaged["stretches"][-1]["end_uutc"] == whole["stretches"][-1]["end_uutc"]
    text = run_tool("gaps", path).stdout.decode()
    assert "1 segment cannot be read" in text and "unreadable" in text


def test_what_is_locked_wants_its_password():
    done = run_tool("gaps", SESSIONS["encrypted"].path)
    assert done.returncode == 3 and b"password" in done.stderr


def test_an_empty_recording_has_none(tmp_path):
    path = tmp_path / "empty.mefd"
    path.mkdir()
    assert gaps(path) == {}
    done = run_tool("gaps", path)
    assert (done.returncode, done.stdout) == (0, b"")


@pytest.mark.parametrize("words", [[], ["x", "y"], ["x", "--at-least", "-1"],
                                   ["x", "--at-least", "soon"], ["x", "--what"]], ids=str)
def test_wrong_use_ends_with_2(words):
    done = run_tool("gaps", *words)
    assert done.returncode == 2 and len(done.stderr.splitlines()) == 1

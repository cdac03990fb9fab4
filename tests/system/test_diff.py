"""mef3 diff: what makes one recording another."""
import json
import shutil

import numpy
import pytest

from craft import BLOCK_TIME, FACTOR, INDEX_TIME, RATE, SECTION_2, Segment
from daemon import run_tool
from golden import SESSIONS


def diff(a, b, *words, status=0, **options):
    done = run_tool("diff", a, b, "--json", *words, **options)
    assert done.returncode == status, done.stderr
    facts = json.loads(done.stdout)
    assert facts["equal"] == (status == 0)
    return facts


def by_name(facts):
    return {channel["name"]: channel for channel in facts["channels"]}


def text(a, b, *words):
    return run_tool("diff", a, b, *words).stdout.decode()


def demo(path, *words):
    done = run_tool("demo", path, "--channels", 3, "--hours", 0.02, *words)
    assert done.returncode == 0, done.stderr
    return path


def values(path, channel):
    done = run_tool("cat", path, "-c", channel, "--format", "f64")
    return numpy.frombuffer(done.stdout, "<f8")


@pytest.mark.parametrize("name", list(SESSIONS))
def test_a_recording_is_equal_to_itself(name):
    session = SESSIONS[name]
    env = {"MEF3_PASSWORD": session.password} if session.password else {}
    facts = diff(session.path, session.path, env=env)
    for channel in session.channels:
        stored = sum(len(samples) for _, samples in channel.runs())
        assert by_name(facts)[channel.name]["n_compared"] == stored
    done = run_tool("diff", session.path, session.path, env=env)
    assert done.stdout.startswith(b"equal: ") and not done.stderr


def test_samples_that_differ_are_counted_and_the_first_is_shown(tmp_path):
    a = demo(tmp_path / "a.mefd")
    b = demo(tmp_path / "b.mefd", "--seed", 2)
    channels = by_name(diff(a, b, status=1))
    start = json.loads(run_tool("info", a, "--json").stdout)["start_uutc"]
    for name, channel in channels.items():
        x, y = values(a, name), values(b, name)
        different = numpy.flatnonzero((x != y) & ~numpy.isnan(x))
        assert channel["n_different"] == len(different)
        assert channel["n_compared"] == numpy.count_nonzero(~numpy.isnan(x))
        assert channel["greatest"] == pytest.approx(numpy.nanmax(numpy.abs(x - y)))
        first = different[0]
        assert channel["first_uutc"] == round(start + first * 1e6 / 256)
        assert (channel["first_a"], channel["first_b"]) == (x[first], y[first])
        assert channel["fields"] == channel["spans"] == []
    lines = text(a, b).splitlines()
    assert sum(line.startswith("F") for line in lines) == len(channels)
    assert max(map(len, lines)) <= 80


def test_a_channel_that_only_one_has(copy, tmp_path):
    a = copy("many_channels")
    b = tmp_path / "b.mefd"
    shutil.copytree(a, b)
    shutil.rmtree(a / "LT03.timd")
    shutil.rmtree(b / "LT05.timd")
    facts = diff(a, b, status=1)
    assert (facts["only_in_a"], facts["only_in_b"]) == (["LT05"], ["LT03"])
    assert all(channel["equal"] for channel in facts["channels"])
    said = text(a, b)
    assert "LT05\n  only in A" in said and "LT03\n  only in B" in said
    assert "10 channels are equal" in said


def test_fields_that_differ_are_shown_with_both_values(copy, tmp_path):
    a = copy("gaps")
    b = tmp_path / "b.mefd"
    shutil.copytree(a, b)
    for number, channel in enumerate(("gappy", "whole")):
        segment = Segment(b, channel)
        segment.put(segment.tmet, SECTION_2, "8s", b"changed\0")
        if number == 0:
            segment.put(segment.tmet, FACTOR, "d", 0.002)
    channels = by_name(diff(a, b, status=1))
    fields = {field["name"]: (field["a"], field["b"]) for field in channels["gappy"]["fields"]}
    assert fields == {"units factor": ("0.001", "0.002"), "description": ("ts_channel", "changed")}
    assert [field["name"] for field in channels["whole"]["fields"]] == ["description"]
    # The same counts are other values now.
    x = values(a, "gappy")
    assert channels["gappy"]["n_different"] == numpy.count_nonzero(x[~numpy.isnan(x)])
    assert channels["gappy"]["greatest"] == pytest.approx(numpy.nanmax(numpy.abs(x)))
    assert channels["whole"]["n_different"] == 0
    assert by_name(diff(a, b, "--samples", status=1))["whole"]["equal"]
    assert by_name(diff(a, b, "--metadata", status=1))["gappy"]["n_compared"] == 0
    assert "ts_channel | changed" in text(a, b)


def test_a_time_that_only_one_has_recorded(tmp_path):
    a = demo(tmp_path / "a.mefd", "--segments", 4)
    b = tmp_path / "b.mefd"
    shutil.copytree(a, b)
    for channel in ("Fp1", "F7"):
        shutil.rmtree(Segment(b, channel, 2).folder)
    facts = diff(a, b, status=1)
    channels = by_name(facts)
    (span,) = channels["Fp1"]["spans"]
    assert (span["only_in"], span["duration_s"]) == ("a", channels["Fp1"]["only_in_a_s"])
    n = channels["Fp1"]["n_compared"] + round(span["duration_s"] * 256)
    assert n == channels["Fp2"]["n_compared"] and channels["Fp2"]["equal"]
    assert channels["Fp1"]["n_different"] == 0
    (other,) = by_name(diff(b, a, status=1))["F7"]["spans"]
    assert other["only_in"] == "b"
    assert (other["start"], other["end"]) == (span["start"], span["end"])
    # Two channels that differ in the same way are told of once.
    said = text(a, b)
    assert said.count("only in A") == 1 and "F7, Fp1" in said
    # Metadata and indices are enough to see it.
    assert by_name(diff(a, b, "--metadata", status=1))["Fp1"]["spans"] == [span]


def test_rates_that_differ_are_a_field_and_no_samples_are_compared(copy):
    path = copy("gap_offgrid")
    session = SESSIONS["gap_offgrid"]
    segment = Segment(path, session.names()[0])
    segment.put(segment.tmet, RATE, "d", 500.0)
    (channel,) = diff(session.path, path, "--samples", status=1)["channels"]
    assert channel["n_compared"] == 0
    assert channel["fields"] == [{"name": "rate (Hz)", "a": "250", "b": "500"}]


def test_what_cannot_be_read_was_not_compared(copy, tmp_path):
    a = SESSIONS["one_channel"].path
    b = copy("one_channel")
    Segment(b, "Cz").flip(2, 400)
    (channel,) = diff(a, b, status=1)["channels"]
    assert (channel["n_unreadable_a"], channel["n_unreadable_b"]) == (0, 1000)
    assert (channel["n_compared"], channel["n_different"]) == (4120, 0)
    done = run_tool("diff", a, b)
    assert done.returncode == 1
    assert b"Cz-000000.tdat" in done.stderr and len(done.stderr.splitlines()) == 1
    tmet = Segment(b, "Cz").tmet
    tmet.write_bytes(tmet.read_bytes()[:2000])
    (channel,) = diff(a, b, status=1)["channels"]
    assert channel["n_unreadable_segments_b"] == 1
    assert b"Cz-000000.tmet" in run_tool("diff", a, b).stderr


def test_what_is_locked_wants_its_password(tmp_path):
    path = SESSIONS["encrypted"].path
    done = run_tool("diff", path, path)
    assert done.returncode == 3 and b"password" in done.stderr
    right, wrong = tmp_path / "right", tmp_path / "wrong"
    right.write_text("readall\n")
    wrong.write_text("wrong\n")
    assert run_tool("diff", path, path, "--password-file", right).returncode == 0
    both = ["--password-file", wrong, "--password-file-b", right]
    assert run_tool("diff", path, path, *both).returncode == 3


def test_times_far_apart_are_not_walked_through(tmp_path):
    """Fifty years of nothing between two segments, 400,000,000,000 samples of them."""
    path = demo(tmp_path / "a.mefd", "--segments", 2)
    stored = json.loads(run_tool("info", path, "--json").stdout)["channels"][0]["n_samples"]
    for channel in ("Fp1", "Fp2", "F7"):
        segment = Segment(path, channel, 1)
        for block in range((segment.tidx.stat().st_size - 1024) // 56):
            time = segment.index(block)[1] + 50 * 366 * 86400 * 10**6
            segment.put_index(block, INDEX_TIME, "q", time)
            segment.put_block(block, BLOCK_TIME, "q", time)
    assert by_name(diff(path, path))["Fp1"]["n_compared"] == stored


@pytest.mark.parametrize("words", [[], ["x"], ["x", "y", "z"], ["x", "y", "--what"],
                                   ["x", "y", "--samples", "--metadata"]], ids=str)
def test_wrong_use_ends_with_2(words):
    done = run_tool("diff", *words)
    assert done.returncode == 2 and len(done.stderr.splitlines()) == 1


def test_what_is_not_there_ends_with_3():
    done = run_tool("diff", SESSIONS["gaps"].path, "missing.mefd")
    assert done.returncode == 3 and b"missing.mefd" in done.stderr

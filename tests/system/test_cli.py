"""mef3 cat and mef3 info: times, channels, formats, files, damage, and how they end."""
import io
import json
import math
import os
import resource
import signal
import subprocess

import numpy
import pytest

from craft import Segment
from daemon import BUILD, SANITIZED, run_tool
from golden import SESSIONS, same

ONE = SESSIONS["one_channel"]
GAPS = SESSIONS["gaps"]
MIXED = SESSIONS["mixed_rates"]
SECRET = SESSIONS["encrypted"]
START = 1600000007000000  # 2020-09-13T12:26:47Z, of one_channel, 256 Hz


def cat(session, *words, **options):
    done = run_tool("cat", session.path, *words, **options)
    assert done.returncode == 0, done.stderr
    assert not done.stderr
    return done.stdout


def fails(exit_status, *words, **options):
    """The one line on stderr of a command that must end so."""
    done = run_tool(*words, **options)
    assert done.returncode == exit_status, (done.returncode, done.stderr)
    lines = done.stderr.decode().splitlines()
    assert len(lines) == 1 and lines[0].startswith("mef3: "), lines
    return lines[0]


def counts(session, *words):
    return numpy.frombuffer(cat(session, "--counts", "--format", "f64", *words), "<f8")


@pytest.mark.parametrize("start, end", [
    (f"{START + 1000000}", f"{START + 2000000}"),
    ("2020-09-13T12:26:48Z", "2020-09-13T12:26:49Z"),
    ("2020-09-13T12:26:48", "2020-09-13 12:26:49.000"),
    ("2020-09-13T14:26:48+02:00", "2020-09-13T07:26:49-0500"),
    ("2020-09-13t17:56:48.0+0530", "+2"),
    ("+1", "+2.0"),
    ("+1.000000", "2020-09-13T12:26:48.9999999"),
])
def test_a_time_may_be_written_in_several_ways(start, end):
    expected = ONE.channels[0].counts[256:512]
    assert same(counts(ONE, "--from", start, "--to", end), expected)


@pytest.mark.parametrize("text", ["", "+", "+-1", "+1x", "-", "12:00", "2020-02-30", "2020-13-01",
                                  "2020-09-13T25:00", "2020-09-13T12:60", "2020-09-13T12:26:47+1",
                                  "2020-09-13T12:26:47Zx", "99999999999999999999", "1e6", "now"])
def test_what_is_no_time_is_refused(text):
    assert "--from" in fails(2, "cat", ONE.path, f"--from={text}")


def test_a_window_is_from_inclusive_to_exclusive():
    all_counts = ONE.channels[0].counts
    assert same(counts(ONE, "--from", "+19"), all_counts[19 * 256:])
    assert same(counts(ONE, "--to", "+1"), all_counts[:256])
    assert counts(ONE, "--from", "+1", "--to", "+1").size == 0
    before = counts(ONE, "--from", START - 1000000, "--to", START)
    assert before.size == 256 and numpy.isnan(before).all()
    assert numpy.isnan(counts(ONE, "--from=-1000000", "--to", "0")).all()


def test_a_window_that_makes_no_sense_is_refused():
    assert "before" in fails(2, "cat", ONE.path, "--from", "+2", "--to", "+1")
    for word in ("9000000000000000000", "9999-12-31"):
        assert "longer" in fails(2, "cat", ONE.path, "--to", word, "--format", "f64")


def test_one_channel_has_its_own_span_and_several_the_recordings():
    late = MIXED.channel("late")
    slow = MIXED.channel("slow")
    assert same(counts(MIXED, "-c", "late"), late.counts)
    both = counts(MIXED, "-c", "slow", "-c", "late")
    assert same(both, numpy.concatenate([slow.window(MIXED.start, MIXED.end),
                                         late.window(MIXED.start, MIXED.end)]))
    everything = counts(MIXED)
    assert same(everything, numpy.concatenate([channel.window(MIXED.start, MIXED.end)
                                               for channel in MIXED.channels]))
    assert same(counts(MIXED, "-c", "late", "-c", "late"),
                numpy.concatenate([late.window(MIXED.start, MIXED.end)] * 2))


def test_an_unknown_channel_is_refused_by_name():
    assert "nope" in fails(2, "cat", ONE.path, "-c", "Cz", "-c", "nope")


def test_one_table_needs_one_rate():
    for form in ("csv", "npy"):
        line = fails(2, "cat", MIXED.path, "--format", form)
        assert "fast" in line and "2000" in line and "-c" in line


def test_npy_is_channels_by_samples():
    array = numpy.load(io.BytesIO(cat(GAPS, "--counts", "--format", "npy")))
    assert array.flags.c_contiguous
    assert same(array, numpy.stack([channel.window(GAPS.start, GAPS.end)
                                    for channel in GAPS.channels]))
    empty = numpy.load(io.BytesIO(cat(GAPS, "--format", "npy", "--to", "+0")))
    assert empty.shape == (2, 0) and empty.dtype == "<f8"


def rows(text):
    return [line.split(",") for line in text.decode().splitlines()]


def test_csv_has_a_time_and_a_cell_a_channel_and_gaps_are_empty():
    table = rows(cat(GAPS))
    assert table[0] == ["time_uutc", "gappy", "whole"]
    expected = GAPS.float64(GAPS.start, GAPS.end)
    assert len(table) == 1 + expected.shape[1]
    for i, row in enumerate(table[1:]):
        assert int(row[0]) == START + math.floor(i * 1e6 / 256 + 0.5)
        for cell, value in zip(row[1:], expected[:, i]):
            assert cell == "" if numpy.isnan(value) else float(cell) == value
    whole = rows(cat(GAPS, "--counts", "--to", "+1"))
    assert all("." not in cell for row in whole[1:] for cell in row)


def test_csv_quotes_a_name_that_needs_it(tmp_path, copy):
    path = copy("one_channel")
    (path / "Cz.timd").rename(path / 'a, "b".timd')
    done = run_tool("cat", path, "--to", "+0")
    assert done.stdout == b'time_uutc,"a, ""b"""\n'


def test_csv_tells_what_is_unreadable_from_a_gap(copy):
    path = copy("gaps")
    Segment(path, "gappy").flip(0, 400)
    done = run_tool("cat", path, "-c", "gappy", "--counts")
    assert done.returncode == 1
    n = Segment(path, "gappy").index(0)[3]
    cells = [row[1] for row in rows(done.stdout)[1:]]
    assert cells[:n] == ["nan"] * n
    assert "nan" not in cells[n:] and "" in cells[n:]
    assert f"{n} samples" in done.stderr.decode()
    assert "gappy-000000.tdat" in done.stderr.decode()


def test_i32_has_the_units_factor_too_and_rounds():
    whole = numpy.frombuffer(cat(ONE, "--format", "i32"), "<i4")
    values = ONE.channels[0].counts * 0.001
    assert (whole == numpy.copysign(numpy.floor(numpy.abs(values) + 0.5), values)).all()


def test_a_file_appears_whole_or_not_at_all(tmp_path):
    out = tmp_path / "out.f64"
    out.write_bytes(b"old")
    fails(2, "cat", MIXED.path, "--format", "csv", "-o", out)
    assert out.read_bytes() == b"old"
    cat(ONE, "--counts", "--format", "f64", "-o", out)
    assert same(numpy.fromfile(out, "<f8"), ONE.channels[0].counts)
    assert [path.name for path in tmp_path.iterdir()] == ["out.f64"]
    assert out.stat().st_mode & 0o777 == 0o666 & ~current_umask()
    assert cat(ONE, "--to", "+0.1", "-o", "-") == cat(ONE, "--to", "+0.1")
    assert "missing" in fails(3, "cat", ONE.path, "-o", tmp_path / "missing" / "out")


def test_what_is_no_file_is_written_to_and_not_replaced(tmp_path):
    real, link, pipe = tmp_path / "real", tmp_path / "link", tmp_path / "pipe"
    real.write_bytes(b"old")
    link.symlink_to("real")
    cat(ONE, "--counts", "--format", "f64", "-o", link)
    assert link.is_symlink()
    assert same(numpy.fromfile(real, "<f8"), ONE.channels[0].counts)
    os.mkfifo(pipe)
    process = subprocess.Popen([BUILD / "mef3", "cat", ONE.path, "--to", "+0.1", "-o", pipe])
    assert pipe.read_bytes() == cat(ONE, "--to", "+0.1")
    assert process.wait() == 0
    assert pipe.is_fifo()
    assert len(list(tmp_path.iterdir())) == 3


def current_umask():
    mask = os.umask(0)
    os.umask(mask)
    return mask


def test_a_full_disk_is_told():
    with open("/dev/full", "wb") as full:
        done = subprocess.run([BUILD / "mef3", "cat", ONE.path, "--format", "f64"], stdout=full,
                              stderr=subprocess.PIPE, check=False)
    assert done.returncode == 3
    assert b"cannot be written" in done.stderr


def test_a_reader_that_has_enough_is_left_quietly(demo):
    process = subprocess.Popen([BUILD / "mef3", "cat", demo], stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE)
    assert process.stdout.readline().startswith(b"time_uutc,")
    process.stdout.close()
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait() in (0, -signal.SIGPIPE)


def test_memory_does_not_grow_with_the_window(demo):
    """A day around the recording: 22 million samples a format, were they held at once."""
    for form, size in (("i32", 4), ("f64", 8)):
        done = subprocess.run([BUILD / "mef3", "cat", demo, "-c", "Fp1", "--from", "2024-01-15",
                               "--to", "2024-01-16", "--format", form], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, check=False,
                              preexec_fn=None if SANITIZED else limit_memory)
        assert done.returncode == 0, done.stderr
        assert len(done.stdout) == 86400 * 256 * size


def limit_memory():
    resource.setrlimit(resource.RLIMIT_DATA, (64 << 20, 64 << 20))


def test_a_password_comes_from_a_file_or_the_environment(tmp_path):
    expected = SECRET.channel("secret1").counts
    for word in ("readall", "readsignal"):
        secret = tmp_path / "secret"
        secret.write_text(f"{word}\nmore\n")
        words = ["--counts", "--format", "f64", "-c", "secret1"]
        by_file = cat(SECRET, *words, "--password-file", secret)
        by_variable = cat(SECRET, *words, env={"MEF3_PASSWORD": word})
        over_variable = cat(SECRET, *words, "--password-file", secret,
                            env={"MEF3_PASSWORD": "wrong"})
        for got in (by_file, by_variable, over_variable):
            assert same(numpy.frombuffer(got, "<f8"), expected)
    assert "password" in fails(3, "cat", SECRET.path, env={"MEF3_PASSWORD": "wrong"})
    assert "password" in fails(3, "cat", SECRET.path)
    missing = tmp_path / "missing"
    assert str(missing) in fails(3, "info", SECRET.path, "--password-file", missing)


def test_info_lists_a_recording_whose_password_is_missing():
    done = run_tool("info", SECRET.path, "--json")
    assert done.returncode == 3
    facts = json.loads(done.stdout)
    assert facts["encrypted"] is True and facts["access_level"] == 0
    assert facts["n_locked_segments"] == 2
    assert [channel["status"] for channel in facts["channels"]] == ["EPASSWORD"] * 2


@pytest.mark.parametrize("name", list(SESSIONS))
def test_info_in_json_has_every_key(name):
    session = SESSIONS[name]
    env = {"MEF3_PASSWORD": session.password} if session.password else {}
    done = run_tool("info", session.path, "--json", env=env)
    assert done.returncode == 0, done.stderr
    facts = json.loads(done.stdout)
    assert facts["name"] == name
    assert (facts["start_uutc"], facts["end_uutc"]) == (session.start, session.end)
    assert facts["encrypted"] == bool(session.password)
    assert [channel["name"] for channel in facts["channels"]] == session.names()
    for got, channel in zip(facts["channels"], session.channels):
        assert got["status"] == "OK" and got["error"] is None
        assert got["rate_hz"] == channel.rate
        assert got["units_factor"] == channel.factor
        assert got["units"] == "uV"
        assert (got["start_uutc"], got["end_uutc"]) == (channel.start, channel.end)
        # Gaps of half a sample or more, as the stored runs have them.
        runs = [(start, start + len(samples) * 1e6 / channel.rate)
                for start, samples in channel.runs()]
        gaps = [b[0] - a[1] for a, b in zip(runs, runs[1:]) if b[0] - a[1] >= 0.5e6 / channel.rate]
        assert got["n_gaps"] == len(gaps)
        assert got["gap_s"] == pytest.approx(sum(gaps) / 1e6, abs=1e-5)


def test_info_says_what_is_damaged_and_lists_the_rest(copy):
    path = copy("mixed_rates")
    tmet = Segment(path, "late").tmet
    data = bytearray(tmet.read_bytes())
    data[5000] ^= 1
    tmet.write_bytes(data)
    done = run_tool("info", path, "--json")
    assert done.returncode == 1
    assert b"late-000000.tmet" in done.stderr and b"body CRC" in done.stderr
    channels = {channel["name"]: channel for channel in json.loads(done.stdout)["channels"]}
    assert channels["late"]["status"] == "ECRC" and "body CRC" in channels["late"]["error"]
    assert channels["fast"]["status"] == "OK"
    text = run_tool("info", path).stdout.decode()
    assert "damaged: 1 of 1 segments" in text


def test_a_lost_channel_leaves_the_others(copy):
    path = copy("gaps")
    tmet = Segment(path, "gappy").tmet
    tmet.write_bytes(tmet.read_bytes()[:2000])
    done = run_tool("cat", path, "--counts", "--format", "npy")
    assert done.returncode == 1
    assert b"gappy" in done.stderr
    lost, whole = numpy.load(io.BytesIO(done.stdout))
    assert numpy.isnan(lost).all()
    assert same(whole, GAPS.channel("whole").counts)


def test_an_empty_session_is_fine(tmp_path):
    path = tmp_path / "empty.mefd"
    path.mkdir()
    assert json.loads(run_tool("info", path, "--json").stdout)["channels"] == []
    done = run_tool("info", path)
    assert done.returncode == 0 and b"not known" in done.stdout
    done = run_tool("cat", path)
    assert (done.returncode, done.stdout) == (0, b"time_uutc\n")


def test_a_name_cannot_command_the_terminal(copy):
    path = copy("one_channel")
    (path / "Cz.timd").rename(path / "\x1b[31mred.timd")
    assert b"\x1b" not in run_tool("info", path).stdout
    done = run_tool("cat", path, "-c", "no\x1b[31m")
    assert done.returncode == 2 and b"\x1b" not in done.stderr

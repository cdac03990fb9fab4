"""mef3 repair: what is whole is saved, what is lost is said, and the result has nothing to find."""
import json
import struct

import numpy
import pytest

from craft import Segment, crc
from daemon import run_tool
from golden import SESSIONS, same

ONE = SESSIONS["one_channel"]
BLOCK_1, BLOCK_2 = 4440, 7864  # in its .tdat, of 1,000 samples each


def repair(path, out, *words, exit_status=0, **options):
    done = run_tool("repair", path, out, *words, **options)
    assert done.returncode == exit_status, (done.stdout, done.stderr)
    assert not done.stderr
    return done.stdout.decode()


def fails(exit_status, *words, **options):
    done = run_tool("repair", *words, **options)
    assert done.returncode == exit_status, done.stderr
    lines = done.stderr.decode().splitlines()
    assert len(lines) == 1 and lines[0].startswith("mef3: ")
    return lines[0]


def counts(path, channel, session, **options):
    """The channel over the span of the whole recording, gaps as NaN."""
    done = run_tool("cat", path, "-c", channel, "--counts", "--format", "f64", "--from",
                    str(session.start), "--to", str(session.end), **options)
    assert done.returncode == 0, done.stderr
    return numpy.frombuffer(done.stdout, "<f8")


def nothing_to_find(path, **options):
    done = run_tool("verify", path, **options)
    lines = done.stdout.decode().splitlines()
    assert done.returncode == 0, lines
    assert len(lines) == 1 and lines[0].startswith("0 errors, 0 warnings; "), lines


def records(path, channel):
    done = run_tool("records", path, "-c", channel, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def snapshot(path):
    return {file: file.read_bytes() for file in path.rglob("*") if file.is_file()}


@pytest.mark.parametrize("name", list(SESSIONS))
def test_a_whole_recording_is_saved_whole(name, tmp_path):
    session = SESSIONS[name]
    env = {"MEF3_PASSWORD": session.password} if session.password else {}
    out = tmp_path / "out.mefd"
    before = snapshot(session.path)
    report = repair(session.path, out, env=env)
    assert snapshot(session.path) == before
    assert report.count("\n") == 1 and " 0 lost in 0 places" in report
    nothing_to_find(out, env=env)
    for channel in session.channels:
        assert same(counts(out, channel.name, session, env=env),
                    channel.window(session.start, session.end))
    got = json.loads(run_tool("info", out, "--json", env=env).stdout)
    was = json.loads(run_tool("info", session.path, "--json", env=env).stdout)
    for key in ("description", "subject_id", "subject_name_1", "recording_location", "encrypted",
                "access_level", "gmt_offset_s", "start_uutc"):
        assert got[key] == was[key], key
    for a, b in zip(got["channels"], was["channels"]):
        for key in ("name", "rate_hz", "units", "units_factor", "n_samples", "n_segments",
                    "description", "reference", "low_filter_hz", "high_filter_hz"):
            assert a[key] == b[key], key


def test_without_an_index_nothing_is_lost(copy, tmp_path):
    path = copy("one_channel")
    Segment(path, "Cz").tidx.unlink()
    repair(path, tmp_path / "out.mefd")
    nothing_to_find(tmp_path / "out.mefd")
    assert same(counts(tmp_path / "out.mefd", "Cz", ONE), ONE.channels[0].counts)


def test_an_index_that_is_too_short_or_damaged_does_not_matter(copy, tmp_path):
    path = copy("gaps")
    segment = Segment(path, "gappy")
    segment.cut(segment.tidx, 1024 + 56 * 3 + 20)
    other = Segment(path, "whole")
    data = bytearray(other.tidx.read_bytes())
    data[:1024] = bytes(1024)
    data[1024 + 56 * 2:1024 + 56 * 9] = b"\xFF" * (56 * 7)
    other.tidx.write_bytes(data)
    repair(path, tmp_path / "out.mefd")
    nothing_to_find(tmp_path / "out.mefd")
    session = SESSIONS["gaps"]
    for name in ("gappy", "whole"):
        assert same(counts(tmp_path / "out.mefd", name, session),
                    session.channel(name).window(session.start, session.end))


def test_a_torn_tail_is_lost_and_the_rest_is_not(copy, tmp_path):
    path = copy("one_channel")
    segment = Segment(path, "Cz")
    segment.cut(segment.tdat, segment.index(4)[0] + 500)
    report = repair(path, tmp_path / "out.mefd", exit_status=1)
    lost = [line for line in report.splitlines() if line.startswith("lost: Cz: segment 0, block ")]
    assert [line.split(": ")[3].split()[0] for line in lost] == ["1000", "120"]
    assert ": 4000 samples saved, 1120 lost in 2 places" in report
    nothing_to_find(tmp_path / "out.mefd")
    expected = ONE.channels[0].counts.copy()
    expected[4000:] = numpy.nan
    assert same(counts(tmp_path / "out.mefd", "Cz", ONE), expected)


@pytest.mark.parametrize("has_index", [True, False])
def test_a_destroyed_block_becomes_a_marked_gap(has_index, copy, tmp_path):
    path = copy("one_channel")
    segment = Segment(path, "Cz")
    data = bytearray(segment.tdat.read_bytes())
    data[BLOCK_1:BLOCK_1 + 700] = b"\xFF" * 700
    segment.tdat.write_bytes(data)
    if not has_index:
        segment.tidx.unlink()
    out = tmp_path / "out.mefd"
    report = json.loads(repair(path, out, "--json", exit_status=1))
    assert report["n_samples"] == 4120 and report["n_lost_samples"] == 1000
    assert len(report["losses"]) == 1
    loss = report["losses"][0]
    start = ONE.start + 3906250
    assert (loss["start_uutc"], loss["end_uutc"]) == (start, start + 3906250)
    assert loss["channel"] == "Cz" and loss["segment"] == 0 and loss["n_samples"] == 1000
    assert loss["block"] == (1 if has_index else None)
    assert loss["kind"] == ("block" if has_index else "bytes")
    assert loss["offset"] == BLOCK_1 and loss["n_bytes"] == BLOCK_2 - BLOCK_1
    assert loss["is_estimate"] is not has_index and "Cz-000000.tdat" in loss["error"]
    nothing_to_find(out)
    expected = ONE.channels[0].counts.copy()
    expected[1000:2000] = numpy.nan
    assert same(counts(out, "Cz", ONE), expected)
    mark = records(out, "Cz")
    mark = mark["records"] if isinstance(mark, dict) else mark
    assert len(mark) == 1
    assert mark[0]["type"] == "SyLg" and mark[0]["time_uutc"] == start
    assert "1000 samples lost" in json.dumps(mark[0])


def test_without_metadata_the_rate_comes_from_the_blocks(copy, tmp_path):
    path = copy("fractional_rate")
    session = SESSIONS["fractional_rate"]
    Segment(path, "ECG I").tmet.unlink()
    out = tmp_path / "out.mefd"
    report = repair(path, out, exit_status=1)
    assert "ECG I: no metadata can be read; 249.7 Hz was worked out from the times" in report
    assert "ECG I: the units factor is not known; 1 was taken" in report
    nothing_to_find(out)
    assert same(counts(out, "ECG I", session), session.channels[0].counts)
    facts = json.loads(run_tool("info", out, "--json").stdout)["channels"][0]
    assert facts["rate_hz"] == 249.7 and facts["units_factor"] == 1
    as_json = json.loads(repair(path, tmp_path / "again.mefd", "--json", exit_status=1))
    channel = as_json["channels"][0]
    assert channel["rate_from"] == "blocks" and channel["is_units_factor_known"] is False


def test_metadata_of_another_segment_do(copy, tmp_path):
    path = copy("segments")
    session = SESSIONS["segments"]
    Segment(path, "seg", 1).tmet.write_bytes(b"nothing")
    Segment(path, "seg", 2).tidx.unlink()
    report = repair(path, tmp_path / "out.mefd")
    assert " 0 lost in 0 places" in report
    nothing_to_find(tmp_path / "out.mefd")
    assert same(counts(tmp_path / "out.mefd", "seg", session), session.channels[0].counts)
    facts = json.loads(run_tool("info", tmp_path / "out.mefd", "--json").stdout)["channels"][0]
    assert facts["n_segments"] == 4 and facts["units_factor"] == 0.001


def test_records_come_along_and_a_damaged_one_is_told(copy, tmp_path):
    path = copy("annotations")
    data = bytearray((path / "Cz.timd" / "Cz.rdat").read_bytes())
    data[1080 + 26] ^= 1
    (path / "Cz.timd" / "Cz.rdat").write_bytes(data)
    report = repair(path, tmp_path / "out.mefd", exit_status=1)
    assert "; 5 records saved, 1 lost" in report
    nothing_to_find(tmp_path / "out.mefd")


def test_an_encrypted_recording_stays_encrypted(copy, tmp_path):
    path = copy("encrypted")
    session = SESSIONS["encrypted"]
    Segment(path, "secret1").tidx.unlink()
    out = tmp_path / "out.mefd"
    assert "password" in fails(3, path, out)
    assert not out.exists()
    repair(path, out, env={"MEF3_PASSWORD": "readall"})
    for word in ("readall", "readsignal"):
        assert same(counts(out, "secret1", session, env={"MEF3_PASSWORD": word}),
                    session.channel("secret1").counts)
    assert run_tool("cat", out).returncode == 3


def test_nothing_is_overwritten_and_failure_leaves_nothing(copy, tmp_path):
    path = copy("one_channel")
    before = snapshot(path)
    assert "one that exists" in fails(2, path, path)
    assert snapshot(path) == before
    assert ".mefd" in fails(2, path, tmp_path / "out")
    fails(3, path, tmp_path / "missing" / "out.mefd")
    fails(3, tmp_path / "nothing.mefd", tmp_path / "out.mefd")
    for words in ([path], [path, path, path], [path, tmp_path / "o.mefd", "--what"]):
        fails(2, *words)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["recordings"]


def test_the_library_judges_what_the_checksums_of_this_test_say():
    """The block that the tests destroy is where they think it is."""
    data = Segment(ONE.path, "Cz").tdat.read_bytes()
    stored, = struct.unpack_from("<I", data, BLOCK_1)
    assert stored == crc(data[BLOCK_1 + 4:BLOCK_2])

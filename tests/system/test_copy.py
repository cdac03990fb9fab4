"""mef3 copy: the same samples in other blocks, with other passwords, of some channels and times,
without names; and nothing left of a copy that failed."""
import io
import json
import os
import resource
import signal
import subprocess
import sys
import time

import numpy
import pytest

from craft import Segment
from daemon import BUILD, ROOT, SANITIZER_OPTIONS, run_tool
from golden import GOLDEN, SESSIONS, same

CHECK = ROOT / "tests" / "help" / "mef3_check.py"
GAPS = SESSIONS["gaps"]
MIXED = SESSIONS["mixed_rates"]
SECRET = SESSIONS["encrypted"]


def env_of(password):
    return {"MEF3_PASSWORD": password} if password else {}


def copy_of(source, out, *words, password=None, status=0):
    done = run_tool("copy", source, out, *words, env=env_of(password))
    assert done.returncode == status, done.stderr
    assert (len(done.stderr.splitlines()) == 1) == (status != 0), done.stderr
    return done.stdout.decode()


def fails(exit_status, *words, password=None):
    done = run_tool("copy", *words, env=env_of(password))
    assert done.returncode == exit_status, (done.returncode, done.stderr)
    lines = done.stderr.decode().splitlines()
    assert len(lines) == 1 and lines[0].startswith("mef3: "), lines
    return lines[0]


def counts(path, *words, password=None):
    done = run_tool("cat", path, "--counts", "--format", "i32", *words, env=env_of(password))
    assert done.returncode == 0, done.stderr
    return done.stdout


def info(path, password=None):
    done = run_tool("info", path, "--json", env=env_of(password))
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def notes(path, password=None):
    done = run_tool("records", path, "--json", env=env_of(password))
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)["records"]


def check(path, password=None):
    """A second opinion, by an independent (and slow) reader; of samples `cat` is asked."""
    words = ["--password", password] if password else []
    done = subprocess.run([sys.executable, CHECK, path, "--no-samples", *words],
                          capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def note(path, text, *words, password=None):
    done = run_tool("note", "add", path, text, *words, env=env_of(password))
    assert done.returncode == 0, done.stderr


def secrets(folder, *words):
    path = folder / "passwords"
    path.write_text("".join(f"{word}\n" for word in words))
    return path


@pytest.mark.parametrize("words", [[], ["--block", "77"], ["--block", "5000", "--one-segment"]],
                         ids=str)
@pytest.mark.parametrize("name", list(SESSIONS))
def test_a_copy_has_the_same_counts_and_facts(tmp_path, name, words):
    session = SESSIONS[name]
    out = tmp_path / f"{name}.mefd"
    more = ["--plain"] if session.password else []
    copy_of(session.path, out, *words, *more, password=session.password)
    assert counts(out) == counts(session.path, password=session.password)
    if "77" in words:
        check(out)
    before, after = info(session.path, session.password), info(out)
    for key in ("name", "description", "subject_name_1", "subject_name_2", "subject_id",
                "recording_location", "gmt_offset_s", "start_uutc"):
        assert after[key] == before[key], key
    for a, b in zip(before["channels"], after["channels"], strict=True):
        for key in ("name", "rate_hz", "units", "units_factor", "start_uutc", "n_samples",
                    "n_gaps", "description", "reference", "acquisition_number", "low_filter_hz",
                    "high_filter_hz", "notch_hz", "line_hz"):
            assert a[key] == b[key], key
        assert b["n_segments"] == (1 if "--one-segment" in words else a["n_segments"])
    assert notes(out) == notes(session.path, session.password)
    if words:
        for tmet in out.rglob("*.tmet"):
            longest = int.from_bytes(tmet.read_bytes()[2560 + 6384:2560 + 6388], "little")
            assert longest <= int(words[1])


@pytest.mark.parametrize("new", [["one"], ["one", "two"]], ids=str)
def test_a_copy_is_encrypted_as_wanted(tmp_path, new):
    out = tmp_path / "copy.mefd"
    copy_of(GOLDEN / "annotations.mefd", out, "--new-password-file", secrets(tmp_path, *new))
    highest = new[-1]
    facts = info(out, highest)
    assert facts["encrypted"] and facts["access_level"] == len(new)
    assert counts(out, password="one") == counts(GOLDEN / "annotations.mefd")
    check(out, highest)
    assert run_tool("cat", out).returncode == 3
    found = notes(out, highest)
    assert len(found) == 6 and {record["encryption_level"] for record in found} == {1}
    for path in out.rglob("*"):
        assert path.is_dir() or b"sleep" not in path.read_bytes()


def test_what_is_encrypted_is_not_laid_open_by_an_oversight(tmp_path):
    out = tmp_path / "copy.mefd"
    assert "--plain" in fails(2, SECRET.path, out, password="readall")
    assert "locked" in fails(3, SECRET.path, out, "--plain")
    assert "locked" in fails(3, SECRET.path, out, "--plain", password="wrong")
    assert "level 2" in fails(3, SECRET.path, out, "--plain", password="readsignal")
    assert not out.exists()
    copy_of(SECRET.path, out, "--new-password-file", secrets(tmp_path, "other", "still another"),
            password="readall")
    assert counts(out, password="other") == counts(SECRET.path, password="readall")
    check(out, "still another")
    assert info(out, "still another")["subject_id"] == info(SECRET.path, "readall")["subject_id"]


def test_records_keep_their_level_or_get_the_highest_there_is(tmp_path, copy):
    path = copy("encrypted")
    for level in (0, 1, 2):
        note(path, f"note {level}", "--at", f"+{level}", "--level", level, password="readall")
    expected = {("one", "two"): [1, 1, 2], ("one",): [1, 1, 1], (): [0, 0, 0]}
    for new, levels in expected.items():
        out = tmp_path / f"copy{len(new)}.mefd"
        words = ["--new-password-file", secrets(tmp_path, *new)] if new else ["--plain"]
        copy_of(path, out, *words, password="readall")
        found = notes(out, new[-1] if new else None)
        assert [record["encryption_level"] for record in found] == levels
        assert [record["text"] for record in found] == ["note 0", "note 1", "note 2"]


@pytest.mark.parametrize("session, words", [
    (GAPS, ["--from", "+3", "--to", "+12.5"]), (GAPS, ["--from", "+7.123456"]),
    (GAPS, ["--to", "+11.000001"]), (SESSIONS["segments"], ["--from", "+5", "--to", "+16"]),
    (SESSIONS["fractional_rate"], ["--from", "+1.01", "--to", "+9.99"]),
    (SESSIONS["odd_blocks"], ["--from", "+2.2222", "--to", "+7.7777"]),
    (SESSIONS["gap_offgrid"], ["--from", "+1.0005"]), (SESSIONS["appended"], ["--from", "+2"])],
    ids=lambda value: value.name if hasattr(value, "name") else str(value))
def test_a_window_has_the_samples_that_cat_gives_of_it(tmp_path, session, words):
    out = tmp_path / "part.mefd"
    copy_of(session.path, out, *words)
    start = session.start
    # The same window of both, by times that do not depend on where the recording begins.
    at = {word: start + round(float(value) * 1e6) for word, value in zip(words[::2], words[1::2])}
    window = ["--from", at.get("--from", start), "--to", at.get("--to", session.end)]
    for name in session.names():
        assert counts(out, "-c", name, *window) == counts(session.path, "-c", name, *window)
    check(out)
    whole = ["--from", session.start - 1000000, "--to", session.end + 1000000]
    n = sum(channel["n_samples"] for channel in info(out)["channels"])
    got = numpy.frombuffer(counts(out, *whole), "<i4")
    assert n == (got != -2**31).sum()


def test_channels_are_chosen_and_records_with_them(tmp_path):
    out = tmp_path / "part.mefd"
    copy_of(MIXED.path, out, "-c", "late", "-c", "fast")
    assert [channel["name"] for channel in info(out)["channels"]] == ["fast", "late"]
    assert counts(out, "-c", "late") == counts(MIXED.path, "-c", "late")
    assert "nope" in fails(2, MIXED.path, tmp_path / "x.mefd", "-c", "nope")
    assert "twice" in fails(2, MIXED.path, tmp_path / "x.mefd", "-c", "late", "-c", "late")
    assert not (tmp_path / "x.mefd").exists()


def test_records_within_the_time_are_copied(tmp_path):
    out = tmp_path / "part.mefd"
    said = copy_of(GOLDEN / "annotations.mefd", out, "--from", "+2", "--to", "+5")
    assert "2 records" in said
    assert [record["text"] for record in notes(out)] == ["seizure onset"] * 2


SUBJECT = "Wilhelmine Unverwechselbar"


@pytest.fixture
def named(tmp_path):
    """A recording with a subject's name in every place that has one."""
    folder = tmp_path / "named"
    folder.mkdir()
    path = folder / f"{SUBJECT}.mefd"
    copy_of(GOLDEN / "gaps.mefd", path)
    name = SUBJECT.encode()
    for file in list(path.rglob("*.tmet")) + list(path.rglob("*.t*x")) + list(path.rglob("*.tdat")):
        data = bytearray(file.read_bytes())
        data[564:564 + len(name)] = name
        if file.suffix == ".tmet":
            for at in (2560 + 2048, 13312 + 28, 13312 + 156, 13312 + 284, 13312 + 412):
                data[at:at + len(name)] = name
            data[2560:2560 + 12] = b"from the lab"
        file.write_bytes(data)
        for segment in [Segment(path, "gappy")]:
            segment.mend(file)
    note(path, f"{SUBJECT} asleep", "--at", "+1")
    note(path, f"{SUBJECT} awake", "--at", "+2", "-c", "whole", "--duration", "1")
    facts = info(path)
    assert facts["subject_name_2"] == facts["recording_location"] == SUBJECT
    return path


@pytest.mark.parametrize("new", [[], ["one", "two"]], ids=str)
def test_an_anonymised_copy_names_the_subject_nowhere(tmp_path, named, new):
    out = tmp_path / "study-017.mefd"
    words = ["--new-password-file", secrets(tmp_path, *new)] if new else []
    said = copy_of(named, out, "--anonymise", "--name", "017", *words)
    assert "2 records were left out" in said
    password = new[-1] if new else None
    shown = run_tool("info", out, "--json", env=env_of(password)).stdout
    for word in SUBJECT.encode().split():
        assert word not in shown
        for path in out.rglob("*"):
            assert word not in path.name.encode()
            assert path.is_dir() or word not in path.read_bytes()
    facts = json.loads(shown)
    assert (facts["subject_name_1"], facts["subject_name_2"]) == ("", "")
    assert (facts["subject_id"], facts["recording_location"]) == ("017", "")
    assert (facts["description"], facts["gmt_offset_s"]) == ("", None)
    assert facts["start"] == "2000-01-01T12:26:47Z"  # the time of the day is the session's
    assert {channel["description"] for channel in facts["channels"]} == {"from the lab"}
    assert notes(out, password) == []
    for name in GAPS.names():
        assert counts(out, "-c", name, password=password) == counts(GAPS.path, "-c", name)
    check(out, password)


def test_records_may_be_kept_and_their_times_move_along(tmp_path, named):
    out = tmp_path / "x.mefd"
    said = copy_of(named, out, "--anonymise", "--keep-records", "--start", "2010-05-06T07:08:09Z")
    assert "left out" not in said
    assert info(out)["start"] == "2010-05-06T07:08:09Z"
    assert [record["time"] for record in notes(out)] == ["2010-05-06T07:08:10Z",
                                                         "2010-05-06T07:08:11Z"]


def test_times_are_moved_by_seconds(tmp_path):
    out = tmp_path / "x.mefd"
    copy_of(GOLDEN / "annotations.mefd", out, "--time-offset", "-3600.5")
    before, after = info(GOLDEN / "annotations.mefd"), info(out)
    assert after["start_uutc"] == before["start_uutc"] - 3600500000
    assert after["gmt_offset_s"] == before["gmt_offset_s"]
    assert [record["time_uutc"] + 3600500000 for record in notes(out)] == [
        record["time_uutc"] for record in notes(GOLDEN / "annotations.mefd")]
    assert counts(out) == counts(GOLDEN / "annotations.mefd")


def test_an_unreadable_block_becomes_a_gap_and_is_told_of(tmp_path, copy):
    path = copy("gaps")
    segment = Segment(path, "gappy")
    segment.flip(1, 400)
    out = tmp_path / "x.mefd"
    done = run_tool("copy", path, out)
    assert done.returncode == 1
    [line] = done.stderr.decode().splitlines()
    n = segment.index(1)[3]
    assert f"{n} samples in 1 places" in line
    assert "channel gappy" in line and "gappy-000000.tdat" in line and "block CRC" in line
    check(out)
    damaged = run_tool("cat", path, "--counts", "--format", "npy")
    whole = run_tool("cat", out, "--counts", "--format", "npy")
    assert (damaged.returncode, whole.returncode) == (1, 0)
    assert same(numpy.load(io.BytesIO(damaged.stdout)), numpy.load(io.BytesIO(whole.stdout)))
    assert b"nan" not in run_tool("cat", out, "-c", "gappy").stdout


def test_a_damaged_record_is_left_out_and_told_of(tmp_path, copy):
    path = copy("annotations")
    rdat = path / "annotations.rdat"
    data = bytearray(rdat.read_bytes())
    data[1024 + 30] ^= 1
    rdat.write_bytes(data)
    out = tmp_path / "x.mefd"
    done = run_tool("copy", path, out)
    assert done.returncode == 1
    assert b"1 records could not be copied" in done.stderr and b"annotations.rdat" in done.stderr
    assert len(notes(out)) == 5


def test_a_lost_channel_leaves_the_others(tmp_path, copy):
    path = copy("gaps")
    tmet = Segment(path, "gappy").tmet
    tmet.write_bytes(tmet.read_bytes()[:2000])
    out = tmp_path / "x.mefd"
    done = run_tool("copy", path, out)
    assert done.returncode == 1 and b"gappy" in done.stderr
    assert [channel["name"] for channel in info(out)["channels"]] == ["whole"]
    assert counts(out) == counts(GAPS.path, "-c", "whole")


@pytest.mark.parametrize("words", [
    [], ["x"], ["x.mefd", "y.mefd"], ["x.mefd", "--block", "0"], ["x.mefd", "--name", "n"],
    ["x.mefd", "--keep-records"], ["x.mefd", "--time-offset", "late"], ["x.mefd", "--what"],
    ["x.mefd", "--start", "2000-01-01", "--time-offset", "1"], ["x.mefd", "--start", "then"],
    ["x.mefd", "--from", "+2", "--to", "+1"], ["x.mefd", "--time-offset=-1e10"],
    ["x.mefd", "--plain", "--new-password-file", "passwords"]], ids=str)
def test_wrong_use_says_so_on_one_line_and_makes_nothing(tmp_path, words):
    secrets(tmp_path, "one")
    words = [tmp_path / word if word in ("x", "x.mefd", "y.mefd", "passwords") else word
             for word in words]
    fails(2, GAPS.path, *words)
    assert [path.name for path in tmp_path.iterdir()] == ["passwords"]


def test_what_exists_is_not_written_over(tmp_path):
    out = tmp_path / "x.mefd"
    copy_of(GAPS.path, out)
    before = {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}
    fails(2, MIXED.path, out)
    assert before == {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}


def test_new_passwords_must_be_there(tmp_path):
    empty = tmp_path / "empty"
    empty.write_text("\n")
    for path in (empty, tmp_path / "missing"):
        assert str(path) in fails(3, GAPS.path, tmp_path / "x.mefd", "--new-password-file", path)
    long = secrets(tmp_path, "more than sixteen characters")
    assert "passwords" in fails(2, GAPS.path, tmp_path / "x.mefd", "--new-password-file", long)


def start(*words, **more):
    return subprocess.Popen([BUILD / "mef3", "copy", *words], stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, env=os.environ | SANITIZER_OPTIONS, **more)


def test_interrupted_it_removes_what_it_wrote(tmp_path, long_demo):
    # One sample a block: that takes long enough to be interrupted.
    process = start(long_demo, tmp_path / "x.mefd", "--block", "1")
    while not list(tmp_path.rglob("*.tidx")):
        assert process.poll() is None
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 3
    assert len(said.splitlines()) == 1 and b"interrupted" in said
    assert not any(tmp_path.iterdir())


def test_on_a_full_disk_it_removes_what_it_wrote(tmp_path, demo):
    def small_files():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100000, 100000))

    process = start(demo, tmp_path / "x.mefd", preexec_fn=small_files)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 3
    assert len(said.splitlines()) == 1 and b"tdat" in said
    assert not any(tmp_path.iterdir())

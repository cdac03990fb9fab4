"""mef3 verify: whole recordings pass, one flipped byte is found, and the lines and JSON say where."""
import json
import os
import signal
import struct
import subprocess

import pytest

from craft import HEADER, INDEX_BYTES, SECTION_2, Segment, crc
from daemon import BUILD, run_tool
from golden import SESSIONS

KEYS = {"n_errors", "n_warnings", "n_notes", "n_samples", "n_readable_samples", "n_blocks",
        "n_readable_blocks", "n_records", "n_readable_records"}
FINDING_KEYS = {"severity", "kind", "status", "channel", "segment", "block", "file", "offset",
                "field", "expected", "found", "text", "n_more"}


def verify(path, *words, **options):
    """The lines and the exit status; what goes to stderr is a line at most."""
    done = run_tool("verify", path, *words, **options)
    assert len(done.stderr.splitlines()) <= 1, done.stderr
    return done.stdout.decode().splitlines(), done.returncode


def facts(path, *words, **options):
    done = run_tool("verify", path, "--json", *words, **options)
    return json.loads(done.stdout), done.returncode


def password_of(session):
    return {"MEF3_PASSWORD": session.password} if session.password else {}


@pytest.mark.parametrize("name", list(SESSIONS))
def test_recordings_of_the_reference_software_are_fine(name):
    session = SESSIONS[name]
    lines, exit_status = verify(session.path, env=password_of(session))
    assert exit_status == 0
    assert lines[-1].startswith("0 errors, ") and lines[-1].endswith("(100 %)")
    # A line a kind, however many channels and blocks there are.
    kinds = [line.split(": ")[1] for line in lines[:-1]]
    assert all(line.startswith("warning: ") for line in lines[:-1])
    assert len(kinds) == len(set(kinds)) <= 8
    n = sum(channel.counts.size - int((channel.counts != channel.counts).sum())
            for channel in session.channels)
    assert f" {n} of {n} samples can be read" in lines[-1]


def test_what_our_own_writer_writes_has_nothing_to_find(demo, tmp_path):
    lines, exit_status = verify(demo)
    assert (exit_status, len(lines)) == (0, 1)
    assert lines[0].startswith("0 errors, 0 warnings; ")
    made = run_tool("demo", tmp_path / "short.mefd", "--hours", "0.01", "--segments", "7",
                    "--rate", "249.7", "--channels", "3")
    assert made.returncode == 0
    lines, exit_status = verify(tmp_path / "short.mefd")
    assert (exit_status, len(lines)) == (0, 1)


def flip(path, at):
    data = bytearray(path.read_bytes())
    data[at] ^= 0x10
    path.write_bytes(data)


ANNOTATED = [
    # where, file, byte, kind of the finding
    ("the time in a header", "tmet", 17, "header-crc"),
    ("a name in a header", "tidx", 60, "header-crc"),
    ("a UUID in a header", "tdat", 825, "header-crc"),
    ("a password's field", "tmet", 870, "header-crc"),
    ("a reserved region of a header", "tidx", 1000, "header-crc"),
    ("a header's checksum", "tdat", 1, "header-crc"),
    ("section 1", "tmet", 1030, "body-crc"),
    ("section 2: a text", "tmet", SECTION_2 + 3, "body-crc"),
    ("section 2: the rate", "tmet", SECTION_2 + 6160, "body-crc"),
    ("section 2: a reserved byte", "tmet", SECTION_2 + 9000, "body-crc"),
    ("section 3", "tmet", 13400, "body-crc"),
    ("an entry's offset", "tidx", HEADER + INDEX_BYTES, "body-crc"),
    ("an entry's time", "tidx", HEADER + INDEX_BYTES + 9, "body-crc"),
    ("an entry's start sample", "tidx", HEADER + INDEX_BYTES + 17, "body-crc"),
    ("an entry's samples", "tidx", HEADER + INDEX_BYTES + 25, "body-crc"),
    ("an entry's bytes", "tidx", HEADER + INDEX_BYTES + 29, "body-crc"),
    ("an entry's extremes", "tidx", HEADER + INDEX_BYTES + 33, "body-crc"),
    ("an entry's flags", "tidx", HEADER + INDEX_BYTES + 44, "body-crc"),
    ("an entry's reserved bytes", "tidx", HEADER + INDEX_BYTES + 50, "body-crc"),
    ("a block's checksum", "tdat", HEADER, "block-crc"),
    ("a block's flags", "tdat", HEADER + 4, "block-crc"),
    ("a block's reserved bytes", "tdat", HEADER + 9, "block-crc"),
    ("a block's scale", "tdat", HEADER + 24, "block-crc"),
    ("a block's length", "tdat", HEADER + 37, "block-header"),
    ("a block's time", "tdat", HEADER + 41, "block-crc"),
    ("a block's statistics", "tdat", HEADER + 50, "block-crc"),
    ("a block's payload", "tdat", HEADER + 400, "block-crc"),
    ("the last block's last byte", "tdat", -1, "block-crc"),
    ("a record's header", "rdat", HEADER + 5, "record-crc"),
    ("a record's body", "rdat", HEADER + 30, "record-crc"),
    ("a record file's header", "rdat", 40, "header-crc"),
    ("a record's entry", "ridx", HEADER + 9, "body-crc"),
    ("a record index' header", "ridx", 40, "header-crc"),
]


@pytest.mark.parametrize("where, suffix, at, kind", ANNOTATED, ids=[row[0] for row in ANNOTATED])
def test_one_flipped_byte_is_found(where, suffix, at, kind, copy):
    path = copy("annotations")
    segment = Segment(path, "Cz")
    name = f"Cz-000000.{suffix}" if suffix.startswith("t") else f"Cz.{suffix}"
    folder = segment.folder if suffix.startswith("t") else segment.folder.parent
    flip(folder / name, at)
    lines, exit_status = verify(path)
    assert exit_status == 1, where
    errors = [line for line in lines if line.startswith("error: ")]
    named = [line for line in errors if line.startswith(f"error: {kind}: ") and name in line]
    assert named and ": expected " in named[0] and ", found " in named[0]
    assert lines[-1].startswith(f"{len(errors)} error")


def test_a_body_checksum_alone_is_a_warning_where_blocks_have_their_own(copy):
    path = copy("one_channel")
    segment = Segment(path, "Cz")
    data = bytearray(segment.tdat.read_bytes())
    struct.pack_into("<I", data, 4, 0x12345678)
    struct.pack_into("<I", data, 0, crc(data[4:HEADER]))
    segment.tdat.write_bytes(data)
    lines, exit_status = verify(path)
    assert exit_status == 0
    assert any(line.startswith("warning: stale-crc: ") and "0x12345678" in line for line in lines)


def test_errors_are_ten_of_a_kind_and_then_a_number(copy):
    path = copy("one_sample_blocks")
    segment = Segment(path, "A")
    for block in range(40):
        segment.flip(block, 310)
    lines, exit_status = verify(path)
    assert exit_status == 1
    errors = [line for line in lines if line.startswith("error: block-crc: ")]
    assert len(errors) == 10
    assert errors[-1].endswith(", and 30 more like it")
    assert "channel A: 0 of 40 samples can be read (0 %)" in lines
    assert lines[-1].startswith("40 errors, ")


def test_json_has_every_key_and_the_same_order_whatever_the_number_of_threads(copy):
    path = copy("many_channels")
    for name in ("LT03", "LT01"):
        segment = Segment(path, name)
        segment.flip(1, 400)
        segment.put_index(2, 16, "q", 7)
    one, exit_status = facts(path, "--jobs", "1")
    assert exit_status == 1
    assert set(one) == KEYS | {"name", "quick", "findings", "channels"}
    assert all(set(finding) == FINDING_KEYS for finding in one["findings"])
    assert all(set(channel) == KEYS | {"name"} for channel in one["channels"])
    assert [channel["name"] for channel in one["channels"]] == SESSIONS["many_channels"].names()
    severities = [finding["severity"] for finding in one["findings"]]
    assert severities == sorted(severities, key=["error", "warning", "note"].index)
    damaged = [finding for finding in one["findings"] if finding["kind"] == "block-crc"]
    assert [finding["channel"] for finding in damaged] == ["LT01", "LT03"]
    assert [finding["block"] for finding in damaged] == [1, 1]
    assert damaged[0]["segment"] == 0 and damaged[0]["status"] == "ECRC"
    n = one["channels"][1]["n_samples"]
    lost = Segment(path, "LT01").index(1)[3]
    assert one["channels"][1]["n_readable_samples"] == n - lost
    for n_jobs in ("2", "5", "64"):
        assert facts(path, "--jobs", n_jobs)[0] == one
    assert facts(path)[0] == one


def test_a_quick_check_reads_no_block(copy):
    path = copy("one_channel")
    segment = Segment(path, "Cz")
    segment.flip(2, 400)
    lines, exit_status = verify(path, "--quick")
    assert exit_status == 0
    assert lines[-1].endswith("; blocks were not looked at")
    assert facts(path, "--quick")[0]["quick"] is True
    assert verify(path)[1] == 1
    flip(segment.tidx, HEADER + 50)
    assert verify(path, "--quick")[1] == 1


def test_a_password_is_wanted_for_what_is_locked(tmp_path):
    secret = SESSIONS["encrypted"]
    done = run_tool("verify", secret.path)
    assert done.returncode == 3
    assert b"--password-file" in done.stderr
    assert b"warning: locked: " in done.stdout
    file = tmp_path / "password"
    file.write_text("readsignal\n")
    lines, exit_status = verify(secret.path, "--password-file", file)
    assert exit_status == 0
    assert any(line.startswith("note: locked-subject: ") for line in lines)


def test_a_recording_that_is_being_written_is_fine(copy):
    path = copy("one_channel")
    segment = Segment(path, "Cz")
    segment.put(segment.tmet, SECTION_2 + 6360, "qq", 5000, 5)
    segment.put(segment.tdat, 32, "q", 5)
    segment.put(segment.tidx, 32, "q", 5)
    segment.cut(segment.tdat, segment.index(5)[0] + 100)
    lines, exit_status = verify(path)
    assert exit_status == 0
    assert any(line.startswith("warning: growing: ") for line in lines)
    assert " 5000 of 5000 samples can be read" in lines[-1]


def test_wrong_use_is_told():
    session = SESSIONS["one_channel"].path
    for words in (["verify"], ["verify", session, session], ["verify", session, "--jobs", "0"],
                  ["verify", session, "--jobs", "x"], ["verify", session, "--what"]):
        done = run_tool(*words)
        assert done.returncode == 2 and len(done.stderr.splitlines()) == 1
    assert run_tool("verify", "/nowhere.mefd").returncode == 3


def test_an_empty_session_is_fine(tmp_path):
    path = tmp_path / "empty.mefd"
    path.mkdir()
    lines, exit_status = verify(path)
    assert (lines, exit_status) == (["0 errors, 0 warnings; 0 of 0 samples can be read"], 0)


def test_names_cannot_command_the_terminal(copy):
    path = copy("one_channel")
    (path / "Cz.timd").rename(path / "\x1b[31mred.timd")
    assert b"\x1b" not in run_tool("verify", path).stdout


def test_an_interrupt_ends_it_with_a_line(long_demo):
    process = subprocess.Popen([BUILD / "mef3", "verify", "--jobs", "1", long_demo],
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    # Once it holds a data file open, it is at work.
    while not holds_data(process.pid):
        if process.poll() is not None:
            break
    process.send_signal(signal.SIGINT)
    out, err = process.communicate()
    assert process.returncode in (0, 3)
    if process.returncode == 3:
        assert b"interrupted" in err and out == b""


def holds_data(pid):
    try:
        return any(os.readlink(link).endswith(".tdat") for link in open_files(pid))
    except FileNotFoundError:  # it was closed meanwhile
        return False


def open_files(pid):
    folder = f"/proc/{pid}/fd"
    found = []
    try:
        for name in os.listdir(folder):
            path = os.path.join(folder, name)
            if os.path.islink(path):
                found.append(path)
    except OSError:
        pass
    return found

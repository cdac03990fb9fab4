"""mef3 records and mef3 note: what is listed, filtered, added, encrypted, damaged."""
import csv
import io
import json
import shutil
import struct
import time

import pytest

from craft import crc
from daemon import run_tool
from golden import GOLDEN

START = 1600000007000000  # of the golden recordings
NOTES = GOLDEN / "annotations.mefd"
FACTS = json.loads((GOLDEN / "manifest.json").read_text())["annotations"]["records"]


def records(path, *words, status=0, **options):
    done = run_tool("records", path, "--json", *words, **options)
    assert done.returncode == status, done.stderr
    assert (len(done.stderr.splitlines()) == 1) == (status != 0), done.stderr
    return json.loads(done.stdout)


def note(path, text, *words, **options):
    done = run_tool("note", "add", path, text, *words, **options)
    assert done.returncode == 0, done.stderr
    assert not done.stdout and not done.stderr


def fails(exit_status, *words, **options):
    """The one line on stderr of a command that must end so."""
    done = run_tool(*words, **options)
    assert done.returncode == exit_status, (done.returncode, done.stderr)
    lines = done.stderr.decode().splitlines()
    assert len(lines) == 1 and lines[0].startswith("mef3: "), lines
    return lines[0]


def test_records_of_the_reference_software_are_listed_by_time():
    found = records(NOTES)
    assert (found["name"], found["n_records"]) == ("annotations", 6)
    assert (found["n_damaged"], found["n_locked"], found["times_relative"]) == (0, 0, False)
    for channel in (None, "Cz"):
        own = [record for record in found["records"] if record["channel"] == channel]
        for record, fact in zip(own, sorted(FACTS, key=lambda fact: fact["time_uutc"]), strict=True):
            assert record["type"] == fact["type"]
            assert record["time_uutc"] == fact["time_uutc"]
            assert record["text"] == fact["text"]
            assert record["duration_s"] == (fact["duration_us"] / 1e6 if "duration_us" in fact
                                            else None)
            assert (record["status"], record["error"], record["version"]) == ("OK", None, "1.0")
            assert (record["segment"], record["encryption_level"]) == (None, 0)
            assert (record["fields"], record["hex"]) == (None, None)
    times = [record["time_uutc"] for record in found["records"]]
    assert times == sorted(times)


def test_the_table_for_people_is_aligned():
    lines = run_tool("records", NOTES).stdout.decode().splitlines()
    assert lines[0].split() == ["time", "type", "channel", "what"]
    at = lines[0].index("what")
    assert [line[at:] for line in lines[1::2]] == ["start of sleep", "seizure onset (12 s)",
                                                   "ěšč arte"]
    assert all(line[at - 1] == " " for line in lines)
    assert lines[1].startswith("2020-09-13T12:26:48Z ")


def test_csv_has_a_line_a_record(copy):
    path = copy("one_channel")
    note(path, 'a "quoted", text', "--at", START)
    note(path, "lasting", "--at", START + 1, "--duration", "2.5", "-c", "Cz")
    table = list(csv.reader(io.StringIO(run_tool("records", path, "--csv").stdout.decode())))
    assert table == [
        ["time_uutc", "time", "type", "channel", "segment", "duration_s", "encryption_level",
         "status", "text"],
        [str(START), "2020-09-13T12:26:47Z", "Note", "", "", "", "0", "OK", 'a "quoted", text'],
        [str(START + 1), "2020-09-13T12:26:47.000001Z", "EDFA", "Cz", "", "2.5", "0", "OK",
         "lasting"],
    ]


@pytest.mark.parametrize("words, n", [
    ([], 6), (["--type", "Note"], 4), (["--type", "EDFA,Note"], 6), (["--type", "Seiz"], 0),
    (["-c", "Cz"], 3), (["-c", "Cz", "--type", "EDFA"], 1), (["--from", "+2.5"], 4),
    (["--from", "+2.500001"], 2), (["--to", "2020-09-13T12:26:49.5Z"], 2),
    (["--from", "+2", "--to", "+3"], 2)], ids=str)
def test_records_are_chosen_by_type_channel_and_time(words, n):
    assert records(NOTES, *words)["n_records"] == n


@pytest.mark.parametrize("words", [["--type", "Not"], ["-c", "Pz"], ["--from", "yesterday"],
                                   ["--what"], ["x.mefd"]], ids=str)
def test_what_makes_no_sense_is_wrong_use(words):
    fails(2, "records", NOTES, *words)


def test_a_recording_without_records_has_none():
    path = GOLDEN / "one_channel.mefd"
    assert records(path)["records"] == []
    assert run_tool("records", path).stdout == b"no records\n"


def test_a_note_is_now_unless_told(copy):
    path = copy("one_channel")
    before = time.time_ns() // 1000
    note(path, "now")
    after = time.time_ns() // 1000
    [record] = records(path)["records"]
    assert before <= record["time_uutc"] <= after
    assert (record["type"], record["text"], record["channel"]) == ("Note", "now", None)


def test_notes_are_added_to_those_that_are_there(copy):
    path = copy("annotations")
    note(path, "one more: č", "--at", "+1.5", "--type", "SyLg")
    note(path, "of the channel", "--at", "+1.25", "-c", "Cz")
    found = records(path)
    assert found["n_records"] == 8 and found["n_damaged"] == 0
    added = [(r["type"], r["channel"], r["time_uutc"], r["text"]) for r in found["records"][2:4]]
    assert added == [("Note", "Cz", START + 1250000, "of the channel"),
                     ("SyLg", None, START + 1500000, "one more: č")]
    assert sorted(p.name for p in path.iterdir()) == ["Cz.timd", "annotations.rdat",
                                                      "annotations.ridx"]


@pytest.mark.parametrize("words, status", [
    (["add"], 2), (["remove", "PATH", "x"], 2), (["add", "PATH"], 2), (["add", "PATH", "a", "b"], 2),
    (["add", "PATH", "x", "--type", "Seiz"], 2), (["add", "PATH", "x", "--at", "then"], 2),
    (["add", "PATH", "x", "--at=-5"], 2), (["add", "PATH", "x", "-c", "Pz"], 2),
    (["add", "PATH", "x", "--level", "1"], 2), (["add", "PATH", "x", "--level", "3"], 2),
    (["add", "PATH", "x", "--type", "Note", "--duration", "1"], 2),
    (["add", "PATH", "x", "--duration", "long"], 2), (["add", "none.mefd", "x"], 3)], ids=str)
def test_a_note_that_cannot_be_added_leaves_all_as_it_was(copy, words, status):
    path = copy("one_channel")
    fails(status, "note", *[path if word == "PATH" else word for word in words])
    assert [p.name for p in path.iterdir()] == ["Cz.timd"]


def test_notes_of_an_encrypted_recording_are_encrypted(copy):
    path = copy("encrypted")
    both = {"MEF3_PASSWORD": "readall"}
    for level, words in (("1", []), ("2", ["--level", 2]), ("0", ["--level", 0])):
        note(path, f"level {level} of secrets", "--at", f"+{level}", *words, env=both)
    data = (path / "encrypted.rdat").read_bytes()
    assert b"level 0" in data and b"level 1" not in data and b"level 2" not in data
    assert [r["text"] for r in records(path, env=both)["records"]] == [
        "level 0 of secrets", "level 1 of secrets", "level 2 of secrets"]

    found = records(path, env={"MEF3_PASSWORD": "readsignal"}, status=1)
    assert [r["status"] for r in found["records"]] == ["OK", "OK", "EPASSWORD"]
    assert (found["n_locked"], found["times_relative"]) == (1, True)
    found = records(path, status=1)
    assert [r["text"] for r in found["records"]] == ["level 0 of secrets", None, None]
    assert "level 2" in found["records"][2]["error"]
    assert b"(locked, level 1)" in run_tool("records", path).stdout
    assert "password" in fails(3, "note", "add", path, "x")
    assert "level 2" in fails(3, "note", "add", path, "x", env={"MEF3_PASSWORD": "readsignal"})
    fails(3, "records", path, "--type", "Note", "--from", START + 1000000)


def test_a_damaged_record_is_told_of_and_the_rest_is_read(copy):
    path = copy("annotations")
    rdat = path / "annotations.rdat"
    data = bytearray(rdat.read_bytes())
    data[1024 + 30] ^= 1
    rdat.write_bytes(data)
    found = records(path, status=1)
    assert (found["n_records"], found["n_damaged"]) == (6, 1)
    [bad] = [record for record in found["records"] if record["status"] != "OK"]
    assert bad["status"] == "ECRC" and bad["type"] == "EDFA" and bad["text"] is None
    assert "annotations.rdat: at byte 1024: record CRC" in bad["error"]
    line = fails(1, "records", path)
    assert "annotations.rdat" in line and "byte 1024" in line
    assert b"(damaged: annotations.rdat" in run_tool("records", path).stdout
    assert records(path, "-c", "Cz")["n_damaged"] == 0
    (path / "annotations.ridx").unlink()
    again = records(path, status=1)
    assert [r["status"] for r in again["records"]] == [r["status"] for r in found["records"]]


def test_a_body_that_contradicts_its_type_is_damage(copy):
    path = copy("annotations")
    rdat = path / "annotations.rdat"
    data = bytearray(rdat.read_bytes())
    data[1028:1032] = b"Seiz"  # which needs 1,312 bytes
    struct.pack_into("<I", data, 1024, crc(data[1028:1080]))
    rdat.write_bytes(data)
    found = records(path, status=1)
    [bad] = [record for record in found["records"] if record["type"] == "Seiz"]
    assert bad["status"] == "EFORMAT" and "1312" in bad["error"]


def put_record(path, kind, body, time_uutc):
    """A new pair of files of one record, without an index, as any writer may leave it."""
    header = bytearray((path / "annotations.rdat").read_bytes()[:1024])
    struct.pack_into("<q", header, 32, 1)
    struct.pack_into("<I", header, 0, crc(header[4:]))
    body += b"~" * (-len(body) % 16)
    rest = kind + b"\0\1\0\0" + struct.pack("<Iq", len(body), time_uutc) + body
    (path / "annotations.rdat").write_bytes(header + struct.pack("<I", crc(rest)) + rest)
    (path / "annotations.ridx").unlink(missing_ok=True)


def seizure(n):
    body = struct.pack("<qqqii128s128s1024s", START, START + 9, 9, 1, 2, b"m1", b"m2",
                       "left temple: č".encode())
    return body + struct.pack("<256sqq", b"Cz", START + 1, START + 8) * n


@pytest.mark.parametrize("kind, body, text, duration, fields", [
    (b"Seiz", seizure(1), "left temple: č", 9e-6,
     {"onset_uutc": START, "end_uutc": START + 9, "onset_code": 2, "marker_1": "m1",
      "marker_2": "m2",
      "channels": [{"name": "Cz", "onset_uutc": START + 1, "end_uutc": START + 8}]}),
    (b"LNTP", struct.pack("<q4i", 4, 1, -2, 3, 4), None, None, {"counts": [1, -2, 3, 4]}),
    (b"CSti", struct.pack("<64sq64s64s", b"recall", 7000000, b"word", b"none"), "recall", 7.0,
     {"task": "recall", "stimulus": "word", "response": "none"}),
    (b"ESti", struct.pack("<ddqii128s128s128s", 1.5, float("nan"), 200, 1, 2, b"sq", b"A1", b"A2"),
     None, None,
     {"amplitude": 1.5, "frequency_hz": None, "pulse_width_us": 200, "amplitude_unit": 1,
      "mode": 2, "waveform": "sq", "anode": "A1", "cathode": "A2"}),
    (b"Curs", struct.pack("<qqqd128s", 9, START + 2, -5, 2.5, b"peak"), "peak", None,
     {"id": 9, "trace_uutc": START + 2, "latency_us": -5, "value": 2.5, "name": "peak"}),
    (b"Epoc", struct.pack("<qqqq32s128s", 3, START, START + 30, 30000000, b"N2", b"asleep"),
     "asleep", 30.0,
     {"id": 3, "start_uutc": START, "end_uutc": START + 30, "type": "N2"}),
    (b"Vote", bytes(range(16)), None, None, None),
], ids=lambda value: value.decode() if isinstance(value, bytes) and len(value) == 4 else "")
def test_every_type_is_shown_with_all_that_it_holds(copy, kind, body, text, duration, fields):
    path = copy("annotations")
    put_record(path, kind, body, START)
    [record] = [r for r in records(path)["records"] if r["channel"] is None]
    assert record["type"] == kind.decode() and record["time_uutc"] == START
    assert (record["text"], record["duration_s"], record["fields"]) == (text, duration, fields)
    assert record["hex"] == (body.hex() if kind == b"Vote" else None)
    lines = run_tool("records", path).stdout.decode().splitlines()
    assert lines[1].split()[1] == kind.decode() and len(lines) == 5


def test_a_text_cannot_command_the_terminal(copy):
    path = copy("one_channel")
    note(path, "\x1b[31mred\nnext", "--at", "+1")
    assert records(path)["records"][0]["text"] == "\x1b[31mred\nnext"
    shown = run_tool("records", path).stdout
    assert b"\x1b" not in shown and len(shown.splitlines()) == 2


def test_the_password_may_come_from_a_file(copy, tmp_path):
    path = copy("encrypted")
    secret = tmp_path / "secret"
    secret.write_text("readall\n")
    note(path, "by file", "--at", "+1", "--password-file", secret)
    found = records(path, "--password-file", secret)
    assert [r["text"] for r in found["records"]] == ["by file"]


def test_a_renamed_recording_keeps_its_records(copy):
    path = copy("annotations")
    renamed = path.with_name("other.mefd")
    shutil.move(path, renamed)
    note(renamed, "after it", "--at", "+1")
    assert records(renamed)["n_records"] == 7
    assert not (renamed / "other.rdat").exists()

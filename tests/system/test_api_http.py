"""/api/v1 of real daemons: what it tells is what gRPC and the command tell."""
import base64
import http.client
import io
import json
import shutil
import socket

import numpy
import pytest

import craft
from api import DATA, UNREADABLE, Answer, ask
from client import Client
from daemon import PATIENCE_S, Daemon, free_port, run_tool, wait_until
from golden import GOLDEN, SESSIONS, half_up
from metrics import Metrics
from pictures import DAMAGE, EVENT, GAP, Picture, is_colour

READABLE = ["gaps", "segments", "many_channels", "gap_offgrid", "odd_blocks", "steps_128",
            "one_sample_blocks", "fractional_rate", "jumps", "extremes", "zero", "long_block"]


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """The daemon of the golden recordings with a port for pages, without a password."""
    port = free_port()
    daemon = Daemon(tmp_path_factory.mktemp("pages"), GOLDEN, "--http", f"127.0.0.1:{port}")
    daemon.http = port
    yield daemon
    daemon.stop()


def command_json(*arguments):
    answer = run_tool(*arguments)
    return json.loads(answer.stdout)


def test_all_recordings_beneath_the_roots_are_listed(pages):
    answer = ask(pages.http, "recordings").json
    paths = [row["path"] for row in answer["recordings"]]
    assert paths == sorted(paths) and not answer["truncated"]
    assert {path for path in paths if "/" not in path} == {p.name for p in GOLDEN.glob("*.mefd")}


@pytest.mark.parametrize("limit", [1, 3, 1000])
def test_a_long_list_comes_page_after_page(pages, limit):
    whole = ask(pages.http, "recordings").json
    assert whole["next"] is None and whole["total"] == len(whole["recordings"])
    found, query = [], {}
    while True:
        answer = ask(pages.http, "recordings", limit=limit, **query).json
        assert answer["total"] == whole["total"] and len(answer["recordings"]) <= limit
        found += answer["recordings"]
        if answer["next"] is None:
            break
        assert answer["next"] == found[-1]["path"]
        query = {"after": answer["next"]}
    assert found == whole["recordings"]


def test_a_path_beneath_two_roots_is_told_once(with_pages, tmp_path):
    for root, names in [("one", ["a.mefd", "b.mefd"]), ("two", ["b.mefd", "c.mefd"])]:
        for name in names:
            shutil.copytree(GOLDEN / "one_channel.mefd", tmp_path / root / name)
    (tmp_path / "two" / "d.mefd").symlink_to(tmp_path / "one" / "a.mefd")
    daemon = with_pages(tmp_path / "one", tmp_path / "two")
    answer = ask(daemon.http, "recordings").json
    assert [row["path"] for row in answer["recordings"]] == ["a.mefd", "b.mefd", "c.mefd", "d.mefd"]
    assert answer["total"] == 4


def test_recordings_are_searched_by_a_part_of_their_path(pages):
    paths = [row["path"] for row in ask(pages.http, "recordings", q="GAP").json["recordings"]]
    assert {"gaps.mefd", "gap_offgrid.mefd"} <= set(paths)
    assert all("gap" in path.lower() for path in paths)


@pytest.mark.parametrize("name", READABLE)
def test_metadata_are_what_the_command_tells(pages, name):
    answer = ask(pages.http, "metadata", recording=f"{name}.mefd")
    assert answer.status == 200, answer.body
    told = answer.json
    folder = GOLDEN / f"{name}.mefd"
    assert told.pop("bytes") == sum(p.stat().st_size for p in folder.rglob("*") if p.is_file())
    assert told == command_json("info", folder, "--json")


@pytest.mark.parametrize("name", READABLE + ["mixed_rates"])
def test_availability_is_what_the_command_tells_of_gaps(pages, name):
    told = ask(pages.http, "availability", recording=f"{name}.mefd").json
    kinds = {"data": 0, "gap": 1, "unreadable": 2}
    wanted = {}
    for channel in command_json("gaps", GOLDEN / f"{name}.mefd", "--json")["channels"]:
        wanted[channel["name"]] = [[s["start_uutc"], s["end_uutc"], kinds[s["kind"]]]
                                   for s in channel["stretches"]]
    assert {name: group["spans"] for group in told["groups"] for name in group["channels"]} == wanted


def least_and_greatest(values, rate, start, rows):
    """Of all samples from each row's start to its end, in a window that begins at `start`."""
    for row in rows:
        first, last = (round((int(t) - start) / 1e6 * rate) for t in (row["start"], row["end"]))
        part = values[first:last]
        yield numpy.float32(numpy.nanmin(part)), numpy.float32(numpy.nanmax(part))


@pytest.mark.parametrize("name", READABLE)
@pytest.mark.parametrize("width", [1, 7, 200, 5000])
@pytest.mark.parametrize("level", ["index", "samples", "any"])
def test_an_envelope_is_that_of_all_samples(pages, name, width, level):
    recording = f"{name}.mefd"
    facts = ask(pages.http, "metadata", recording=recording).json
    wanted = {"level": level} if level != "any" else {}
    head, channels = ask(pages.http, "envelope", recording=recording, width=width, **wanted).envelope
    assert head["level"] == level or (level == "any" and head["level"] in ("samples", "pyramid"))
    assert head["recording"] == recording
    assert [c["name"] for c in head["channels"]] == [c["name"] for c in facts["channels"]]
    for channel, rows in zip(head["channels"], channels):
        start, end = head["from"], head["to"]
        _, array, _ = ask(pages.http, "samples", recording=recording, channel=channel["name"],
                          from_=start, to=end).samples
        wanted = list(least_and_greatest(array[0], channel["rate_hz"], start, rows))
        assert [(row["min"], row["max"]) for row in rows] == wanted
        assert (rows["start"][1:] >= rows["end"][:-1]).all() and (rows["start"] < rows["end"]).all()
        assert (rows["kind"] == DATA).all()
        covered = sum(round((int(r["end"]) - int(r["start"])) / 1e6 * channel["rate_hz"]) for r in rows)
        assert covered >= numpy.isfinite(array[0]).sum()


def test_an_overview_decodes_no_block_and_is_kept(pages):
    query = {"recording": "many_channels.mefd", "width": 2}
    head, rows = ask(pages.http, "envelope", **query).envelope
    assert head["level"] == "pyramid" and all(c["decoded_blocks"] == 0 for c in head["channels"])
    again, same = ask(pages.http, "envelope", **query).envelope
    assert again == head
    for one, other in zip(rows, same):
        numpy.testing.assert_array_equal(one, other)
    # In a part of it columns are those of the part.
    middle = (head["from"] + head["to"]) // 2
    part, rows = ask(pages.http, "envelope", **query, from_=middle, to=head["to"]).envelope
    assert (part["from"], part["to"]) == (middle, head["to"])
    assert all((of_channel["end"] > middle).all() for of_channel in rows)


def test_what_is_damaged_is_marked_where_it_is(with_pages, tmp_path):
    shutil.copytree(GOLDEN / "one_channel.mefd", tmp_path / "hurt.mefd")
    name = ask_names(tmp_path / "hurt.mefd")[0]
    segment = craft.Segment(tmp_path / "hurt.mefd", name)
    at, _, first, n, n_bytes = segment.index(1)
    with open(segment.tdat, "r+b") as data:
        data.seek(at + 304)
        data.write(b"\xff" * (n_bytes - 304))
    daemon = with_pages(tmp_path)
    whole = ask(daemon.http, "metadata", recording="hurt.mefd").json
    query = {"recording": "hurt.mefd", "width": 50, "from_": whole["start_uutc"], "to": whole["end_uutc"]}
    head, (rows,) = ask(daemon.http, "envelope", level="samples", **query).envelope
    hurt = rows[rows["kind"] == UNREADABLE]
    rate = head["channels"][0]["rate_hz"]
    assert round((hurt["start"][0] - head["from"]) / 1e6 * rate) == first
    assert round((hurt["end"][-1] - head["from"]) / 1e6 * rate) == first + n
    assert (hurt["start"][1:] == hurt["end"][:-1]).all() and numpy.isnan(hurt["min"]).all()
    # The same samples are no number of /samples, which says why.
    _, array, end = ask(daemon.http, "samples", recording="hurt.mefd", from_=whole["start_uutc"],
                        to=whole["end_uutc"]).samples
    assert numpy.flatnonzero(numpy.isnan(array[0])).tolist() == list(range(first, first + n))
    assert name in end["damage"] and end["error"] is None


def ask_names(session):
    return [channel["name"] for channel in command_json("info", session, "--json")["channels"]]


def test_a_tar_file_is_told_of_like_the_folder(with_pages, tmp_path):
    made = run_tool("archive", GOLDEN / "gaps.mefd", tmp_path / "gaps.mefd.tar")
    assert made.returncode == 0, made.stderr
    daemon = with_pages(tmp_path)
    (row,) = ask(daemon.http, "recordings").json["recordings"]
    assert row["path"] == "gaps.mefd.tar"
    told = ask(daemon.http, "metadata", recording="gaps.mefd.tar").json
    assert told["bytes"] == (tmp_path / "gaps.mefd.tar").stat().st_size
    assert told["channels"] == command_json("info", GOLDEN / "gaps.mefd", "--json")["channels"]


@pytest.mark.parametrize("name", ["annotations", "gaps"])
def test_records_are_what_the_command_tells(pages, name):
    told = ask(pages.http, "records", recording=f"{name}.mefd").json
    assert told.pop("truncated") is False
    for row in told["records"]:
        assert row.pop("level") == row["encryption_level"]
        us = row.pop("duration_us")
        assert us == (None if row["duration_s"] is None else round(row["duration_s"] * 1e6))
    assert told == command_json("records", GOLDEN / f"{name}.mefd", "--json")


def test_records_are_chosen_by_type_time_and_text(pages):
    every = ask(pages.http, "records", recording="annotations.mefd").json["records"]
    assert len({row["type"] for row in every}) > 1
    for kind in {row["type"] for row in every}:
        told = ask(pages.http, "records", recording="annotations.mefd", type=kind).json["records"]
        assert told == [row for row in every if row["type"] == kind]
    middle = every[len(every) // 2]["time_uutc"]
    told = ask(pages.http, "records", recording="annotations.mefd", from_=middle).json["records"]
    assert told == [row for row in every if row["time_uutc"] >= middle]
    word = next(row["text"] for row in every if row["text"])
    told = ask(pages.http, "records", recording="annotations.mefd", q=word.upper()).json["records"]
    assert told and all(word.lower() in row["text"].lower() for row in told)


def test_a_reader_that_is_slow_is_sent_all_and_keeps_no_other_waiting(with_pages, long_demo):
    daemon = with_pages(long_demo.parent)
    facts = ask(daemon.http, "metadata", recording=long_demo.name).json
    query = (f"recording={long_demo.name}&from={facts['start_uutc']}&to={facts['end_uutc']}")
    slow = socket.create_connection(("127.0.0.1", daemon.http), timeout=PATIENCE_S)
    slow.sendall(f"GET /api/v1/samples?{query} HTTP/1.0\r\nHost: localhost\r\n\r\n".encode())
    n = len(slow.recv(1000))
    # It has taken next to nothing, and what waits for it is less than the whole.
    whole = sum(channel["n_samples"] for channel in facts["channels"]) * 4
    assert Metrics(daemon.http)("mef3d_messages_bytes") < whole
    assert ask(daemon.http, "envelope", recording=long_demo.name, width=100).status == 200
    while part := slow.recv(1 << 20):
        n += len(part)
    slow.close()
    assert n > whole


def test_csv_has_a_line_a_sample_and_nothing_where_there_is_none(pages):
    query = {"recording": "gaps.mefd", "from_": 1600000007000000, "to": 1600000037000000}
    head, array, end = ask(pages.http, "samples", **query).samples
    assert end == {"error": None, "damage": None}
    answer = ask(pages.http, "export", format="csv", **query)
    assert answer.headers["Content-Disposition"] == 'attachment; filename="window.csv"'
    lines = answer.body.decode().split("\r\n")
    assert lines[0] == "time_uutc," + ",".join(f'"{name}"' for name in head["channels"])
    assert lines.pop() == ""
    rows = [line.split(",") for line in lines[1:]]
    assert len(rows) == array.shape[1]
    assert [int(row[0]) for row in rows] == [
        1600000007000000 + half_up(i * 1e6 / head["rate_hz"]) for i in range(len(rows))]
    told = numpy.array([[float(cell or "nan") for cell in row[1:]] for row in rows], "<f4").T
    numpy.testing.assert_array_equal(told, array)
    assert numpy.isnan(array).any()


def test_npy_is_read_by_numpy(pages):
    query = {"recording": "many_channels.mefd", "from_": 1600000007000000, "to": 1600000014000000}
    _, array, _ = ask(pages.http, "samples", **query).samples
    answer = ask(pages.http, "export", format="npy", **query)
    told = numpy.load(io.BytesIO(answer.body))
    assert told.dtype == numpy.dtype("<f4") and told.shape == array.shape
    numpy.testing.assert_array_equal(told, array)


PAGE = {"recording": "gaps.mefd", "format": "png", "from_": 1600000007000000, "to": 1600000017000000}


def plot(*words, env=None):
    """The bytes that the command draws."""
    done = run_tool("plot", *words, "-o", "-", env=env)
    assert done.stdout, done.stderr
    return done.stdout


def test_a_picture_is_the_one_that_the_command_draws(pages):
    """The command may open files while it draws, and a worker may not: to the byte the same."""
    answer = ask(pages.http, "export", **PAGE)
    assert answer.status == 200 and answer.headers["Content-Type"] == "image/png"
    assert answer.body == plot(GOLDEN / "gaps.mefd")
    sized = ask(pages.http, "export", channel=["whole", "gappy"], width=700, height=300, scale=20, **PAGE)
    assert sized.body == plot(GOLDEN / "gaps.mefd", "-c", "whole", "-c", "gappy", "--size", "700x300", "--scale", "20")
    known = ask(pages.http, "export", fields={"If-None-Match": answer.headers["ETag"]}, **PAGE)
    assert (known.status, known.body) == (304, b"")
    head = ask(pages.http, "export", method="HEAD", **PAGE)
    assert (head.status, head.body) == (200, b"")


def test_a_picture_is_of_channels_of_any_rates(pages):
    rates = {**PAGE, "recording": "mixed_rates.mefd"}
    assert ask(pages.http, "export", **rates).body == plot(GOLDEN / "mixed_rates.mefd")


def test_a_picture_shows_what_is_damaged(with_pages, copy):
    path = copy("gaps")
    segment = craft.Segment(path, "whole")
    data = bytearray(segment.tdat.read_bytes())
    data[segment.index(0)[0] + 400] ^= 0x55
    segment.tdat.write_bytes(data)
    daemon = with_pages(copy.folder)
    answer = ask(daemon.http, "export", channel="whole", **PAGE)
    picture = Picture(answer.body)
    assert is_colour(picture.lane_of(0), DAMAGE).any()
    assert answer.body == plot(path, "-c", "whole")


def test_a_picture_needs_the_password(pages):
    session = SESSIONS["encrypted"]
    query = {**PAGE, "recording": "encrypted.mefd"}
    assert ask(pages.http, "export", **query).status == 403
    assert ask(pages.http, "export", fields={"mef3-password": "wrong"}, **query).status == 403
    answer = ask(pages.http, "export", fields={"mef3-password": session.password}, **query)
    assert answer.body == plot(session.path, env={"MEF3_PASSWORD": session.password})
    assert answer.headers["Vary"] == "mef3-password, mef3-password-bin"


def test_what_is_behind_the_second_password_is_in_no_picture_of_a_stranger(with_pages, tmp_path, demo):
    """The operator's list opens a recording for all who ask; its notes of level 2 it does not."""
    path = tmp_path / "roots" / "two.mefd"
    path.parent.mkdir()
    both, second = tmp_path / "both", tmp_path / "second"
    both.write_text("one\ntwo\n")
    second.write_text("two\n")
    assert run_tool("copy", demo, path, "--new-password-file", both, "-c", "Fp1", "--to", "+20").returncode == 0
    assert run_tool("note", "add", path, "--at", "+5", "--level", "2", "--password-file", second,
                    "private").returncode == 0
    start = command_json("info", path, "--json", "--password-file", second)["start_uutc"]
    query = {"recording": "two.mefd", "format": "png", "from_": start, "to": start + 10000000}
    for password, env, is_seen in (("", {"MEF3_PASSWORD": "two"}, False), ("one", {}, False), ("two", {}, True)):
        daemon = with_pages(path.parent, env=env)
        answer = ask(daemon.http, "export", fields={"mef3-password": password}, **query)
        assert answer.status == 200, answer.body
        assert is_colour(Picture(answer.body).pixels, EVENT).any() == is_seen, password
        daemon.stop()


PICTURES = [
    ("a width of nothing", {"width": 0}, 400),
    ("too narrow", {"width": 319}, 400),
    ("too wide", {"width": 4097}, 400),
    ("a height that is no number", {"height": "1e3"}, 400),
    ("a height that is too great", {"height": 10**30}, 400),
    ("too many pixels", {"width": 4096, "height": 4096}, 413),
    ("a scale of nothing", {"scale": 0}, 400),
    ("a scale that is no number", {"scale": "nan"}, 400),
    ("a scale that has no end", {"scale": "inf"}, 400),
    ("a parameter of others", {"level": "index"}, 400),
    ("no such channel", {"channel": "nope"}, 404),
    ("no such recording", {"recording": "none.mefd"}, 404),
    ("a window that ends first", {"to": 0}, 400),
    ("too many samples", {"from_": 0}, 413),
    ("the whole of time", {"from_": -2**63 + 1, "to": 2**63 - 1}, 422),
    ("a time of no recording", {"from_": -2**62, "to": -2**62 + 1}, 422),
    ("the size of a table", {"format": "csv", "width": 400}, 400),
    ("the scale of an array", {"format": "npy", "scale": 4}, 400),
]


@pytest.mark.parametrize("why, query, status", PICTURES, ids=[row[0] for row in PICTURES])
def test_a_picture_that_makes_no_sense_is_a_problem(pages, why, query, status):
    answer = ask(pages.http, "export", **{**PAGE, **query})
    assert answer.status == status and answer.problem, answer.body


def test_a_window_beside_the_recording_is_an_empty_page(pages):
    picture = Picture(ask(pages.http, "export", **{**PAGE, "from_": 0, "to": 1000000}).body, 2)
    assert is_colour(picture.lane_of(0, 0.001, 0.049), GAP).all()


def test_of_more_channels_than_a_page_has_room_for_there_is_a_picture(pages):
    query = {**PAGE, "recording": "many_channels.mefd", "width": 320, "height": 160}
    answer = ask(pages.http, "export", **query)
    assert answer.status == 200 and Picture(answer.body).height == 160


def test_samples_are_those_of_grpc(pages):
    with Client(pages.address) as client:
        info = client.open("many_channels.mefd")
        start = info.start_uutc + 1234567
        wanted = client.range("many_channels.mefd", start, start + 3000000)
        _, array, _ = ask(pages.http, "samples", recording="many_channels.mefd", from_=start,
                          to=start + 3000000).samples
        numpy.testing.assert_array_equal(array, wanted.array)


def test_status_tells_the_numbers_of_the_metrics(pages):
    answer = ask(pages.http, "status")
    status = answer.json
    told = dict(zip(status["names"], status["numbers"]))
    metrics = Metrics(pages.http)
    names = {name if not labels else name + "{" + ",".join(f'{k}="{v}"' for k, v in labels) + "}"
             for family in metrics.families.values() if family.type != "histogram"
             for name, labels in family.samples if "method" not in dict(labels)}
    assert set(told) == names
    assert answer.headers["Cache-Control"] == "no-store"
    wait_until(lambda: ask(pages.http, "status").json["history"]["rows"], "a row of the history")
    assert all(len(row["numbers"]) == len(status["names"]) for row in status["history"]["rows"])


def test_what_a_client_knows_already_is_not_told_again(pages):
    window = {"from_": 1600000007000000, "to": 1600000008000000}
    for resource, more in [("metadata", {}), ("availability", {}), ("records", {}),
                           ("envelope", {"width": 10}), ("samples", window),
                           ("export", {"format": "csv", **window})]:
        query = {"recording": "gaps.mefd", **more}
        first = ask(pages.http, resource, **query)
        again = ask(pages.http, resource, fields={"If-None-Match": first.headers["ETag"]}, **query)
        assert (again.status, again.body) == (304, b""), resource
        assert again.headers["ETag"] == first.headers["ETag"]
        other = ask(pages.http, resource, fields={"If-None-Match": '"0123456789abcdef"'}, **query)
        assert other.status == 200, resource


HOSTILE = [
    ("no such resource", "nothing", {}, 404),
    ("no recording", "metadata", {}, 400),
    ("one that is not there", "metadata", {"recording": "none.mefd"}, 404),
    ("one outside the roots", "metadata", {"recording": "/etc"}, 404),
    ("one outside the roots by dots", "metadata", {"recording": "../../../etc/passwd"}, 404),
    ("one that is no text", "metadata", {"recording": b"\xff\xfe.mefd"}, 400),
    ("a name that is too long", "metadata", {"recording": "x" * 5000 + ".mefd"}, 404),
    ("a parameter that nobody knows", "metadata", {"recording": "gaps.mefd", "a": "b"}, 400),
    ("a parameter twice", "metadata", {"recording": ["gaps.mefd", "gaps.mefd"]}, 400),
    ("a channel that is not there", "availability", {"recording": "gaps.mefd", "channel": "x"}, 404),
    ("a time that is none", "availability", {"recording": "gaps.mefd", "from_": "now"}, 400),
    ("a time beyond all", "availability", {"recording": "gaps.mefd", "from_": 10**30}, 400),
    ("a time that is none at all", "availability", {"recording": "gaps.mefd", "from_": -2**63}, 400),
    ("a window that ends before it begins", "availability", {"recording": "gaps.mefd", "from_": 2, "to": 1}, 400),
    ("no width", "envelope", {"recording": "gaps.mefd"}, 400),
    ("a width of nothing", "envelope", {"recording": "gaps.mefd", "width": 0}, 400),
    ("a width that is too great", "envelope", {"recording": "gaps.mefd", "width": 10**9}, 400),
    ("a level that is none", "envelope", {"recording": "gaps.mefd", "width": 9, "level": "x"}, 400),
    ("types that are none", "records", {"recording": "gaps.mefd", "type": "Note,"}, 400),
    ("samples from no time", "samples", {"recording": "gaps.mefd"}, 400),
    ("an export in no format", "export", {"recording": "gaps.mefd", "from_": 1, "to": 2}, 400),
    ("an export in another", "export", {"recording": "gaps.mefd", "from_": 1, "to": 2, "format": "exe"}, 400),
    *((f"{resource}, {why}", resource, {"recording": name, "from_": 1600000007000000, "to": 1600000008000000,
                                        "format": "csv", **more} if resource == "export" else
       {"recording": name, "from_": 1600000007000000, "to": 1600000008000000, **more}, status)
      for resource in ("samples", "export")
      for why, name, more, status in [
          ("of a window that ends before it begins", "gaps.mefd", {"to": 1}, 400),
          ("of a window of no sample", "gaps.mefd", {"to": 1600000007000001}, 400),
          ("of one that is locked", "encrypted.mefd", {}, 403),
          ("of one that is not there", "none.mefd", {}, 404),
          ("of a channel that is not there", "gaps.mefd", {"channel": "x"}, 404),
          ("of more channels than there may be", "gaps.mefd", {"channel": ["gappy"] * 1025}, 400),
          ("of all of time", "gaps.mefd", {"to": 2**62}, 413),
          ("of two rates", "mixed_rates.mefd", {}, 422)]),
    ("a limit of nothing", "recordings", {"limit": 0}, 400),
    ("a limit that is too great", "recordings", {"limit": 20001}, 400),
    ("samples of two rates", "samples", {"recording": "mixed_rates.mefd", "from_": 1600000007000000, "to": 1600000008000000}, 422),
]


@pytest.mark.parametrize("why, resource, query, status", HOSTILE, ids=[row[0] for row in HOSTILE])
def test_what_makes_no_sense_is_a_problem(pages, why, resource, query, status):
    answer = ask(pages.http, resource, **query)
    assert answer.status == status, answer.body
    assert answer.problem and answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_window_beside_the_recording_is_told_of(pages):
    for start in (0, 4 * 10**18, -2**62):
        query = {"recording": "gaps.mefd", "from_": start, "to": start + 1000000}
        assert all(group["spans"] == [] for group in ask(pages.http, "availability", **query).json["groups"])
        _, rows = ask(pages.http, "envelope", width=10, **query).envelope
        assert all(len(of_channel) == 0 for of_channel in rows)
        assert ask(pages.http, "records", **query).json["records"] == []


def test_the_whole_of_time_is_a_window(pages):
    query = {"recording": "gaps.mefd", "from_": -2**63 + 1, "to": 2**63 - 1}
    assert ask(pages.http, "availability", **query).json == ask(pages.http, "availability",
                                                                recording="gaps.mefd").json
    for level in ("index", "samples"):
        _, rows = ask(pages.http, "envelope", width=10, level=level, **query).envelope
        assert all(len(of_channel) > 0 for of_channel in rows)
    wide = {"recording": "gaps.mefd", "from_": -2**62, "to": 2**62, "width": 10}
    assert ask(pages.http, "envelope", **wide).status in (200, 413)


def test_head_answers_as_get_without_the_body(pages):
    window = {"recording": "gaps.mefd", "from_": 1600000007000000, "to": 1600000008000000}
    for resource, query in [("recordings", {}), ("metadata", {"recording": "gaps.mefd"}),
                            ("status", {}), ("openapi.json", {}), ("samples", window),
                            ("export", {"format": "npy", **window}), ("envelope", {"width": 9, **window})]:
        answer = ask(pages.http, resource, method="HEAD", **query)
        assert (answer.status, answer.body) == (200, b"")
        whole = ask(pages.http, resource, **query)
        for name in ("Content-Type", "ETag"):
            assert answer.headers[name] == whole.headers[name]


def test_a_request_has_room_for_as_many_channels_as_there_may_be(pages):
    head, array, _ = ask(pages.http, "samples", recording="gaps.mefd", channel=["gappy"] * 1024,
                         from_=1600000007000000, to=1600000007100000).samples
    assert head["channels"] == ["gappy"] * 1024 and array.shape[0] == 1024


def test_a_range_is_no_part_of_it(pages):
    """A window is the range: RFC 9110 lets a server pass a Range over, and then the whole comes."""
    query = {"recording": "gaps.mefd", "from_": 1600000007000000, "to": 1600000008000000}
    answer = ask(pages.http, "samples", fields={"Range": "bytes=0-9"}, **query)
    assert answer.status == 200 and answer.samples


def test_an_encrypted_recording_is_told_of_with_its_password_only(pages):
    query = {"recording": "encrypted.mefd"}
    session = SESSIONS["encrypted"]
    for fields in ({}, {"mef3-password": "wrong"}):
        for resource, more in [("metadata", {}), ("availability", {}), ("records", {}),
                               ("envelope", {"width": 10})]:
            answer = ask(pages.http, resource, fields=fields, **query, **more)
            assert answer.status == 403 and "password" in answer.problem, (resource, answer.body)
    told = ask(pages.http, "metadata", fields={"mef3-password": session.password}, **query)
    assert told.status == 200 and told.headers["Vary"] == "mef3-password, mef3-password-bin"
    assert told.json["encrypted"]
    # Nothing of it is left for those who come after.
    assert ask(pages.http, "metadata", **query).status == 403
    known = ask(pages.http, "metadata", fields={"If-None-Match": told.headers["ETag"]}, **query)
    assert known.status == 403


def test_a_password_may_come_as_base64(pages):
    session = SESSIONS["encrypted_utf8"]
    query = {"recording": "encrypted_utf8.mefd"}
    binary = base64.b64encode(session.password.encode()).decode()
    told = ask(pages.http, "metadata", fields={"mef3-password-bin": binary}, **query)
    assert told.status == 200 and told.json["encrypted"]
    for fields in ([("mef3-password-bin", "!")], [("mef3-password-bin", "A")],
                   [("mef3-password-bin", base64.b64encode(b"\xff").decode())],
                   [("mef3-password-bin", binary), ("mef3-password", "x")],
                   [("mef3-password-bin", binary), ("mef3-password-bin", binary)]):
        answer = raw_get(pages.http, "/api/v1/metadata?recording=encrypted_utf8.mefd", fields)
        assert answer.status == 400 and "password" in answer.problem, fields


def raw_get(port, target, fields, version="HTTP/1.1"):
    """Header fields as they are said, each as often as it is; no Host but theirs."""
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S) as made:
        if version == "HTTP/1.1" and not any(name == "Host" for name, _ in fields):
            fields = [("Host", "localhost"), *fields]
        lines = [f"GET {target} {version}", *(f"{name}: {value}" for name, value in fields), "", ""]
        made.sendall("\r\n".join(lines).encode())
        response = http.client.HTTPResponse(made)
        response.begin()
        return Answer(response)


FOREIGN = ["evil.example", "evil.example:80", "localhost.evil.example", "127.0.0.1.evil.example", "[::1].evil"]
OWN = ["127.0.0.1", "127.0.0.1:1", "[::1]:80", "localhost", "LOCALHOST:80", "eeg.example", "Eeg2.example:443"]


def test_only_a_name_that_is_the_servers_own_is_answered(with_pages):
    daemon = with_pages(GOLDEN, "--http-host", "eeg.example,eeg2.example")
    for path in ("/", "/view", "/api/v1/recordings", "/api/v1/status", "/api/v1/openapi.json"):
        for host in FOREIGN:
            answer = raw_get(daemon.http, path, [("Host", host)])
            assert answer.status == 421 and "--http-host" in answer.problem, (path, host)
        for host in OWN:
            assert raw_get(daemon.http, path, [("Host", host)]).status == 200, (path, host)
        assert raw_get(daemon.http, path, [], "HTTP/1.0").status == 200
    # They tell nothing of recordings, and who watches a server may call it by any name.
    for path in ("/healthz", "/readyz", "/metrics"):
        assert raw_get(daemon.http, path, [("Host", "evil.example")]).status in (200, 503)


def test_a_page_of_another_site_is_not_served(pages):
    for path in ("/api/v1/recordings", "/view"):
        for mode, status in [("cors", 403), ("no-cors", 403), ("navigate", 200)]:
            answer = raw_get(pages.http, path, [("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Mode", mode)])
            assert answer.status == status, (path, mode)
        for site in ("same-origin", "none"):
            answer = raw_get(pages.http, path, [("Sec-Fetch-Site", site), ("Sec-Fetch-Mode", "cors"),
                                                ("Origin", "http://evil.example")])
            assert answer.status == 200
            assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
            assert not [name for name in answer.headers if name.startswith("Access-Control")]


def test_a_password_that_is_none_is_refused(pages):
    for password in ("x" * 5000, b"\xff\xfe"):
        answer = ask(pages.http, "metadata", fields={"mef3-password": password}, recording="gaps.mefd")
        assert answer.status == 400 and "password" in answer.problem


def test_whose_recording_it_is_nobody_hears_who_gave_no_password(with_pages, tmp_path, demo):
    folder = tmp_path / "roots"
    folder.mkdir()
    passwords = tmp_path / "passwords"
    passwords.write_text("first\nsecond\n")
    made = run_tool("copy", demo, folder / "whose.mefd", "--new-password-file", passwords,
                    "--to", "+10")
    assert made.returncode == 0, made.stderr
    by_list = with_pages(folder, env={"MEF3_PASSWORD": "second"})
    told = ask(by_list.http, "metadata", recording="whose.mefd").json
    assert (told["subject_id"], told["access_level"]) == ("", 1)
    by_list.stop()
    by_request = with_pages(folder)
    for password, subject, level in [("first", "", 1), ("second", "nobody", 2)]:
        told = ask(by_request.http, "metadata", fields={"mef3-password": password},
                   recording="whose.mefd").json
        assert (told["subject_id"], told["access_level"]) == (subject, level)


def test_a_client_that_goes_in_the_middle_of_a_reply_costs_nothing(pages):
    for resource in ("samples", "export"):
        query = "recording=long_block.mefd&from=1600000007000000&to=1600000067000000"
        more = "&format=csv" if resource == "export" else ""
        for _ in range(5):
            with socket.create_connection(("127.0.0.1", pages.http), timeout=PATIENCE_S) as made:
                made.sendall(f"GET /api/v1/{resource}?{query}{more} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
                made.recv(100)
    assert ask(pages.http, "metadata", recording="long_block.mefd").status == 200

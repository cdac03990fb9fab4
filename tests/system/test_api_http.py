"""/api/v1 of real daemons: what it tells is what gRPC and the command tell."""
import json

import numpy
import pytest

from api import DATA, UNREADABLE, ask
from client import Client
from daemon import run_tool
from golden import GOLDEN, SESSIONS

READABLE = ["gaps", "segments", "many_channels", "gap_offgrid", "odd_blocks", "steps_128",
            "one_sample_blocks", "fractional_rate", "jumps", "extremes", "zero", "long_block"]


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """The daemon of the golden recordings with a port for pages, without a password."""
    from daemon import Daemon, free_port
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
@pytest.mark.parametrize("level", ["index", "samples"])
def test_an_envelope_is_that_of_all_samples(pages, name, width, level):
    recording = f"{name}.mefd"
    facts = ask(pages.http, "metadata", recording=recording).json
    head, channels = ask(pages.http, "envelope", recording=recording, width=width, level=level).envelope
    assert head["level"] == level and head["recording"] == recording
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

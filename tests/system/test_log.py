"""The log: one line for each request, both formats, and what is never in it."""
import json
import re
import socket

import grpc
import pytest

from client import CALL_S, DAMAGE, Answer, Client, wire
from craft import Segment
from daemon import run_tool, wait_until
from golden import ENCRYPTED, GOLDEN, SESSIONS
from raw import SERVICE, Connection, framed

ONE = SESSIONS["one_channel"]
MANY = SESSIONS["many_channels"]
LONG = SESSIONS["long_block"]
SECOND = 10**6
JSON = ("--log-format", "json")
# Where it is told what a read found in the cache, only reads are to put it there.
NOT_AHEAD = ("--n-prefetch", "0", "--prefetch-ahead-windows", "0", "--prefetch-behind-windows", "0")


def lines(daemon, event=None):
    """The log's lines so far, each a dictionary."""
    found = [json.loads(line) for line in daemon.log().splitlines(keepends=True)
             if line.endswith("\n")]
    return [line for line in found if event in (None, line["event"])]


def requests(daemon, n=1, **such):
    """At least n lines of requests that have these fields; they are written when a call has ended."""
    def found():
        return [line for line in lines(daemon, "request")
                if all(line.get(name) == value for name, value in such.items())]

    wait_until(lambda: len(found()) >= n, f"{n} requests with {such}")
    assert len(found()) == n
    return found()


def test_a_read_has_one_line_with_its_figures(start):
    daemon = start(GOLDEN, *JSON, *NOT_AHEAD)
    with Client(daemon.address) as client:
        client.open(MANY.path)
        client.set_page_seconds(MANY.path, 3600)
        answer = client.page(MANY.path, 0)
        again = client.page(MANY.path, 0)
        sent = [sum(5 + m.ByteSize() for m in a.messages) for a in (answer, again)]
        first, second = requests(daemon, 2, method=SERVICE + "GetSignalSegment")
        opened, = requests(daemon, method=SERVICE + "OpenFile")
    assert first["session"] == opened["session"] == str(MANY.path)
    assert first["client"] == opened["client"]
    assert re.fullmatch(r"127\.0\.0\.1:\d+", first["peer"])
    assert len({line["id"] for line in (first, second, opened)}) == 3
    for line, n_bytes in zip((first, second), sent):
        assert line["page"] == 0 and line["channels"] == len(MANY.channels)
        assert line["start_uutc"] == MANY.start
        assert line["end_uutc"] == MANY.end
        assert line["messages"] == len(answer.messages) and line["bytes"] == n_bytes
        assert line["status"] == "OK"
        assert not {"error", "ended_by", "damaged", "repeated"} & set(line)
        assert line["waiting_us"] + line["working_us"] <= 2 * line["took_us"]
    assert first["decoded"] > 0 and first["hits"] == 0
    assert second["decoded"] == 0 and second["hits"] == first["decoded"] + first["joins"]
    assert opened["level"] == first["level"] == "info"


def test_a_page_that_others_decode_is_told_as_joined(start):
    daemon = start(GOLDEN, *JSON, *NOT_AHEAD)
    with Client(daemon.address) as client:
        client.open(MANY.path)
        client.set_page_seconds(MANY.path, 3600)
        calls = [client.start_page(MANY.path, 0) for _ in range(6)]
        for call in calls:
            Answer(call)
        told = requests(daemon, 6, method=SERVICE + "GetSignalSegment")
    units = {line["hits"] + line["joins"] + line["decoded"] for line in told}
    assert len(units) == 1 and sum(line["decoded"] for line in told) == units.pop()


def test_what_memory_answers_is_told_at_debug(start):
    quiet, loud = start(GOLDEN, *JSON), start(GOLDEN, *JSON, "--log-level", "debug")
    for daemon in (quiet, loud):
        with Client(daemon.address) as client:
            client.open(ONE.path)
            client.info(ONE.path)
            client.get_channels(ONE.path)
            client.list()
            assert client.health() == 1
            client.set_page_seconds(ONE.path, 0)
    requests(quiet, 2)
    error, = requests(quiet, method=SERVICE + "SetSignalSegmentSize")
    assert error["level"] == "info" and error["error"]
    for method in (SERVICE + "FileInfo", SERVICE + "ListOpenFiles", "/grpc.health.v1.Health/Check"):
        assert requests(loud, method=method)[0]["level"] == "debug"


def test_an_answer_that_is_an_error_is_told_with_its_words(start):
    daemon = start(GOLDEN, *JSON)
    with Client(daemon.address) as client:
        for path in ("absent.mefd", ONE.path):
            client.open(path)
        words = client.range(ONE.path, ONE.end, ONE.start).error
        info = client.open("absent.mefd")
    read, = requests(daemon, method=SERVICE + "GetSignalRange")
    assert (read["status"], read["error"]) == ("OK", words)
    assert (read["start_uutc"], read["end_uutc"]) == (ONE.end, ONE.start)
    assert read["messages"] == 1 and "channels" not in read
    assert all(line["error"] == info.error_message
               for line in requests(daemon, 2, session="absent.mefd"))


def test_damage_is_counted(start, copy):
    path = copy("one_channel")
    Segment(path, ONE.channels[0].name).flip(2, 310)
    daemon = start(copy.folder, *JSON)
    with Client(daemon.address) as client:
        assert client.range(path, ONE.start, ONE.end).trailing[DAMAGE]
    read, = requests(daemon, method=SERVICE + "GetSignalRange")
    assert read["damaged"] > 0 and read["status"] == "OK"
    damage = lines(daemon, "damage")
    assert damage and all(line["recording"] == 1 for line in damage)


def long_read(client, timeout=CALL_S):
    client.open(LONG.path)
    call = client.start_range(LONG.path, LONG.start, LONG.start + 3600 * SECOND, timeout=timeout)
    next(iter(call))
    return call


def test_a_call_that_its_client_gives_up_is_told(start):
    daemon = start(GOLDEN, *JSON)
    with Client(daemon.address) as client:
        long_read(client).cancel()
        read, = requests(daemon, method=SERVICE + "GetSignalRange")
    assert (read["status"], read["ended_by"]) == ("CANCELLED", "client")
    assert read["bytes"] > 0 and read["channels"] == 1


def test_a_call_whose_client_is_gone_is_told(start):
    daemon = start(GOLDEN, *JSON)
    request = wire.SignalRangeRequest(file_path=str(LONG.path), start_uutc=LONG.start,
                                      end_uutc=LONG.start + 3600 * SECOND)
    with Connection(daemon) as connection:
        connection.request(SERVICE + "GetSignalRange", framed(request.SerializeToString()))
        assert connection.receive()
        connection.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    read, = requests(daemon, method=SERVICE + "GetSignalRange")
    assert (read["status"], read["ended_by"]) == ("CANCELLED", "connection")


def test_a_call_that_the_end_of_the_server_cuts_off_is_told(start):
    daemon = start(GOLDEN, *JSON, "--drain", "0")
    with Client(daemon.address) as client:
        call = long_read(client)
        daemon.stop()
        call.cancel()
    read, = requests(daemon, method=SERVICE + "GetSignalRange")
    assert (read["status"], read["ended_by"]) == ("CANCELLED", "server")
    assert len(lines(daemon, "drain_cut_short")) == 1


def test_a_deadline_that_passes_is_told(start):
    daemon = start(GOLDEN, *JSON)
    with Connection(daemon) as connection:
        reply = connection.call(SERVICE + "ListOpenFiles", framed(b""), grpc_timeout="0n")
        assert reply.grpc_status == grpc.StatusCode.DEADLINE_EXCEEDED.value[0]
    line, = requests(daemon)
    assert line["status"] == "DEADLINE_EXCEEDED" and line["error"] and line["level"] == "info"


def test_what_is_refused_is_told(start):
    daemon = start(GOLDEN, *JSON)
    with Connection(daemon) as connection:
        connection.call(SERVICE + "Nothing", framed(b""))
        connection.call(SERVICE + "OpenFile", framed(b"\xff"))
    unknown, = requests(daemon, method="unknown")
    assert unknown["status"] == "UNIMPLEMENTED" and "session" not in unknown
    malformed, = requests(daemon, method=SERVICE + "OpenFile")
    assert malformed["status"] == "INVALID_ARGUMENT" and "session" not in malformed


@pytest.mark.parametrize("log_format", ["json", "logfmt"])
def test_no_path_breaks_a_line(start, log_format):
    daemon = start(GOLDEN, "--log-format", log_format)
    nasty = ['a\nlevel=error event=stopped', 'a" b="c', '\\', '}{', '\x1b[2J', '\u2028\u0085',
             'a' * 9000, '\u00e9\U0001f9e0']
    with Client(daemon.address) as client:
        for path in nasty:
            client.open(path)
    if log_format == "json":
        told = [line["session"] for line in requests(daemon, len(nasty))]
        assert [path[:1000] for path in nasty] == [session[:1000] for session in told]
    wait_until(lambda: len(re.findall(" event=request |\"event\":\"request\"", daemon.log()))
               == len(nasty), "all requests")
    for line in daemon.log().splitlines():
        assert line.startswith('{"time":' if log_format == "json" else "time="), line
    assert "event=stopped" not in re.sub(r'"(\\.|[^"\\])*"', "", daemon.log())


SUBJECT = ("Maximiliane", "Musterfrau", "subject-4711")
WHERE = "Waldesruh"
SECTION_3 = 13312


def with_subject(path):
    """Give every channel of a recording metadata of a subject."""
    found = sorted(path.rglob("*.tmet"))
    assert found
    for file in found:
        name = file.stem.rpartition("-")[0]
        segment = Segment(path, name, int(file.stem.rpartition("-")[2]))
        for at, text in zip((28, 156, 284, 412), (*SUBJECT, WHERE)):
            segment.put(segment.tmet, SECTION_3 + at, "128s", text.encode())
    return path


def test_no_password_and_no_subject_is_logged_at_any_level(start, copy):
    plain = with_subject(copy("many_channels"))
    assert SUBJECT[0].encode() in run_tool("info", plain).stdout, "the metadata is there"
    damaged = with_subject(copy("one_channel"))
    segment = Segment(damaged, ONE.channels[0].name)
    segment.flip(1, 310)
    broken = with_subject(copy("gaps"))
    first = sorted(broken.rglob("*.tmet"))[0]
    first.write_bytes(first.read_bytes()[:-1] + b"\x01")
    secrets = {session.password for session in ENCRYPTED} | {"wrong but secret"}
    assert len(secrets) > 1
    for password in sorted(secrets):
        daemon = start(GOLDEN, copy.folder, *JSON, "--log-level", "debug",
                       env={"MEF3_PASSWORD": password})
        with Client(daemon.address) as client:
            for path in [plain, damaged, broken, *(session.path for session in ENCRYPTED)]:
                info = client.open(path)
                if info.file_opened:
                    Answer(client.start_range(path, info.start_uutc, info.end_uutc))
        daemon.stop()
        assert lines(daemon, "request") and lines(daemon, "damage")
        for word in (*secrets, *SUBJECT, WHERE):
            assert word not in daemon.log()
            assert json.dumps(word)[1:-1] not in daemon.log()


def test_a_flood_is_counted_and_every_one_of_it_told(start):
    daemon = start(GOLDEN, *JSON, "--log-level", "debug")
    n = 3000
    with Client(daemon.address) as client:
        calls = [client.stub.ListOpenFiles.future(wire.ListOpenFilesRequest(), timeout=CALL_S)
                 for _ in range(n)]
        for call in calls:
            call.result()

    def told():
        return sum(line.get("repeated", 1) for line in lines(daemon, "request"))

    wait_until(lambda: told() == n, "the rest of the flood, without an end or a further event")


def test_the_log_format_is_one_of_two(start):
    daemon = start(GOLDEN)
    with Client(daemon.address) as client:
        client.open(ONE.path)
    wait_until(lambda: " event=request " in daemon.log(), "a request")
    assert all(line.startswith("time=") for line in daemon.log().splitlines())

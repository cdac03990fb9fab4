"""HTTP/2, gRPC and protobuf that are wrong, hostile or unusual; the next request works."""
import errno
import gzip
import pathlib
import random
import socket
import struct
import time
import zlib

import grpc
import h2.events
import h2.exceptions
import h2.settings
import pytest

from client import CALL_S, Client, wire
from daemon import PATIENCE_S, SANITIZED
from golden import GOLDEN, SESSIONS, same
from raw import SERVICE, Connection, framed

INVALID, DEADLINE, EXHAUSTED, UNIMPLEMENTED, INTERNAL = 3, 4, 8, 12, 13
ONE = SESSIONS["one_channel"]
OPEN = SERVICE + "OpenFile"
RANGE = SERVICE + "GetSignalRange"
OPEN_ONE = framed(wire.OpenFileRequest(file_path=str(ONE.path)).SerializeToString())


def range_request(start, end, session=ONE, path=None):
    return framed(wire.SignalRangeRequest(file_path=path or str(session.path), start_uutc=start,
                                          end_uutc=end).SerializeToString())


# Ten minutes of mostly nothing, at 5000 Hz: messages enough to fill any window.
LONG = SESSIONS["long_block"]
LONG_RANGE = range_request(LONG.start, LONG.start + 600 * 10**6, LONG)


@pytest.fixture
def works(golden_daemon):
    """After the test another client is answered as ever."""
    yield
    with Client(golden_daemon.address) as client:
        assert client.health() == 1
        assert same(client.range(ONE.path, ONE.start, ONE.end).array,
                    ONE.float32(ONE.start, ONE.end))
        client.close_file(ONE.path)
        client.close_file(LONG.path)
    golden_daemon.check_log()


@pytest.fixture
def connection(golden_daemon, works):
    with Connection(golden_daemon) as connection:
        yield connection


def read_to_end(sock):
    """What the other side says until it closes; a reset is an end too."""
    said = b""
    try:
        while True:
            part = sock.recv(1 << 16)
            if not part:
                return said
            said += part
    except ConnectionError:
        return said


def end_sending(sock):
    """Say that no more comes, unless the other side has closed already."""
    try:
        sock.shutdown(socket.SHUT_WR)
    except OSError as error:
        if error.errno != errno.ENOTCONN:
            raise


PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
SETTINGS = b"\0\0\0\4\0\0\0\0\0"
GARBAGE = [
    ("random bytes", random.Random(3).randbytes(4096)),
    ("zeros", bytes(4096)),
    ("a TLS client hello", bytes.fromhex("16030100c8010000c40303") + random.Random(4).randbytes(200)),
    ("HTTP/1.1", b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"),
    ("HTTP/1.1 without an end", b"GET /" + b"a" * 100000),
    ("a preface with a wrong letter", PREFACE[:-5] + b"X\r\n\r\n" + SETTINGS),
    ("frames of random bytes", PREFACE + SETTINGS + random.Random(5).randbytes(4096)),
    ("a frame of 16 MiB", PREFACE + SETTINGS + b"\xff\xff\xff\0\0\0\0\0\1" + bytes(1 << 16)),
    ("settings of a senseless length", PREFACE + b"\0\0\5\4\0\0\0\0\0" + bytes(5)),
    ("data on a stream that is not", PREFACE + SETTINGS + b"\0\0\1\0\0\0\0\0\7x"),
    ("headers that cannot be unpacked", PREFACE + SETTINGS + b"\0\0\4\1\5\0\0\0\1" + b"\xff" * 4),
    ("headers on stream 0", PREFACE + SETTINGS + b"\0\0\1\1\5\0\0\0\0" + b"\x82"),
    ("headers on an even stream", PREFACE + SETTINGS + b"\0\0\1\1\5\0\0\0\2" + b"\x82"),
    ("a window raised beyond all bounds",
     PREFACE + SETTINGS + (b"\0\0\4\x08\0\0\0\0\0" + b"\x7f\xff\xff\xff") * 2),
    ("a pushed stream", PREFACE + SETTINGS + b"\0\0\5\5\4\0\0\0\1" + b"\0\0\0\2\x82"),
]


@pytest.mark.parametrize("why, sent", GARBAGE, ids=[row[0] for row in GARBAGE])
def test_garbage_is_answered_with_the_end_of_the_connection(golden_daemon, works, why, sent):
    with socket.create_connection(("127.0.0.1", golden_daemon.port), timeout=PATIENCE_S) as sock:
        try:
            sock.sendall(sent)
        except ConnectionError:
            return
        read_to_end(sock)


@pytest.mark.parametrize("sent", [b"", PREFACE[:10], PREFACE, PREFACE + SETTINGS,
                                  PREFACE + SETTINGS + b"\0\0\x10\1\4\0\0\0\1\x82"],
                         ids=["nothing", "part of a preface", "a preface", "settings",
                              "part of a header"])
@pytest.mark.parametrize("end", ["close", "reset"])
def test_a_client_that_leaves_early(golden_daemon, works, sent, end):
    for _ in range(20):
        with socket.create_connection(("127.0.0.1", golden_daemon.port),
                                      timeout=PATIENCE_S) as sock:
            sock.sendall(sent)
            if end == "reset":
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def test_a_flood_of_pings_and_settings_is_survived(golden_daemon, works):
    for flood in (b"\0\0\x08\6\0\0\0\0\0" + bytes(8), SETTINGS):
        with socket.create_connection(("127.0.0.1", golden_daemon.port),
                                      timeout=PATIENCE_S) as sock:
            try:
                sock.sendall(PREFACE + SETTINGS + flood * 20000)
                end_sending(sock)
            except ConnectionError:
                continue
            read_to_end(sock)


def test_a_flood_of_headers_is_survived(golden_daemon, works):
    # One request's header block without an end: 64 MiB of continuations, should they be taken.
    frame = b"\0\x40\0\x09\0\0\0\0\1" + (b"\0\x01a\x7f\x80\x7e" + b"b" * 16377)[:16384]
    with socket.create_connection(("127.0.0.1", golden_daemon.port), timeout=PATIENCE_S) as sock:
        try:
            sock.sendall(PREFACE + SETTINGS + b"\0\0\1\1\0\0\0\0\1\x82")
            for _ in range(4096):
                sock.sendall(frame)
            end_sending(sock)
        except ConnectionError:
            return
        read_to_end(sock)


def test_a_flood_of_cancelled_requests_is_survived(golden_daemon, works):
    with Connection(golden_daemon) as connection:
        try:
            for _ in range(2000):
                stream = connection.request(RANGE, LONG_RANGE)
                connection.h2.reset_stream(stream, 8)
                connection.flush()
        except (ConnectionError, h2.exceptions.ProtocolError):
            pass  # It may hang up on such a client.


def test_a_plain_call(connection):
    reply = connection.call(OPEN, OPEN_ONE)
    assert reply.http_status == "200"
    assert reply.headers["content-type"].startswith("application/grpc")
    assert reply.grpc_status == 0
    flag, length = struct.unpack_from(">BI", reply.data)
    assert flag == 0 and length == len(reply.data) - 5
    assert wire.FileInfoResponse.FromString(reply.data[5:]).file_opened


@pytest.mark.parametrize("kind", ["application/grpc+proto", "application/grpc;charset=utf-8"])
def test_content_types_that_are_grpc_too(connection, kind):
    assert connection.call(OPEN, OPEN_ONE, content_type=kind).grpc_status == 0


@pytest.mark.parametrize("kind", ["text/plain", "application/json", "application/grpcx", None])
def test_another_content_type_is_refused(connection, kind):
    reply = connection.call(OPEN, OPEN_ONE, content_type=kind)
    assert reply.http_status == "415"


@pytest.mark.parametrize("path", ["/", "/gRPCMef3Server", "/gRPCMef3Server/", "/gRPCMef3Server/Nope",
                                  "/gRPCMef3Server/openfile", "/mef.gRPCMef3Server/OpenFile",
                                  "/grpc.health.v1.Health/Nope", "/" + "a" * 2000])
def test_an_unknown_method_is_unimplemented(connection, path):
    reply = connection.call(path, OPEN_ONE)
    assert reply.http_status == "200"
    assert reply.grpc_status == UNIMPLEMENTED


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "OPTIONS"])
def test_another_http_method_is_refused(connection, method):
    reply = connection.call(OPEN, OPEN_ONE, method=method)
    assert reply.http_status != "200" or reply.grpc_status in (UNIMPLEMENTED, INTERNAL)


def test_a_real_client_sees_an_unknown_method_as_unimplemented(client):
    for path in ("/gRPCMef3Server/Nope", "/other.Service/Call"):
        with pytest.raises(grpc.RpcError) as caught:
            client.channel.unary_unary(path)(b"", timeout=CALL_S)
        assert caught.value.code() == grpc.StatusCode.UNIMPLEMENTED


MALFORMED = [
    ("random bytes", random.Random(6).randbytes(64)),
    ("a text that is longer than the message", b"\x0a\xff\xff\xff\xff\x0f"),
    ("a field cut off", b"\x0a"),
    ("a group without an end", b"\x0b"),
    ("a number of eleven bytes", b"\x10" + b"\xff" * 11),
    ("a path of the wrong kind", b"\x08\x01"),
    ("field number 0", b"\x02\x01a"),
]
CALLS = ["OpenFile", "CloseFile", "FileInfo", "SetSignalSegmentSize", "GetNumberOfSegments",
         "SetActiveChannels", "GetActiveChannels", "GetSignalSegment", "GetSignalRange"]


@pytest.mark.parametrize("why, body", MALFORMED, ids=[row[0] for row in MALFORMED])
@pytest.mark.parametrize("name", CALLS)
def test_a_malformed_message_gets_a_status(connection, name, why, body):
    reply = connection.call(SERVICE + name, framed(body))
    if why == "a path of the wrong kind" and reply.grpc_status == 0:
        return  # Some readers pass a field of another kind over as unknown.
    assert reply.grpc_status in (INVALID, INTERNAL), why
    assert reply.data == b""


def test_unknown_fields_are_passed_over(connection):
    message = OPEN_ONE[5:] + b"\xa8\x06\x01" + b"\xb2\x06\x03abc"
    assert connection.call(OPEN, framed(message)).grpc_status == 0


WRONG_FRAMES = [
    ("no message", b"", (INVALID, UNIMPLEMENTED, INTERNAL)),
    ("part of a prefix", b"\0\0\0", (INVALID, INTERNAL)),
    ("a prefix and no message", b"\0\0\0\0\x10", (INVALID, INTERNAL)),
    ("part of a message", OPEN_ONE[:-3], (INVALID, INTERNAL)),
    ("a message of 4 GiB", b"\0\xff\xff\xff\xff" + bytes(100), (EXHAUSTED,)),
    ("two messages", OPEN_ONE * 2, (INVALID, UNIMPLEMENTED, INTERNAL)),
    ("a flag that is neither 0 nor 1", b"\2" + OPEN_ONE[1:], (INVALID, UNIMPLEMENTED, INTERNAL)),
    ("compressed and no encoding named", b"\1" + OPEN_ONE[1:], (UNIMPLEMENTED, INTERNAL)),
]


@pytest.mark.parametrize("why, body, statuses", WRONG_FRAMES, ids=[row[0] for row in WRONG_FRAMES])
@pytest.mark.parametrize("path", [OPEN, RANGE], ids=["unary", "streaming"])
def test_a_wrong_frame_gets_a_status(connection, path, why, body, statuses):
    assert connection.call(path, body).grpc_status in statuses, why


def test_a_message_may_come_byte_by_byte(connection):
    stream = connection.request(OPEN, end=False)
    for at in range(len(OPEN_ONE)):
        connection.send(stream, OPEN_ONE[at:at + 1], end=at == len(OPEN_ONE) - 1)
    assert connection.reply(stream).grpc_status == 0


def test_an_oversized_request_is_refused(client):
    with pytest.raises(grpc.RpcError) as caught:
        client.open("a" * (8 << 20))
    assert caught.value.code() == grpc.StatusCode.RESOURCE_EXHAUSTED
    assert client.open(ONE.path).file_opened


def test_an_unknown_encoding_is_unimplemented_and_the_known_ones_are_named(connection):
    reply = connection.call(OPEN, b"\1" + OPEN_ONE[1:], grpc_encoding="br")
    assert reply.grpc_status == UNIMPLEMENTED
    names = (reply.headers | reply.trailers)["grpc-accept-encoding"]
    assert {"gzip", "identity"} <= {name.strip() for name in names.split(",")}


@pytest.mark.parametrize("encoding, compress", [("gzip", gzip.compress), ("deflate", zlib.compress)])
def test_compressed_requests(connection, encoding, compress):
    reply = connection.call(OPEN, framed(compress(OPEN_ONE[5:]), compressed=True),
                            grpc_encoding=encoding)
    assert reply.grpc_status == 0
    # An encoding was named, but this message does without.
    assert connection.call(OPEN, OPEN_ONE, grpc_encoding=encoding).grpc_status == 0


def bomb():
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    return b"".join(packer.compress(bytes(1 << 20)) for _ in range(64)) + packer.flush()


WRONG_GZIP = [
    ("not gzip", b"nothing of the kind", (INVALID, INTERNAL)),
    ("cut off", gzip.compress(OPEN_ONE[5:])[:-9], (INVALID, INTERNAL)),
    ("another checksum", gzip.compress(OPEN_ONE[5:])[:-8] + bytes(8), (INVALID, INTERNAL)),
    ("nothing", b"", (INVALID, INTERNAL)),
    ("64 MiB of zeros", bomb(), (EXHAUSTED,)),
]


@pytest.mark.parametrize("why, body, statuses", WRONG_GZIP, ids=[row[0] for row in WRONG_GZIP])
def test_wrong_compression_gets_a_status(connection, why, body, statuses):
    reply = connection.call(OPEN, framed(body, compressed=True), grpc_encoding="gzip")
    assert reply.grpc_status in statuses, why


def test_a_deadline_that_has_passed(connection):
    for timeout in ("0n", "0u", "0S"):
        reply = connection.call(RANGE, LONG_RANGE, grpc_timeout=timeout)
        assert reply.grpc_status == DEADLINE
    # Of one that passes right away the answer may have begun: then it breaks off.
    reply = connection.call(RANGE, LONG_RANGE, grpc_timeout="1n")
    assert reply.grpc_status == DEADLINE or reply.reset is not None


def test_replies_that_nobody_takes_cost_who_does_not_take_them(start):
    # A reply names the path that it was asked about, and no window is open for it.
    settings = {h2.settings.SettingCodes.INITIAL_WINDOW_SIZE: 0}
    path = wire.FileInfoRequest(file_path="/" + "x" * 250000).SerializeToString()
    daemon = start(GOLDEN)
    crowd = []
    try:
        for _ in range(4):
            connection = Connection(daemon, settings)
            crowd.append(connection)
            try:
                for _ in range(90):
                    connection.request("/gRPCMef3Server/FileInfo", framed(path))
            except ConnectionError:
                pass
            with Client(daemon.address) as client:
                assert client.health() == 1
        server = next(p for p in daemon.family() if p.name == "mef3d-server")
        status = pathlib.Path(f"/proc/{server.pid}/status").read_text()
        held_kib = int(status.split("VmRSS:")[1].split()[0])
        assert SANITIZED or held_kib < 96 << 10
    finally:
        for connection in crowd:
            connection.socket.close()


def test_a_deadline_passes_while_the_client_does_not_read(golden_daemon, works):
    settings = {h2.settings.SettingCodes.INITIAL_WINDOW_SIZE: 1000}
    with Connection(golden_daemon, settings) as connection:
        stream = connection.request(RANGE, LONG_RANGE, grpc_timeout="200m")
        while stream not in connection.ended:
            assert connection.receive(acknowledge=False)
        reply = connection.replies[stream]
        assert reply.grpc_status == DEADLINE or reply.reset is not None


@pytest.mark.parametrize("timeout", ["1H", "99999999S", "5M", "100000m", "99999999u"])
def test_deadlines_that_are_far_enough(connection, timeout):
    assert connection.call(OPEN, OPEN_ONE, grpc_timeout=timeout).grpc_status == 0


@pytest.mark.parametrize("timeout", ["", "S", "-1S", "1", "1x", "123456789S", "1 S", "1.5S"])
def test_a_senseless_deadline_is_refused_or_passed_over(connection, timeout):
    assert connection.call(OPEN, OPEN_ONE, grpc_timeout=timeout).grpc_status in (0, INVALID,
                                                                                 INTERNAL)


def test_a_real_client_sees_its_deadline(client):
    call = client.start_range(LONG.path, LONG.start, LONG.start + 3600 * 10**6, timeout=0.02)
    with pytest.raises(grpc.RpcError) as caught:
        for _ in call:
            pass
    assert caught.value.code() == grpc.StatusCode.DEADLINE_EXCEEDED
    assert same(client.range(ONE.path, ONE.start, ONE.end).array, ONE.float32(ONE.start, ONE.end))


def test_a_cancelled_reply_ends(client):
    for _ in range(20):
        call = client.start_range(LONG.path, LONG.start, LONG.start + 3600 * 10**6)
        next(iter(call))
        call.cancel()
    assert same(client.range(ONE.path, ONE.start, ONE.end).array, ONE.float32(ONE.start, ONE.end))


def test_other_calls_of_a_connection_go_on_beside_a_cancelled_one(connection):
    first = connection.request(RANGE, LONG_RANGE)
    second = connection.request(RANGE, range_request(ONE.start, ONE.end))
    connection.h2.reset_stream(first, 8)
    connection.flush()
    assert connection.reply(second).grpc_status == 0


def test_a_client_that_does_not_read_stops_only_itself(golden_daemon, works):
    settings = {h2.settings.SettingCodes.INITIAL_WINDOW_SIZE: 0}
    with Connection(golden_daemon, settings) as connection:
        for _ in range(8):
            connection.request(RANGE, LONG_RANGE)
        with Client(golden_daemon.address) as other:
            assert same(other.range(ONE.path, ONE.start, ONE.end).array,
                        ONE.float32(ONE.start, ONE.end))


def test_a_window_of_one_byte_is_enough(golden_daemon, works):
    settings = {h2.settings.SettingCodes.INITIAL_WINDOW_SIZE: 1}
    with Connection(golden_daemon, settings) as connection:
        reply = connection.call(RANGE, range_request(ONE.start, ONE.start + 200000))
        assert reply.grpc_status == 0
        message = wire.SignalChunk.FromString(reply.data[5:])
        assert list(message.shape) == [1, 51]


def test_pings_are_answered(connection):
    for n in range(5):
        connection.h2.ping(struct.pack(">Q", n))
        connection.flush()

    def answers():
        return [e for e in connection.events if isinstance(e, h2.events.PingAckReceived)]

    while len(answers()) < 5:
        assert connection.receive()
    assert [struct.unpack(">Q", e.ping_data)[0] for e in answers()] == [0, 1, 2, 3, 4]


def test_a_client_that_keeps_its_connection_alive(golden_daemon, works):
    options = [("grpc.keepalive_time_ms", 200), ("grpc.keepalive_timeout_ms", 20000),
               ("grpc.keepalive_permit_without_calls", 1), ("grpc.http2.max_pings_without_data", 0)]
    with Client(golden_daemon.address, options) as client:
        for _ in range(3):
            assert client.open(ONE.path).file_opened
            time.sleep(0.5)  # some pings pass


def test_a_real_client_may_compress_its_requests(golden_daemon, works):
    with Client(golden_daemon.address, compression=grpc.Compression.Gzip) as client:
        path = "a" * 30000
        assert client.open(path).error_message
        assert same(client.range(ONE.path, ONE.start, ONE.end).array,
                    ONE.float32(ONE.start, ONE.end))


def test_many_metadata_and_binary_metadata_are_let_pass(client):
    metadata = [(f"key-{n}", "value") for n in range(50)] + [("trace-bin", b"\0\1\2\xff")]
    info = client.stub.OpenFile(wire.OpenFileRequest(file_path=str(ONE.path)), metadata=metadata,
                                timeout=CALL_S)
    assert info.file_opened


@pytest.mark.parametrize("service, status", [("", 1), ("gRPCMef3Server", 1)])
def test_health(client, service, status):
    request = b"" if not service else b"\x0a" + bytes([len(service)]) + service.encode()
    check = client.channel.unary_unary("/grpc.health.v1.Health/Check")
    assert check(request, timeout=CALL_S) == bytes([8, status])


def test_health_of_an_unknown_service_is_not_found(client):
    check = client.channel.unary_unary("/grpc.health.v1.Health/Check")
    with pytest.raises(grpc.RpcError) as caught:
        check(b"\x0a\x04nope", timeout=CALL_S)
    assert caught.value.code() == grpc.StatusCode.NOT_FOUND


def test_random_requests_are_survived(golden_daemon, works):
    dice = random.Random(7)
    with Client(golden_daemon.address) as client:
        for _ in range(300):
            name = dice.choice(CALLS + ["ListOpenFiles"])
            call = client.channel.unary_stream(SERVICE + name)
            try:
                for _ in call(dice.randbytes(dice.randrange(40)), timeout=CALL_S):
                    pass
            except grpc.RpcError as error:
                assert error.code() in (grpc.StatusCode.INTERNAL,
                                        grpc.StatusCode.INVALID_ARGUMENT), name

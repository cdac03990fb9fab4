"""What is counted, by known requests."""
import socket
import threading

import grpc
import pytest

from client import CALL_S, Client
from daemon import PATIENCE_S, wait_until
from golden import GOLDEN, SESSIONS
from metrics import Metrics
from raw import Connection, framed

ONE = SESSIONS["one_channel"]
SECOND = 10**6
NO_READ_AHEAD = ("--n-prefetch", "0", "--prefetch-ahead-windows", "0",
                 "--prefetch-behind-windows", "0")


class Counted:
    """How much further each counter is than at the begin."""

    def __init__(self, daemon):
        self.daemon = daemon
        self.before = Metrics(daemon.http)

    def __call__(self, name, **labels):
        now = Metrics(self.daemon.http)(name, **labels)
        try:
            return now - self.before(name, **labels)
        except KeyError:  # a label that was not there yet
            return now

    def reaches(self, n, name, **labels):
        """Calls end on the server a moment after their last byte is here."""
        wait_until(lambda: self.seen(name, **labels) >= n, f"{name} {labels} to be {n}")
        assert self(name, **labels) == n

    def seen(self, name, **labels):
        try:
            return self(name, **labels)
        except KeyError:
            return 0


@pytest.fixture
def daemon(with_pages, long_demo):
    daemon = with_pages(GOLDEN, long_demo.parent, *NO_READ_AHEAD)
    # The start itself was seen by a connection.
    wait_until(lambda: Metrics(daemon.http)("mef3d_grpc_connections_open") == 0, "nobody there")
    return daemon


def test_two_clients_that_ask_for_one_cold_page_cost_one_decode_a_block(daemon, long_demo):
    # 2000 Hz in blocks of a second: each block is a unit of its own. One message: a block that
    # is in two is asked for by each.
    seconds, channels = 30, 8
    with Client(daemon.address) as one, Client(daemon.address) as other:
        info = one.open(long_demo)
        counted = Counted(daemon)
        replies, gate = [], threading.Barrier(2)

        def read(client):
            gate.wait(PATIENCE_S)
            end = info.start_uutc + seconds * SECOND
            replies.append(client.range(long_demo, info.start_uutc, end).array.tobytes())

        threads = [threading.Thread(target=read, args=(client,)) for client in (one, other)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(PATIENCE_S)
    assert len(replies) == 2 and replies[0] == replies[1]
    asked = seconds * channels
    assert counted("mef3d_cache_misses_total") == asked
    assert counted("mef3d_cache_hits_total") + counted("mef3d_cache_joins_total") == asked
    assert counted("mef3d_cache_evictions_total") == 0
    assert counted("mef3d_pool_queue_jobs", lane="now") == 0
    # Once more: nothing is decoded.
    with Client(daemon.address) as client:
        counted = Counted(daemon)
        client.range(long_demo, info.start_uutc, info.start_uutc + seconds * SECOND)
        assert counted("mef3d_cache_misses_total") == 0
        assert counted("mef3d_cache_hits_total") == asked
        # But that the recording may have been looked at again.
        assert counted("mef3d_pool_jobs_total") == counted("mef3d_recording_looks_total")


def test_calls_are_counted_with_how_they_ended_and_how_long_they_took(daemon):
    counted = Counted(daemon)
    with Client(daemon.address) as client:
        client.open(ONE.path)
        client.open(ONE.path)
        client.list()
        reply = client.start_range(ONE.path, ONE.start, ONE.end)
        sizes = [5 + message.ByteSize() for message in reply]
        assert counted("mef3d_grpc_connections_open") == 1
        with pytest.raises(grpc.RpcError):
            client.channel.unary_unary("/grpc.health.v1.Health/Check")(b"\x0a\x01x", timeout=CALL_S)
    calls = "mef3d_grpc_calls_total"
    counted.reaches(2, calls, method="gRPCMef3Server/OpenFile", status="OK")
    counted.reaches(1, calls, method="gRPCMef3Server/GetSignalRange", status="OK")
    counted.reaches(1, calls, method="grpc.health.v1.Health/Check", status="NOT_FOUND")
    assert counted(calls, method="gRPCMef3Server/GetSignalSegment", status="OK") == 0
    assert counted("mef3d_grpc_call_duration_seconds_count", method="gRPCMef3Server/OpenFile") == 2
    assert counted("mef3d_grpc_call_duration_seconds_sum", method="gRPCMef3Server/OpenFile") > 0
    assert counted("mef3d_grpc_first_message_seconds_count",
                   method="gRPCMef3Server/GetSignalRange") == 1
    assert counted("mef3d_grpc_messages_total") == 2 + 1 + len(sizes)
    assert counted("mef3d_grpc_message_bytes_total") > sum(sizes)
    assert counted("mef3d_grpc_connections_accepted_total") == 1
    counted.reaches(0, "mef3d_grpc_connections_open")


def test_a_read_that_is_given_up_is_counted_as_cancelled(daemon, long_demo):
    with Client(daemon.address) as client:
        info = client.open(long_demo)
        counted = Counted(daemon)
        reading = client.start_range(long_demo, info.start_uutc, info.end_uutc)
        next(reading)
        assert counted("mef3d_grpc_calls_active") == 1
        reading.cancel()
        counted.reaches(1, "mef3d_grpc_calls_total", method="gRPCMef3Server/GetSignalRange",
                        status="CANCELLED")
        counted.reaches(0, "mef3d_grpc_calls_active")


def test_what_is_refused_is_counted_by_its_reason(daemon):
    refused = "mef3d_grpc_refused_total"
    counted = Counted(daemon)
    path = "/gRPCMef3Server/OpenFile"
    with Connection(daemon) as connection:
        connection.call("/gRPCMef3Server/Nothing", framed(b""))
        connection.call(path, b"\0\0\0\0\1\xff")
        connection.call(path, framed(b"x" * 1000000))
        connection.call(path, framed(b"x", compressed=True))
    with socket.create_connection(("127.0.0.1", daemon.port), timeout=PATIENCE_S) as made:
        made.sendall(b"GET / HTTP/1.1\r\n\r\n")
        assert made.recv(100).startswith(b"HTTP/1.1 505")
    for reason in ("method", "malformed", "limit", "encoding", "protocol"):
        counted.reaches(1, refused, reason=reason)
    assert counted(refused, reason="connection") == counted(refused, reason="slow") == 0


def test_a_connection_too_many_is_counted(with_pages):
    daemon = with_pages(GOLDEN, "--max-connections", "2")
    held = []

    def is_full():
        held.append(socket.create_connection(("127.0.0.1", daemon.port), timeout=PATIENCE_S))
        return Metrics(daemon.http)("mef3d_grpc_refused_total", reason="connection") > 0

    wait_until(is_full, "a connection to be refused")
    assert Metrics(daemon.http)("mef3d_grpc_connections_open") == 2
    for connection in held:
        connection.close()


def test_looking_changes_nothing_but_what_is_counted_of_looking(daemon):
    def without_looking(text):
        return [line for line in text.splitlines() if "process_cpu" not in line and "mef3d_http_" not in line]

    wait_until(lambda: Metrics(daemon.http)("mef3d_pool_workers", state="idle") == 2, "workers")
    assert without_looking(Metrics(daemon.http).text) == without_looking(Metrics(daemon.http).text)

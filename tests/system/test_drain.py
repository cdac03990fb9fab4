"""The end: reads under way are finished, nobody new is let in, and nothing is left behind."""
import os
import pathlib
import signal
import socket

import grpc
import numpy
import pytest

from client import CALL_S, Client
from daemon import PATIENCE_S, free_port, wait_until
from golden import GOLDEN, SESSIONS, same
from test_life import long_array  # noqa: F401 - a fixture

LONG = SESSIONS["long_block"]
SECOND = 10**6
IN_A_GROUP = ("setsid",)  # of its own, so that it alone gets a signal to the group


def is_refused(port):
    try:
        socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S).close()
    except ConnectionRefusedError:
        return True
    except ConnectionResetError:  # met the listener as it closed: the next one is refused
        return False
    return False


def begin(client):
    """A read of more than fits into any buffer, of which nobody has taken more than a message."""
    info = client.open("demo.mefd")
    call = client.start_range("demo.mefd", info.start_uutc, info.end_uutc)
    return next(call), call


def rest_of(first, call):
    return numpy.concatenate([numpy.frombuffer(m.array_bytes, m.dtype).reshape(m.shape)
                              for m in (first, *call)], axis=1)


def ended_well(daemon):
    assert daemon.process.wait(PATIENCE_S) == 0, daemon.log()
    assert daemon.family() == []
    daemon.check_log()


def to_the_process(daemon, number):
    daemon.process.send_signal(number)


def to_the_group(daemon, number):
    assert os.getpgid(daemon.process.pid) == daemon.process.pid
    os.killpg(daemon.process.pid, number)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
@pytest.mark.parametrize("send", [to_the_process, to_the_group])
def test_a_slow_read_is_finished_while_nobody_new_is_let_in(start, long_demo, long_array,  # noqa: F811
                                                            send, number):
    daemon = start(long_demo.parent, prefix=IN_A_GROUP)
    with Client(daemon.address) as client:
        watch = client.channel.unary_stream("/grpc.health.v1.Health/Watch")(b"", timeout=CALL_S)
        assert next(watch) == b"\x08\x01"
        first, call = begin(client)
        send(daemon, number)
        wait_until(lambda: is_refused(daemon.port), "new connections to be refused")
        assert next(watch) == b"\x08\x02", "NOT_SERVING"
        assert daemon.process.poll() is None, "a read is under way"
        assert same(rest_of(first, call), long_array)
    ended_well(daemon)
    assert "drain_cut_short" not in daemon.log()
    assert daemon.log().count("event=draining") == 1
    assert daemon.log().count("event=stopped") == 1


def test_a_client_that_does_not_read_is_cut_off_in_the_end(start, long_demo):
    daemon = start(long_demo.parent, "--drain", "1s")
    with Client(daemon.address) as client:
        first, call = begin(client)
        daemon.process.send_signal(signal.SIGTERM)
        ended_well(daemon)
        with pytest.raises(grpc.RpcError):
            rest_of(first, call)
    assert daemon.log().count("event=drain_cut_short") == 1


def test_a_second_signal_ends_it_at_once(start, long_demo):
    daemon = start(long_demo.parent, "--drain", "1h")
    with Client(daemon.address) as client:
        first, call = begin(client)
        daemon.process.send_signal(signal.SIGTERM)
        wait_until(lambda: "event=draining" in daemon.log(), "the end to begin")
        daemon.process.send_signal(signal.SIGTERM)
        assert daemon.process.wait(PATIENCE_S) == 0
        assert daemon.family() == []
        with pytest.raises(grpc.RpcError):
            rest_of(first, call)
    assert "event=drain_cut_short" not in daemon.log()


def test_a_signal_before_anything_is_ready_ends_it_too(start):
    for _ in range(5):
        daemon = start(GOLDEN)
        daemon.stop()


def test_nothing_is_left_behind(start, tmp_path):
    before = set(os.listdir("/dev/shm"))
    path = tmp_path / "mef3d.sock"
    daemon = start(GOLDEN, "--listen", f"unix:{path}", "--listen", "127.0.0.1:0", "--listen",
                   f"127.0.0.1:{(port := free_port())}", port=port)
    assert path.is_socket()
    with Client(f"unix:{path}") as client:
        assert client.open(LONG.path).file_opened
    memory = {os.readlink(link) for process in daemon.family()
              for link in pathlib.Path(f"/proc/{process.pid}/fd").iterdir()
              if "memfd" in os.readlink(link)}
    assert memory, "the arena is seen"
    daemon.stop()
    assert not path.exists()
    assert set(os.listdir("/dev/shm")) <= before
    assert is_refused(port)

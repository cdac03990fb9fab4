"""Floods: calls that are given up at any moment, and what must hold while and after.

A sanitized build sees here what was freed too early; any build, what was not given back.
"""
import os
import random
import shutil
import signal
import socket
import struct
import threading

import grpc
import numpy
import pytest
from h2.exceptions import ProtocolError

from client import Answer, Client, wire
from conftest import make_demo
from daemon import PATIENCE_S, wait_until
from golden import GOLDEN, SESSIONS, same
from raw import SERVICE, Connection, framed

ONE = SESSIONS["one_channel"]
MANY = SESSIONS["many_channels"]
SECOND = 10**6
ROUNDS = 40
MOST_READS = 48
# A channel of its own, not one that others share.
OWN = [("grpc.use_local_subchannel_pool", 1)]
DEADLINES_S = [0, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, PATIENCE_S]
WATCH = "/grpc.health.v1.Health/Watch"


def ask(request, session, start=None, end=None):
    """A request for something of a session, as the bytes of a body."""
    path = str(session)
    if request == "GetSignalRange":
        message = wire.SignalRangeRequest(file_path=path, start_uutc=start, end_uutc=end)
    elif request == "GetSignalSegment":
        message = wire.SignalChunkRequest(file_path=path, chunk_idx=0)
    elif request == "OpenFile":
        message = wire.OpenFileRequest(file_path=path)
    elif request == "SetSignalSegmentSize":
        message = wire.SetSignalSegmentRequest(file_path=path, seconds=start % 100 + 1)
    else:
        message = wire.FileInfoRequest(file_path=path)
    return framed(message.SerializeToString())


class Flood:
    """Clients that give up. What they ask for, and when they leave, the seed decides."""

    REQUESTS = ["GetSignalRange"] * 5 + ["GetSignalSegment"] * 2 + \
        ["OpenFile", "CloseFile", "FileInfo", "SetSignalSegmentSize", "Watch"]

    def __init__(self, daemon, sessions, seed):
        self.daemon = daemon
        self.sessions = sessions  # (path, start, end)
        self.seed = seed
        self.ended = threading.Event()

    def choose(self, chance):
        path, start, end = chance.choice(self.sessions)
        begin = chance.choice([start, chance.randrange(start, end)])
        return chance.choice(self.REQUESTS), path, begin, chance.randrange(begin, end) + 1

    def polite(self, number):
        """Calls of a gRPC library: with deadlines, cancelled, read a little, left alone."""
        chance = random.Random(f"{self.seed} polite {number}")
        for _ in range(ROUNDS):
            with Client(self.daemon.address, OWN) as client:
                calls = [self.begin(client, chance) for _ in range(chance.randrange(1, 25))]
                for call in calls:
                    self.give_up(call, chance)

    def begin(self, client, chance):
        request, *window = self.choose(chance)
        deadline = chance.choice(DEADLINES_S[:-1] if request == "Watch" else DEADLINES_S)
        if request == "Watch":
            return client.channel.unary_stream(WATCH)(b"", timeout=deadline)
        begin = client.channel.unary_stream(SERVICE + request)
        return begin(ask(request, *window)[5:], timeout=deadline)

    @staticmethod
    def give_up(call, chance):
        messages = chance.choice([0, 0, 1, 2, 1000])
        try:
            for _ in range(messages):
                next(call)
        except (grpc.RpcError, StopIteration):
            pass
        if chance.randrange(2):
            call.cancel()

    def rude(self, number):
        """Raw streams: reset, half closed, starved, left unread; connections aborted."""
        chance = random.Random(f"{self.seed} rude {number}")
        for _ in range(ROUNDS):
            window = chance.choice([0, 1, 100, 65535, 1 << 20])
            try:
                with Connection(self.daemon, chance.choice([None, {4: window}])) as connection:
                    for _ in range(chance.randrange(1, 30)):
                        self.stream(connection, chance)
                    self.leave(connection, chance)
            except (OSError, ProtocolError, AssertionError):  # the server may end such a connection
                pass

    def stream(self, connection, chance):
        request, *window = self.choose(chance)
        timeout = chance.choice([None, f"{chance.choice(range(50))}m"])
        headers = {"grpc_timeout": timeout} if timeout else {}
        path = WATCH if request == "Watch" else SERVICE + request
        body = framed(b"") if request == "Watch" else ask(request, *window)
        stream = connection.request(path, body, end=chance.randrange(8) > 0, **headers)
        then = chance.randrange(4)
        if then == 0:
            stream = chance.choice(list(connection.replies))
            if stream not in connection.ended:
                connection.h2.reset_stream(stream, chance.choice([0, 8]))
                connection.ended.add(stream)
        elif then == 1:
            connection.h2.increment_flow_control_window(chance.randrange(1, 1 << 20))
        elif then == 2:
            self.hear(connection)
        connection.flush()

    @staticmethod
    def hear(connection):
        """What has come by now, if anything."""
        connection.socket.settimeout(0.01)
        try:
            connection.receive(acknowledge=False)
        except TimeoutError:
            pass
        connection.socket.settimeout(PATIENCE_S)

    def leave(self, connection, chance):
        then = chance.randrange(4)
        if then == 0:  # an abort
            connection.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                         struct.pack("ii", 1, 0))
        elif then == 1:
            connection.h2.close_connection()
            connection.flush()
            self.hear(connection)
        elif then == 2:
            connection.socket.shutdown(socket.SHUT_WR)
            self.hear(connection)

    def kill(self):
        """Workers end, one or all."""
        chance = random.Random(f"{self.seed} kill")
        while not self.ended.wait(0.3):
            for worker in self.daemon.workers()[:chance.randrange(1, 3)]:
                try:
                    os.kill(worker.pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass

    def replace(self, path, other):
        """The recording is another one, again and again."""
        for number in range(1000):
            if self.ended.wait(0.4):
                return
            copy, old = path.with_name(f"new{number}"), path.with_name(f"old{number}")
            shutil.copytree(other, copy)
            path.rename(old)
            copy.rename(path)
            shutil.rmtree(old)

    def run(self, *troubles, while_it_lasts=None):
        """All at once, until every client has gone its rounds."""
        failures = []

        def guarded(work, *arguments):
            try:
                work(*arguments)
            except BaseException as failure:  # noqa: B902 - handed on to the test
                failures.append(failure)

        clients = [threading.Thread(target=guarded, args=(kind, number))
                   for kind in (self.polite, self.rude) for number in range(3)]
        others = [threading.Thread(target=guarded, args=trouble) for trouble in troubles]
        for thread in clients + others:
            thread.start()
        try:
            if while_it_lasts:
                while_it_lasts()
            for thread in clients:
                thread.join()
        finally:
            self.ended.set()
            for thread in clients + others:
                thread.join()
        if failures:
            raise failures[0]


def check_server(daemon):
    daemon.check_log()
    assert "event=server_ended" not in daemon.log(), daemon.log()


def facts(daemon, paths):
    """(path, start, end) of recordings."""
    with Client(daemon.address) as client:
        infos = [client.open(path) for path in paths]
    assert all(info.file_opened for info in infos), infos
    return [(path, info.start_uutc, info.end_uutc) for path, info in zip(paths, infos)]


def check_all_is_given_back(daemon):
    """As many reads as are allowed at all go at once, and each gets its samples."""
    def begin(client):
        return [client.start_range(MANY.path, MANY.start, MANY.end) for _ in range(MOST_READS)]

    with Client(daemon.address, OWN) as client:
        def all_are_taken():
            try:
                return all(same(Answer(call).array, MANY.float32(MANY.start, MANY.end))
                           for call in begin(client))
            except grpc.RpcError as refused:  # what was given up last may still be going
                assert refused.code() == grpc.StatusCode.RESOURCE_EXHAUSTED
                return False

        wait_until(all_are_taken, "the reads that were given up to be over")


@pytest.fixture(scope="module")
def demos(tmp_path_factory):
    """Two recordings to take turns, of several messages each and larger than the cache."""
    folder = tmp_path_factory.mktemp("demos")
    for seed in ("1", "2"):
        (folder / seed).mkdir()
        make_demo(folder / seed, "--channels", "8", "--rate", "1000", "--hours", "0.1",
                  "--seed", seed)
    return folder / "1" / "demo.mefd", folder / "2" / "demo.mefd"


@pytest.mark.parametrize("seed", [1, 2])
def test_what_is_given_up_at_any_moment_harms_nobody(start, demos, tmp_path, seed):
    root = tmp_path / "root"
    shutil.copytree(demos[0], root / "demo.mefd")
    daemon = start(root, GOLDEN, "--cache", "4M", "--max-reads", MOST_READS)
    daemon.may_lose_processes = True
    sessions = facts(daemon, [root / "demo.mefd", ONE.path, MANY.path])
    flood = Flood(daemon, sessions[:1] * 3 + sessions, seed)
    flood.run((flood.kill,), (flood.replace, root / "demo.mefd", demos[1]))
    check_all_is_given_back(daemon)
    check_server(daemon)


def test_the_end_comes_in_a_flood(start, demos):
    daemon = start(demos[0].parent, GOLDEN, "--cache", "4M", "--drain", "1")
    sessions = facts(daemon, [demos[0], ONE.path, MANY.path])
    flood = Flood(daemon, sessions, 3)
    flood.run(while_it_lasts=daemon.stop)


def test_an_opening_may_be_given_up_and_asked_for_again(start):
    daemon = start(GOLDEN, "--workers", 1)
    wait_until(lambda: len(daemon.workers()) == 1, "a worker")
    worker = daemon.workers()[0]
    one, many = (ask("GetSignalRange", s.path, s.start, s.end) for s in (ONE, MANY))
    with Connection(daemon, {4: 1 << 30}) as connection:
        connection.h2.increment_flow_control_window(1 << 30)
        os.kill(worker.pid, signal.SIGSTOP)
        try:
            first = connection.request(SERVICE + "GetSignalRange", one)
            for _ in range(3):  # behind the first, so it waits until it is given up
                given_up = connection.request(SERVICE + "GetSignalRange", many)
                connection.h2.reset_stream(given_up, 8)
            last = connection.request(SERVICE + "GetSignalRange", many)
            connection.flush()
            connection.call(SERVICE + "ListOpenFiles", framed(b""))  # all that is heard by now
        finally:
            os.kill(worker.pid, signal.SIGCONT)
        replies = [connection.reply(stream) for stream in (first, last)]
    for reply, session in zip(replies, (ONE, MANY)):
        assert reply.grpc_status == 0
        message = wire.SignalChunk.FromString(reply.data[5:])
        array = numpy.frombuffer(message.array_bytes, "<f4").reshape(message.shape)
        assert same(array, session.float32(session.start, session.end))
    check_server(daemon)

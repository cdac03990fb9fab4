"""Memory: what slow clients, and clients that jump about, can make a daemon hold."""
import os
import pathlib
import random
import signal
import threading

import grpc
import pytest

from client import CALL_S, Client, wire
from conftest import make_demo
from daemon import PATIENCE_S, SANITIZED, free_port, wait_until
from metrics import Metrics

MIB = 1 << 20
SECOND = 10**6
CACHE_MIB = 32
WORKERS = 2
A_WORKER_MIB = 16
PROMISE_MIB = CACHE_MIB + 64 + A_WORKER_MIB * WORKERS
CLIENTS = 4  # slow ones, and as many that jump
PAGES = 60  # that each of those reads
# Pages that all those read together before one slow client takes one message more.
PAGES_A_MESSAGE = 5
# Its own connection, and no window that grows with the line's speed.
STEADY = [("grpc.use_local_subchannel_pool", 1), ("grpc.http2.bdp_probe", 0)]

of_real_builds = pytest.mark.skipif(SANITIZED, reason="sanitizers take memory of their own")


@pytest.fixture(scope="module")
def wide_demo(tmp_path_factory):
    """64 channels, 113 MiB of counts: several times the cache."""
    return make_demo(tmp_path_factory.mktemp("wide"),
                     "--channels", "64", "--rate", "256", "--hours", "0.5")


@pytest.fixture
def daemon(start, wide_demo):
    port = free_port()
    daemon = start(wide_demo.parent, "--cache", f"{CACHE_MIB}M", "--workers", WORKERS,
                   "--http", f"127.0.0.1:{port}")
    daemon.http = port
    return daemon


def rollup_mib(pid, figure):
    for line in pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith(figure + ":"):
            return int(line.split()[1]) / 1024
    raise KeyError(figure)


def all_mib(daemon):
    """Of all processes; pages that they share count once."""
    pids = [daemon.process.pid] + [p.pid for p in daemon.family()]
    return sum(rollup_mib(pid, "Pss") for pid in pids)


class Crowd:
    def __init__(self, daemon, path):
        self.daemon, self.path = daemon, path
        self.turns = threading.Semaphore(0)
        self.ended = threading.Event()
        self.taken = [0] * CLIENTS
        self.faults = []
        self.slow_ones = [threading.Thread(target=self.live, args=(self.slow, i))
                          for i in range(CLIENTS)]
        self.jumping_ones = [threading.Thread(target=self.live, args=(self.jumping, i))
                             for i in range(CLIENTS)]

    def live(self, what, number):
        try:
            with Client(self.daemon.address, STEADY) as client:
                what(client, client.open(self.path), number)
        except Exception as fault:  # for the test to tell
            self.faults.append(fault)

    def slow(self, client, info, number):
        while not self.ended.is_set():
            call = client.start_range(self.path, info.start_uutc, info.end_uutc)
            try:
                for message in call:
                    assert not message.error_message
                    self.taken[number] += 1
                    self.turns.acquire()
                    if self.ended.is_set():
                        break
            except grpc.RpcError as error:
                # On a machine that is very slow it takes too little while others wait.
                assert error.code() == grpc.StatusCode.RESOURCE_EXHAUSTED
            call.cancel()

    def jumping(self, client, info, number):
        dice = random.Random(number)
        for i in range(PAGES):
            start = dice.randrange(info.start_uutc, info.end_uutc - 10 * SECOND)
            for message in client.start_range(self.path, start, start + 10 * SECOND):
                assert not message.error_message
            if i % PAGES_A_MESSAGE == 0:
                self.turns.release()

    def __enter__(self):
        for thread in self.slow_ones + self.jumping_ones:
            thread.start()
        return self

    def jump(self):
        return any(thread.is_alive() for thread in self.jumping_ones)

    def __exit__(self, *_):
        self.ended.set()
        for _ in range(2 * CLIENTS):
            self.turns.release()
        for thread in self.slow_ones + self.jumping_ones:
            thread.join(PATIENCE_S)


@of_real_builds
def test_slow_and_jumping_clients_do_not_make_it_take_more_than_promised(daemon, wide_demo):
    most, most_a_worker = 0, 0
    with Crowd(daemon, wide_demo) as crowd:
        while crowd.jump():
            most = max(most, all_mib(daemon))
            most_a_worker = max([most_a_worker] +
                                [rollup_mib(p.pid, "Rss") for p in daemon.workers()])
        counted = Metrics(daemon.http)
    assert crowd.faults == []
    assert min(crowd.taken) > 1, "the slow clients were not served"
    assert counted("mef3d_cache_evictions_total") > 0, "the cache was never full"
    assert CACHE_MIB / 2 < most < PROMISE_MIB
    # Not even what it has written for others stays in a worker.
    assert most_a_worker < A_WORKER_MIB


def is_idle(daemon):
    """Nobody waits for a worker, and no worker works."""
    counted = Metrics(daemon.http)
    return (counted("mef3d_pool_workers", state="busy") == 0 and
            counted("mef3d_pool_workers", state="idle") == WORKERS and n_queued(daemon) == 0)


def n_queued(daemon):
    counted = Metrics(daemon.http)
    return sum(counted("mef3d_pool_queue_jobs", lane=lane) for lane in ("now", "ahead"))


def test_a_client_that_reads_one_message_of_a_recording_holds_three_and_no_worker(daemon,
                                                                                  wide_demo):
    with Client(daemon.address, STEADY) as client, Client(daemon.address, STEADY) as other:
        info = client.open(wide_demo)
        call = client.start_range(wide_demo, info.start_uutc, info.end_uutc)
        message_bytes = len(next(call).array_bytes)
        wait_until(lambda: is_idle(daemon), "a server that has filled what it may")
        first = Metrics(daemon.http)
        all_bytes = 64 * 256 * 1800 * 4
        assert first("mef3d_messages_bytes") < 4 * message_bytes + MIB < all_bytes
        # What else is asked for finds nothing in its way, and moves nothing of it.
        for i in range(20):
            start = info.start_uutc + i * 90 * SECOND
            assert other.range(wide_demo, start, start + SECOND, ["C3"]).array.size == 256
        wait_until(lambda: is_idle(daemon), "a server that has nothing to do")
        then = Metrics(daemon.http)
        assert then("mef3d_messages_bytes") <= first("mef3d_messages_bytes") + MIB
        assert then("mef3d_grpc_calls_active") == 1
        n_units = 64 * 256 * 1800 / 1024
        assert then("mef3d_cache_misses_total") < n_units / 2
        call.cancel()
        wait_until(lambda: Metrics(daemon.http)("mef3d_messages_bytes") == 0,
                   "the memory of its messages")
        last = Metrics(daemon.http)
        assert last("mef3d_grpc_calls_active") == 0
        assert is_idle(daemon)
        assert last("mef3d_cache_misses_total") == then("mef3d_cache_misses_total")


def test_the_jobs_of_a_client_that_leaves_are_gone(daemon, wide_demo):
    daemon.may_lose_processes = True  # workers that hang are ended, if this takes long
    with Client(daemon.address, STEADY) as client:
        info = client.open(wide_demo)
        # What an hour is made of is known, and nothing else is under way.
        list(client.start_range(wide_demo, info.start_uutc, info.start_uutc + SECOND))
        wait_until(lambda: is_idle(daemon), "a server that has nothing to do")
        workers = daemon.workers()
        for worker in workers:
            os.kill(worker.pid, signal.SIGSTOP)
        call = client.start_range(wide_demo, info.start_uutc, info.end_uutc)
        wait_until(lambda: n_queued(daemon) > 0, "jobs that wait for a worker")
        call.cancel()
        wait_until(lambda: n_queued(daemon) == 0, "a queue without them")
        for worker in workers:
            if worker.lives():
                os.kill(worker.pid, signal.SIGCONT)
        wait_until(lambda: is_idle(daemon), "workers that have nothing to do")

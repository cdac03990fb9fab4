"""Workers that are killed, stopped, crash, or are not there at all; more and fewer of them."""
import os
import pathlib
import re
import shutil
import signal
import threading
import time

import grpc
import numpy
import pytest

from api import ask
from client import Client, together
from daemon import BUILD, SANITIZED, Process, run_tool, wait_until
from golden import GOLDEN, SESSIONS, same
from metrics import Metrics

ONE = SESSIONS["one_channel"]
MANY = SESSIONS["many_channels"]
OWN_CONNECTION = [("grpc.use_local_subchannel_pool", 1)]


@pytest.fixture(scope="module")
def long_array(long_demo):
    done = run_tool("cat", long_demo, "--format", "f32")
    assert done.returncode == 0, done.stderr
    return numpy.frombuffer(done.stdout, "<f4").reshape(8, -1)


@pytest.fixture
def with_pages(with_pages):
    """The daemon with pages of all tests; its workers may be lost here."""
    def start_lossy(*arguments, **options):
        daemon = with_pages(*arguments, **options)
        daemon.may_lose_processes = True
        return daemon

    return start_lossy


def is_busy(daemon):
    return Metrics(daemon.http)("mef3d_pool_workers", state="busy") > 0


def strike(daemon, with_signal, times):
    """Signal each worker in turn, in the middle of its work; each time all are there."""
    for number in range(times):
        name = f"MefWorker-{number % 2}"
        wait_until(lambda: len(daemon.workers()) == 2 and is_busy(daemon), "workers at work")
        worker = next(w for w in daemon.workers() if w.name == name)
        os.kill(worker.pid, with_signal)
        wait_until(lambda: not worker.lives(), f"the end of {name}")


@pytest.mark.parametrize("with_signal", [signal.SIGKILL, signal.SIGSTOP], ids=["kill", "stop"])
def test_each_worker_is_struck_in_mid_read_under_sixteen_clients(with_pages, long_demo, long_array,
                                                                 with_signal):
    # A cache half as large as the recording, so that every reading decodes.
    daemon = with_pages(long_demo.parent, "--cache", "16M", "--job-timeout", "1s")
    over = threading.Event()

    def reader(number):
        def work():
            with Client(daemon.address, OWN_CONNECTION) as client:
                info = client.open("demo.mefd")
                names = list(info.channel_names)
                end = info.start_uutc + 60_000_000 * (number % 4 + 1)
                rounds = 0
                while rounds < 2 or not over.is_set():
                    start = info.start_uutc + 60_000_000 * (number % 4)
                    array = client.range("demo.mefd", start, end, names).array
                    first = 60 * 2000 * (number % 4)
                    assert same(array, long_array[:, first:first + array.shape[1]])
                    rounds += 1

        return work

    def striker():
        try:
            strike(daemon, with_signal, 4)
        finally:
            over.set()

    together([striker] + [reader(number) for number in range(16)])
    wait_until(lambda: len(daemon.workers()) == 2, "two workers again")
    metrics = Metrics(daemon.http)
    assert metrics("mef3d_pool_workers_lost_total") >= 4
    assert metrics("mef3d_quarantined_total") == 0
    if with_signal == signal.SIGSTOP:
        assert metrics("mef3d_pool_workers_stuck_total") >= 4


def block_offset(session, channel, number):
    """Where in its data file a block stands, by the index beside it."""
    folder = next(session.glob(f"{channel}.timd/*-000000.segd"))
    index = next(folder.glob("*.tidx")).read_bytes()
    return next(folder.glob("*.tdat")), int.from_bytes(
        index[1024 + 56 * number:1024 + 56 * number + 8], "little")


@pytest.mark.skipif(SANITIZED, reason="a sanitizer must be the first that is loaded")
def test_a_block_that_ends_workers_costs_only_itself(with_pages, long_demo, long_array):
    data, offset = block_offset(long_demo, sorted(
        p.stem for p in long_demo.glob("*.timd"))[3], 40)
    daemon = with_pages(long_demo.parent, env={
        "LD_PRELOAD": str(BUILD / "tests/system/deadly.so"),
        "DEADLY": f"{data.stat().st_ino}:{offset + 400}"})
    with Client(daemon.address) as client:
        info = client.open("demo.mefd")
        names = list(info.channel_names)
        answer = client.range("demo.mefd", info.start_uutc, info.start_uutc + 120_000_000, names)
        lost = numpy.isnan(answer.array)
        wanted = long_array[:, :answer.array.shape[1]]
        assert same(answer.array[~lost], wanted[~lost])
        assert set(numpy.nonzero(lost)[0]) == {3}
        stretch = numpy.nonzero(lost[3])[0]
        assert len(stretch) == stretch[-1] - stretch[0] + 1 < 5000
        assert "ended one worker after another" in answer.damage
        metrics = Metrics(daemon.http)
        assert metrics("mef3d_quarantined_total") == 1
        n_lost = metrics("mef3d_pool_workers_lost_total")
        assert n_lost >= 2
        again = client.range("demo.mefd", info.start_uutc, info.start_uutc + 120_000_000, names)
        assert numpy.array_equal(numpy.isnan(again.array), lost)
        assert Metrics(daemon.http)("mef3d_pool_workers_lost_total") == n_lost
    assert "quarantined" in daemon.log()


def test_without_any_worker_calls_wait_and_then_say_unavailable(with_pages, tmp_path):
    programs = tmp_path / "programs"
    programs.mkdir()
    for name in ("mef3d", "mef3d-server", "mef3d-worker"):
        shutil.copy(BUILD / name, programs)
    daemon = with_pages(GOLDEN, "--worker-wait", "500ms", programs=programs)
    # One that never served would be given up.
    wait_until(lambda: "event=serving" in daemon.log(), "mef3d serves")
    with Client(daemon.address) as client:
        client.open(ONE.path)
        (programs / "mef3d-worker").rename(programs / "elsewhere")
        wait_until(lambda: len(daemon.workers()) == 2, "two workers")
        for worker in daemon.workers():
            os.kill(worker.pid, signal.SIGKILL)
        for call in (lambda: client.range(ONE.path, ONE.start, ONE.end),
                     lambda: client.open(MANY.path)):
            with pytest.raises(grpc.RpcError) as refused:
                call()
            assert refused.value.code() == grpc.StatusCode.UNAVAILABLE
        window = {"from_": ONE.start, "to": ONE.end}
        for resource, query in [("samples", window), ("export", {**window, "format": "csv"}),
                                ("envelope", {"width": 9}), ("metadata", {})]:
            answer = ask(daemon.http, resource, recording=ONE.path, **query)
            assert answer.status == 503 and "worker" in answer.problem, resource
        assert client.health() == 1 or client.health() == 2
        assert not daemon.workers()
        (programs / "elsewhere").rename(programs / "mef3d-worker")
        wait_until(lambda: len(daemon.workers()) == 2, "two workers again")
        assert same(client.range(ONE.path, ONE.start, ONE.end).array,
                    ONE.float32(ONE.start, ONE.end))


def test_there_are_more_workers_when_all_are_busy(with_pages, long_demo, long_array):
    daemon = with_pages(long_demo.parent, "--cache", "16M", "--workers", "1-3")
    wait_until(lambda: len(daemon.workers()) == 1, "one worker")
    most = threading.Event()

    def read():
        with Client(daemon.address, OWN_CONNECTION) as client:
            info = client.open("demo.mefd")
            while not most.is_set():
                array = client.range("demo.mefd", info.start_uutc, info.end_uutc).array
                assert same(array, long_array)

    def are_three():
        # However quick they are: while they all stand still, what is asked for waits.
        workers = daemon.workers()
        for worker in workers:
            os.kill(worker.pid, signal.SIGSTOP)
        time.sleep(0.3)
        for worker in workers:
            os.kill(worker.pid, signal.SIGCONT)
        return len(workers) == 3

    def wait():
        try:
            wait_until(are_three, "three workers")
        finally:
            most.set()

    together([wait] + [read] * 6)


def open_files(pid):
    return len(list(pathlib.Path(f"/proc/{pid}/fd").iterdir()))


def test_the_files_that_a_worker_has_open_are_bounded(with_pages):
    daemon = with_pages(GOLDEN, "--workers", "1")
    with Client(daemon.address) as client:
        for session in SESSIONS.values():
            info = client.open(session.path)
            if info.file_opened:
                client.range(session.path, info.start_uutc, info.end_uutc)
    worker = Process(daemon.workers()[0].pid)
    limit = pathlib.Path(f"/proc/{worker.pid}/limits").read_text()
    most = int(re.search(r"Max open files\s+(\d+)", limit)[1])
    assert open_files(worker.pid) < min(most, 200)

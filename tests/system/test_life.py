"""How the daemon lives: many clients, lost workers, vanishing clients, start and end."""
import fcntl
import os
import pathlib
import signal
import socket
import subprocess
import threading

import grpc
import hpack
import numpy
import pytest

from client import CALL_S, Answer, Client, together, wire
from daemon import BUILD, PATIENCE_S, SANITIZED, SANITIZER_OPTIONS, Daemon, descendants, free_port, \
    run_tool, wait_until
from golden import GOLDEN, PLAIN, SESSIONS, same
from raw import framed

ONE = SESSIONS["one_channel"]
MANY = SESSIONS["many_channels"]
SECOND = 10**6


def by_the_command(path):
    """A demo recording as the command reads it."""
    done = run_tool("cat", path, "--format", "f32")
    assert done.returncode == 0, done.stderr
    return numpy.frombuffer(done.stdout, "<f4").reshape(8, -1)


@pytest.fixture(scope="module")
def demo_array(demo):
    return by_the_command(demo)


@pytest.fixture(scope="module")
def long_array(long_demo):
    return by_the_command(long_demo)


def read_all(client, path):
    info = client.open(path)
    assert info.file_opened, info.error_message
    return client.range(path, info.start_uutc, info.end_uutc).array


def test_the_demo_is_served_as_the_command_reads_it(start, demo, demo_array):
    daemon = start(demo.parent)
    with Client(daemon.address) as client:
        info = client.open("demo.mefd")
        assert info.number_of_channels == 8
        assert set(info.channel_sampling_rates) == {256.0}
        answer = client.range("demo.mefd", info.start_uutc, info.end_uutc)
        assert len(answer.messages) > 2
        assert same(answer.array, demo_array)
        assert numpy.isnan(answer.array).any(), "it has a gap"
        assert not numpy.isnan(answer.array).all(axis=1).any()
        seconds = 100
        pages = client.set_page_seconds("demo.mefd", seconds).number_of_segments
        parts = [client.page("demo.mefd", page) for page in range(pages)]
        assert same(numpy.concatenate([part.array for part in parts], axis=1).astype("<f4"),
                    demo_array)


def test_sixteen_clients_at_once(start, demo, demo_array):
    daemon = start(demo.parent, GOLDEN)

    def reader(number):
        session = PLAIN[number % len(PLAIN)]

        def work():
            with Client(daemon.address, [("grpc.use_local_subchannel_pool", 1)]) as client:
                for _ in range(2):
                    assert same(read_all(client, demo), demo_array)
                    for channel in session.channels:
                        answer = client.range(session.path, channel.start, channel.end,
                                              [channel.name])
                        assert same(answer.array[0], channel.float32(channel.start, channel.end))

        return work

    together([reader(number) for number in range(16)])


def test_two_clients_ask_for_one_cold_page(start):
    daemon = start(GOLDEN)
    with Client(daemon.address) as client, Client(daemon.address) as other:
        client.open(MANY.path)
        client.set_page_seconds(MANY.path, 3600)
        calls = [c.start_page(MANY.path, 0) for c in (client, other) for _ in range(4)]
        for call in calls:
            assert same(Answer(call).array, MANY.float64(MANY.start, MANY.end))


@pytest.mark.parametrize("workers", [1, 2, 3])
def test_as_many_workers_as_asked_for(start, workers):
    daemon = start(GOLDEN, "--workers", workers)
    wait_until(lambda: len(daemon.workers()) == workers, f"{workers} workers")
    names = {worker.name for worker in daemon.workers()}
    assert names == {f"MefWorker-{number}" for number in range(workers)}
    with Client(daemon.address) as client:
        assert same(read_all(client, MANY.path), MANY.float32(MANY.start, MANY.end))


def test_the_number_of_workers_from_the_environment(start):
    daemon = start(GOLDEN, env={"N_PROCESS_WORKERS": "3"})
    wait_until(lambda: len(daemon.workers()) == 3, "3 workers")


def test_a_worker_killed_in_mid_read_is_not_noticed(start, long_demo, long_array):
    # A small cache, so that every reading decodes.
    daemon = start(long_demo.parent, "--cache", "32M")
    daemon.may_lose_processes = True
    stop = threading.Event()

    def read():
        try:
            with Client(daemon.address) as client:
                for _ in range(4):
                    assert same(read_all(client, "demo.mefd"), long_array)
        finally:
            stop.set()

    def kill():
        killed = 0
        while not stop.wait(0.1):
            # One at a time, and the next only when all are there again.
            workers = daemon.workers()
            if len(workers) == 2:
                os.kill(workers[killed % 2].pid, signal.SIGKILL)
                killed += 1
        assert killed > 0

    together([read, kill])
    wait_until(lambda: len(daemon.workers()) == 2, "two workers again")


def test_all_workers_killed_at_rest_are_started_again(start):
    daemon = start(GOLDEN)
    daemon.may_lose_processes = True
    wait_until(lambda: len(daemon.workers()) == 2, "two workers")
    with Client(daemon.address) as client:
        assert same(read_all(client, ONE.path), ONE.float32(ONE.start, ONE.end))
        gone = daemon.workers()
        for worker in gone:
            os.kill(worker.pid, signal.SIGKILL)
        # What was not read before needs a worker, and gets one.
        assert same(read_all(client, MANY.path), MANY.float32(MANY.start, MANY.end))
    wait_until(lambda: len(daemon.workers()) == 2, "two workers again")
    assert not {w.pid for w in gone} & {w.pid for w in daemon.workers()}


def test_a_stopped_worker_holds_up_no_facts(start):
    daemon = start(GOLDEN, "--workers", 1)
    with Client(daemon.address) as client:
        client.open(ONE.path)
        worker = daemon.workers()[0]
        os.kill(worker.pid, signal.SIGSTOP)
        try:
            assert client.info(ONE.path).file_opened
            assert client.health() == 1
        finally:
            os.kill(worker.pid, signal.SIGCONT)
        assert same(read_all(client, ONE.path), ONE.float32(ONE.start, ONE.end))


def test_a_stopped_worker_does_not_hold_up_the_end(start):
    daemon = start(GOLDEN)
    wait_until(lambda: len(daemon.workers()) == 2, "two workers")
    os.kill(daemon.workers()[0].pid, signal.SIGSTOP)
    daemon.stop()


def test_a_root_that_is_gone_costs_only_itself(start, copy, tmp_path):
    path = copy("one_channel")
    other = tmp_path / "other"
    other.mkdir()
    daemon = start(copy.folder, other)
    daemon.may_lose_processes = True
    wait_until(lambda: len(daemon.workers()) == 2, "two workers")
    other.rmdir()
    for worker in daemon.workers():
        os.kill(worker.pid, signal.SIGKILL)
    with Client(daemon.address) as client:
        assert same(client.range(path, ONE.start, ONE.end).array, ONE.float32(ONE.start, ONE.end))


def test_no_child_has_the_password_in_its_environment(start):
    daemon = start(GOLDEN, env={"MEF3_PASSWORD": "readall"})
    wait_until(lambda: len(daemon.workers()) == 2, "two workers")
    assert len(daemon.family()) == 3
    for process in daemon.family():
        for name in ("environ", "cmdline"):
            words = pathlib.Path(f"/proc/{process.pid}/{name}").read_bytes()
            assert b"readall" not in words, process.name


def test_more_connections_than_descriptors_take_no_workers_place(start):
    daemon = start(GOLDEN, prefix=("prlimit", "--nofile=64"))
    daemon.may_lose_processes = True
    wait_until(lambda: len(daemon.workers()) == 2, "two workers")
    crowd = [socket.create_connection(("127.0.0.1", daemon.port)) for _ in range(100)]
    before = {worker.pid for worker in daemon.workers()}
    for pid in before:
        os.kill(pid, signal.SIGKILL)
    wait_until(lambda: len({w.pid for w in daemon.workers()} - before) == 2, "two new workers")
    for one in crowd:
        one.close()
    with Client(daemon.address) as client:
        assert same(read_all(client, ONE.path), ONE.float32(ONE.start, ONE.end))
    assert "worker_refused" not in daemon.log()


def test_a_client_that_vanishes_in_mid_reply(start, demo, demo_array):
    daemon = start(demo.parent)
    script = ("import sys; sys.path.insert(0, sys.argv[1])\n"
              "from client import Client\n"
              "client = Client(sys.argv[2])\n"
              "info = client.open('demo.mefd')\n"
              "call = client.start_range('demo.mefd', info.start_uutc,\n"
              "                          info.start_uutc + 10**12)\n"
              "next(iter(call)); print('reading', flush=True)\n"
              "import time; time.sleep(1000)\n")
    for _ in range(3):
        vanishing = subprocess.Popen(
            ["/usr/bin/python3", "-c", script, str(pathlib.Path(__file__).parent), daemon.address],
            stdout=subprocess.PIPE, text=True)
        assert vanishing.stdout.readline() == "reading\n"
        vanishing.kill()
        vanishing.wait()
        vanishing.stdout.close()
    with Client(daemon.address) as client:
        assert same(read_all(client, "demo.mefd"), demo_array)


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT"])
def test_a_signal_ends_all_and_leaves_nothing(start, name):
    daemon = start(GOLDEN)
    before = set(os.listdir("/dev/shm"))
    with Client(daemon.address) as client:
        read_all(client, MANY.path)
    family = daemon.family()
    assert len(family) == 3, [p.name for p in family]
    daemon.stop(getattr(signal, name))
    assert set(os.listdir("/dev/shm")) <= before
    with socket.socket() as again:
        again.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        again.bind(("127.0.0.1", daemon.port))


def test_what_is_under_way_is_finished_at_the_end(start, demo, demo_array):
    daemon = start(demo.parent)
    with Client(daemon.address) as client:
        info = client.open("demo.mefd")
        call = client.start_range("demo.mefd", info.start_uutc, info.end_uutc)
        messages = iter(call)
        first = next(messages)
        daemon.process.send_signal(signal.SIGTERM)
        parts = [first, *messages]
        array = numpy.concatenate([numpy.frombuffer(m.array_bytes, m.dtype).reshape(m.shape)
                                   for m in parts], axis=1)
        assert same(array, demo_array)
    assert daemon.process.wait(PATIENCE_S) == 0
    assert daemon.family() == []


def test_an_idle_connection_does_not_hold_up_the_end(start):
    daemon = start(GOLDEN)
    with socket.create_connection(("127.0.0.1", daemon.port)), Client(daemon.address) as client:
        client.open(ONE.path)
        daemon.stop()


def frames_of(connection):
    """The frames that come, as (type, flags, stream, payload), until the server closes."""
    stream = connection.makefile("rb")
    while head := stream.read(9):
        payload = stream.read(int.from_bytes(head[:3], "big"))
        yield head[3], head[4], int.from_bytes(head[5:], "big"), payload


def test_a_call_that_crosses_the_word_of_the_end_is_answered(start):
    data, headers, settings, ping, goaway = 0, 1, 4, 6, 7
    end_stream, end_headers, ack = 1, 4, 1
    daemon = start(GOLDEN)
    with socket.create_connection(("127.0.0.1", daemon.port), timeout=PATIENCE_S) as connection:
        def send(kind, flags, stream, payload):
            connection.sendall(len(payload).to_bytes(3, "big") + bytes([kind, flags])
                               + stream.to_bytes(4, "big") + payload)

        connection.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
        send(settings, 0, 0, b"")
        frames = frames_of(connection)
        assert next(f for f in frames if f[0] == settings and f[1] == ack)
        daemon.process.send_signal(signal.SIGTERM)
        notice = next(f for f in frames if f[0] == goaway)
        assert notice[3][:4] == b"\x7f\xff\xff\xff", "calls that are on their way still count"
        question = next(f for f in frames if f[0] == ping)
        names = {":method": "POST", ":scheme": "http", ":path": "/gRPCMef3Server/ListOpenFiles",
                 ":authority": "localhost", "te": "trailers", "content-type": "application/grpc"}
        send(headers, end_headers, 1, hpack.Encoder().encode(list(names.items())))
        send(data, end_stream, 1, framed(b""))
        send(ping, ack, 0, question[3])
        rest = list(frames)
    assert [f[3][:4] for f in rest if f[0] == goaway] == [(1).to_bytes(4, "big")]
    assert any(f[0] == data and f[2] == 1 for f in rest)
    assert any(f[0] == headers and f[1] & end_stream for f in rest)
    assert daemon.process.wait(PATIENCE_S) == 0


def test_a_client_that_does_not_read_does_not_hold_up_the_end_for_ever(start):
    session = SESSIONS["long_block"]
    daemon = start(GOLDEN, "--drain", "1")
    with Client(daemon.address) as client:
        call = client.start_range(session.path, session.start, session.start + 3600 * SECOND)
        next(iter(call))
        daemon.stop()
        call.cancel()


def test_if_the_supervisor_dies_so_do_the_others(start):
    daemon = start(GOLDEN)
    wait_until(lambda: len(daemon.workers()) == 2, "two workers")
    daemon.may_lose_processes = True
    family = daemon.family()
    daemon.process.kill()
    daemon.process.wait()
    wait_until(lambda: not any(p.lives() for p in family), "the others to end")


def test_if_the_server_dies_all_ends_or_it_is_started_again(start):
    daemon = start(GOLDEN)
    daemon.may_lose_processes = True
    wait_until(lambda: len(daemon.workers()) == 2, "two workers")
    server = [p for p in daemon.family() if not p.name.startswith("MefWorker-")]
    assert len(server) == 1, [p.name for p in daemon.family()]
    family = daemon.family()
    os.kill(server[0].pid, signal.SIGKILL)

    def settled():
        if daemon.process.poll() is not None:
            return not any(p.lives() for p in family)
        try:
            with Client(daemon.address) as client:
                return same(client.range(ONE.path, ONE.start, ONE.end).array,
                            ONE.float32(ONE.start, ONE.end))
        except grpc.RpcError:
            return False

    wait_until(settled, "an end or a new server")


def test_it_starts_again_on_the_same_port_at_once(start):
    port = free_port()
    for _ in range(3):
        daemon = start(GOLDEN, port=port)
        with Client(daemon.address) as client:
            assert same(read_all(client, ONE.path), ONE.float32(ONE.start, ONE.end))
            daemon.stop()


def test_a_client_finds_a_restarted_daemon(start):
    port = free_port()
    first = start(GOLDEN, port=port)
    with Client(first.address) as client:
        read_all(client, ONE.path)
        first.stop()
        start(GOLDEN, port=port)
        reply = client.stub.FileInfo(
            wire.FileInfoRequest(file_path=str(ONE.path)), timeout=CALL_S, wait_for_ready=True)
        assert not reply.file_opened, "what was open is not open in a new daemon"
        assert same(read_all(client, ONE.path), ONE.float32(ONE.start, ONE.end))


def test_a_log_that_nobody_reads_holds_nothing_up():
    port = free_port()
    unread, written = os.pipe()
    fcntl.fcntl(written, fcntl.F_SETPIPE_SZ, 4096)
    process = subprocess.Popen([BUILD / "mef3d", GOLDEN, "--listen", f"127.0.0.1:{port}"],
                               stdout=written, stderr=written, stdin=subprocess.DEVNULL,
                               env=dict(os.environ) | SANITIZER_OPTIONS)
    os.close(written)
    try:
        with Client(f"127.0.0.1:{port}") as client:
            client.stub.ListOpenFiles(wire.ListOpenFilesRequest(), timeout=CALL_S,
                                      wait_for_ready=True)
            for _ in range(100):
                assert client.open(ONE.path).file_opened
                client.close_file(ONE.path)
        process.terminate()
        assert process.wait(PATIENCE_S) == 0
    finally:
        process.kill()
        process.wait()
        os.close(unread)


def run_to_its_end(*arguments, env=None):
    return subprocess.run([str(BUILD / "mef3d"), *map(str, arguments)], capture_output=True,
                          text=True, timeout=PATIENCE_S, stdin=subprocess.DEVNULL,
                          env=dict(os.environ) | SANITIZER_OPTIONS | (env or {}))


def test_a_taken_port_is_told_with_status_2(start):
    daemon = start(GOLDEN)
    ended = run_to_its_end(GOLDEN, "--listen", daemon.address)
    assert ended.returncode == 2
    assert str(daemon.port) in ended.stderr
    with Client(daemon.address) as client:
        assert client.health() == 1


WRONG_USE = [
    ("an option that is not", ["--nope"]),
    ("no value", ["--listen"]),
    ("no address", ["--listen", "nowhere at all"]),
    ("a port out of range", ["--listen", "127.0.0.1:65536"]),
    ("no port", ["--listen", "127.0.0.1"]),
    ("workers that are no number", ["--workers", "many"]),
    ("a cache that is no size", ["--cache", "large"]),
    ("a password file that is not there", ["--password-file", "/nonexistent/password"]),
    ("a root that is not there", ["/nonexistent/root"]),
]


@pytest.mark.parametrize("why, arguments", WRONG_USE, ids=[row[0] for row in WRONG_USE])
def test_wrong_use_is_told_with_status_2(why, arguments):
    if "--listen" not in arguments:
        arguments = [*arguments, "--listen", f"127.0.0.1:{free_port()}"]
    ended = run_to_its_end(*arguments)
    assert ended.returncode == 2, ended.stderr
    assert ended.stderr.strip()


def test_more_than_the_machine_can_do_is_told_with_status_2():
    at = ["--listen", f"127.0.0.1:{free_port()}"]
    cache = run_to_its_end(GOLDEN, "--cache", "4096G", *at)
    assert cache.returncode == 2 and "--cache: 4194304M" in cache.stderr, cache.stderr
    few_descriptors = subprocess.run(
        ["prlimit", "--nofile=40", BUILD / "mef3d", GOLDEN, "--workers", "20", *at],
        capture_output=True, text=True, timeout=PATIENCE_S, env=dict(os.environ) | SANITIZER_OPTIONS)
    assert few_descriptors.returncode == 2
    assert "--workers: 20 are too many" in few_descriptors.stderr
    assert "RLIMIT_NOFILE" in few_descriptors.stderr


def test_more_processes_than_the_user_may_have_are_told_with_status_2():
    # No limit holds for root.
    command = [BUILD / "mef3d", "/usr", "--workers", "20", "--listen",
               f"127.0.0.1:{free_port()}"]
    if os.geteuid() == 0:
        command = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", *command]
    ended = subprocess.run(["prlimit", "--nproc=5", *command], capture_output=True, text=True,
                           timeout=PATIENCE_S, env=dict(os.environ) | SANITIZER_OPTIONS)
    assert ended.returncode == 2, ended.stderr
    assert "--workers: 20 are too many" in ended.stderr and "RLIMIT_NPROC" in ended.stderr


def test_an_address_that_is_not_this_machines_is_told_with_status_2():
    ended = run_to_its_end(GOLDEN, "--listen", "192.0.2.1:50051")
    assert ended.returncode == 2 and "192.0.2.1:50051" in ended.stderr, ended.stderr


def test_many_workers_for_a_core_are_warned_of(start):
    daemon = start(GOLDEN, "--workers", 4 * os.cpu_count() + 1)
    wait_until(lambda: "event=workers_many" in daemon.log(), "a warning")


def test_the_port_from_the_environment(tmp_path):
    port = free_port()
    daemon = Daemon(tmp_path, GOLDEN, "--workers", 1, env={"PORT": str(port)}, port=port)
    try:
        with Client(f"127.0.0.1:{port}") as client:
            assert client.health() == 1
    finally:
        daemon.stop()


def test_a_cache_smaller_than_the_window_still_serves_it(start, long_demo, long_array):
    daemon = start(long_demo.parent, "--cache", "32M")
    with Client(daemon.address) as client:
        for _ in range(2):
            assert same(read_all(client, "demo.mefd"), long_array)


def test_more_reads_than_allowed_are_refused_and_the_others_go_on(start):
    session = SESSIONS["long_block"]
    daemon = start(GOLDEN, "--max-reads", "2", "--drain", "1")
    with Client(daemon.address) as client:
        client.open(session.path)
        end = session.start + 3600 * SECOND
        calls = [client.start_range(session.path, session.start, end) for _ in range(2)]
        for call in calls:
            next(iter(call))
        with pytest.raises(grpc.RpcError) as caught:
            client.range(ONE.path, ONE.start, ONE.end)
        assert caught.value.code() == grpc.StatusCode.RESOURCE_EXHAUSTED
        for call in calls:
            call.cancel()

        def free_again():
            try:
                return same(client.range(ONE.path, ONE.start, ONE.end).array,
                            ONE.float32(ONE.start, ONE.end))
            except grpc.RpcError as error:
                assert error.code() == grpc.StatusCode.RESOURCE_EXHAUSTED
                return False

        wait_until(free_again, "room for a read")


def test_more_open_paths_than_allowed_are_refused(start):
    daemon = start(GOLDEN, "--max-open", "2")
    with Client(daemon.address) as client:
        assert client.open("zero.mefd").file_opened
        assert client.open("gaps.mefd").file_opened
        try:
            info = client.open("jumps.mefd")
        except grpc.RpcError as error:
            assert error.code() == grpc.StatusCode.RESOURCE_EXHAUSTED
        else:
            assert not info.file_opened and info.error_message
        client.close_file("zero.mefd")
        assert client.open("jumps.mefd").file_opened


def test_more_connections_than_allowed_are_refused(start):
    daemon = start(GOLDEN, "--max-connections", "3")
    held = [socket.create_connection(("127.0.0.1", daemon.port)) for _ in range(8)]
    for connection in held:
        connection.close()

    def answers():
        with Client(daemon.address) as client:
            try:
                return client.health() == 1
            except grpc.RpcError:
                return False

    wait_until(answers, "room for a connection")


def test_each_process_has_given_up_its_rights(start):
    daemon = start(GOLDEN)
    wait_until(lambda: len(daemon.workers()) == 2, "two workers")
    with Client(daemon.address) as client:
        read_all(client, ONE.path)
    if SANITIZED:
        # A sanitizer needs what they give up; it must be said that they did not.
        assert "sandbox_off" in daemon.log()
        return
    assert "sandbox_off" not in daemon.log()
    for process in descendants(daemon.process.pid):
        status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
        fields = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
        assert fields["NoNewPrivs"].strip() == "1", process.name
        assert fields["Seccomp"].strip() == "2", process.name


def test_a_worker_has_no_socket_but_its_own_and_nothing_to_write(start):
    daemon = start(GOLDEN)
    wait_until(lambda: len(daemon.workers()) == 2, "two workers")
    with Client(daemon.address) as client:
        read_all(client, ONE.path)
        for worker in daemon.workers():
            links = [os.readlink(link) for link in pathlib.Path(f"/proc/{worker.pid}/fd").iterdir()
                     if link.exists() or link.is_symlink()]
            sockets = [link for link in links if link.startswith("socket:")]
            assert len(sockets) <= 1, links

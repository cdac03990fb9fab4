"""What systemd is told, gives, and is to allow: played by the test, for none need be running."""
import fcntl
import os
import pathlib
import re
import signal
import socket
import subprocess

import pytest

from client import Client
from daemon import BUILD, ROOT, SANITIZED, SANITIZER_OPTIONS, wait_until
from golden import GOLDEN, SESSIONS, same

ONE = SESSIONS["one_channel"]
PACKAGING = ROOT / "packaging"


def analyze(*words):
    return subprocess.run(["systemd-analyze", *map(str, words)], capture_output=True, text=True,
                          timeout=60, env=dict(os.environ, SYSTEMD_PAGER="", SYSTEMD_COLORS="0"))


@pytest.fixture
def units(tmp_path):
    """The units, with the program where it is now."""
    for name in ("mef3d.service", "mef3d.socket"):
        text = (PACKAGING / name).read_text()
        (tmp_path / name).write_text(text.replace("/usr/bin/mef3d", str(BUILD / "mef3d")))
    assert str(BUILD / "mef3d") in (tmp_path / "mef3d.service").read_text()
    return [tmp_path / "mef3d.service", tmp_path / "mef3d.socket"]


def test_systemd_finds_nothing_to_say_about_the_units(units):
    done = analyze("verify", "--man=no", *units)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_systemd_sees_a_setting_that_is_not(units):
    units[0].write_text(units[0].read_text().replace("WatchdogSec=", "WatchdogSek="))
    assert "WatchdogSek" in analyze("verify", "--man=no", *units).stderr


def test_the_service_is_hardly_exposed(units):
    done = analyze("security", "--offline=true", "--no-pager", units[0])
    exposure = float(re.search(r"Overall exposure level for mef3d.service: ([\d.]+)",
                               done.stdout).group(1))
    assert exposure <= 2.0, done.stdout


def calls_of(name, seen=()):
    """A call, or a set of calls that systemd has a name for, as a set."""
    if not name.startswith("@"):
        return {name}
    done = analyze("syscall-filter", name)
    assert done.returncode == 0, done.stderr
    words = [line.strip() for line in done.stdout.splitlines()[1:]]
    return {call for word in words if word and not word.startswith("#") and word not in seen
            for call in calls_of(word, (*seen, name))}


def allowed_calls():
    allowed = calls_of("@default")
    for words in re.findall(r"^SystemCallFilter=(.*)$", (PACKAGING / "mef3d.service").read_text(),
                            re.M):
        named = {call for word in words.lstrip("~").split() for call in calls_of(word)}
        allowed = allowed - named if words.startswith("~") else allowed | named
    return allowed


@pytest.mark.skipif(SANITIZED, reason="sanitizers need calls of their own")
def test_it_serves_with_no_calls_but_the_units(start):
    calls = allowed_calls()
    assert 100 < len(calls) < 400 and "mount" not in calls
    helper = pathlib.Path(__file__).parents[1] / "help" / "under_calls.py"
    daemon = start(GOLDEN, "--workers", "2",
                   prefix=("/usr/bin/python3", helper, ",".join(sorted(calls))))
    with Client(daemon.address) as client:
        assert same(client.range(ONE.path, ONE.start, ONE.end).array,
                    ONE.float32(ONE.start, ONE.end))
    assert "sandbox" not in daemon.log() and "landlock" not in daemon.log()
    daemon.stop()


class Listening:
    """A socket as systemd would have opened it, and how to hand it over."""

    def __init__(self, family=socket.AF_INET, kind=socket.SOCK_STREAM, listens=True):
        made = socket.socket(family, kind)
        # Clear of the descriptors that hand_over gives away.
        self.socket = socket.socket(fileno=fcntl.fcntl(made, fcntl.F_DUPFD, 100))
        made.close()
        if family == socket.AF_INET:
            self.socket.bind(("127.0.0.1", 0))
            self.port = self.socket.getsockname()[1]
        if listens:
            self.socket.listen()


def hand_over(*listening, names=None):
    """A prefix that gives them to a command as descriptors 3, 4, ...; and what to keep open for it."""
    moves = "".join(f"exec {3 + i}<&{one.socket.fileno()}; " for i, one in enumerate(listening))
    named = f"LISTEN_FDNAMES={names} " if names else ""
    script = f"{moves}LISTEN_PID=$$ LISTEN_FDS={len(listening)} {named}exec \"$@\""
    return ["/bin/bash", "-c", script, "bash"]


class Given:
    """mef3d, started with sockets that were opened for it."""

    def __init__(self, tmp_path, *listening, arguments=(), names=None, env=None):
        self.log = tmp_path / "given.log"
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                [*hand_over(*listening, names=names), str(BUILD / "mef3d"), *map(str, arguments)],
                stdout=log, stderr=log, stdin=subprocess.DEVNULL,
                pass_fds=[one.socket.fileno() for one in listening],
                env=dict(os.environ) | SANITIZER_OPTIONS | (env or {}))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.terminate()
        try:
            self.process.wait(60)
        finally:
            self.process.kill()


def test_a_socket_that_systemd_opened_is_served(tmp_path):
    grpc_socket = Listening()
    with Given(tmp_path, grpc_socket, arguments=[GOLDEN]) as given:
        with Client(f"127.0.0.1:{grpc_socket.port}") as client:
            assert same(client.range(ONE.path, ONE.start, ONE.end).array,
                        ONE.float32(ONE.start, ONE.end))
        given.process.terminate()
        assert given.process.wait(60) == 0, given.log.read_text()
    # It is the manager's still: the next one takes it over, and nobody is refused meanwhile.
    with socket.create_connection(("127.0.0.1", grpc_socket.port)):
        pass
    with Given(tmp_path, grpc_socket, arguments=[GOLDEN]):
        with Client(f"127.0.0.1:{grpc_socket.port}") as client:
            assert client.health() == 1
    grpc_socket.socket.close()


def test_the_socket_named_http_is_for_the_pages(tmp_path):
    pages, calls = Listening(), Listening()
    with Given(tmp_path, pages, calls, arguments=[GOLDEN], names="http:mef3d.socket"):
        with Client(f"127.0.0.1:{calls.port}") as client:
            assert client.health() == 1
        with socket.create_connection(("127.0.0.1", pages.port), timeout=60) as connection:
            connection.sendall(b"GET /healthz HTTP/1.0\r\n\r\n")
            assert b" 200 " in connection.recv(100)
    for one in (pages, calls):
        one.socket.close()


@pytest.mark.parametrize("listening", [
    lambda: Listening(listens=False),
    lambda: Listening(kind=socket.SOCK_DGRAM, listens=False),
], ids=["does not listen", "a datagram socket"])
def test_what_cannot_be_served_is_refused(tmp_path, listening):
    one = listening()
    with Given(tmp_path, one, arguments=[GOLDEN]) as given:
        assert given.process.wait(60) == 2
        assert "descriptor 3 is no listening stream socket" in given.log.read_text()
    one.socket.close()


def test_sockets_for_another_process_are_not_touched(start):
    daemon = start(GOLDEN, env={"LISTEN_PID": "1", "LISTEN_FDS": "1"})
    with Client(daemon.address) as client:
        assert client.health() == 1


class Manager:
    """The socket that systemd would listen on, and what was said to it."""

    def __init__(self, tmp_path, abstract=False):
        self.name = f"@mef3d-test-{os.getpid()}" if abstract else str(tmp_path / "notify")
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind("\0" + self.name[1:] if abstract else self.name)
        self.socket.settimeout(0.01)
        self.said = []

    def listen(self):
        while True:
            try:
                self.said += self.socket.recv(4096).decode().splitlines()
            except TimeoutError:
                return self.said

    def wait_for(self, word):
        wait_until(lambda: word in self.listen(), word)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()


def server_of(daemon):
    server, = [p for p in daemon.family() if not p.name.startswith("MefWorker-")]
    return server


@pytest.mark.parametrize("abstract", [False, True], ids=["in a folder", "abstract"])
def test_systemd_is_told_when_it_serves_and_when_it_ends(start, tmp_path, abstract):
    with Manager(tmp_path, abstract) as manager:
        daemon = start(GOLDEN, "--workers", "3", env={"NOTIFY_SOCKET": manager.name})
        manager.wait_for("READY=1")
        assert len(daemon.workers()) == 3
        assert "event=serving" in daemon.log()
        assert manager.said == ["READY=1"], "no watchdog was asked for"
        for process in daemon.family():
            words = pathlib.Path(f"/proc/{process.pid}/environ").read_bytes()
            assert b"NOTIFY_SOCKET" not in words
        daemon.stop()
        manager.wait_for("STOPPING=1")
        assert manager.said == ["READY=1", "STOPPING=1"]


def test_a_server_that_is_started_again_is_not_told_as_ready_again(start, tmp_path):
    with Manager(tmp_path) as manager:
        daemon = start(GOLDEN, env={"NOTIFY_SOCKET": manager.name})
        daemon.may_lose_processes = True
        manager.wait_for("READY=1")
        said = len(manager.said)
        os.kill(server_of(daemon).pid, signal.SIGKILL)
        wait_until(lambda: daemon.log().count("event=serving") == 2, "a new server")
        assert manager.listen()[said:] == [], "READY is said once"


def test_the_watchdogs_ping_is_the_servers(start, tmp_path):
    with Manager(tmp_path) as manager:
        daemon = start(GOLDEN, env={"NOTIFY_SOCKET": manager.name, "WATCHDOG_USEC": "60000000"})
        daemon.may_lose_processes = True
        manager.wait_for("READY=1")
        wait_until(lambda: manager.listen().count("WATCHDOG=1") >= 2, "pings")
        server = server_of(daemon)
        os.kill(server.pid, signal.SIGSTOP)
        # A message that was under way may come; then there is silence for as many seconds as it
        # takes until the server is given up, which the supervisor's own life does not break.
        wait_until(lambda: pathlib.Path(f"/proc/{server.pid}/stat").read_text().split()[2] == "T",
                   "it to be stopped")
        before = len(manager.listen())
        while_it_hung = before

        def ended():
            nonlocal while_it_hung
            said = len(manager.listen())
            if server.lives():
                while_it_hung = said
            return not server.lives()

        wait_until(ended, "the hung server to be ended")
        assert while_it_hung - before <= 1
        assert "event=server_silent" in daemon.log()
        before = len(manager.said)
        wait_until(lambda: manager.listen()[before:].count("WATCHDOG=1") >= 2, "pings again")
        with Client(daemon.address) as client:
            assert same(client.range(ONE.path, ONE.start, ONE.end).array,
                        ONE.float32(ONE.start, ONE.end))


def test_a_stop_of_all_is_no_silence(start):
    daemon = start(GOLDEN)
    everyone = [daemon.process.pid, *(p.pid for p in daemon.family())]
    for _ in range(3):
        for pid in everyone:
            os.kill(pid, signal.SIGSTOP)
        for pid in reversed(everyone):
            os.kill(pid, signal.SIGCONT)
    with Client(daemon.address) as client:
        assert client.health() == 1
    assert "server_silent" not in daemon.log()


@pytest.mark.parametrize("name", ["relative", "/nonexistent/notify", "@" + "x" * 200])
def test_a_socket_that_nobody_listens_on_is_named_with_status_2(name):
    ended = subprocess.run([BUILD / "mef3d", GOLDEN, "--listen", "127.0.0.1:0"], timeout=60,
                           capture_output=True, text=True, stdin=subprocess.DEVNULL,
                           env=dict(os.environ) | SANITIZER_OPTIONS | {"NOTIFY_SOCKET": name})
    assert ended.returncode == 2 and name in ended.stderr


def test_a_server_that_never_serves_is_given_up(tmp_path):
    """The program beside mef3d is one that ends at once."""
    for program in ("mef3d", "mef3d-worker"):
        (tmp_path / program).write_bytes((BUILD / program).read_bytes())
        (tmp_path / program).chmod(0o755)
    (tmp_path / "mef3d-server").write_text("#!/bin/sh\nexit 1\n")
    (tmp_path / "mef3d-server").chmod(0o755)
    ended = subprocess.run([tmp_path / "mef3d", GOLDEN, "--listen", "127.0.0.1:0"], timeout=60,
                           capture_output=True, text=True, stdin=subprocess.DEVNULL,
                           env=dict(os.environ) | SANITIZER_OPTIONS)
    assert ended.returncode == 1
    assert "event=gave_up" in ended.stderr

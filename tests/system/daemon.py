"""The real daemon, as the tests start and end it."""
import os
import pathlib
import random
import signal
import socket
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("MEF3_BUILD", ROOT / "build")).resolve()
SANITIZED = BUILD.joinpath("mef3d").is_file() and b"__asan_init" in (BUILD / "mef3d").read_bytes()

# How long something may take that takes a moment. Nothing is measured by it.
PATIENCE_S = 60

# What a test's surroundings say must not decide what the daemon does.
SETTINGS = ("PORT", "N_PROCESS_WORKERS", "MEF3_PASSWORD", "N_PREFETCH", "MAX_WORKERS",
            "CACHE_CAPACITY_MULTIPLIER", "TILE_DURATION_S", "TILE_CACHE_MB", "CACHE_TTL_S",
            "USE_PROCESS_POOL", "READER_PROCESSES", "PREFETCH_PROCESSES", "MIN_PARALLEL_TILES",
            "PREFETCH_AHEAD_WINDOWS", "PREFETCH_BEHIND_WINDOWS")


def of_the_daemon(variable):
    return variable in SETTINGS or variable.startswith("MEF3D_")


# A process that gave up its rights cannot look for leaks; the unit tests do.
SANITIZER_OPTIONS = {"ASAN_OPTIONS": "detect_leaks=0:handle_segv=1:exitcode=99",
                     "UBSAN_OPTIONS": "halt_on_error=1:print_stacktrace=1:exitcode=99"}


# The kernel takes the ports of outgoing connections from here on; below it nobody gets in between.
EPHEMERAL = int(pathlib.Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
PORTS = range(10000, EPHEMERAL if EPHEMERAL > 12000 else 32768)
claims = []


def is_claimed(port):
    """Of the tests that run side by side one gets a port, by a name that ends with its process."""
    claim = socket.socket(socket.AF_UNIX)
    try:
        claim.bind(f"\0mef3-test-port-{port}")
    except OSError:
        claim.close()
        return False
    claims.append(claim)
    return True


def is_free(port):
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_port():
    return next(port for port in iter(lambda: random.choice(PORTS), None)
                if is_claimed(port) and is_free(port))


def is_listened_on(port):
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def wait_until(is_so, what):
    end = time.monotonic() + PATIENCE_S
    while not is_so():
        assert time.monotonic() < end, f"waited in vain: {what}"
        time.sleep(0.01)


class Process:
    """A process as /proc shows it."""

    def __init__(self, pid):
        self.pid = pid
        stat = pathlib.Path(f"/proc/{pid}/stat").read_text()
        self.name = stat[stat.index("(") + 1:stat.rindex(")")]
        fields = stat[stat.rindex(")") + 2:].split()
        self.state, self.parent = fields[0], int(fields[1])
        # Tells a process from a later one of the same id.
        self.started = fields[19]

    def lives(self):
        try:
            now = Process(self.pid)
        except (OSError, ValueError):
            return False
        return now.started == self.started and now.state not in "ZX"


def processes():
    found = []
    for entry in pathlib.Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                found.append(Process(int(entry.name)))
            except (OSError, ValueError):
                continue
    return found


def descendants(pid):
    everyone = processes()
    family = [pid]
    for ancestor in family:
        family += [p.pid for p in everyone if p.parent == ancestor]
    return [p for p in everyone if p.pid in family[1:]]


class Daemon:
    """A running mef3d. Its words go to a file; stop() ends it and says how it ended."""

    def __init__(self, folder, *arguments, port=None, env=None, prefix=(),
                 programs=BUILD):
        self.may_lose_processes = False
        self.log_seen = 0
        self.port = port or free_port()
        self.address = f"127.0.0.1:{self.port}"
        self.log_path = pathlib.Path(folder) / f"mef3d-{self.port}.log"
        surroundings = {k: v for k, v in os.environ.items() if not of_the_daemon(k)}
        surroundings |= SANITIZER_OPTIONS | (env or {})
        command = [*prefix, programs / "mef3d", *arguments]
        if port is None or "--listen" not in arguments:
            command += ["--listen", self.address]
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen([str(word) for word in command], stdout=log, stderr=log,
                                            stdin=subprocess.DEVNULL, env=surroundings)
        try:
            wait_until(self._answers_or_ended, f"mef3d to listen on {self.address}")
            assert self.process.poll() is None, f"mef3d ended by itself:\n{self.log()}"
        except BaseException:
            self.kill()
            raise

    def _answers_or_ended(self):
        return self.process.poll() is not None or is_listened_on(self.port)

    def log(self):
        return self.log_path.read_text(errors="replace")

    def family(self):
        return descendants(self.process.pid)

    def workers(self):
        return [p for p in self.family() if p.name.startswith("MefWorker-") and p.lives()]

    def kill(self):
        family = self.family()
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        for process in family:
            if process.lives():
                os.kill(process.pid, signal.SIGKILL)

    def stop(self, with_signal=signal.SIGTERM):
        """End it, and see that it ended well and left nobody behind."""
        if self.process.poll() is not None:
            raise AssertionError(f"mef3d had ended with {self.process.returncode}:\n{self.log()}")
        family = self.family()
        try:
            self.process.send_signal(with_signal)
            status = self.process.wait(PATIENCE_S)
            left = [f"{p.name} ({p.pid})" for p in family if p.lives()]
        finally:
            self.kill()
            for process in family:
                if process.lives():
                    os.kill(process.pid, signal.SIGKILL)
        self.check_log()
        assert status == 0, f"mef3d ended with {status}:\n{self.log()}"
        assert left == [], f"left behind: {left}\n{self.log()}"

    def check_log(self):
        """What was logged since the last look tells of no crash and no sanitizer's finding."""
        log = self.log()
        new, self.log_seen = log[self.log_seen:], len(log)
        unwanted = ["AddressSanitizer", "runtime error:", "UndefinedBehaviorSanitizer"]
        if not self.may_lose_processes:
            unwanted += ["event=worker_lost", "event=worker_ended", "event=server_ended"]
        for words in unwanted:
            assert words not in new, new


def run_tool(*words, env=None, timeout=PATIENCE_S * 2):
    """Run the command mef3 to its end."""
    surroundings = {k: v for k, v in os.environ.items() if not of_the_daemon(k)}
    return subprocess.run([str(BUILD / "mef3"), *map(str, words)], capture_output=True,
                          timeout=timeout, env=surroundings | SANITIZER_OPTIONS | (env or {}))

"""mef3 top: the dashboard of a running daemon, once and on a terminal."""
import fcntl
import http.server
import json
import os
import re
import select
import shutil
import signal
import struct
import termios
import threading
import time

import pyte
import pytest

from client import Client
from daemon import BUILD, PATIENCE_S, free_port, run_tool, wait_until
from golden import GOLDEN
from terminal import Terminal


def read_pages(daemon, demo, n=20):
    with Client(daemon.address) as client:
        info = client.open(demo)
        client.set_page_seconds(demo, 10)
        for page in range(n):
            client.page(demo, page)
        return info


@pytest.fixture
def served(with_pages, demo):
    daemon = with_pages(GOLDEN, demo.parent)
    read_pages(daemon, demo)
    return daemon


def once(*words, **options):
    done = run_tool("top", *words, **options)
    assert done.returncode == 0, done.stderr
    return done.stdout.decode()


# Once

def test_json_is_what_the_server_says(served):
    said = json.loads(once(f"127.0.0.1:{served.http}", "--json"))
    numbers = dict(zip(said["names"], said["numbers"]))
    assert said["version"] and said["started_s"] < said["now_s"]
    assert numbers["mef3d_pool_jobs_total"] > 0
    calls = {row["method"]: sum(row["took"]["counts"]) for row in said["calls"]}
    assert calls["gRPCMef3Server/GetSignalSegment"] == 20


def test_one_look_tells_what_the_numbers_are(served):
    def numbers():
        said = json.loads(once(f"http://127.0.0.1:{served.http}/", "--json"))
        return said, dict(zip(said["names"], said["numbers"]))

    wait_until(lambda: numbers()[1]["mef3d_pool_workers{state=\"busy\"}"] == 0, "the read-ahead to end")
    text = once(f"http://127.0.0.1:{served.http}/", "--once")
    said, now = numbers()
    lines = text.splitlines()
    assert lines[0].startswith(f"mef3d {said['version']}   http://127.0.0.1:{served.http}   up ")
    workers = re.search(r"^workers +(\d+) of (\d+) busy, (\d+) lost so far +queue +now (\d+)  ahead (\d+)$",
                        text, re.M)
    assert [int(word) for word in workers.groups()] == [
        0, now['mef3d_pool_workers{state="idle"}'], 0, 0, 0]
    bar = re.search(r"^arena +\[([| ]+)\] +(\S+ \S+) of (\S+ \S+)$", text, re.M)
    used, budget = now["mef3d_cache_used_bytes"], now["mef3d_cache_budget_bytes"]
    assert used > 0
    assert bar[1].count("|") == int(used / budget * len(bar[1]) + 0.5)
    assert bar[3] == f"{budget / 1e6:.0f} MB"
    assert "\x1b" not in text
    # A list that the server tells has its table, and no other has.
    titles = {"workers": "Workers", "clients": "Clients", "slow": "Slowest", "damage": "Damage",
              "refusals": "Refusals"}
    assert {title for title in titles.values() if title in lines} == \
        {title for key, title in titles.items() if key in said}


def test_rates_and_times_are_those_of_the_calls(served, demo):
    """The server keeps a row each five seconds: once there is one from before some calls, they are counted."""
    def calls(row):
        return sum(row["took"]["counts"])

    def said():
        return json.loads(once(f"127.0.0.1:{served.http}", "--json"))

    wait_until(lambda: said()["history"]["rows"], "the first row")
    read_pages(served, demo, 30)
    text = once(f"127.0.0.1:{served.http}", "--once")
    assert float(re.search(r"^requests +([\d.]+)/s", text, re.M)[1]) > 0
    assert re.search(r"^took +p50 \d.* p95 \d.* p99 \d", text, re.M)
    assert re.search(r"^cache +hits \d+\.\d %", text, re.M)


def test_where_nobody_is_that_is_said():
    port = free_port()
    done = run_tool("top", f"127.0.0.1:{port}", "--once")
    assert done.returncode == 3 and done.stdout == b""
    assert done.stderr.startswith(f"mef3: http://127.0.0.1:{port}: no answer: ".encode())
    assert done.stderr.count(b"\n") == 1


@pytest.mark.parametrize("words, why", [
    (["a", "b"], b"one address is wanted"), (["--every", "0"], b"--every takes"),
    (["--every=x"], b"--every takes"), (["file:///etc/passwd"], b"is no address"),
    (["http://x/?y"], b"is no address"), (["--evry", "1"], b"did you mean --every?")])
def test_wrong_use_is_told(words, why):
    done = run_tool("top", *words)
    assert done.returncode == 2 and why in done.stderr, done.stderr


def test_a_program_that_is_not_there_is_named(tmp_path):
    """mef3 starts mef3-top from beside itself."""
    lonely = shutil.copy(BUILD / "mef3", tmp_path)
    terminal = Terminal("top", program=lonely)
    shown = terminal.read()
    assert terminal.process.returncode == 3
    assert f"{tmp_path}/mef3-top: cannot be started".encode() in shown


# Servers that are none of ours

@pytest.fixture
def other_server():
    """An HTTP server that answers what it is told to; .answer(status, bytes)."""
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            assert self.path == "/api/v1/status"
            status, body = server.said
            self.send_response(status)
            self.end_headers()
            try:
                for piece in body if isinstance(body, list) else [body]:
                    self.wfile.write(piece)
            except OSError:
                pass  # it has heard enough

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", free_port()), Handler)
    server.address = f"127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("status, body, why", [
    (200, b"", b"no status of mef3d's"), (200, b"<html>", b"no status of mef3d's"),
    (200, b"[]", b"no status of mef3d's"), (200, b'{"names":[]}', b"no status of mef3d's"),
    (200, b"[" * 100000, b"no status of mef3d's"), (200, b'{"a\0":1}', b"no status of mef3d's"),
    (404, b"{}", b"it answers with status 404"), (302, b"", b"it answers with status 302"),
    (200, [b" " * 65536] * 300, b"the answer is too large")])
def test_what_is_no_status_is_refused(other_server, status, body, why):
    other_server.said = status, body
    done = run_tool("top", other_server.address)
    assert done.returncode == 3 and done.stdout == b"" and why in done.stderr, done.stderr


HOSTILE = "\x1b]0;owned\x07\x1b[2J\x9b31m\u202e\r\n"
LISTS = {"workers": [{"index": 0, "pid": 7, "state": HOSTILE, "recording": HOSTILE}],
         "clients": [{"client": HOSTILE, "doing": HOSTILE, "calls": 1e300}],
         "slow": [{"at_s": 1e300, "took_s": 2, "method": HOSTILE, "where": {HOSTILE: 1}}],
         "damage": [{"recording": HOSTILE, "text": HOSTILE}] * 2,
         "refusals": [{"text": HOSTILE * 1000}],
         "memory": [{"name": HOSTILE, "bytes": 9, "budget_bytes": 10}]}


def test_no_byte_of_an_answer_commands_the_terminal(other_server):
    said = {"version": HOSTILE, "names": [HOSTILE], "numbers": [1]} | LISTS
    other_server.said = 200, json.dumps(said).encode()
    for words in ([], ["--once"], ["--json"]):
        shown = once(other_server.address, *words)
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", shown)
    assert json.loads(shown) == said
    dashboard = Dashboard(other_server.address)
    dashboard.wait_for("Damage 2")
    assert "owned" in dashboard.text() and "\x1b]0" not in dashboard.raw.decode("latin-1")
    dashboard.press("q")
    dashboard.ends()


# On a terminal

class Dashboard:
    """mef3 top on a terminal that is drawn as a person would see it."""

    def __init__(self, *words, columns=80, lines=24):
        self.terminal = Terminal("top", *words, columns=columns)
        self.master = self.terminal.master
        self.screen = pyte.Screen(columns, lines)
        self.stream = pyte.ByteStream(self.screen)
        self.raw = b""

    def read(self, timeout=0.05):
        while select.select([self.master], [], [], timeout)[0]:
            try:
                piece = os.read(self.master, 65536)
            except OSError:
                return False
            self.raw += piece
            self.stream.feed(piece)
        return True

    def text(self):
        return "\n".join(line.rstrip() for line in self.screen.display)

    def wait_for(self, words):
        def shows():
            self.read()
            return re.search(words, self.text(), re.M)
        try:
            wait_until(shows, words)
        except AssertionError as failure:
            raise AssertionError(f"{failure}\n{self.text()}") from failure

    def press(self, keys):
        os.write(self.master, keys.encode())

    def resize(self, columns, lines):
        self.screen.resize(lines, columns)
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))

    def ends(self):
        """It ends well, and leaves the terminal as it was."""
        deadline = time.monotonic() + PATIENCE_S
        while self.read() and self.terminal.process.poll() is None:
            assert time.monotonic() < deadline, self.text()
        assert self.terminal.process.wait(PATIENCE_S) == 0
        now = termios.tcgetattr(self.master)
        assert now == self.terminal.settings
        assert now[3] & termios.ECHO and now[3] & termios.ICANON
        # Out of the second screen, and the cursor is there again.
        assert self.raw.rindex(b"\x1b[?1049l") > self.raw.index(b"\x1b[?1049h")
        assert self.raw.rindex(b"\x1b[?25h") > self.raw.index(b"\x1b[?25l")
        os.close(self.master)


def test_it_shows_a_server_and_quits(served):
    dashboard = Dashboard(f"127.0.0.1:{served.http}", "--every", "0.2")
    dashboard.wait_for(r"mef3d \d+\.\d+\.\d+ +http://127.0.0.1:\d+ +up ")
    dashboard.wait_for(r"arena +\[\|*")
    dashboard.wait_for("q quit  p pause")
    first = dashboard.screen.display[0]
    wait_until(lambda: dashboard.read() and dashboard.screen.display[0] != first, "another second")
    dashboard.press("q")
    dashboard.ends()


@pytest.mark.parametrize("end", ["\x03", signal.SIGTERM])
def test_it_ends_by_a_signal_and_leaves_the_terminal_sane(served, end):
    dashboard = Dashboard(f"127.0.0.1:{served.http}")
    dashboard.wait_for("q quit")
    if isinstance(end, str):
        dashboard.press(end)
    else:
        dashboard.terminal.process.send_signal(end)
    dashboard.ends()


def test_keys_help_pause_and_choose(other_server):
    many = [{"index": i, "pid": 1000 + i, "state": "idle", "jobs": i} for i in range(40)]
    said = {"version": "9", "names": [], "numbers": []} | LISTS | {"workers": many}
    other_server.said = 200, json.dumps(said).encode()
    dashboard = Dashboard(other_server.address, "--every", "0.1")
    dashboard.wait_for(r"Workers 40 +Clients 1 +Slowest 1 +Damage 2 +Refusals 1")
    dashboard.wait_for(r"\b1000\b")
    dashboard.press("?")
    dashboard.wait_for("go on")
    dashboard.press("h")
    dashboard.wait_for("pid  state")
    dashboard.press("\x1b[6~")  # page down
    dashboard.wait_for(r"^ +10 +1010 +idle")
    dashboard.press("\x1bOB")  # an arrow
    wait_until(lambda: dashboard.read() and "1010" not in dashboard.text(), "a row further")
    dashboard.press("\t")
    dashboard.wait_for("client .*speaks")
    dashboard.press("\x1b[Z\x1b[Z")  # back to the workers, and to the last table
    dashboard.wait_for("status +request +why")
    dashboard.press("p")
    dashboard.wait_for("PAUSED")
    other_server.said = 200, json.dumps(said | {"version": "10"}).encode()
    dashboard.press("p")
    dashboard.wait_for("^mef3d 10 ")
    dashboard.press("q")
    dashboard.ends()


def test_it_follows_the_size_of_the_terminal(other_server):
    workers = [{"index": i, "pid": 1000 + i, "state": "idle", "recording": "x" * 60 + f"end{i}"}
               for i in range(60)]
    said = {"version": "9", "names": [], "numbers": [], "workers": workers}
    other_server.said = 200, json.dumps(said).encode()
    dashboard = Dashboard(other_server.address, "--every", "600")
    dashboard.wait_for("pid  state")
    assert "end0" not in dashboard.text()
    dashboard.resize(160, 70)
    dashboard.wait_for("end59")
    dashboard.resize(20, 5)
    dashboard.wait_for("^q quit  p pause  tab$")
    dashboard.resize(1, 1)
    dashboard.read(0.3)
    dashboard.resize(120, 30)
    dashboard.wait_for("end3")
    dashboard.press("q")
    dashboard.ends()


def test_a_server_that_is_gone_is_told_and_asked_again(with_pages, start):
    daemon = with_pages(GOLDEN)
    dashboard = Dashboard(f"127.0.0.1:{daemon.http}", "--every", "0.2")
    dashboard.wait_for("q quit")
    daemon.stop()
    dashboard.wait_for("no answer, trying again each 0.2 s: ")
    assert re.search("arena", dashboard.text())  # what was seen stays
    start(GOLDEN, "--http", f"127.0.0.1:{daemon.http}")
    dashboard.wait_for("q quit")
    dashboard.press("q")
    dashboard.ends()


def test_it_waits_for_a_server_that_is_not_there_yet(start):
    port = free_port()
    dashboard = Dashboard(f"127.0.0.1:{port}", "--every", "0.2")
    dashboard.wait_for("no answer, ")
    start(GOLDEN, "--http", f"127.0.0.1:{port}")
    dashboard.wait_for("arena")
    dashboard.press("q")
    dashboard.ends()


def test_a_terminal_that_nobody_knows_is_told(served):
    terminal = Terminal("top", f"127.0.0.1:{served.http}", env={"TERM": "no-such-terminal"})
    assert b"use --once" in terminal.read()
    assert terminal.process.returncode == 2

"""/metrics, /healthz and /readyz, of real daemons."""
import http.client
import os
import re
import signal
import socket
import subprocess
import threading

import pytest
from prometheus_client.parser import text_string_to_metric_families

from client import Client
from daemon import BUILD, PATIENCE_S, ROOT, free_port, wait_until
from golden import GOLDEN
from metrics import Metrics, get, parse

MANY = GOLDEN / "many_channels.mefd"


def has_workers(daemon):
    return lambda: get(daemon.http, "/readyz")[0] == 200


def test_the_page_of_metrics_is_read_by_prometheus_own_parser(with_pages):
    daemon = with_pages(GOLDEN)
    ours = Metrics(daemon.http)
    theirs = {f.name: f for f in text_string_to_metric_families(ours.text)}
    assert {name.removesuffix("_total") for name in ours.families} == set(theirs)
    for name, family in ours.families.items():
        other = theirs[name.removesuffix("_total")]
        assert (other.type, other.documentation) == (family.type, family.help)
        assert {(s.name, tuple(s.labels.items())): s.value for s in other.samples} == family.samples


def test_every_metric_is_documented_and_every_documented_one_is_there(with_pages):
    families = Metrics(with_pages(GOLDEN).http).families
    rows = re.findall(r"^\| `(\w+)` \| (\w+) \|([\w, ]*)\| (.*) \|$",
                      (ROOT / "docs" / "METRICS.md").read_text(), re.M)
    assert [row[0] for row in rows] == list(families)
    for name, kind, labels, words in rows:
        family = families[name]
        assert (kind, words) == (family.type, family.help), name
        assert family.label_names() <= set(re.findall(r"\w+", labels)), name


def test_names_say_whose_they_are_and_in_what_unit(with_pages):
    for name, family in Metrics(with_pages(GOLDEN).http).families.items():
        assert name.startswith(("mef3d_", "process_")), name
        if family.type == "histogram":
            assert name.endswith("_seconds"), name


FAULTY = [
    ("no newline at the end", "# HELP a b\n# TYPE a gauge\na 1"),
    ("a sample without its family", "a 1\n"),
    ("a family without a type", "# HELP a b\na 1\n"),
    ("the type of another", "# HELP a b\n# TYPE c gauge\na 1\n"),
    ("a counter that is not called one", "# HELP a b\n# TYPE a counter\na 1\n"),
    ("the same sample twice", "# HELP a b\n# TYPE a gauge\na 1\na 1\n"),
    ("a label that is not quoted", "# HELP a b\n# TYPE a gauge\na{b=c} 1\n"),
    ("no number", "# HELP a b\n# TYPE a gauge\na one\n"),
    ("buckets that shrink", "# HELP a b\n# TYPE a histogram\n"
     'a_bucket{le="1"} 2\na_bucket{le="+Inf"} 1\na_sum 1\na_count 1\n'),
    ("a count that is not the last bucket", "# HELP a b\n# TYPE a histogram\n"
     'a_bucket{le="+Inf"} 1\na_sum 1\na_count 2\n'),
]


@pytest.mark.parametrize("why, text", FAULTY, ids=[row[0] for row in FAULTY])
def test_the_reader_of_these_tests_refuses(why, text):
    with pytest.raises((AssertionError, AttributeError, KeyError)):
        parse(text)


def test_only_get_and_head_of_the_pages_are_answered(with_pages):
    daemon = with_pages(GOLDEN)
    wait_until(has_workers(daemon), "workers")
    rows = [
        ("GET", "/healthz", 200, "ok\n"),
        ("GET", "/readyz", 200, "ready\n"),
        ("GET", "/readyz?verbose", 200, "ready\n"),
        ("HEAD", "/healthz", 200, ""),
        ("HEAD", "/metrics", 200, ""),
        ("GET", "/", 200, None),
        ("GET", "/nowhere", 404, None),
        ("GET", "/metrics/", 404, None),
        ("GET", "/../etc/passwd", 404, None),
        ("POST", "/metrics", 405, None),
        ("DELETE", "/nowhere", 405, None),
        ("OPTIONS", "*", 405, None),
    ]
    for method, path, status, body in rows:
        answer = get(daemon.http, path, method)
        assert answer[0] == status, (method, path)
        assert body is None or answer[2] == body, (method, path)
        if status == 405:
            assert answer[1]["Allow"] == "GET, HEAD"


def test_several_requests_of_one_connection_are_answered(with_pages):
    daemon = with_pages(GOLDEN)
    connection = http.client.HTTPConnection("127.0.0.1", daemon.http, timeout=PATIENCE_S)
    for _ in range(3):
        connection.request("GET", "/healthz")
        assert connection.getresponse().read() == b"ok\n"
    connection.close()


def exchange(daemon, request):
    """What comes for these bytes until the server closes."""
    with socket.create_connection(("127.0.0.1", daemon.http), timeout=PATIENCE_S) as made:
        made.sendall(request)
        answer = b""
        try:
            while part := made.recv(65536):
                answer += part
        except ConnectionResetError:
            pass
    return answer


def test_what_is_too_large_or_no_request_is_refused(with_pages):
    daemon = with_pages(GOLDEN)
    rows = [
        ("a body", b"GET /metrics HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello", b" 413 "),
        ("a body of unknown length",
         b"GET /metrics HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
         b" 413 "),
        ("a POST with a large body",
         b"POST /metrics HTTP/1.1\r\nHost: a\r\nContent-Length: 999999999999\r\n\r\n", b" 405 "),
        ("a field that is too long",
         b"GET /metrics HTTP/1.1\r\nHost: a\r\nX: " + b"x" * 300000 + b"\r\n\r\n", b" 431 "),
        ("a path that is too long", b"GET /" + b"x" * 300000 + b" HTTP/1.1\r\nHost: a\r\n\r\n",
         b" 414 "),
        ("noise", bytes(range(256)) + b"\r\n\r\n", b""),
        ("HTTP/2", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b""),
    ]
    for why, request, status in rows:
        first = exchange(daemon, request).split(b"\r\n")[0]
        assert status in first and b" 200 " not in first, (why, first)
    assert get(daemon.http, "/healthz")[0] == 200


def test_more_connections_than_there_may_be_wait_and_are_served(with_pages):
    daemon = with_pages(GOLDEN)
    silent = [socket.create_connection(("127.0.0.1", daemon.http), timeout=PATIENCE_S)
              for _ in range(32)]
    answers = []
    waiting = threading.Thread(target=lambda: answers.append(get(daemon.http, "/healthz")[0]))
    waiting.start()
    with Client(daemon.address) as client:  # nobody else waits for them
        assert client.health() == 1
    for connection in silent:
        connection.close()
    waiting.join(PATIENCE_S)
    assert answers == [200]


def test_those_that_wait_are_served_also_when_all_others_go_at_once(with_pages):
    daemon = with_pages(GOLDEN)
    silent = [socket.create_connection(("127.0.0.1", daemon.http), timeout=PATIENCE_S)
              for _ in range(32)]
    waiting = [socket.create_connection(("127.0.0.1", daemon.http), timeout=PATIENCE_S)
               for _ in range(40)]
    for connection in waiting:
        connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    with Client(daemon.address) as client:  # by now the silent ones are all in
        assert client.health() == 1
    server = next(p for p in daemon.family() if p.name == "mef3d-server")
    os.kill(server.pid, signal.SIGSTOP)
    for connection in silent:
        connection.close()
    os.kill(server.pid, signal.SIGCONT)
    for connection in waiting:
        with connection:
            assert connection.recv(100).startswith(b"HTTP/1.1 200 OK")


def test_a_server_that_has_no_worker_is_not_ready(with_pages):
    daemon = with_pages(GOLDEN, "--workers", "1")
    daemon.may_lose_processes = True
    wait_until(has_workers(daemon), "a worker")

    def loses_its_worker():
        # The first is started again at once, the later ones after a while.
        for worker in daemon.workers():
            os.kill(worker.pid, signal.SIGKILL)
        status, _, words = get(daemon.http, "/readyz")
        return (status, words) == (503, "no workers\n")

    wait_until(loses_its_worker, "a server without a worker")
    assert get(daemon.http, "/healthz")[0] == 200
    wait_until(has_workers(daemon), "a worker again")


def test_a_server_that_drains_is_not_ready(with_pages, long_demo):
    daemon = with_pages(long_demo.parent)
    wait_until(has_workers(daemon), "workers")
    with Client(daemon.address) as client:
        info = client.open(long_demo)
        reading = client.start_range(long_demo, info.start_uutc, info.end_uutc)
        next(reading)
        daemon.process.send_signal(signal.SIGTERM)
        wait_until(lambda: get(daemon.http, "/readyz")[0] == 503, "a server that drains")
        assert get(daemon.http, "/readyz")[2] == "draining\n"
        assert get(daemon.http, "/healthz")[0] == 200
        for _ in reading:
            pass
    assert daemon.process.wait(PATIENCE_S) == 0


def test_without_the_setting_there_are_no_pages(golden_daemon):
    wait_until(lambda: " http=off " in golden_daemon.log(), "the line of its settings")


def test_a_port_that_is_taken_is_named():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        done = subprocess.run([BUILD / "mef3d", "--listen", f"127.0.0.1:{free_port()}",
                               "--http", address], capture_output=True, text=True, timeout=60)
    assert done.returncode == 2
    assert address in done.stderr and "--http" in done.stderr, done.stderr

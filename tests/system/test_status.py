"""What /api/v1/status tells one by one: workers, slow calls, refusals, damage, clients."""
import os
import signal
import socket
import threading

import pytest

from api import ask
from client import Client
from craft import Segment
from daemon import wait_until
from golden import GOLDEN

ROWS = ["workers", "slow", "damage", "refusals", "clients", "memory"]


def status(daemon):
    return ask(daemon.http, "status").json


def bounds(daemon, name):
    told = ask(daemon.http, "metadata", recording=name).json
    return told["start_uutc"], told["end_uutc"]


def parts(row):
    assert set(row["where"]) == {"open_s", "wait_s", "decode_s", "send_s"}
    assert all(value >= 0 for value in row["where"].values())
    return sum(row["where"].values())


def test_a_call_and_a_request_are_told_with_where_their_time_went(with_pages, demo):
    daemon = with_pages(demo.parent)
    start, end = bounds(daemon, "demo.mefd")
    assert ask(daemon.http, "samples", recording="demo.mefd", from_=start, to=end).status == 200
    with Client(daemon.address) as client:
        client.range("demo.mefd", start, end)
    slow = status(daemon)["slow"]
    assert [row["took_s"] for row in slow] == sorted((row["took_s"] for row in slow), reverse=True)
    by_method = {row["method"]: row for row in slow}
    for method, answer in [("/api/v1/samples", "200"), ("GetSignalRange", "OK")]:
        row = by_method[method]
        assert row["recording"] == "demo.mefd" and row["status"] == answer
        assert row["client"].startswith("127.0.0.1:")
        assert parts(row) == pytest.approx(row["took_s"])
    # The first of them opened the recording, and then had it decoded.
    assert by_method["/api/v1/metadata"]["where"]["open_s"] > 0
    assert by_method["/api/v1/samples"]["where"]["decode_s"] > 0


def test_what_nobody_had_a_worker_for_waited_for_one(with_pages, long_demo):
    daemon = with_pages(long_demo.parent, "--workers", "1", "--cache", "16M")
    start, end = bounds(daemon, long_demo.name)
    window = {"recording": long_demo.name, "from_": start, "to": start + (end - start) // 2}

    def read():
        assert ask(daemon.http, "samples", **window).status == 200

    readers = [threading.Thread(target=read) for _ in range(4)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    slow = [row for row in status(daemon)["slow"] if row["method"] == "/api/v1/samples"]
    assert len(slow) == 4 and any(row["where"]["wait_s"] > 0 for row in slow)


def test_pages_and_questions_about_the_server_are_not_slow(with_pages):
    daemon = with_pages(GOLDEN)
    for _ in range(3):
        told = status(daemon)
    assert told["slow"] == [] and told["refusals"] == [] and told["damage"] == []


def test_what_is_refused_is_told_the_latest_first(with_pages):
    daemon = with_pages(GOLDEN)
    with Client(daemon.address) as client:
        client.open("gone.mefd")
        client.open("gaps.mefd")
        client.open("gaps.mefd")  # is open already: nothing was refused
    assert ask(daemon.http, "metadata", recording="none.mefd").status == 404
    assert ask(daemon.http, "metadata").status == 400
    told = [(row["method"], row["status"]) for row in status(daemon)["refusals"]]
    assert told == [("/api/v1/metadata", "400"), ("/api/v1/metadata", "404"), ("OpenFile", "OK")]
    assert "none.mefd" in status(daemon)["refusals"][1]["text"]


def test_damage_is_told_where_it_was_found(with_pages, copy):
    session = copy("gaps")
    Segment(session, "gappy").flip(1, 400)
    daemon = with_pages(copy.folder)
    start, end = bounds(daemon, session.name)
    _, _, told = ask(daemon.http, "samples", recording=session.name, channel="gappy",
                     from_=start, to=end).samples
    assert told["damage"]
    row, = status(daemon)["damage"]
    assert row["recording"].endswith(session.name) and row["channel"] == "gappy"
    assert "gappy-000000.tdat" in row["text"]


def test_a_worker_that_was_killed_is_there_again_and_counted(with_pages):
    daemon = with_pages(GOLDEN)
    daemon.may_lose_processes = True
    wait_until(lambda: len(status(daemon)["workers"]) == 2, "both workers")
    victim = status(daemon)["workers"][1]
    assert victim["restarts"] == 0
    os.kill(victim["pid"], signal.SIGKILL)
    wait_until(lambda: status(daemon)["workers"][1]["restarts"] == 1, "another worker in its place")
    again = status(daemon)["workers"][1]
    assert (again["index"], again["state"]) == (1, "idle") and again["pid"] != victim["pid"]
    assert status(daemon)["workers"][0]["restarts"] == 0


def test_a_worker_that_is_busy_names_its_recording(with_pages, long_demo):
    daemon = with_pages(long_demo.parent, "--workers", "1", "--job-timeout", "60s")
    daemon.may_lose_processes = True
    start, end = bounds(daemon, long_demo.name)
    worker, = status(daemon)["workers"]
    assert worker["state"] == "idle" and worker["recording"] is None and worker["busy_s"] is None
    os.kill(worker["pid"], signal.SIGSTOP)
    with Client(daemon.address) as client:
        call = client.start_range(long_demo.name, start, start + 1_000_000)
        wait_until(lambda: status(daemon)["workers"][0]["state"] == "busy", "a busy worker")
        told = status(daemon)
        os.kill(worker["pid"], signal.SIGCONT)
        assert sum(1 for _ in call) == 1
    busy = told["workers"][0]
    assert busy["recording"].endswith(long_demo.name) and busy["busy_s"] >= 0
    assert busy["jobs"] == worker["jobs"] + 1
    assert {row["protocol"]: row["doing"] for row in told["clients"]} == {
        "grpc": f"GetSignalRange {long_demo.name}", "http": "/api/v1/status"}
    wait_until(lambda: status(daemon)["workers"][0]["state"] == "idle", "its end")


def test_clients_come_and_go(with_pages):
    daemon = with_pages(GOLDEN)
    with Client(daemon.address) as client:
        client.open("gaps.mefd")
        client.info("gaps.mefd")
        row, = [row for row in status(daemon)["clients"] if row["protocol"] == "grpc"]
        assert (row["client"], row["connections"], row["calls"]) == ("127.0.0.1", 1, 2)
        assert row["bytes"] > 0 and row["doing"] is None
    wait_until(lambda: [row["connections"] for row in status(daemon)["clients"]
                        if row["protocol"] == "grpc"] == [0], "its connection's end")
    row, = [row for row in status(daemon)["clients"] if row["protocol"] == "http"]
    assert row["calls"] > 0 and row["bytes"] > 0 and row["doing"] == "/api/v1/status"


def send_raw(port, target):
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(b"GET " + target + b" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        return b"".join(iter(lambda: connection.recv(65536), b""))


def test_hostile_texts_are_cut_and_can_be_shown(with_pages):
    daemon = with_pages(GOLDEN)
    for target in [b"/%ff%fe%00x", b"/%1b[31mred%0a", b"/" + 500 * b"%c3%a9",
                   b"/api/v1/metadata?recording=%ff%1b]0;x", b"/api/v1/metadata?recording=" + 4000 * b"a"]:
        assert b" 40" in send_raw(daemon.http, target).split(b"\r\n")[0]
    told = status(daemon)
    assert len(told["refusals"]) == 5
    for row in told["refusals"] + told["slow"]:
        for text in (row["method"], row.get("text", ""), row.get("recording") or ""):
            assert len(text) < 200 and all(c.isprintable() for c in text), text


def test_however_much_is_refused_the_lists_stay_short(with_pages):
    daemon = with_pages(GOLDEN)
    for i in range(60):
        assert ask(daemon.http, "metadata", recording=f"none{i}.mefd").status == 404
    told = status(daemon)
    assert len(told["slow"]) == 20 and len(told["refusals"]) == 32
    assert "none59.mefd" in told["refusals"][0]["text"]
    assert set(ROWS) <= set(told)


def test_memory_is_told_against_its_budget(with_pages):
    told = {row["name"]: row for row in status(with_pages(GOLDEN, "--cache", "64M"))["memory"]}
    assert set(told) == {"arena", "messages", "index", "requests", "replies"}
    assert all(0 <= row["bytes"] <= row["budget_bytes"] for row in told.values())
    assert sum(told[name]["budget_bytes"] for name in ("arena", "messages", "index")) == 64 << 20


def test_requests_over_http_are_counted(with_pages):
    daemon = with_pages(GOLDEN)

    def numbers():
        told = status(daemon)
        return dict(zip(told["names"], told["numbers"]))

    before = numbers()
    known = ask(daemon.http, "metadata", recording="gaps.mefd")
    ask(daemon.http, "metadata", [("If-None-Match", known.headers["ETag"])], recording="gaps.mefd")
    ask(daemon.http, "metadata", recording="none.mefd")
    body = len(ask(daemon.http, "samples", recording="gaps.mefd", from_=1600000007000000,
                   to=1600000017000000).body)
    after = numbers()
    grown = {kind: after[f'mef3d_http_requests_total{{status="{kind}"}}'] -
             before[f'mef3d_http_requests_total{{status="{kind}"}}']
             for kind in ("2xx", "3xx", "4xx", "5xx", "cut")}
    # The question before is one of them, this one is not.
    assert grown == {"2xx": 3, "3xx": 1, "4xx": 1, "5xx": 0, "cut": 0}
    assert after["mef3d_http_answer_bytes_total"] - before["mef3d_http_answer_bytes_total"] > body + len(known.body)
    assert after["mef3d_http_requests_active"] == 1
    took = status(daemon)["took"]
    assert sum(took["counts"]) == 4

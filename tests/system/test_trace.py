"""--trace-request: each step of a read is in the log, in order; and none without it."""
import json

from client import Client
from daemon import wait_until
from golden import GOLDEN, SESSIONS

ONE = SESSIONS["one_channel"]
JSON = ("--log-format", "json", "--prefetch-ahead-windows", "0", "--prefetch-behind-windows", "0")
SERVER = ["bytes", "parsed", "looked_up", "checked", "indexed", "planned", "given", "submitted",
          "answered", "gathered", "sent"]
WORKER = ["took_decode", "opened", "read", "decoded", "done"]


def steps(daemon):
    return [line for line in map(json.loads, daemon.log().splitlines()) if line["event"] == "step"]


def read_all(daemon):
    with Client(daemon.address) as client:
        info = client.open(ONE.path)
        assert client.range(ONE.path, info.start_uutc, info.end_uutc).messages


def jobs_of(found, kind):
    return [line["job"] for line in found if line["step"] == kind]


def decoded(found):
    """The jobs that decoded, and are done: the other jobs look the recording up."""
    return [job for job in jobs_of(found, "took_decode") if job in jobs_of(found, "done")]


def ids_of(found, step):
    return {line["id"] for line in found if line["step"] == step}


def in_order(found, names):
    """The first line of each name, but of what was sent the last: the head may go before the
    samples, whenever it likes. They follow each other in time."""
    of = {line["step"]: line for line in reversed(found)}
    of.update({line["step"]: line for line in found if line["step"] == "sent"})
    lines = [of.get(name) for name in names]
    assert None not in lines, f"{names}: of these only {[line['step'] for line in found]}"
    times = [line["at_ns"] for line in lines]
    assert times == sorted(times), names


def test_a_read_tells_each_of_its_steps_in_order_from_socket_to_socket(start):
    daemon = start(GOLDEN, *JSON, "--trace-request", "on")
    read_all(daemon)
    wait_until(lambda: len(ids_of(steps(daemon), "sent")) > 1, "the steps of opening and reading")
    wait_until(lambda: decoded(steps(daemon)), "the steps of its job")
    found = steps(daemon)
    read = [line["id"] for line in found if line["step"] == "looked_up"][0]
    job = decoded(found)[0]
    server = [line for line in found if line.get("id") == read]
    worker = [line for line in found if "id" not in line and line["job"] == job]
    server = [line for line in server if line.get("job", job) == job]
    in_order(server, SERVER)
    in_order(worker, WORKER)
    at = {line["step"]: line["at_ns"] for line in server}
    assert at["given"] <= worker[0]["at_ns"], "a job is taken after it was given"
    assert worker[-2]["at_ns"] <= at["answered"], "and answered after it was done"


def test_without_the_setting_no_step_is_told(start):
    daemon = start(GOLDEN, *JSON)
    read_all(daemon)
    wait_until(lambda: "GetSignalRange" in daemon.log(), "the read's line")
    assert not steps(daemon)

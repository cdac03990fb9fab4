"""The daemon on recordings with one fault each: it says what is wrong, and serves the next request."""
import numpy
import pytest

from bad_set import FAULTS, each_fault, make
from client import Client
from daemon import Daemon
from golden import GOLDEN, SESSIONS, same

ONE = SESSIONS["one_channel"]
# A password comes with a request's metadata: test_passwords.py. What is locked is locked to it too.
OPEN = [fault for fault in FAULTS if "password" not in fault]


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """A daemon on all of them; it ends well, with no process lost."""
    folder = tmp_path_factory.mktemp("bad")
    make(folder)
    daemon = Daemon(tmp_path_factory.mktemp("log"), folder)
    yield folder, daemon
    daemon.stop()


def answer(client, path, base):
    """How it is answered, in which words, and with which samples."""
    info = client.open(path)
    if not info.file_opened:
        return "refused", info.error_message, None
    names = [name for name in base.names() if name in info.channel_names]
    if not names:
        return "no channel", "", None
    reply = client.range(path, base.start, base.end, names[:1])
    if reply.messages[0].error_message:
        return "error", reply.error, None
    return "damage" if reply.damage else "data", reply.damage, reply.array[0]


@each_fault(OPEN)
def test_a_fault_is_told_and_nobody_else_notices(fault, served):
    folder, daemon = served
    base = SESSIONS[fault["of"]]
    with Client(daemon.address) as client:
        kind, words, array = answer(client, folder / f"{fault['name']}.mefd", base)
        assert kind == fault["daemon"], words
        if kind != "data" and kind != "no channel":
            assert fault.get("daemon_text", fault["text"]) in words
        told = fault.get("daemon_read", fault["read"])
        if array is not None and "from" not in told and "factor" not in fault["name"]:
            expected = base.float32(base.start, base.end)[0]
            read = ~numpy.isnan(array)
            assert same(array[read], expected[read])
            assert read.sum() == sum(int(part.split()[0]) for part in told.split(", ")
                                     if part.endswith("data"))
        client.close_file(folder / f"{fault['name']}.mefd")
        # Whatever it was: a recording without a fault is read.
        good = folder / "tdat_grown.mefd"
        assert client.open(good).file_opened
        assert same(client.range(good, ONE.start, ONE.end).array, ONE.float32(ONE.start, ONE.end))

"""Fixtures: a daemon on the golden recordings, clients of it, and a demo recording."""
import shutil

import pytest

from client import Client
from daemon import BUILD, Daemon, free_port, is_listened_on, run_tool, wait_until
from golden import GOLDEN


def pytest_report_header():
    return f"the programs in {BUILD.name}/"


@pytest.fixture(scope="session")
def golden_daemon(tmp_path_factory):
    daemon = Daemon(tmp_path_factory.mktemp("golden"), GOLDEN, env={"MEF3_PASSWORD": "readall"})
    yield daemon
    daemon.stop()


@pytest.fixture
def client(golden_daemon):
    """A client of a daemon in which nothing is open."""
    with Client(golden_daemon.address) as client:
        yield client
        for path in client.list().file_paths:
            client.close_file(path)
    golden_daemon.check_log()


@pytest.fixture
def start(tmp_path):
    """Start daemons; each that still runs at the end of the test must end well."""
    running = []

    def start_daemon(*arguments, **options):
        daemon = Daemon(tmp_path, *arguments, **options)
        running.append(daemon)
        return daemon

    yield start_daemon
    for daemon in running:
        if daemon.process.poll() is None:
            daemon.stop()
        else:
            daemon.check_log()


@pytest.fixture
def with_pages(start):
    """Start a daemon with pages; its port for them is `http`."""
    def start_with_pages(*arguments, **options):
        port = free_port()
        daemon = start(*arguments, "--http", f"127.0.0.1:{port}", **options)
        daemon.http = port
        # It listens there a moment after it does for gRPC.
        wait_until(lambda: is_listened_on(port), f"mef3d to listen on {port}")
        return daemon
    return start_with_pages


def make_demo(folder, *arguments):
    made = run_tool("demo", folder / "demo.mefd", *arguments)
    assert made.returncode == 0, made.stderr
    return folder / "demo.mefd"


@pytest.fixture(scope="session")
def demo(tmp_path_factory):
    """A recording long enough that a reply has several messages: 8 channels, 7 MiB of counts."""
    return make_demo(tmp_path_factory.mktemp("demo"),
                     "--channels", "8", "--rate", "256", "--hours", "0.25")


@pytest.fixture(scope="session")
def long_demo(tmp_path_factory):
    """A recording twice as large as the smallest cache, 32 MiB: reading it always decodes."""
    return make_demo(tmp_path_factory.mktemp("long"),
                     "--channels", "8", "--rate", "2000", "--hours", "0.3")


@pytest.fixture
def copy(tmp_path):
    """A copy of a golden recording, to be damaged; its folder is the one to serve."""
    folder = tmp_path / "recordings"
    folder.mkdir()

    def copy_session(name):
        path = folder / f"{name}.mefd"
        shutil.copytree(GOLDEN / f"{name}.mefd", path)
        return path

    copy_session.folder = folder
    return copy_session

"""The page /status in a real browser: status.test.mjs, against a real daemon."""
import pytest

from api import ask
from daemon import Daemon, free_port, run_tool
from node import outlives, run_tests


@pytest.fixture(scope="module")
def recordings(tmp_path_factory):
    folder = tmp_path_factory.mktemp("recordings")
    made = run_tool("demo", folder / "demo.mefd", "--hours", "2")
    assert made.returncode == 0, made.stderr
    return folder


@pytest.mark.timeout(900)
def test_an_operator_sees_how_the_server_is(recordings, tmp_path):
    port = free_port()
    daemon = Daemon(tmp_path, recordings, "--http", f"127.0.0.1:{port}")
    try:
        start = ask(port, "metadata", recording="demo.mefd").json["start_uutc"]
        run_tests("status.test.mjs", port, FROM=str(start))
    finally:
        daemon.stop()


@pytest.mark.timeout(400)
def test_the_page_says_that_its_server_is_gone_and_that_it_is_back(recordings, tmp_path):
    outlives("status_gone.mjs", recordings, tmp_path)

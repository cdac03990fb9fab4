"""The pages / and /view in a real browser: view.test.mjs, against a real daemon."""
import json
import shutil

import numpy
import pytest

from daemon import Daemon, free_port, run_tool
from golden import GOLDEN, SESSIONS
from node import outlives, run_tests

SECOND = 10**6
GAPS = SESSIONS["gaps"]
RATES = SESSIONS["mixed_rates"]
HOSTILE = "<img src=x onerror=window.hurt=1>"


def rows(array):
    return [[None if numpy.isnan(value) else float(value) for value in row] for row in array]


def page_of(session, seconds_on, seconds):
    start = session.start + seconds_on * SECOND
    return rows(session.float32(start, start + seconds * SECOND))


@pytest.fixture(scope="session")
def recordings(tmp_path_factory):
    """Golden recordings in folders, a demo, and one whose names are hostile."""
    folder = tmp_path_factory.mktemp("recordings")
    for name in ("gaps", "mixed_rates", "annotations", "encrypted"):
        shutil.copytree(GOLDEN / f"{name}.mefd", folder / "golden" / f"{name}.mefd")
    data = next((shutil.copytree(GOLDEN / "gaps.mefd", folder / "golden" / "damaged.mefd") / "whole.timd")
                .glob("*.segd/*.tdat"))
    spoilt = bytearray(data.read_bytes())
    spoilt[len(spoilt) // 2] ^= 0xFF
    data.write_bytes(spoilt)
    made = run_tool("demo", folder / "demo.mefd", "--hours", "0.2")
    assert made.returncode == 0, made.stderr
    table = folder / "hostile.csv"
    lines = [f"{HOSTILE},__proto__\n", *(f"{i % 7},{i % 5}\n" for i in range(2000))]
    table.write_text("".join(lines))
    made = run_tool("import", table, folder / "hostile.mefd", "--time", "none", "--rate", "100",
                    "--start", "2024-01-15T22:00:00Z")
    assert made.returncode == 0, made.stderr
    table.unlink()
    return folder


@pytest.fixture(scope="session")
def served(recordings, tmp_path_factory):
    port = free_port()
    daemon = Daemon(tmp_path_factory.mktemp("log"), recordings, "--http", f"127.0.0.1:{port}")
    daemon.http = port
    yield daemon
    daemon.stop()


@pytest.mark.timeout(900)
def test_a_reader_opens_pages_measures_and_shares(served, tmp_path):
    expected = tmp_path / "expected.json"
    expected.write_text(json.dumps({
        "start": GAPS.start, "names": GAPS.names(),
        "pages": [page_of(GAPS, at, 10) for at in (0, 10, 20)],
        "rates": {channel.name: rows([channel.float32(RATES.start, RATES.start + 2 * SECOND)])[0]
                  for channel in RATES.channels},
        "hostile": HOSTILE,
    }))
    words = run_tests("view.test.mjs", served.http, EXPECTED=str(expected))
    print(*(line for line in words.splitlines() if "Mbit/s" in line))
    served.check_log()


@pytest.mark.timeout(400)
def test_a_page_outlives_its_server(recordings, tmp_path):
    outlives("gone.mjs", recordings, tmp_path)

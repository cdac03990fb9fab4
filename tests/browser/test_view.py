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


def month_counts():
    """30 days of 64 channels, a sample each 100 s; NaN in the gaps: of two days, of an hour."""
    counts = numpy.random.default_rng(8).integers(-90, 90, (25920, 64)).astype("f8")
    counts[2600:4328] = counts[15000:15036] = numpy.nan
    return counts


def make_month(folder):
    """And a block of its third channel is damaged."""
    table, counts = folder / "month.csv", month_counts()
    lines = [f"{100 * i}," + ",".join("%d" % value for value in row) + "\n"
             for i, row in enumerate(counts) if not numpy.isnan(row[0])]
    table.write_text("time_s," + ",".join(f"C{k}" for k in range(64)) + "\n" + "".join(lines))
    made = run_tool("import", table, folder / "month.mefd", "--start", "2024-01-01T00:00:00Z", "--rate", "0.01")
    assert made.returncode == 0, made.stderr
    table.unlink()
    data = next((folder / "month.mefd" / "C2.timd").glob("*.segd/*.tdat"))
    spoilt = bytearray(data.read_bytes())
    spoilt[len(spoilt) // 2] ^= 0xFF
    data.write_bytes(spoilt)


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
    make_month(folder)
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
        "month": {"least": float(numpy.nanmin(month_counts()[:, 0])), "most": float(numpy.nanmax(month_counts()[:, 0]))},
    }))
    words = run_tests("view.test.mjs", served.http, EXPECTED=str(expected))
    print(*(line for line in words.splitlines() if "Mbit/s" in line))
    served.check_log()


@pytest.mark.timeout(400)
def test_a_page_outlives_its_server(recordings, tmp_path):
    outlives("gone.mjs", recordings, tmp_path)

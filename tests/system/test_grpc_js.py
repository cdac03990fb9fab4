"""A second implementation of gRPC, @grpc/grpc-js, agrees."""
import json
import os
import pathlib
import shutil
import subprocess

import numpy
import pytest

from daemon import BUILD, ROOT
from golden import SESSIONS

HERE = pathlib.Path(__file__).parent / "grpc_js"
GAPS = SESSIONS["gaps"]
LONG = SESSIONS["long_block"]
SECOND = 10**6


@pytest.fixture(scope="session")
def modules():
    """The client's modules, fetched once into the build."""
    folder = BUILD / "grpc_js"
    lock = (HERE / "package-lock.json").read_bytes()
    fetched = folder / "fetched"
    if not fetched.is_file() or fetched.read_bytes() != lock:
        folder.mkdir(exist_ok=True)
        for name in ("package.json", "package-lock.json", ".npmrc"):
            shutil.copy(HERE / name, folder)
        done = subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=folder,
                              capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, done.stderr
        fetched.write_bytes(lock)
    return folder


def rows(array):
    return [[None if numpy.isnan(value) else float(value) for value in row] for row in array]


@pytest.mark.timeout(400)
def test_grpc_js_reads_what_is_expected(modules, golden_daemon, client, tmp_path):
    # Windows with a gap in them; float32 and float64 are both exact in JSON's numbers.
    range_start, range_end = GAPS.start + SECOND, GAPS.start + 15 * SECOND
    page_seconds = 10
    page_start = GAPS.start + page_seconds * SECOND
    long_end = LONG.start + 300 * SECOND
    expected = tmp_path / "expected.json"
    expected.write_text(json.dumps({
        "path": str(GAPS.path), "channels": GAPS.names(), "start": GAPS.start, "end": GAPS.end,
        "range_start": range_start, "range_end": range_end,
        "range": rows(GAPS.float32(range_start, range_end)),
        "page_seconds": page_seconds, "pages": 3,
        "page": rows(GAPS.float64(page_start, page_start + page_seconds * SECOND)),
        "long_path": str(LONG.path), "long_start": LONG.start, "long_end": long_end,
        "long_samples": 300 * 5000,
    }))
    shutil.copy(HERE / "read.test.js", modules)
    env = dict(os.environ, ADDRESS=golden_daemon.address, EXPECTED=str(expected),
               PROTO=str(ROOT / "proto" / "mef3.proto"))
    done = subprocess.run(["node", "--test", "read.test.js"], cwd=modules, env=env,
                          capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.timeout(400)
def test_a_tool_that_has_no_copy_of_the_contract_lists_and_calls(modules, golden_daemon, client):
    shutil.copy(HERE / "reflect.test.js", modules)
    env = dict(os.environ, ADDRESS=golden_daemon.address, OPEN=str(GAPS.path))
    done = subprocess.run(["node", "--test", "reflect.test.js"], cwd=modules, env=env,
                          capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr

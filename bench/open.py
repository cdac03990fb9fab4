"""How long it takes to open a recording, and what is read for it: how both grow.

usage: open.py --build BUILD --data FOLDER [--quick]

A row is a recording that `mef3 demo` makes, at 1 Hz, so that a month is made in seconds: its files
are those of a month, its indices are small (at 256 Hz they were a hundred times as large), and yet
they are many times what is read for opening it. plain: this process reads every .tmet from its
first byte to its last, one after another, their paths known. open: the first OpenFile of a new
daemon over gRPC, with one worker and with one for each processor (W); x plain: that one as a
multiple of plain. reopen: after CloseFile, which reads all again. page: the first 10 seconds of
all channels after that, which needs indices. .tmet and .tidx: how many kB there are of them;
read: how many the workers read (/proc/PID/io) for open, and for page. Medians over rounds. All
files have been read or written just before: nothing here waits for a disk.
"""
import argparse
import os
import pathlib
import shutil
import statistics
import subprocess
import tempfile
import time

from client import SECOND, mef3
from daemon import Daemon

# channels, segments, hours
ROWS = [
    (1, 1, 1), (16, 1, 1), (64, 1, 1), (256, 1, 1),
    (1, 10, 1), (16, 10, 1), (64, 10, 1), (256, 10, 1),
    (1, 100, 1), (16, 100, 1), (64, 100, 1), (256, 100, 1),
    (64, 1, 24), (64, 1, 168), (64, 1, 720), (64, 30, 1), (64, 30, 720),
]
QUICK = [(1, 1, 1), (64, 1, 1), (256, 1, 1), (64, 30, 1), (64, 1, 24), (64, 1, 168)]
HEADS = ("plain, ms", "open, 1 W", "open, {} W", "x plain", "reopen", "page", ".tmet", ".tidx",
         "read: open", "page")
ROUNDS = 3


def timed_ms(call, *arguments):
    start = time.perf_counter()
    call(*arguments)
    return 1000 * (time.perf_counter() - start)


def read_plainly(paths):
    for path in paths:
        file = os.open(path, os.O_RDONLY)
        while os.read(file, 1 << 16):
            pass
        os.close(file)


def wait_for_workers(daemon, n):
    for _ in range(1000):
        if daemon.counters()['mef3d_pool_workers{state="idle"}'] == n:
            return
        time.sleep(0.01)
    raise SystemExit("the workers did not come")


def round_of(build, path, workers):
    """Milliseconds of open, reopen, page; bytes read for open, page."""
    with Daemon(build, path.parent, "--workers", str(workers)) as daemon:
        client = daemon.client()
        wait_for_workers(daemon, workers)
        name, before = str(path), daemon.read_bytes()
        first = timed_ms(client.open, name)
        opened = daemon.read_bytes()
        client.stub.CloseFile(mef3.FileInfoRequest(file_path=name))
        again = timed_ms(client.open, name)
        start = client.stub.FileInfo(mef3.FileInfoRequest(file_path=name)).start_uutc
        reopened = daemon.read_bytes()
        page = timed_ms(client.range, name, start, start + 10 * SECOND)
        return first, again, page, opened - before, daemon.read_bytes() - reopened


def medians(rounds):
    return [statistics.median(figures) for figures in zip(*rounds)]


def kilobytes(paths):
    return sum(path.stat().st_size for path in paths) / 1000


def measure(build, folder, row):
    channels, segments, hours = row
    path = folder / f"{channels}x{segments}x{hours}.mefd"
    subprocess.run([f"{build}/mef3", "demo", path, "--channels", str(channels), "--segments",
                    str(segments), "--rate", "1", "--hours", str(hours)],
                   check=True, stdout=subprocess.DEVNULL)
    metadata, indices = sorted(path.rglob("*.tmet")), list(path.rglob("*.tidx"))
    read_plainly(metadata)
    plain, = medians([[timed_ms(read_plainly, metadata)] for _ in range(ROUNDS)])
    alone = medians([round_of(build, path, 1) for _ in range(ROUNDS)])
    first, again, page, for_open, for_page = medians(
        [round_of(build, path, os.cpu_count()) for _ in range(ROUNDS)])
    cells = [f"{plain:.2f}", f"{alone[0]:.2f}", f"{first:.2f}", f"{first / plain:.1f}",
             f"{again:.2f}", f"{page:.2f}", f"{kilobytes(metadata):.0f}",
             f"{kilobytes(indices):.0f}", f"{for_open / 1000:.0f}", f"{for_page / 1000:.0f}"]
    shutil.rmtree(path)
    print(f"{channels:5d} {segments:5d} {hours:5d} " +
          " ".join(f"{cell:>10}" for cell in cells), flush=True)


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--build", required=True)
    arguments.add_argument("--data", required=True)
    arguments.add_argument("--quick", action="store_true")
    options = arguments.parse_args()
    print(f"Opening a recording; times in ms, sizes in kB, medians of {ROUNDS} rounds, "
          "all files in the page cache")
    print(" chan  segm hours " +
          " ".join(f"{head.format(os.cpu_count()):>10}" for head in HEADS))
    with tempfile.TemporaryDirectory(dir=pathlib.Path(options.data).resolve()) as folder:
        for row in QUICK if options.quick else ROWS:
            measure(options.build, pathlib.Path(folder), row)


if __name__ == "__main__":
    main()

"""What pictures cost those who draw none: why mef3-draw.so is loaded where it is wanted, and not linked.

usage: pictures.py --build BUILD [--rounds N] [--quick]

The first table has medians of the processor time of a start and an end, in turns: of each program as it is, and with what paints loaded
before it (LD_PRELOAD, with all of its symbols bound, as they are in programs of ours), which costs what being linked
with it would. The second has the memory of a worker that has done nothing, from the kernel's own sum: what is
resident, what is its share of what it shares with others, and what is its alone.
"""
import argparse
import os
import pathlib
import statistics
import subprocess
import tempfile
import time

from client import Server, free_port
from daemon import family

# A worker without its descriptors ends at once: what is measured is how it begins.
STARTS = {"mef3 --version": (["mef3", "--version"], 0), "mef3d-worker": (["mef3d-worker", "--none"], 2)}


def start_s(build, words, status, is_linked):
    """Processor time: whatever else the machine does is not in it."""
    module = {"LD_PRELOAD": str(build / "draw" / "mef3-draw.so"), "LD_BIND_NOW": "1"} if is_linked else {}
    process = subprocess.Popen([build / words[0], *words[1:]], env=dict(os.environ, **module),
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, ended, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(ended)
    assert process.returncode == status, words
    return used.ru_utime + used.ru_stime


def starts(build, rounds):
    print(f"{'start and end, ms':28}{'as it is':>12}{'if linked':>12}")
    for name, (words, status) in STARTS.items():
        taken = {False: [], True: []}
        for _ in range(rounds):
            for is_linked in taken:
                taken[is_linked].append(start_s(build, words, status, is_linked))
        as_it_is, linked = (1000 * statistics.median(taken[is_linked]) for is_linked in (False, True))
        print(f"{name:28}{as_it_is:12.2f}{linked:12.2f}")


def memory_kib(pid):
    text = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text()
    sums = {line.split(":")[0]: int(line.split()[1]) for line in text.splitlines() if line.endswith("kB")}
    return sums["Rss"], sums["Pss"], sums["Private_Clean"] + sums["Private_Dirty"]


def memory(build):
    print(f"\n{'a worker of two, KiB':28}{'resident':>12}{'its share':>12}{'alone':>12}")
    for name, flags in (("without --http", ["--workers", "2"]), ("with --http", ["--workers", "2", "--http", f"127.0.0.1:{free_port()}"])):
        with tempfile.TemporaryDirectory() as folder:
            with Server([f"{build}/mef3d", folder, *flags]) as server:
                while len(workers := [pid for pid, process in family(server.process.pid).items()
                                      if process.startswith("MefWorker-")]) < 2:
                    time.sleep(0.05)
                time.sleep(0.5)  # until they wait for work
                rows = [memory_kib(pid) for pid in workers]
        print(f"{name:28}" + "".join(f"{statistics.median(column):12.0f}" for column in zip(*rows)))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--build", type=pathlib.Path, required=True)
    parser.add_argument("--rounds", type=int, default=500)
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args()
    starts(options.build.resolve(), 50 if options.quick else options.rounds)
    memory(options.build.resolve())


main()
